import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cronError, runBackup, surplus } from "../../src/app/calendar.ts";
import type { StorePort } from "../../src/control/ports.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { openStore } from "../../src/store/open.ts";
import { type Sandbox, sandbox } from "../support/server-process.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

describe("cronError()", () => {
  it.each(["17 3 * * *", "*/5 * * * *", "0 0 1 1 *", "30 17 3 * * *"])("takes %j", (cron) => {
    expect(cronError(cron)).toBeUndefined();
  });

  it.each(["", "often", "61 3 * * *", "17 3 * *", "17 25 * * *"])("refuses %j", (cron) => {
    expect(cronError(cron)).toBeDefined();
  });
});

describe("surplus()", () => {
  const backups = [
    "livezone-20260101T000000Z.db",
    "livezone-20260103T000000Z.db",
    "livezone-20260102T000000Z.db",
  ];

  it("names the oldest backups beyond the number that stays", () => {
    expect(surplus(backups, 1)).toEqual([backups[0], backups[2]]);
    expect(surplus(backups, 3)).toEqual([]);
  });

  it("never names a file that is no backup of ours", () => {
    expect(surplus(["notes.txt", "livezone.db", "livezone-2026.db", ...backups], 3)).toEqual([]);
  });
});

describe("runBackup()", () => {
  let box: Sandbox;
  let events: LivezoneEvent[];
  const time = new SimulatedTime();

  beforeEach(() => {
    box = sandbox();
    events = [];
  });

  afterEach(() => box.remove());

  const emit = (event: LivezoneEvent): void => void events.push(event);

  it("writes copies that open as stores, and keeps the newest", async () => {
    const store = openStore(box.file("one.db"));
    const ports = { store: store as unknown as StorePort, clock: time, emit, propagationsMs: 0 };
    const folder = box.file("backups");
    for (let night = 0; night < 3; night++) {
      await runBackup({ cron: "", folder, keep: 2 }, ports);
      time.stall(86_400_000);
    }
    const kept = readdirSync(folder).sort();
    expect(kept).toHaveLength(2);
    expect(events.map((event) => event.event)).toEqual(new Array(3).fill("backup.completed"));
    const copy = openStore(`${folder}/${kept[1]}`);
    expect(copy.readState().zones).toEqual([]);
    await copy.close();
    await store.close();
  });

  it("says why a copy could not be written, and leaves the others alone", async () => {
    const store = openStore(box.file("one.db"));
    const file = box.write("taken", "a file where the folder should be");
    const ports = { store: store as unknown as StorePort, clock: time, emit, propagationsMs: 0 };
    await runBackup({ cron: "", folder: file, keep: 2 }, ports);
    expect(events).toMatchObject([{ event: "backup.failed" }]);
    expect(existsSync(file)).toBe(true);
    await store.close();
  });
});
