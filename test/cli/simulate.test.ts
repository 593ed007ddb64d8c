// `livezone simulate` over files in memory.

import { describe, expect, it } from "vitest";
import { run } from "./world.ts";

const SLOW = `checks: { web: { kind: http, port: 8080, interval: 30s } }
pools: { www.lab.example: { checks: [web] } }
`;
const LINES = Array.from({ length: 100 }, (_, i) => {
  const time = new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString();
  const code = i >= 40 && i < 70 ? "connect-refused" : "ok";
  const target = "web@127.0.0.11";
  return JSON.stringify({ time, event: "probe.observed", target, code, durationMs: 1 });
});

async function simulate(...args: readonly string[]): Promise<string> {
  const log = [...LINES, '{"event":"pool.swapped"}', '{"event":"probe.observed","ti'].join("\n");
  const files = new Map([
    ["slow.yaml", SLOW],
    ["bad.yaml", "checks: 7\n"],
    ["log", log],
    ["empty", ""],
  ]);
  const { status, out, err } = await run(["simulate", "lab.example", ...args], files);
  return status === 0 ? out : `status ${status}\n${err}`;
}

describe("simulate", () => {
  it("replays a log under present and changed settings, side by side", async () => {
    const said = await simulate("--trace", "log", "--with", "slow.yaml");
    expect(said).toMatch(/^1m39s of what log saw\n/);
    expect(said).toMatch(/ +zones\/lab\.example\.pools\.yaml +slow\.yaml\n/);
    expect(said).toMatch(/faults found +1 of 1 +\d of 1\n/);
    expect(said).toMatch(/swaps +2 +\d\n/);
  });

  it("gives programs the same as JSON", async () => {
    const report = JSON.parse(await simulate("--trace", "log", "--json"));
    expect(report.runs).toMatchObject([
      { settings: "zones/lab.example.pools.yaml", tally: { faults: 1, detected: 1 } },
    ]);
  });

  it("generates faults for as long as is asked", async () => {
    expect(await simulate("--for", "1h", "--seed", "7")).toMatch(
      /^1h of generated faults, seed 7\n/,
    );
  });

  it("refuses what it cannot work with", async () => {
    expect(await simulate("--trace", "empty")).toBe(
      'status 1\nCannot replay "empty": it holds no probe.observed line; log with level "debug"\n',
    );
    expect(await simulate("--with", "none.yaml")).toContain('Cannot read "none.yaml"');
    expect(await simulate("--with", "bad.yaml")).toContain("bad.yaml:1:9");
    expect(await simulate("--for", "1s")).toContain("status 2");
    expect(await simulate("--seed", "x")).toContain("status 2");
    const { err } = await run(["simulate", "other.example"]);
    expect(err).toContain("has no zone other.example");
  });
});
