import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aliasTable,
  firstDraw,
  mixed,
  nextDraw,
  pickByAlias,
  pickByRendezvous,
  rendezvousTable,
} from "../../src/image/pickers.ts";

const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 64 });
const addresses = fc.uniqueArray(fc.integer({ min: 0, max: 0xffff }), {
  minLength: 2,
  maxLength: 64,
});

describe("aliasTable()", () => {
  it("gives every variant its share of all draws, to a millionth", () => {
    fc.assert(
      fc.property(weights, (given) => {
        const total = given.reduce((sum, weight) => sum + weight, 0);
        const shares = sharesOf(aliasTable(given));
        for (const [i, share] of shares.entries()) {
          expect(Math.abs(share - (given[i] ?? 0) / total)).toBeLessThan(1e-6);
        }
      }),
    );
  });

  it("never draws a variant that is not there", () => {
    fc.assert(
      fc.property(weights, fc.integer(), (given, draw) => {
        const table = aliasTable(given);
        expect(pickByAlias(table, 0, given.length, draw)).toBeLessThan(given.length);
        expect(pickByAlias(table, 0, given.length, -1)).toBeLessThan(given.length);
      }),
    );
  });
});

describe("nextDraw()", () => {
  it("draws by weight in a short run already, each reader in its own order", () => {
    const table = aliasTable([90, 9, 1]);
    const drawn = (reader: number): number[] => {
      let state = firstDraw(reader);
      return Array.from({ length: 20_000 }, () => {
        state = nextDraw(state);
        return pickByAlias(table, 0, 3, state);
      });
    };
    for (const reader of [0, 1, 63]) {
      const counts = [0, 1, 2].map((variant) => drawn(reader).filter((v) => v === variant).length);
      expect(Math.abs((counts[0] ?? 0) - 18_000)).toBeLessThan(200);
      expect(Math.abs((counts[1] ?? 0) - 1800)).toBeLessThan(150);
      expect(Math.abs((counts[2] ?? 0) - 200)).toBeLessThan(60);
    }
    expect(drawn(0)).not.toEqual(drawn(1));
  });
});

describe("pickByRendezvous()", () => {
  it("moves the clients of the member that goes, and nobody else's; it finds them again", () => {
    fc.assert(
      fc.property(
        addresses,
        fc.nat(),
        fc.array(fc.integer(), { minLength: 50 }),
        (all, at, who) => {
          const gone = at % all.length;
          const before = picks(all, who);
          const after = picks(all.toSpliced(gone, 1), who);
          for (const [i, member] of before.entries()) {
            if (member !== all[gone]) expect(after[i]).toBe(member);
            else expect(after[i]).not.toBe(member);
          }
          expect(picks(all, who)).toEqual(before);
        },
      ),
    );
  });

  it("does not mind the order of the members", () => {
    fc.assert(
      fc.property(addresses, fc.array(fc.integer(), { minLength: 20 }), (all, who) => {
        expect(picks(all.toReversed(), who)).toEqual(picks(all, who));
      }),
    );
  });

  it("shares clients out evenly", () => {
    for (const count of [2, 3, 7, 64]) {
      const all = Array.from({ length: count }, (_, i) => i);
      const who = Array.from({ length: 64_000 }, (_, i) => mixed(i));
      const picked = picks(all, who);
      for (const member of all) {
        const share = (picked.filter((one) => one === member).length * count) / who.length;
        expect(share).toBeGreaterThan(0.88);
        expect(share).toBeLessThan(1.12);
      }
    }
  });
});

/** How much of [0, 1) falls to each variant, read off the table itself. */
function sharesOf(table: Int32Array): number[] {
  const shares = Array.from(table, () => 0);
  for (const [i, word] of table.entries()) {
    const own = (word >>> 6) / 2 ** 25 / table.length;
    shares[i] = (shares[i] ?? 0) + own;
    const other = word & 63;
    shares[other] = (shares[other] ?? 0) + 1 / table.length - own;
  }
  return shares;
}

/** The member that each client gets, by the last two octets of its address. */
function picks(members: readonly number[], clients: readonly number[]): (number | undefined)[] {
  const table = rendezvousTable(members.map((m) => [Uint8Array.of(192, 0, m >>> 8, m)]));
  return clients.map((client) => members[pickByRendezvous(table, 0, members.length, client)]);
}
