// What may be opened, what is refused and with which words, and how SQLite is set up.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, messageOf } from "../../src/base/errors.ts";
import { storeError } from "../../src/store/errors.ts";
import { packEntry } from "../../src/store/journal-rows.ts";
import { lockStore } from "../../src/store/lock.ts";
import { openStore } from "../../src/store/open.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../src/store/schema.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { Folder, importing } from "./fixtures.ts";

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

describe("openStore()", () => {
  it("makes a database that says whose it is and of which version", async () => {
    await make();
    const db = new Database(folder.file(), { readonly: true });
    const pragma = (name: string): unknown => db.pragma(name, { simple: true });
    expect(pragma("application_id")).toBe(APPLICATION_ID);
    expect(pragma("user_version")).toBe(MIGRATIONS.length);
    expect(pragma("journal_mode")).toBe("wal");
    expect(pragma("auto_vacuum")).toBe(2);
    expect(pragma("integrity_check")).toBe("ok");
    db.close();
  });

  it("takes an empty file for a new store: a process may have died just after making it", async () => {
    writeFileSync(folder.file(), "");
    const store = openStore(folder.file());
    expect([store.version, store.migratedFrom]).toEqual([MIGRATIONS.length, undefined]);
    await store.close();
  });

  it("opens what it closed, and says that nothing was to be migrated", async () => {
    await make();
    const store = openStore(folder.file());
    expect(store.migratedFrom).toBeUndefined();
    expect(store.readState().zones).toHaveLength(1);
    await store.close();
  });

  it("brings an older database up to date step by step, keeping what it holds", async () => {
    await make();
    const step = "ALTER TABLE zones ADD COLUMN note TEXT NOT NULL DEFAULT 'kept'";
    const store = openStore(folder.file(), { migrations: [...MIGRATIONS, step] });
    expect([store.version, store.migratedFrom]).toEqual([MIGRATIONS.length + 1, MIGRATIONS.length]);
    expect(store.readState().zones).toHaveLength(1);
    await store.close();
  });

  for (let version = 1; version < MIGRATIONS.length; version++) {
    it(`takes up a database of version ${version}`, async () => {
      const db = new Database(folder.file());
      for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version}`);
      db.exec("INSERT INTO targets (name) VALUES ('http://192.0.2.10:80/')");
      db.exec(
        "INSERT INTO beliefs (target_id, belief, since_wall_ms, observed_wall_ms, code) VALUES (1, 'up', 1, 2, 'ok')",
      );
      db.close();
      const store = openStore(folder.file());
      expect([store.version, store.migratedFrom]).toEqual([MIGRATIONS.length, version]);
      expect(store.readState()).toMatchObject({ beliefs: [{ belief: "up" }], dampings: [] });
      await store.close();
    });
  }

  it("leaves a database as it was when a step fails", async () => {
    await make();
    const broken = "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)";
    const migrations = [...MIGRATIONS, broken];
    expect(() => openStore(folder.file(), { migrations })).toThrow("no such table: nowhere");
    const store = openStore(folder.file());
    expect(store.version).toBe(MIGRATIONS.length);
    await store.close();
    const db = new Database(folder.file(), { readonly: true });
    expect(db.prepare("SELECT * FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
    db.close();
  });

  it("leaves nothing behind of a refused opening but its lock file", async () => {
    writeFileSync(folder.file(), "text ".repeat(1000));
    expect(() => openStore(folder.file())).toThrow("no SQLite database");
    expect(statSync(folder.file()).size).toBe(5000);
    expect(readdirSync(folder.path).sort()).toEqual(["livezone.db", "livezone.db-lock"]);
  });

  describe("refuses", () => {
    testTextCases("store-refusals.txt", (steps) => refusalOf(steps));
  });
});

describe("lockStore()", () => {
  it("gives the lock to the next one when it is released", () => {
    const lock = lockStore(folder.file(), 0);
    expect(() => lockStore(folder.file(), 0)).toThrow(`process ${process.pid} has it open`);
    lock.release();
    lock.release();
    lockStore(folder.file(), 0).release();
  });

  it("keeps other processes off, and loses the lock with a killed one", async () => {
    const script = `
      const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve("better-sqlite3"))});
      const db = new Database(${JSON.stringify(`${folder.file()}-lock`)});
      db.exec("BEGIN IMMEDIATE");
      console.log("locked");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    expect(() => lockStore(folder.file(), 0)).toThrow("has it open");
    child.kill("SIGKILL");
    await once(child, "exit");
    lockStore(folder.file(), 0).release();
  });

  it("leaves the store itself open to others who read", async () => {
    const store = openStore(folder.file());
    const reader = new Database(folder.file(), { readonly: true });
    expect(reader.prepare("SELECT count(*) FROM zones").pluck().get()).toBe(0);
    reader.close();
    await store.close();
    expect(existsSync(`${folder.file()}-wal`)).toBe(false);
  });
});

describe("storeError()", () => {
  it("gives every kind of failure its code and a sentence", () => {
    const codes = ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_CORRUPT_INDEX", "SQLITE_BUSY"];
    codes.push("SQLITE_READONLY_DIRECTORY", "SQLITE_CANTOPEN", "SQLITE_CONSTRAINT", "PACK_BAD");
    const said = codes.map((code) => {
      const error = storeError(Object.assign(new Error("why"), { code }), "write to store", "x.db");
      return [error.code, error.message.split(": ")[1]?.split(/[;,(]/)[0]?.trim()];
    });
    expect(said).toEqual([
      ["STORE_FULL", "the disk is full"],
      ["STORE_IO", "the disk reports an error"],
      ["STORE_CORRUPT", "it is damaged"],
      ["STORE_BUSY", "another program holds a lock on it"],
      ["STORE_UNWRITABLE", "it cannot be written"],
      ["STORE_UNREADABLE", "it cannot be opened"],
      ["STORE_FAILED", "why"],
      ["STORE_CORRUPT", "it is damaged"],
    ]);
  });
});

/** Carries out the steps of a case, then tells why the store is not opened. */
function refusalOf(steps: readonly string[]): string[] {
  let path = folder.file();
  const others: { close(): unknown }[] = [];
  for (const step of steps) {
    const [verb, argument = ""] = step.split(" ");
    if (verb === "path") path = isAbsolute(argument) ? argument : folder.file(argument);
    else if (step === "open elsewhere") others.push(openStore(path));
    else (STEPS[verb ?? ""] ?? fail)(path, argument);
  }
  try {
    void openStore(path).close();
    return ["it was opened"];
  } catch (error) {
    const message = messageOf(error)
      .replaceAll(folder.path, "FOLDER")
      .replace(`knows ${MIGRATIONS.length};`, "knows ITS OWN;");
    return [`${codeOf(error)}`, message.replace(/process \d+/, "process PID")];
  } finally {
    for (const other of others) other.close();
  }
}

const STEPS: Readonly<Record<string, (path: string, argument: string) => void>> = {
  make: () => void make(),
  fill: () => void make(2000),
  version: (path, version) => inDatabase(path, (db) => db.pragma(`user_version = ${version}`)),
  foreign: (path) => inDatabase(path, (db) => db.exec("CREATE TABLE recipes (name)")),
  text: (path) => writeFileSync(path, "no database at all ".repeat(500)),
  damage: (path) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xaa, 16_384, bytes.length - 8192));
  },
  cut: (path) => truncateSync(path, statSync(path).size - 65_536),
  wal: (path) => writeFileSync(`${path}-wal`, "changes"),
  folder: (path) => void mkdirSync(path),
};

function inDatabase(path: string, run: (db: Database.Database) => void): void {
  const db = new Database(path);
  run(db);
  db.close();
}

function fail(): never {
  throw new Error("the table has a step that no test knows");
}

/** Makes a store with a zone of `records` records. */
function make(records = 1): Promise<void> {
  rmSync(folder.file(), { force: true });
  const store = openStore(folder.file());
  const lines = Array.from({ length: records }, (_, i) => `h${i} 300 TXT ${"t".repeat(50)}`);
  const commit = importing(1, ...lines);
  store.commitZone({ ...commit, journal: packEntry(commit.journal) });
  return store.close();
}
