// What happened, as entries of a timeline: from the client's lines, livezone's log, and the steps.

import { type HostName, withHostNames } from "./plan.ts";
import type { Seen } from "./seen.ts";

/** How an entry is drawn. */
export type Tone = "deed" | "bad" | "good" | "warn" | "plain";

/** One line of the timeline. */
export interface Entry {
  /** From the scenario's beginning. */
  readonly atMs: number;
  /** A host, or `lab` for what is done to it. */
  readonly source: HostName | "lab";
  readonly tone: Tone;
  /** Of livezone: the event's name. */
  readonly event: string;
  readonly text: string;
}

/** In a lane's track: a request that failed. */
export const FAILED = "x";

/** Events that say nothing about a scenario. */
const SILENT = new Set([
  ...["probe.observed", "probe.way", "target.tripwire", "swap.durable", "config.loaded"],
  ...["store.opened", "zone.loaded", "pools.loaded", "server.starting", "config.warned"],
  ...["state.server", "state.zones", "state.pools", "state.targets", "state.told"],
  "member.changed",
]);

/** What livezone logged, or undefined where it is of no interest here. */
export function entryOfLog(line: string, zeroMs: number): Entry | undefined {
  const { event, level, time, msg, output = "" } = readLogLine(line);
  if (event === undefined || SILENT.has(event)) return undefined;
  return {
    atMs: Date.parse(String(time)) - zeroMs,
    source: "livezone",
    tone: level === "error" ? "bad" : level === "warn" ? "warn" : "plain",
    event,
    // Programs that livezone runs say things too.
    text: withHostNames([msg, output.trim()].filter(Boolean).join(": ")),
  };
}

function readLogLine(line: string): {
  readonly event?: string;
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly output?: string;
} {
  try {
    return JSON.parse(line) as ReturnType<typeof readLogLine>;
  } catch {
    return {};
  }
}

/** How the requests through one lane went. */
export interface Tally {
  readonly requests: number;
  readonly failed: number;
  /** The longest time from a failed request to the next good one. */
  readonly outageMs: number;
  /** Whose page came, when: for the lane's drawing. */
  readonly track: readonly { readonly atMs: number; readonly what: string }[];
}

/** What the client tells, turned into entries: changes only, and the count of everything. */
export class Watch {
  readonly #zeroMs: number;
  readonly #tallies = new Map<string, Tally>();
  /** Lanes whose requests fail now: since when, and how many. */
  readonly #failing = new Map<string, { readonly sinceMs: number; readonly count: number }>();

  constructor(zeroMs: number) {
    this.#zeroMs = zeroMs;
  }

  /** Entries that one line of the client makes. */
  take(seen: Seen): readonly Entry[] {
    switch (seen.kind) {
      case "answer":
        return [this.#answer(seen)];
      case "request":
        return this.#request(seen);
      case "rows": {
        const { acknowledged, missing } = seen;
        const text = `${acknowledged} rows acknowledged, ${missing} of them missing`;
        return [this.#entry(seen.atMs, "client", missing === 0 ? "good" : "bad", text)];
      }
      case "load": {
        const { sent, lost, bad, slowestMs } = seen;
        const text = `${sent} questions: ${lost} lost, ${bad} answered wrongly, slowest ${slowestMs} ms`;
        return [this.#entry(seen.atMs, "client", lost + bad === 0 ? "good" : "bad", text)];
      }
    }
  }

  /** The same watch with the time counted from another moment: what was before is not counted. */
  from(zeroMs: number): Watch {
    const watch = new Watch(zeroMs);
    for (const [lane, { requests, track }] of this.#tallies) {
      const last = track.slice(-1).map(({ what }) => ({ atMs: 0, what }));
      watch.#tallies.set(lane, {
        requests: requests > 0 ? 1 : 0,
        failed: 0,
        outageMs: 0,
        track: last,
      });
    }
    return watch;
  }

  /** A lane's requests, or its answers where nothing is requested. */
  tally(lane: string): Tally {
    return this.#tallies.get(lane) ?? { requests: 0, failed: 0, outageMs: 0, track: [] };
  }

  #answer({ lane, atMs, answer, ttl }: Extract<Seen, { kind: "answer" }>): Entry {
    const told = withHostNames(answer);
    const isAddress = /^[\d.]/.test(answer);
    const tally = this.tally(lane);
    // Lanes with requests are drawn by those.
    if (tally.requests === 0) {
      const what = isAddress ? told : "-";
      this.#note(lane, { track: [...tally.track, { atMs: atMs - this.#zeroMs, what }] });
    }
    const text = isAddress ? `answers ${told}${ttl === undefined ? "" : `, ttl ${ttl}`}` : told;
    return this.#entry(atMs, lane, isAddress ? "plain" : "warn", text);
  }

  #request({ lane, atMs, why, ...seen }: Extract<Seen, { kind: "request" }>): readonly Entry[] {
    const page = seen.page === undefined ? undefined : withHostNames(seen.page);
    const tally = this.tally(lane);
    const track = [...tally.track, { atMs: atMs - this.#zeroMs, what: page ?? FAILED }];
    this.#note(lane, {
      requests: tally.requests + 1,
      failed: tally.failed + (page === undefined ? 1 : 0),
      track: tally.requests === 0 ? track.slice(-1) : track,
    });
    const failing = this.#failing.get(lane);
    if (page === undefined) {
      const { sinceMs, count } = failing ?? { sinceMs: atMs, count: 0 };
      this.#failing.set(lane, { sinceMs, count: count + 1 });
      const text = `requests fail: ${why}`;
      return failing === undefined ? [this.#entry(atMs, lane, "bad", text)] : [];
    }
    if (failing === undefined) {
      // A lane's first request has none before it: its track holds answers until then.
      const before = tally.requests === 0 ? page : tally.track.at(-1)?.what;
      if (before === page || before === FAILED) return [];
      // Its resolver asked again before a request could fail: that is a success, too.
      return [this.#entry(atMs, lane, "good", `requests succeed, none failed: ${page}`)];
    }
    this.#failing.delete(lane);
    const outageMs = atMs - failing.sinceMs;
    this.#note(lane, { outageMs: Math.max(tally.outageMs, outageMs) });
    const times = failing.count === 1 ? "1 failed" : `${failing.count} failed`;
    const text = `requests succeed after ${(outageMs / 1000).toFixed(1)} s, ${times}: ${page}`;
    return [this.#entry(atMs, lane, "good", text)];
  }

  #note(lane: string, change: Partial<Tally>): void {
    this.#tallies.set(lane, { ...this.tally(lane), ...change });
  }

  #entry(atMs: number, lane: string, tone: Tone, text: string): Entry {
    return { atMs: atMs - this.#zeroMs, source: lane as HostName, tone, event: "", text };
  }
}
