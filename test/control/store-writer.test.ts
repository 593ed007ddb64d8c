import { describe, expect, it } from "vitest";
import type { StorePort, SwapCommit, ZoneCommit } from "../../src/control/ports.ts";
import {
  PENDING_SWAPS_MAX,
  type PendingSwap,
  SLOW_WRITE_MS,
  StoreWriter,
} from "../../src/control/store-writer.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { SimulatedTime, settle } from "../support/simulated-time.ts";

const origin = nameFromText("lab.example.");
const www = nameFromText("www.lab.example.");

/** A store whose disk the test can make full or hang; it keeps what was committed. */
class ScriptedStore {
  disk: "ok" | "full" | "hangs" = "ok";
  readonly rows: string[] = [];
  #waiting: (() => void)[] = [];

  async commitSwaps(commits: readonly SwapCommit[]): Promise<void> {
    await this.#disk();
    for (const { swap, journal } of commits) {
      this.rows.push(`swap ${swap.id} ${journal.serialBefore}>${journal.serialAfter}`);
    }
  }

  async commitZone({ journal }: ZoneCommit): Promise<void> {
    await this.#disk();
    this.rows.push(`${journal.cause} ${journal.serialBefore}>${journal.serialAfter}`);
  }

  wakeUp(): void {
    this.disk = "ok";
    for (const go of this.#waiting.splice(0)) go();
  }

  #disk(): Promise<void> {
    if (this.disk === "full") {
      return Promise.reject(Object.assign(new Error("the disk is full"), { code: "STORE_FULL" }));
    }
    if (this.disk === "hangs") return new Promise((resolve) => this.#waiting.push(resolve));
    return Promise.resolve();
  }
}

function world(): {
  store: ScriptedStore;
  time: SimulatedTime;
  writer: StoreWriter;
  events: LivezoneEvent[];
} {
  const store = new ScriptedStore();
  const time = new SimulatedTime();
  const events: LivezoneEvent[] = [];
  const writer = new StoreWriter(store as unknown as StorePort, time, (e) => events.push(e));
  writer.continueFrom(origin, 10);
  return { store, time, writer, events };
}

function swap(id: number, serialAfter: number, from: string, to: string): PendingSwap {
  const record = { owner: www, type: 1, before: [from], after: [to], code: "c", why: "w" };
  const address = (text: string): Uint8Array => Uint8Array.from(text.split(".").map(Number));
  return {
    swap: { ...record, id, decidedWallMs: 0, publishedWallMs: 0 },
    origin,
    serialAfter,
    removed: [{ owner: www, type: 1, ttl: 5, rdatas: [address(from)] }],
    added: [{ owner: www, type: 1, ttl: 5, rdatas: [address(to)] }],
    serving: {
      owner: www,
      type: 1,
      memberIds: [to],
      code: "c",
      why: "w",
      swapId: id,
      sinceWallMs: 0,
    },
  };
}

function edit(serialAfter: number): (serialBefore: number) => ZoneCommit {
  return (serialBefore) => ({
    journal: {
      origin,
      serialBefore,
      serialAfter,
      cause: "file",
      wallMs: 0,
      removed: [],
      added: [],
    },
    fileSerial: serialAfter,
    rrsets: new Uint8Array(),
    replacesAll: false,
  });
}

describe("StoreWriter", () => {
  it("keeps the journal whole across swaps and edits", async () => {
    const { store, time, writer } = world();
    void writer.addSwap(swap(1, 11, "192.0.2.1", "192.0.2.2"));
    void writer.addSwap(swap(2, 12, "192.0.2.2", "192.0.2.1"));
    const edited = writer.edit(origin, edit(13));
    await time.advance(1);
    await edited;
    expect(store.rows).toEqual(["swap 1 10>11", "swap 2 11>12", "file 12>13"]);
  });

  it("keeps swaps while the disk is full, refuses edits, and stores all when space is back", async () => {
    const { store, time, writer, events } = world();
    store.disk = "full";
    void writer.addSwap(swap(1, 11, "192.0.2.1", "192.0.2.2"));
    await time.advance(10);
    await expect(writer.edit(origin, edit(12))).rejects.toThrow(
      'Cannot publish the edit of zone "lab.example" yet: ',
    );
    void writer.addSwap(swap(2, 13, "192.0.2.2", "192.0.2.1"));
    expect([writer.waiting, writer.isFailing]).toEqual([2, true]);
    store.disk = "ok";
    await time.advance(2000);
    expect(store.rows).toEqual(["swap 1 10>11", "swap 2 11>13"]);
    expect(events.map((e) => e.event)).toEqual(["store.failing", "store.recovered"]);
  });

  it("says that the disk hangs, once, and goes on when it wakes up", async () => {
    const { store, time, writer, events } = world();
    store.disk = "hangs";
    const stored = writer.addSwap(swap(1, 11, "192.0.2.1", "192.0.2.2"));
    await time.advance(SLOW_WRITE_MS * 3);
    expect(events.map((e) => e.event)).toEqual(["store.failing"]);
    store.wakeUp();
    await stored;
    await settle();
    expect(events.map((e) => e.event)).toEqual(["store.failing", "store.recovered"]);
    expect(store.rows).toEqual(["swap 1 10>11"]);
  });

  it("folds swaps into their net effect when too many wait, and resolves every one", async () => {
    const { store, time, writer } = world();
    store.disk = "full";
    let durable = 0;
    for (let id = 1; id <= PENDING_SWAPS_MAX + 1; id++) {
      const [from, to] = id % 2 === 1 ? ["192.0.2.1", "192.0.2.2"] : ["192.0.2.2", "192.0.2.1"];
      void writer.addSwap(swap(id, 10 + id, from, to)).then(() => durable++);
    }
    expect(writer.waiting).toBe(1);
    store.disk = "ok";
    await time.advance(3000);
    const last = PENDING_SWAPS_MAX + 1;
    expect(store.rows).toEqual([`swap ${last} 10>${10 + last}`]);
    expect(durable).toBe(last);
  });

  it("folds nothing that is on its way to the store", async () => {
    const { store, time, writer } = world();
    store.disk = "hangs";
    void writer.addSwap(swap(1, 11, "192.0.2.1", "192.0.2.2"));
    await time.advance(1);
    for (let id = 2; id <= PENDING_SWAPS_MAX + 1; id++) {
      void writer.addSwap(swap(id, 10 + id, "192.0.2.2", "192.0.2.1"));
    }
    store.wakeUp();
    await time.advance(1000);
    const last = PENDING_SWAPS_MAX + 1;
    expect(store.rows).toEqual(["swap 1 10>11", `swap ${last} 11>${10 + last}`]);
  });

  it("drains what waits, or says that it could not", async () => {
    const { store, time, writer } = world();
    void writer.addSwap(swap(1, 11, "192.0.2.1", "192.0.2.2"));
    const drained = writer.drain(100);
    await time.advance(100);
    expect(await drained).toBe(true);
    store.disk = "hangs";
    void writer.addSwap(swap(2, 12, "192.0.2.2", "192.0.2.1"));
    const stuck = writer.drain(100);
    await time.advance(100);
    expect(await stuck).toBe(false);
  });

  it("leads secondaries on from what it has stored and what it has not, and from nowhere else", async () => {
    const { store, time, writer } = world();
    await writer.edit(origin, edit(11));
    void writer.addSwap(swap(1, 12, "192.0.2.1", "192.0.2.2"));
    await time.advance(10);
    store.disk = "hangs";
    void writer.addSwap(swap(2, 13, "192.0.2.2", "192.0.2.1"));
    void writer.addSwap(swap(3, 14, "192.0.2.1", "192.0.2.2"));
    const from = (serial: number): number[] => {
      return writer.stepsFrom(origin, serial).map(({ serialAfter }) => serialAfter);
    };
    expect([10, 11, 12, 13, 14].map(from)).toEqual([
      [11, 12, 13, 14],
      [12, 13, 14],
      [13, 14],
      [14],
      [],
    ]);
    expect([9, 15].map(from)).toEqual([[], []]);
    writer.continueFrom(origin, 12);
    expect([10, 11, 12].map(from)).toEqual([[], [], [13, 14]]);
  });
});
