// What an answer thread asks of the kernel, as the kernel tells it, in a process of its own.

import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const SCHEDULING = new URL("../../src/server/scheduling.ts", import.meta.url).href;
/** SCHED_OTHER, _FIFO and _BATCH as the kernel numbers them. */
const POLICY = { other: 0, fifo: 1, batch: 3 };
/** What root has beside its user is left out: this is how a service runs. */
const AS_NOBODY = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
const granted = { kind: "granted" };

interface Seen {
  readonly outcomes: readonly unknown[];
  readonly policies: readonly number[];
  /** At the end. */
  readonly policy: number;
  readonly nice: number;
  readonly runtimeNs: number;
  readonly cpuMs: number;
}

/** Does `steps` in a process of its own, which others start in the way of `before`. */
function ask(steps: readonly string[], before: readonly string[] = []): Seen {
  const program = `
    import koffi from "koffi";
    import { loadScheduling } from ${JSON.stringify(SCHEDULING)};
    const load = await loadScheduling();
    const numbers = { x64: 315, arm64: 275, riscv64: 275, loong64: 275 };
    const get = koffi.load(null).func("long syscall(long, int, void *, unsigned int, unsigned int)");
    const attributes = Buffer.alloc(56);
    const look = () => get(numbers[process.arch], 0, attributes, attributes.length, 0);
    const outcomes = load.kind === "refused" ? [load] : [];
    const policies = [];
    for (const step of load.kind === "refused" ? [] : ${JSON.stringify(steps)}) {
      outcomes.push(load.scheduling[step]());
      look();
      policies.push(attributes.readUInt32LE(4));
    }
    look();
    const policy = attributes.readUInt32LE(4);
    const [nice, runtimeNs] = [attributes.readInt32LE(16), Number(attributes.readBigUInt64LE(24))];
    const cpuMs = load.kind === "refused" ? 0 : load.scheduling.cpuMs();
    console.log(JSON.stringify({ outcomes, policies, policy, nice, runtimeNs, cpuMs }));`;
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program];
  const [command = "", ...args] = [...before, ...node];
  return JSON.parse(execFileSync(command, args, { encoding: "utf8" }));
}

/** Whether this host gives real time to whoever runs the tests: another program asks for it. */
function isAllowed(): boolean {
  return spawnSync("chrt", ["--fifo", "1", "true"]).status === 0;
}

describe("takeTurns()", () => {
  it("is granted without privilege, and changes nothing but the slice", () => {
    const seen = ask(["takeTurns"], [...AS_NOBODY, "--reuid=65534", "nice", "-n", "3"]);
    expect(seen.outcomes).toEqual([granted]);
    expect(seen).toMatchObject({ policies: [POLICY.other], nice: 3, runtimeNs: 100_000 });
  });

  it("leaves alone what an operator has chosen", () => {
    const { outcomes, policy } = ask(["takeTurns"], ["chrt", "--batch", "0"]);
    const why = "an operator has chosen how it is scheduled";
    expect(outcomes).toEqual([{ kind: "refused", why }]);
    expect(policy).toBe(POLICY.batch);
  });
});

describe("goFirst()", () => {
  it("is refused to whoever has no leave, and changes nothing", () => {
    const before = ["prlimit", "--rtprio=0", ...AS_NOBODY, "--reuid=65534"];
    const seen = ask(["takeTurns", "goFirst"], before);
    expect(seen.outcomes).toEqual([granted, { kind: "refused", why: "EPERM" }]);
    expect(seen.policies).toEqual([POLICY.other, POLICY.other]);
  });

  it("is granted to and fro wherever the system lets anybody go first", () => {
    const seen = ask(["takeTurns", "goFirst", "takeTurns", "goFirst", "takeTurns"]);
    const { other, fifo } = POLICY;
    const first = isAllowed() ? granted : { kind: "refused", why: "EPERM" };
    const policy = isAllowed() ? fifo : other;
    expect(seen.outcomes).toEqual([granted, first, granted, first, granted]);
    expect(seen.policies).toEqual([other, policy, other, policy, other]);
    expect(seen.runtimeNs).toBe(100_000);
  });

  it("is not asked for where an operator lets the process stand back", () => {
    const { outcomes, policy } = ask(["goFirst"], ["nice", "-n", "1"]);
    expect(policy).toBe(POLICY.other);
    expect(outcomes).toEqual([{ kind: "refused", why: "its nice value is 1" }]);
  });
});

it("knows what the thread has had of a core", () => {
  const { cpuMs } = ask(["takeTurns"]);
  expect(cpuMs).toBeGreaterThan(1);
  expect(cpuMs).toBeLessThan(60_000);
});
