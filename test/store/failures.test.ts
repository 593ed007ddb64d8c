// Disks that are full: what was refused is not there, and the next write works when space is back.

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StorePort } from "../../src/control/ports.ts";
import { openStore } from "../../src/store/open.ts";
import { Store } from "../../src/store/store.ts";
import {
  changing,
  Folder,
  importing,
  inProcess,
  ORIGIN,
  readable,
  serving,
  swapping,
} from "./fixtures.ts";

let folder: Folder;
let db: Database.Database;
let store: StorePort;

beforeEach(async () => {
  folder = new Folder();
  await openStore(folder.file()).close();
  db = new Database(folder.file());
  store = inProcess(new Store(db, { path: "livezone.db", version: 1, lock: undefined }));
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

/** Lets the file grow by so many pages and no more. */
function leaveRoomFor(pages: number): void {
  const used = Number(db.pragma("page_count", { simple: true }));
  db.pragma(`max_page_count = ${used + pages}`);
}

const FULL = {
  code: "STORE_FULL",
  message:
    'Cannot write to store "livezone.db": the disk is full; free some space, nothing was lost (SQLITE_FULL)',
};

describe("a full disk", () => {
  it("refuses an edit whole, and takes it when space is back", async () => {
    await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
    leaveRoomFor(2);
    const lines = Array.from({ length: 500 }, (_, i) => `h${i} 300 TXT ${"t".repeat(60)}`);
    const large = changing(1, 2, "a 300 A 192.0.2.2", ...lines);
    await expect(store.commitZone(large)).rejects.toMatchObject(FULL);
    expect((await store.readState()).zones[0]).toMatchObject({ serial: 1, fileSerial: 1 });
    expect(readable(await store.readZone(ORIGIN))).toHaveLength(4);
    expect(await store.readJournal(ORIGIN, 1)).toEqual([]);
    leaveRoomFor(1000);
    await store.commitZone(large);
    expect((await store.readState()).zones[0]).toMatchObject({ serial: 2 });
    expect(readable(await store.readZone(ORIGIN))).toHaveLength(504);
  });

  it("refuses swaps whole, and takes them when space is back", async () => {
    await store.commitZone(importing(1));
    leaveRoomFor(1);
    const commits = Array.from({ length: 400 }, (_, i) => swapping(i + 1, i + 1, i + 2));
    await expect(store.commitSwaps(commits, [serving(400)])).rejects.toMatchObject(FULL);
    expect(await store.readState()).toMatchObject({ lastSwapId: 0, zones: [{ serial: 1 }] });
    leaveRoomFor(1000);
    await store.commitSwaps(commits, [serving(400)]);
    expect(await store.readState()).toMatchObject({ lastSwapId: 400, zones: [{ serial: 401 }] });
  });

  it("lets everything be read that was there", async () => {
    await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
    leaveRoomFor(0);
    const whole = importing(1, ...Array.from({ length: 3000 }, (_, i) => `h${i} 300 A 192.0.2.1`));
    const replaced = { ...whole, journal: changing(1, 2).journal };
    await expect(store.commitZone(replaced)).rejects.toMatchObject(FULL);
    expect(readable(await store.readZone(ORIGIN))).toHaveLength(4);
  });
});

describe("a damaged database that was opened all the same", () => {
  it("says what to do when the damage is met", async () => {
    await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
    db.exec("UPDATE zone_parts SET octets = x'0511'");
    db.exec(`INSERT INTO records (zone_id, owner, type, entry) VALUES (1, x'00', 1, x'0511')`);
    await expect(store.readZone(ORIGIN)).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      message: expect.stringContaining("restore the latest backup in its place"),
    });
  });
});
