// What runs by the calendar: the nightly backup and the pruning, on node-cron's clock.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ScheduledTask, schedule, validate } from "node-cron";
import type { Clock, Time } from "../base/clock.ts";
import { counted } from "../base/count.ts";
import { messageOf } from "../base/errors.ts";
import type { MainConfig } from "../config/main.ts";
import type { EventSink, StorePort } from "../control/ports.ts";
import { event } from "../events/event.ts";

const BACKUP_NAME = /^livezone-\d{8}T\d{6}Z\.db$/;

/** Why `expression` is no cron expression, or `undefined` when it is one. */
export function cronError(expression: string): string | undefined {
  return validate(expression) ? undefined : "it wants five fields, or six with seconds";
}

/** What the calendar's tasks work with. */
export interface CalendarPorts {
  readonly store: StorePort;
  readonly clock: Clock;
  readonly emit: EventSink;
  /** How long the stories of propagations are kept. */
  readonly propagationsMs: number;
}

/** Plans the configured tasks; call the result to take them back. */
export function openCalendar(config: MainConfig["schedule"], ports: CalendarPorts): () => void {
  const { backup, prune } = config;
  // node-cron keeps a task from overlapping with itself.
  const tasks = [
    schedule(prune.cron, () => runPrune(prune, ports), { noOverlap: true, name: "prune" }),
  ];
  if (backup !== undefined) {
    const run = (): Promise<void> => runBackup(backup, ports);
    tasks.push(schedule(backup.cron, run, { noOverlap: true, name: "backup" }));
  }
  return () => {
    for (const task of tasks) void task.stop();
  };
}

/** Writes one copy and keeps the newest `keep`; a failure is an event and costs nothing else. */
export async function runBackup(
  backup: NonNullable<MainConfig["schedule"]["backup"]>,
  ports: CalendarPorts,
): Promise<void> {
  const { store, clock, emit } = ports;
  const startedMs = clock.nowMs();
  const path = join(backup.folder, backupName(clock.wallMs()));
  try {
    mkdirSync(backup.folder, { recursive: true });
    const { octets } = await store.backup(path);
    for (const old of surplus(readdirSync(backup.folder), backup.keep)) {
      rmSync(join(backup.folder, old), { force: true });
    }
    const durationMs = Math.round(clock.nowMs() - startedMs);
    emit(
      event("backup.completed", `The store was copied to ${path}`, { path, octets, durationMs }),
    );
  } catch (error) {
    const detail = messageOf(error);
    // The store's own sentence is whole; the file system's needs one.
    const msg = detail.startsWith("Cannot ") ? detail : `Cannot back up to "${path}": ${detail}`;
    emit(event("backup.failed", msg, { path, detail }));
  }
}

/** How often what pools plan is compared with the pools, which are edited while running. */
const PLANNED_LOOK_MS = 5000;

/** What pools plan by the calendar: drills, or maintenance windows. */
export interface PoolCalendar<Planned extends { readonly pool: string; readonly cron: string }> {
  planned(): readonly Planned[];
  startPlanned(planned: Planned): void;
}

/** Keeps a task for everything that pools plan; call the result to take them all back. */
export function openPoolCalendar<Planned extends { readonly pool: string; readonly cron: string }>(
  calendar: PoolCalendar<Planned>,
  time: Time,
): () => void {
  const tasks = new Map<string, ScheduledTask>();
  let cancel = (): void => undefined;
  const look = (): void => {
    const planned = new Map(calendar.planned().map((each) => [JSON.stringify(each), each]));
    for (const [key, task] of tasks) {
      if (planned.has(key)) continue;
      void task.destroy();
      tasks.delete(key);
    }
    for (const [key, each] of planned) {
      if (tasks.has(key)) continue;
      const run = (): void => calendar.startPlanned(each);
      tasks.set(key, schedule(each.cron, run, { name: each.pool }));
    }
    cancel = time.after(PLANNED_LOOK_MS, look);
  };
  look();
  return () => {
    cancel();
    for (const task of tasks.values()) void task.destroy();
  };
}

async function runPrune(
  prune: MainConfig["schedule"]["prune"],
  ports: CalendarPorts,
): Promise<void> {
  const { store, clock, emit } = ports;
  const startedMs = clock.nowMs();
  try {
    const { rollups, journalRows } = await store.prune({
      observationsBefore: clock.wallMs() - prune.observationsMs,
      propagationsBefore: clock.wallMs() - ports.propagationsMs,
      journalRowsMax: prune.journalRowsMax,
    });
    const durationMs = Math.round(clock.nowMs() - startedMs);
    const gone = `${counted(rollups, "minute")}, ${counted(journalRows, "journal row")}`;
    const msg = `Old history was deleted: ${gone}`;
    emit(event("prune.completed", msg, { rollups, journalRows, durationMs }));
  } catch (error) {
    const detail = messageOf(error);
    const msg = `Cannot delete old history: ${detail}`;
    emit(event("store.failing", msg, { code: "PRUNE", detail, waiting: 0 }));
  }
}

/** `livezone-20261122T031700Z.db`: sorts by time. */
function backupName(wallMs: number): string {
  const stamp = new Date(wallMs).toISOString().replace(/[-:]|\.\d+/g, "");
  return `livezone-${stamp}.db`;
}

/** The backups beyond the newest `keep`; other files of the folder are never touched. */
export function surplus(names: readonly string[], keep: number): string[] {
  const backups = names.filter((name) => BACKUP_NAME.test(name)).sort();
  return backups.slice(0, Math.max(0, backups.length - keep));
}
