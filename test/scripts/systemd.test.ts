import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, sandbox } from "../support/server-process.ts";

/** systemd's own judge says 1.8; the rest is what a name server needs: the network, and V8's memory. */
const EXPOSURE_MAX = 2;

describe("docs/systemd/livezone.service", () => {
  let box: Sandbox;
  let unit: string;
  beforeAll(() => {
    box = sandbox();
    // verify looks for the program.
    const text = readFileSync("docs/systemd/livezone.service", "utf8");
    unit = box.write("livezone.service", text.replace("/usr/bin/livezone", "/bin/true"));
  });
  afterAll(() => box.remove());

  it("is a unit without a complaint", () => {
    const said = execFileSync("systemd-analyze", ["verify", unit], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    expect(said).toBe("");
  });

  it(`exposes no more than ${EXPOSURE_MAX} of 10`, () => {
    const args = ["security", "--offline=true", "--no-pager", unit];
    const said = execFileSync("systemd-analyze", args, { encoding: "utf8" });
    const level = /Overall exposure level for livezone.service: ([\d.]+)/.exec(said)?.[1];
    expect(Number(level)).toBeGreaterThan(0);
    expect(Number(level)).toBeLessThanOrEqual(EXPOSURE_MAX);
  });
});
