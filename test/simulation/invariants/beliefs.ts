// Beliefs: each is explained by what was observed, and what was observed is believed.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import { isProberFault, isSilence, type Observation } from "../../../src/health/observation.ts";
import type { Belief } from "../../../src/health/target.ts";
import type { Invariant, ProbeNews, View } from "../invariant.ts";
import type { Setup } from "../setup.ts";
import { AnchorRecords } from "./anchors.ts";
import { type Thresholds, thresholdsOf } from "./thresholds.ts";

/** The second DOWN rule: this many failures without so many successes in a row between them. */
const FAILURES_MAX = 5;
const CLEAN_RUN = 10;
/** The least silence of a running probe that counts beside one that has used its whole timeout. */
const SILENT_MS = 1000;

interface Evidence {
  /** Probes that have started and not ended: their starts. */
  readonly running: Map<number, number>;
  /** Since the belief became what it is, or since this life began. */
  seen: Observation[];
  sinceMs: number;
}

/** Keeps its own records and judges each change by the rules as the design words them. */
export class BeliefsAreExplained implements Invariant {
  readonly name = "every belief is explained by observations, and none is contradicted";
  readonly #records = new Map<string, Evidence>();
  /** Every version of every check: a change may be judged by the one before. */
  readonly #versions = new Map<string, Map<string, Thresholds>>();
  /** Those that the versions are up to. */
  #noted: { readonly checks: Setup["checks"]; readonly areAny: boolean } | undefined;
  readonly #displays = new Map<string, string>();
  /** What began before it says nothing: control did not trust the clock. */
  #voidBeforeMs = 0;
  readonly #anchors = new AnchorRecords();

  probed(targetId: string, probe: number, news: ProbeNews, view: View): undefined {
    if (AnchorRecords.isAnchor(targetId)) {
      this.#anchors.probed(targetId, probe, news, view.nowMs);
      return undefined;
    }
    const record = this.#recordOf(targetId);
    if (news.kind === "started") record.running.set(probe, view.nowMs);
    else {
      record.running.delete(probe);
      if (!isProberFault(news.observation)) record.seen.push(news.observation);
    }
    return undefined;
  }

  heard(event: LivezoneEvent, view: View): string | undefined {
    if (event.event === "clock.jumped") this.#voidBeforeMs = view.nowMs;
    if (event.event !== "target.up" && event.event !== "target.down") return undefined;
    const id = this.#idOf(event.target, view);
    if (id === undefined) return undefined;
    const record = this.#recordOf(id);
    const checks = this.#checksOf(event.target, view);
    const isExplained = checks.some((check) =>
      event.event === "target.down"
        ? this.#isDownExplained(record, check, view.nowMs)
        : this.#isUpExplained(record, check, event.before),
    );
    record.seen = record.seen.slice(-CLEAN_RUN * 3);
    if (event.event === "target.down") record.seen = [];
    record.sinceMs = view.nowMs;
    if (isExplained) return undefined;
    return `${event.target} is ${event.event.slice("target.".length)} (${event.reason})`;
  }

  check(view: View): string | undefined {
    if (!view.isReady) return undefined;
    const watched = view.plane.network.watched;
    // What a target that was not probed for a while showed before is no evidence any more.
    for (const id of this.#records.keys()) if (!watched.includes(id)) this.#records.delete(id);
    if (this.#anchors.mayHold(view.nowMs) || view.isHolding) return undefined;
    for (const target of view.status.targets) {
      const id = this.#idOf(target.target, view);
      const record = id === undefined ? undefined : this.#records.get(id);
      if (record === undefined) continue;
      const checks = this.#checksOf(target.target, view);
      const isWrong = checks.every((check) => this.#isContradicted(record, check, target.belief));
      if (isWrong) return `${target.target} is ${target.belief} (${target.reason}) all the same`;
    }
    return undefined;
  }

  /** Another life remembers beliefs, not observations. */
  ending(): undefined {
    this.#records.clear();
    this.#displays.clear();
    this.#anchors.clear();
    return undefined;
  }

  #isDownExplained(record: Evidence, check: Thresholds, nowMs: number): boolean {
    const failures = this.#standing(record);
    const isTimedOut = failures.some(isSilence);
    const silentMs = Math.min(check.timeoutMs, SILENT_MS);
    const silent = [...record.running.values()].filter((startMs) => nowMs - startMs >= silentMs);
    const count = failures.length + (isTimedOut ? silent.length : 0);
    if (count >= check.fall && hasOutlasted(failures, check.graceMs)) return true;
    if (failuresWithoutCleanRun(record.seen) >= FAILURES_MAX) return true;
    return isRateExceeded(record, check);
  }

  #isContradicted(record: Evidence, check: Thresholds, belief: Belief): boolean {
    const last = record.seen.at(-1);
    if (last === undefined) return false;
    const failures = this.#standing(record);
    if (belief === "up") {
      const unexcused = failures.filter((one) => one.startedMs >= this.#anchors.answeredMs);
      return unexcused.length >= check.fall && hasOutlasted(unexcused, check.graceMs);
    }
    if (belief === "unknown") return false;
    return successesInARow(this.#recovery(record)) >= check.rise;
  }

  #isUpExplained(record: Evidence, check: Thresholds, before: Belief): boolean {
    if (before === "unknown") return record.seen.at(-1)?.code === "ok";
    const { answeredMs } = this.#anchors;
    const unexcused = record.seen.filter((one) => {
      return one.startedMs >= record.sinceMs && (one.code === "ok" || one.startedMs >= answeredMs);
    });
    const runs = [this.#recovery(record), unexcused].map(successesInARow);
    return Math.max(...runs) >= check.rise;
  }

  /**
   * What says something about a recovery: it began after the target went down. A failure that began
   * before the clock jumped proves nothing, as everywhere.
   */
  #recovery({ seen, sinceMs }: Evidence): readonly Observation[] {
    return seen.filter(({ code, startedMs }) => {
      return startedMs >= sinceMs && (code === "ok" || startedMs >= this.#voidBeforeMs);
    });
  }

  /** Failures that no success has taken back, the clock's jumps left out. */
  #standing({ seen }: Evidence): readonly Observation[] {
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const { code, startedMs } of seen) {
      if (code === "ok" && startedMs > newestMs) newestMs = startedMs;
    }
    return seen.filter((one) => {
      const signMs = isSilence(one) ? one.startedMs : one.endedMs;
      return one.code !== "ok" && signMs > newestMs && one.startedMs >= this.#voidBeforeMs;
    });
  }

  #recordOf(id: string): Evidence {
    const record = this.#records.get(id) ?? { running: new Map(), seen: [], sinceMs: 0 };
    this.#records.set(id, record);
    return record;
  }

  /** The target that a line of the log speaks of: "web@192.0.2.10". */
  #idOf(display: string, view: View): string | undefined {
    const known = this.#displays.get(display);
    if (known !== undefined) return known;
    const [check = "", address = ""] = display.split("@");
    const port = view.setup.checks.get(check)?.["port"] ?? "8080";
    const host = address.includes(":") ? `[${address}]` : address;
    const id = [...this.#records.keys()].find((one) => one.includes(`//${host}:${port}`));
    if (id !== undefined) this.#displays.set(display, id);
    return id;
  }

  #checksOf(display: string, view: View): readonly Thresholds[] {
    this.#noteVersions(view);
    return [...(this.#versions.get(display.split("@")[0] ?? "")?.values() ?? [])];
  }

  #noteVersions({ setup: { checks } }: View): void {
    const areAny = this.#anchors.areAny;
    if (checks === this.#noted?.checks && areAny === this.#noted.areAny) return;
    this.#noted = { checks, areAny };
    for (const [name, options] of checks) {
      const versions = this.#versions.get(name) ?? new Map<string, Thresholds>();
      const read = thresholdsOf(options);
      const fall = Math.max(read.fall, this.#anchors.areAny ? 2 : 1);
      versions.set(JSON.stringify(options), { ...read, fall });
      this.#versions.set(name, versions);
    }
  }
}

function successesInARow(seen: readonly Observation[]): number {
  const newestFailure = seen.findLastIndex(({ code }) => code !== "ok");
  return seen.length - 1 - newestFailure;
}

function failuresWithoutCleanRun(seen: readonly Observation[]): number {
  let failures = 0;
  let run = 0;
  for (const { code } of seen) {
    run = code === "ok" ? run + 1 : 0;
    if (run >= CLEAN_RUN) failures = 0;
    if (code !== "ok") failures++;
  }
  return failures;
}

/** The third DOWN rule; outcomes count from the moment the target came up. */
function isRateExceeded({ seen, sinceMs }: Evidence, { rate }: Thresholds): boolean {
  const last = seen.at(-1);
  if (rate === undefined || last === undefined || last.code === "ok") return false;
  const recent = seen.filter(({ endedMs }) => {
    return endedMs > sinceMs && endedMs > last.endedMs - rate.withinMs;
  });
  const failed = recent.filter(({ code }) => code !== "ok").length;
  return recent.length >= rate.samples && failed > rate.over * recent.length;
}

/** With a restart grace, hard failures alone count only when they have lasted that long. */
function hasOutlasted(failures: readonly Observation[], graceMs: number): boolean {
  const first = failures.find(({ isHard }) => isHard);
  const last = failures.at(-1);
  if (graceMs === 0 || first === undefined || last === undefined) return true;
  if (failures.some(({ isHard }) => !isHard)) return true;
  return last.endedMs - first.endedMs >= graceMs;
}
