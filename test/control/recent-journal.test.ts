import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../src/control/ports.ts";
import { RecentJournal } from "../../src/control/recent-journal.ts";
import { nameFromText } from "../../src/dns/name.ts";

const LAB = nameFromText("lab.example.");
const OTHER = nameFromText("other.example.");

function row(serialBefore: number, serialAfter: number, origin = LAB, octets = 4): JournalEntry {
  const rdatas = [new Uint8Array(octets).fill(serialAfter & 0xff)];
  const added = [{ owner: origin, type: 1, ttl: 60, rdatas }];
  return { origin, serialBefore, serialAfter, cause: "api", wallMs: 0, removed: [], added };
}

function serials(journal: RecentJournal, from: number, origin = LAB): number[] {
  return journal.from(origin, from).map(({ serialAfter }) => serialAfter);
}

describe("RecentJournal.from()", () => {
  it("leads on from a serial that a row begins at, in one zone among others", () => {
    const journal = new RecentJournal();
    journal.add([row(1, 2), row(1, 7, OTHER), row(2, 5)]);
    journal.add([row(7, 8, OTHER), row(5, 6)]);
    expect(serials(journal, 1)).toEqual([2, 5, 6]);
    expect(serials(journal, 5)).toEqual([6]);
    expect(serials(journal, 1, OTHER)).toEqual([7, 8]);
    expect(journal.from(LAB, 5)[0]?.added).toEqual(row(5, 6).added);
  });

  it("knows nothing of a serial between two rows, nor of the newest", () => {
    const journal = new RecentJournal();
    journal.add([row(2, 5), row(5, 6)]);
    expect([3, 4, 6, 7].map((from) => serials(journal, from))).toEqual([[], [], [], []]);
  });

  it("stops at a row that is too long to be kept", () => {
    const journal = new RecentJournal();
    journal.add([row(1, 2), row(2, 3, LAB, 0xffff), row(3, 4)]);
    expect(serials(journal, 1)).toEqual([2]);
    expect(serials(journal, 3)).toEqual([4]);
  });

  it("keeps the newest thousand, or the newest megabyte", () => {
    const many = new RecentJournal();
    many.add(Array.from({ length: 5000 }, (_, i) => row(i, i + 1)));
    for (let i = 5000; i < 5100; i++) many.add([row(i, i + 1)]);
    expect([4075, 4076].map((from) => serials(many, from).length)).toEqual([0, 1024]);
    const long = new RecentJournal();
    long.add(Array.from({ length: 100 }, (_, i) => row(i, i + 1, LAB, 0xf000)));
    expect([82, 83].map((from) => serials(long, from).length)).toEqual([0, 17]);
  });

  it("forgets a zone whose journal begins anew, and no other", () => {
    const journal = new RecentJournal();
    journal.add([row(1, 2), row(1, 7, OTHER)]);
    journal.forget(LAB);
    expect(serials(journal, 1)).toEqual([]);
    expect(serials(journal, 1, OTHER)).toEqual([7]);
  });
});
