// A target in a process of its own, which notes when each of its addresses was asked. Started and
// asked by `probing.ts`; it ends when whoever started it does.

import { performance } from "node:perf_hooks";
import { Acceptor } from "./accept.ts";
import { quantile } from "./numbers.ts";

/** What the target is told: to forget what it saw, but not the last time of each, or to sum it up. */
export type ToProbed = "begin" | "end";

/** What it tells: where it listens, and what it saw since it began. */
export type FromProbed =
  | { readonly kind: "listening"; readonly port: number }
  | {
      readonly kind: "seen";
      /** How much later than a second after the last time, milliseconds. */
      readonly lateP99Ms: number;
      readonly count: number;
      readonly targets: number;
    };

/** Asked by all pools: it has no second of its own. */
const SHARED = 0x7f00_0001;
const INTERVAL_MS = 1000;

const lastMs = new Map<number, number>();
let lateMs: number[] = [];

const acceptor = new Acceptor({ address: "0.0.0.0", port: 0 }, (address) => {
  const nowMs = performance.now();
  const beforeMs = lastMs.get(address);
  lastMs.set(address, nowMs);
  if (address === SHARED || beforeMs === undefined) return;
  lateMs.push(Math.max(0, nowMs - beforeMs - INTERVAL_MS));
});

process.on("message", (told: ToProbed) => {
  if (told === "end") {
    const lateP99Ms = quantile(Float64Array.from(lateMs).sort(), 0.99);
    tell({ kind: "seen", lateP99Ms, count: lateMs.length, targets: lastMs.size });
  }
  lateMs = [];
});
process.on("disconnect", () => process.exit());
tell({ kind: "listening", port: acceptor.port });

function tell(what: FromProbed): void {
  process.send?.(what);
}
