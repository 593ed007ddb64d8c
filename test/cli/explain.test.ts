// `livezone explain` against a simulated control plane: the text of each case is kept whole.

import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PlaneStage } from "./plane-stage.ts";

const EXPECTED = new URL("../data/cli-explain.txt", import.meta.url);
const GUARDED = `checks:
  web: { kind: http, port: 8080, path: /healthz }
pools:
  www.lab.example:
    policy: priority
    checks: [web]
    guards: { spacing: 5m, budget: { swaps: 4, window: 1h } }
`;

const GATED = `checks:
  web: { kind: http, port: 8080, path: /healthz }
  lag: { kind: http, port: 9090, address: { 192.0.2.10: 192.0.2.110, 192.0.2.20: 192.0.2.120 } }
pools:
  www.lab.example:
    policy: priority
    checks: [web]
    gate: { check: lag }
    promote: { command: [/hooks/promote], timeout: 20s }
`;

const SCHEDULED = `checks:
  web: { kind: http, port: 8080, path: /healthz }
  backup: { kind: http, port: 9090, schedule: "0 6,20 * * *" }
pools:
  www.lab.example: { policy: priority, checks: [web, backup] }
`;

let stage: PlaneStage;

beforeEach(async () => {
  stage = await PlaneStage.open();
});

afterEach(() => stage.close());

async function explain(...args: readonly string[]): Promise<string> {
  const { status, out, err } = await stage.run(["explain", ...args]);
  return status === 0 ? out : `status ${status}\n${out}${err}`;
}

describe("explain", () => {
  it("tells the chain of each situation", async () => {
    const said: string[] = [];
    const tell = async (title: string, ...args: readonly string[]): Promise<void> => {
      said.push(`# ${title}`, await explain(...args));
    };
    await tell("all is well, in both families", "www.lab.example");
    stage.plane.network.set("192.0.2.10", { kind: "refuses" });
    await stage.plane.time.advance(4000);
    await tell("the primary was refused three times", "www.lab.example", "a");
    stage.plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await stage.plane.time.advance(20_000);
    await tell("it is back, and its hold is waited for", "www.lab.example.", "A");
    await stage.plane.desk.force({
      ...{ address: "192.0.2.10", state: "down", author: "ann", reason: "kernel" },
      forMs: 600_000,
    });
    await tell("an operator took it out", "www.lab.example", "A");
    await stage.close();
    stage = await PlaneStage.open(GUARDED);
    stage.plane.network.set("192.0.2.10", { kind: "refuses" });
    await stage.plane.time.advance(4000);
    stage.plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await stage.plane.time.advance(100_000);
    await tell("guards hold the failback back", "www.lab.example", "A");
    await stage.close();
    stage = await PlaneStage.open(GATED);
    await tell("a gate and a hook: the next member waits for both", "www.lab.example", "A");
    stage.plane.network.set("192.0.2.120", { kind: "status", afterMs: 2 });
    await stage.plane.time.advance(10_000);
    await tell("the standby's gate is closed", "www.lab.example", "A");
    await stage.close();
    stage = await PlaneStage.open(SCHEDULED);
    await tell("a check by the calendar, and one each interval", "www.lab.example", "A");
    await stage.close();
    stage = await PlaneStage.open(undefined, ["192.0.2.254"]);
    stage.plane.network.isProberDeaf = true;
    await stage.plane.time.advance(20_000);
    await tell("the brake is on", "www.lab.example", "A");
    const text = said.join("\n");
    if (process.env.UPDATE_EXPECTED === "1") writeFileSync(EXPECTED, text);
    expect(text).toBe(readFileSync(EXPECTED, "utf8"));
  });

  it("gives programs the same as JSON", async () => {
    const report = JSON.parse(await explain("www.lab.example", "AAAA", "--json"));
    expect(report.families).toMatchObject([{ type: "AAAA", serving: ["2001:db8::10"] }]);
    expect(report.families[0].candidates[0].targets[0].observations[0].code).toBe("ok");
  });

  it("says what there is where there is no such pool, and what a type is", async () => {
    expect(await explain("web.lab.example")).toBe(
      "status 1\nThere is no pool web.lab.example: there are www.lab.example\n",
    );
    expect(await explain("www.lab.example", "MX")).toContain("status 2");
  });
});
