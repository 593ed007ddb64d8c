import { expect, it } from "vitest";
import { askForLargePages } from "../../src/server/large-pages.ts";
import { loadLibc } from "../../src/server/libc.ts";
import { ScriptedLibc } from "./scripted-libc.ts";

const MIB = 2 ** 20;
/** What the C library's allocator puts before a large block. */
const BEFORE = 16n;

// Octets of memory, and the advice for it as offsets from the page it begins in.
it.each([
  [8 * MIB, ["advise 65536 to 8388608: 14"]],
  [4 * MIB, ["advise 65536 to 4194304: 14"]],
  [4 * MIB - 8, []],
  [0, []],
])("of %d octets asks for whole pages within: %j", (octets, advice) => {
  const libc = new ScriptedLibc([], () => undefined);
  const addressOf = libc.addressOf.bind(libc);
  libc.addressOf = (memory) => addressOf(memory) + BEFORE;
  askForLargePages(libc, new SharedArrayBuffer(octets));
  expect(libc.journal).toEqual(advice);
});

it("gives advice that the system takes, for shared memory, whose words stay as they are", async () => {
  const load = await loadLibc();
  if (load.kind !== "loaded") throw new Error(load.why);
  const words = new Int32Array(new SharedArrayBuffer(8 * MIB)).fill(7);
  const outcomes: number[] = [];
  const spied = {
    ...load.libc,
    madvise: (address: bigint, octets: number, advice: number) => {
      outcomes.push(load.libc.madvise(address, octets, advice));
      return 0;
    },
  };
  askForLargePages(spied, words.buffer);
  expect(outcomes).toEqual([0]);
  expect(words.every((word) => word === 7)).toBe(true);
});
