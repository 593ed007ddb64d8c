// The slice that answer threads ask for, as the kernel tells it, in a thread of its own.

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const SLICE = new URL("../../src/server/slice.ts", import.meta.url).href;

/** Asks in a process of its own, which others start in the way of `before`. */
function ask(before: readonly string[] = []): {
  outcome: unknown;
  policy: number;
  nice: number;
  runtimeNs: number;
} {
  const program = `
    import koffi from "koffi";
    import { askForShortSlice } from ${JSON.stringify(SLICE)};
    const outcome = await askForShortSlice();
    const numbers = { x64: 315, arm64: 275, riscv64: 275, loong64: 275 };
    const get = koffi.load(null).func("long syscall(long, int, void *, unsigned int, unsigned int)");
    const attributes = Buffer.alloc(56);
    get(numbers[process.arch], 0, attributes, attributes.length, 0);
    const [policy, nice] = [attributes.readUInt32LE(4), attributes.readInt32LE(16)];
    const runtimeNs = Number(attributes.readBigUInt64LE(24));
    console.log(JSON.stringify({ outcome, policy, nice, runtimeNs }));`;
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program];
  const [command = "", ...args] = [...before, ...node];
  return JSON.parse(execFileSync(command, args, { encoding: "utf8" }));
}

describe("askForShortSlice()", () => {
  it("is granted without privilege, and changes nothing else", () => {
    const seen = ask(["nice", "-n", "3"]);
    expect(seen).toEqual({ outcome: { kind: "granted" }, policy: 0, nice: 3, runtimeNs: 100_000 });
  });

  it("leaves alone what an operator has chosen", () => {
    const { outcome, policy } = ask(["chrt", "--batch", "0"]);
    expect(outcome).toEqual({ kind: "refused", why: "an operator has chosen how it is scheduled" });
    expect(policy).toBe(3);
  });
});
