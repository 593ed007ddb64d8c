// How the report looks, in light and in dark. Markup already: it holds nothing from outside.

import { html } from "./html.ts";

export const STYLE = html`
:root{color-scheme:light dark;--ground:#f6f7f8;--paper:#fff;--ink:#16202a;--dim:#5d6b78;--line:#dfe4e8;--up:#15803d;--down:#c02626;--amber:#a16207;--s0:#0f766e;--s1:#6d4fc4;--s2:#2f6fb3;--s3:#8a6d1d}
@media (prefers-color-scheme:dark){:root{--ground:#0e1419;--paper:#161e25;--ink:#e4eaef;--dim:#93a1ad;--line:#2a353f;--up:#4ade80;--down:#f87171;--amber:#facc15;--s0:#2dd4bf;--s1:#a990f5;--s2:#74b3f0;--s3:#d9b84a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1200px;margin:0 auto;padding:1.5rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}h3{font-size:1rem;margin:0 0 .2rem;overflow-wrap:anywhere}
.dim{color:var(--dim)}.good{color:var(--up)}.poor{color:var(--down)}
.mono,th[scope],.lanes .name{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.88em}
.chip{font-size:.72rem;font-weight:600;border:1px solid var(--line);border-radius:4px;padding:0 .4em;color:var(--dim)}
.facts{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:1rem 0}
.facts div{flex:1 1 8rem;background:var(--paper);padding:.5rem .8rem}
dt{color:var(--dim);font-size:.78rem}dd{margin:0;font-size:1.2rem;font-weight:600}
section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;margin:.8rem 0}
section p{margin:.2rem 0 .6rem;overflow-wrap:anywhere}
.lanes{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.15rem .8rem;align-items:center}
.lane,.curve{display:block;width:100%;height:22px}.curve{height:120px}.goal{width:8rem;height:10px;display:inline-block}
.stepbar{display:block;width:100%;height:8px;margin:.4rem 0;border-radius:4px}
.steps{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;list-style:none;margin:.4rem 0;padding:0;font-size:.9rem}.steps li{border-left:3px solid var(--s0);padding-left:.6rem}.steps li.down,.steps li.sure{border-color:var(--down)}.steps li.hooks{border-color:var(--amber)}.steps li.pending{border-style:dashed;color:var(--dim)}.steps strong,.steps span{display:block}
.axis{display:flex;justify-content:space-between;color:var(--dim);font-size:.75rem}
.track{fill:var(--ground)}svg .up{fill:var(--up)}svg .down{fill:var(--down)}svg .unknown{fill:var(--amber)}
.shade0{fill:var(--s0)}.shade1{fill:var(--s1)}.shade2{fill:var(--s2)}.shade3{fill:var(--s3)}.mark{fill:var(--ink)}
.area{fill:var(--s0);opacity:.18}.line{fill:none;stroke:var(--s0);stroke-width:2;vector-effect:non-scaling-stroke}.expected{fill:none;stroke:var(--amber);stroke-width:1.5;stroke-dasharray:6 4;vector-effect:non-scaling-stroke}.limit{fill:var(--amber)}
.scroll{overflow-x:auto;background:var(--paper);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;font-weight:400;padding:.3rem .8rem;border-top:1px solid var(--line);vertical-align:top}td:last-child{overflow-wrap:anywhere;min-width:14rem}
thead th{color:var(--dim);font-size:.78rem;white-space:nowrap}tr:first-child>*{border-top:0}thead+tbody tr:first-child>*{border-top:1px solid var(--line)}
td.mono{white-space:nowrap}td.answer{white-space:normal;min-width:7.5rem}.error td:last-child{color:var(--down)}tr:target{outline:2px solid var(--s0)}s{color:var(--dim)}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
