// What becomes of requests when the thread that serves them is slow, hangs, dies or is replaced.

import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { connectStore, type StoreClient } from "../../src/store/client.ts";
import { StoreError } from "../../src/store/errors.ts";
import { openStore } from "../../src/store/open.ts";
import type { StoreOperations } from "../../src/store/operations.ts";
import { runStoreThread, type StoreThread } from "../../src/store/thread.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { zoneOf } from "../zone/records.ts";
import { changing, importing, ORIGIN, readable, serving, swapping } from "./fixtures.ts";

const threads: StoreThread[] = [];
const clients: StoreClient[] = [];
/** Ends what hangs, when a test is over. */
const endings: (() => void)[] = [];

/** A store in memory whose disk can hang: what is asked meanwhile is not answered. */
class HangingStore {
  readonly asked: string[] = [];
  readonly real = openStore(":memory:");
  readonly operations: StoreOperations;
  isHanging = false;

  constructor() {
    const { asked, real } = this;
    const hanging = new Promise<never>((_, reject) => endings.push(reject));
    hanging.catch(() => undefined);
    this.operations = new Proxy<StoreOperations>(real, {
      get: (_, operation: keyof StoreOperations) => {
        return (...args: never[]) => {
          asked.push(operation);
          if (this.isHanging) return hanging;
          return Reflect.apply(real[operation], real, args);
        };
      },
    });
  }
}

afterEach(async () => {
  for (const end of endings.splice(0)) end();
  for (const client of clients.splice(0)) await client.close();
  for (const thread of threads.splice(0)) await thread.ended;
});

/** The port at which `store` is served from now on. */
function served(store: StoreOperations): { port: MessagePort; die: () => void } {
  const { port1, port2 } = new MessageChannel();
  threads.push(runStoreThread(port1, { store }));
  return { port: port2, die: () => port1.close() };
}

function connected(port: MessagePort, options = {}): StoreClient {
  const client = connectStore(port, options);
  clients.push(client);
  return client;
}

describe("StoreClient", () => {
  it("asks again, in order, what a dead thread has not answered", async () => {
    const first = new HangingStore();
    const thread = served(first.operations);
    const client = connected(thread.port);
    await client.commitZone(importing(1));
    first.isHanging = true;
    const answers = [
      client.commitZone(changing(1, 2, "a 300 A 192.0.2.1")),
      client.commitSwaps([swapping(1, 2, 3)], [serving(1)]),
      client.readState(),
    ];
    await until(() => first.asked.length === 4);
    thread.die();
    const later = client.readZone(ORIGIN);
    expect(client.waiting).toBe(4);

    const second = new HangingStore();
    second.real.commitZone(packed(importing(1)));
    client.reconnect(served(second.operations).port);
    await Promise.all(answers);
    expect(readable(await later).at(-1)).toBe("a.example.org. 300 A 192.0.2.1");
    expect(second.asked).toEqual(["commitZone", "commitSwaps", "readState", "readZone"]);
    expect((await client.readState()).zones[0]?.serial).toBe(3);
  });

  it("may ask again what was done and not answered: it is done once", async () => {
    const store = openStore(":memory:");
    const lost = served(store);
    const client = connected(lost.port);
    await client.commitZone(importing(1));
    // The thread takes and does the work; its answers reach a port that is dropped meanwhile.
    const work = [
      client.commitZone(changing(1, 2, "a 300 A 192.0.2.1")),
      client.commitSwaps([swapping(1, 2, 3)], []),
      client.addRollups([]),
    ];
    client.reconnect(served(store).port);
    await Promise.all(work);
    expect(await client.readJournal(ORIGIN, 1)).toHaveLength(2);
    expect(await client.readSwaps(10)).toHaveLength(1);
  });

  it("hears no more from the thread it was taken from", async () => {
    const slow = new HangingStore();
    const client = connected(served(slow.operations).port);
    await client.commitZone(importing(1));
    const empty = openStore(":memory:");
    client.reconnect(served(empty).port);
    expect((await client.readState()).zones).toEqual([]);
  });

  it("gives errors with the code and sentence they were thrown with", async () => {
    const client = connected(served(openStore(":memory:")).port);
    const failure = await client.readZone(ORIGIN).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreError);
    expect(failure).toMatchObject({
      code: "STORE_NO_ZONE",
      message: 'Cannot find zone "example.org": the store does not hold it',
    });
  });

  it("refuses more than it may keep waiting, and goes on when answers come", async () => {
    const store = new HangingStore();
    store.isHanging = true;
    const thread = served(store.operations);
    const client = connected(thread.port, { requestsMax: 3 });
    const waiting = [1, 2, 3].map(() => client.readState());
    await expect(client.readState()).rejects.toMatchObject({ code: "STORE_OVERLOADED" });
    client.reconnect(served(openStore(":memory:")).port);
    expect(await Promise.all(waiting)).toHaveLength(3);
    expect((await client.readState()).zones).toEqual([]);
  });

  it("close() waits for what was asked, a backup among it", async () => {
    const store = openStore(":memory:");
    const client = connected(served(store).port);
    const answers = [client.commitZone(importing(1)), client.readState()];
    const prune = client.prune({ observationsBefore: 0, journalRowsMax: 1 });
    await client.close();
    expect(await Promise.all([...answers, prune])).toHaveLength(3);
    expect(store.readState().zones).toHaveLength(1);
  });

  it("close() rejects what waits when there is nobody to answer", async () => {
    const store = new HangingStore();
    store.isHanging = true;
    const thread = served(store.operations);
    const client = connected(thread.port);
    const waiting = client.readState().catch((error: unknown) => error);
    thread.die();
    await client.close();
    expect(await waiting).toMatchObject({ code: "STORE_CLOSED" });
    client.reconnect(served(store.operations).port);
    await expect(client.readState()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  it("sends names and records without the zone they are views of", async () => {
    const seen: number[] = [];
    const real = openStore(":memory:");
    const watching = new Proxy<StoreOperations>(real, {
      get: (_, operation: keyof StoreOperations) => {
        return (...args: never[]) => {
          seen.push(...buffersIn(args).map((buffer) => buffer.byteLength));
          return Reflect.apply(real[operation], real, args);
        };
      },
    });
    const client = connected(served(watching).port);
    const zone = zoneOf(...Array.from({ length: 2000 }, (_, i) => `h${i} 300 A 192.0.2.1`));
    await client.commitZone(importing(1));
    await client.commitSwaps([swapOf(zone)], [serving(1, { owner: zone.soa.owner })]);
    await client.reserveSerials(zone.soa.owner, 100);
    expect(seen.length).toBeGreaterThan(4);
    expect(Math.max(...seen)).toBeLessThan(1000);
  });
});

function swapOf(zone: Zone) {
  const commit = swapping(1, 1, 2);
  const rrsets = [...zone.rrsets()].slice(0, 3);
  const { owner } = zone.soa;
  return {
    swap: { ...commit.swap, owner },
    journal: { ...commit.journal, origin: owner, removed: rrsets, added: rrsets },
  };
}

function buffersIn(value: unknown): ArrayBufferLike[] {
  if (value instanceof Uint8Array) return [value.buffer];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(buffersIn);
}

function packed(commit: ReturnType<typeof importing>) {
  const none = new Uint8Array();
  return { ...commit, journal: { ...commit.journal, removed: none, added: none } };
}

/** Waits for something that other turns of the loop bring about. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
