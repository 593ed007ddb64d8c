// Which threads stand back, as the kernel tells it, in a process of its own.

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const STANDING = new URL("../../src/app/standing.ts", import.meta.url).href;

interface Seen {
  readonly main: number;
  readonly before: readonly number[];
  readonly others: readonly number[];
  readonly after: number;
  readonly child: number;
  readonly refused: string | undefined;
}

/** Nice values: of the main thread, of those that node has started, and of the main one and a child. */
function see(start: readonly string[] = []): Seen {
  const program = `
    import { execFileSync } from "node:child_process";
    import { readdirSync } from "node:fs";
    import { getPriority } from "node:os";
    import { helpersStandBack, standBack } from ${JSON.stringify(STANDING)};
    const helpers = () => readdirSync("/proc/self/task").map(Number).filter((id) => id !== process.pid);
    const known = helpers();
    const before = known.map((id) => getPriority(id));
    helpersStandBack();
    const main = getPriority(process.pid);
    const others = known.map((id) => getPriority(id));
    const refused = standBack();
    const child = Number(execFileSync("nice", { encoding: "utf8" }));
    console.log(JSON.stringify({ main, before, others, after: getPriority(process.pid), child, refused }));`;
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program];
  const [command = "", ...args] = [...start, ...node];
  return JSON.parse(execFileSync(command, args, { encoding: "utf8" }));
}

describe("standing back", () => {
  it("moves each thread that is told to, and no other, behind what an operator has chosen", () => {
    const seen = see(["nice", "-n", "3"]);
    const { main } = seen;
    expect(main).toBeGreaterThanOrEqual(3);
    expect(seen.before.length).toBeGreaterThan(0);
    expect(new Set(seen.before)).toEqual(new Set([main]));
    expect(new Set(seen.others)).toEqual(new Set([main + 5]));
    expect(seen).toMatchObject({ after: main + 5, child: main + 5 });
    expect(seen.refused).toBeUndefined();
  });

  it("ends at the last place there is", () => {
    expect(see(["nice", "-n", "17"])).toMatchObject({ after: 19 });
  });
});
