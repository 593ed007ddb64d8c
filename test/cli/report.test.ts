// The report: what it shows of a log, in words, and that nothing of a log becomes markup.

import { describe, expect, it } from "vitest";
import { html } from "../../src/cli/report/html.ts";
import { reportPage } from "../../src/cli/report/page.ts";
import { fold } from "../../src/view/fold.ts";
import { EMPTY_VIEW } from "../../src/view/state.ts";
import { runTable } from "../config/tables.ts";
import { readEvents } from "../view/lines.ts";
import { run } from "./world.ts";

const SCRIPT = `<img src=x onerror="alert(1)"><script>alert('1')</script>`;

function page(lines: string): string {
  const state = fold(EMPTY_VIEW, readEvents(lines));
  const window = { fromMs: state.atMs - 3_600_000, toMs: state.atMs };
  return reportPage({ state, window, source: "a test" });
}

/** What is read, a line for each block; drawings by what their titles say. */
function words(markup: string): string[] {
  return markup
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<title>/g, "\n  | ")
    .replace(/<\/(?:p|h\d|tr|li|div|section|svg|dl|title)>/g, "\n")
    .replace(/<\/t[dh]>/g, " | ")
    .replace(/<[^>]*>/g, "")
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");
}

describe("reportPage()", () => {
  runTable(new URL("../data/cli-report.txt", import.meta.url), (input) => words(page(input)));

  it("holds no script, and asks nobody for anything", () => {
    const markup = page('12:00:00 target.up {"target":"t","before":"down","reason":"r"}');
    expect(markup).not.toMatch(/<script|<link|<iframe|src=|url\(|@import|https?:/);
    expect(markup).toContain("default-src 'none'");
  });

  it("takes what a zone or a log holds for text, wherever it is shown", () => {
    const json = JSON.stringify(SCRIPT);
    const pool = `"pool":${json},"type":${json}`;
    const swap = `"code":${json},"reason":${json},"before":[${json}],"after":[${json}]`;
    const times = `"serial":1,"ttl":5,"durable":true,"detectMs":5,"publishMs":1`;
    const markup = page(
      [
        `12:00:00 zone.loaded {"zone":${json},"source":"file","serial":1,"records":1,"durationMs":1}`,
        `12:00:01 pool.swapped {"swap":1,${pool},"zone":${json},${swap},${times},"msg":${json}}`,
        `12:00:02 target.down {"target":${json},"before":"up","reason":${json},"code":"x","hard":true,"failures":3,"sinceFaultMs":1,"msg":${json}}`,
        `12:00:03 zone.published {"zone":${json},"cause":${json},"serialBefore":1,"serial":2,"added":1,"removed":1,"file":${json}}`,
        `12:00:03 api.changed {"action":${json},"object":${json},"author":${json},"reason":${json},"via":${json},"detail":${json}}`,
        `12:00:04 zone.rejected {"zone":${json},"file":"f","errors":["txt TXT ${SCRIPT.replaceAll('"', '\\"')}"],"msg":${json}}`,
      ].join("\n"),
    );
    expect(markup).not.toContain("<script");
    expect(markup).not.toContain("<img");
    expect(markup).toContain("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
  });
});

describe("html``", () => {
  it("escapes everything but its own", () => {
    const inner = html`<b title="${`"&'`}">${"<i>"}${[1, html`<br>`, undefined, false]}</b>`;
    expect(html`${inner}\u0000${"\u0000\u202e"}`.markup).toBe(
      '<b title="&quot;&amp;&#39;">&lt;i&gt;1<br></b>\u0000··',
    );
  });
});

describe("report --log", () => {
  it("prints a report of the time that was asked for", async () => {
    const line = (time: string, swap: number): string =>
      JSON.stringify({ time, event: "swap.durable", swap, delayMs: 1, msg: "m" });
    const log = [line("2026-01-01T00:00:00Z", 1), "noise", line("2026-01-02T12:00:00Z", 2)];
    const files = new Map([["old.log", log.join("\n")]]);
    const { status, out, err } = await run(["report", "--log", "old.log", "--since", "2h"], files);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain(
      "2026-01-02 10:00:00Z to 2026-01-02 12:00:00Z (2h), from the log old.log",
    );
  });

  it.each([
    [["report", "--log", "no.log"], 1, 'Cannot read "no.log": it does not exist\n'],
    [["report", "--log", "empty.log"], 1, '"empty.log" holds no event of livezone\n'],
  ])("%s says what is wrong", async (args, status, err) => {
    expect(await run(args, new Map([["empty.log", "hello\n"]]))).toMatchObject({ status, err });
  });

  it("refuses what is no time", async () => {
    expect((await run(["report", "--log", "x", "--since", "yesterday"])).status).toBe(2);
  });
});
