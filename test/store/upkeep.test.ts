// What is done to a database in use: folding, giving space back, copies that are whole or not there.

import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StorePort } from "../../src/control/ports.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import { changing, Folder, importing, inProcess, ORIGIN, readable } from "./fixtures.ts";

let folder: Folder;
let store: Store;
let port: StorePort;

beforeEach(() => {
  folder = new Folder();
  store = openStore(folder.file());
  port = inProcess(store);
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

const KEEP_ALL = { observationsBefore: 0, journalRowsMax: 1_000_000 };

function rowsOf(table: string): number {
  const db = new Database(folder.file(), { readonly: true });
  const rows = db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? -1;
  db.close();
  return rows;
}

describe("Store.prune()", () => {
  it("folds the changes of a zone when they have grown large against it", async () => {
    await port.commitZone(importing(1, "h1 60 A 192.0.2.1", "gone 60 A 192.0.2.1"));
    const lines = Array.from({ length: 1500 }, (_, i) => `h${i} 300 A 192.0.2.7`);
    await port.commitZone(changing(1, 2, ...lines, "delete gone A"));
    const before = readable(await port.readZone(ORIGIN));
    expect(rowsOf("records")).toBe(1501);
    await port.prune(KEEP_ALL);
    expect(rowsOf("records")).toBe(0);
    expect(readable(await port.readZone(ORIGIN))).toEqual(before);
    await port.commitZone(changing(2, 3, "h7 60 A 192.0.2.8"));
    await port.prune(KEEP_ALL);
    expect(rowsOf("records")).toBe(1);
    expect((await port.readState()).zones[0]).toMatchObject({ serial: 3, fileSerial: 3 });
  });

  it("gives the space of what it deleted back to the file system", async () => {
    await port.commitZone(importing(1));
    const rollups = Array.from({ length: 30_000 }, (_, i) => ({
      targetId: `target-${i % 10}`,
      minuteWallMs: Math.floor(i / 10) * 60_000,
      count: 12,
      failures: 1,
      durationMeanMs: 1,
      durationMaxMs: 2,
      lastCode: "connection refused by the target",
    }));
    await port.addRollups(rollups);
    const full = store.octets;
    const pruning = port.prune({ observationsBefore: 1e12, journalRowsMax: 10 });
    // Others are served while it runs.
    await port.commitZone(changing(1, 2, "a 300 A 192.0.2.1"));
    expect(await pruning).toEqual({ rollups: 30_000, journalRows: 0 });
    expect(store.octets).toBeLessThan(full / 4);
    expect(statSync(folder.file()).size).toBe(store.octets);
  });
});

describe("Store.backup()", () => {
  it("replaces an older copy only by a whole one", async () => {
    const path = folder.file("copy.db");
    writeFileSync(path, "the older copy");
    writeFileSync(`${path}.partial`, "what an interrupted copy left");
    await port.commitZone(importing(1));
    expect(await port.backup(path)).toEqual({ octets: statSync(path).size });
    expect(readFileSync(path).subarray(0, 15).toString()).toBe("SQLite format 3");
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it("refuses to write over the store itself", async () => {
    await expect(port.backup(`${folder.path}/./livezone.db`)).rejects.toMatchObject({
      code: "STORE_BACKUP",
      message: expect.stringContaining("that is the store itself; name another file"),
    });
  });

  it("ends when the store is closed, and leaves the older copy as it was", async () => {
    const path = folder.file("copy.db");
    writeFileSync(path, "the older copy");
    const lines = Array.from({ length: 20_000 }, (_, i) => `h${i} 300 TXT ${"t".repeat(200)}`);
    await port.commitZone(importing(1, ...lines));
    const backup = port.backup(path).catch((error: unknown) => error);
    await store.close();
    expect(await backup).toMatchObject({ code: "STORE_BACKUP" });
    expect(readFileSync(path).toString()).toBe("the older copy");
    expect(existsSync(`${path}.partial`)).toBe(false);
  });
});
