import { describe, expect, it } from "vitest";
import {
  createReasons,
  REASON_OCTETS_MAX,
  ReasonReader,
  ReasonWriter,
} from "../../src/image/reasons.ts";

const SLOT = 2;
const ERA = 7;

/** What is read of `SLOT` after `write`, with `room` octets for it. */
function readBack(write: (writer: ReasonWriter, words: Int32Array) => void, room = 1000): string {
  const memory = createReasons(4);
  write(new ReasonWriter(memory), new Int32Array(memory));
  const out = new Uint8Array(2000);
  const octets = new ReasonReader(memory).read(SLOT, ERA, out, 10, room);
  return new TextDecoder().decode(out.subarray(10, 10 + octets));
}

describe("ReasonReader", () => {
  it.each([
    ["a text of the same answer", "primary-up: it is up", "primary-up: it is up"],
    ["letters that are not ASCII as question marks", "größer\n", "gr??er?"],
    ["what is too long with dots", "x".repeat(600), `${"x".repeat(REASON_OCTETS_MAX - 3)}...`],
  ])("reads %s", (_case, text, expected) => {
    expect(readBack((writer) => writer.write(SLOT, ERA, text))).toBe(expected);
  });

  it("reads the newest of two texts, and nothing of the longer one before", () => {
    const read = readBack((writer) => {
      writer.write(SLOT, ERA, "a long text about the answer");
      writer.write(SLOT, ERA, "short");
    });
    expect(read).toBe("short");
  });

  it("reads as much as there is room for", () => {
    expect(readBack((writer) => writer.write(SLOT, ERA, "primary-up"), 7)).toBe("primary");
    expect(readBack((writer) => writer.write(SLOT, ERA, "primary-up"), -3)).toBe("");
  });

  it("reads nothing of another answer, or of another slot", () => {
    expect(readBack((writer) => writer.write(SLOT, ERA + 1, "another answer"))).toBe("");
    expect(readBack((writer) => writer.write(SLOT + 1, ERA, "another slot"))).toBe("");
  });

  it("reads nothing while it is written, and a writer that died at it is gone on from", () => {
    const die = (writer: ReasonWriter, words: Int32Array): void => {
      writer.write(SLOT, ERA, "whole");
      const stamp = words.findIndex((word) => word !== 0);
      words[stamp] = (words[stamp] ?? 0) + 1;
    };
    expect(readBack(die)).toBe("");
    const mended = readBack((writer, words) => {
      die(writer, words);
      writer.write(SLOT, ERA, "whole again");
    });
    expect(mended).toBe("whole again");
  });
});
