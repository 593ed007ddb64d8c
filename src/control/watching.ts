// Asks resolvers, and other name servers of a zone, what they answer for pools: until they show the new
// answer after a swap, and now and then between swaps. What they say goes into the books.

import type { Cancel, Time } from "../base/clock.ts";
import { isWildcard, type Name, nameToDisplay } from "../dns/name.ts";
import { RCODE, rcodeToText } from "../dns/types.ts";
import {
  afterChange,
  afterQuestion,
  beginWatch,
  type Outcome,
  type Watch,
} from "../propagation/watch.ts";
import type { ResolverStatus } from "../view/status.ts";
import { isAnsweredNow } from "./answered-texts.ts";
import type { EventSink } from "./ports.ts";
import type { AskedPlace, QuestionsPort, Said } from "./ports-watch.ts";
import type { Propagations } from "./propagations.ts";
import { ResolverHabits } from "./resolver-habits.ts";
import type { LiveAnswer, ServedZone } from "./served-zone.ts";

/** What the configuration says of asking. */
export interface WatchSettings {
  readonly resolvers: readonly AskedPlace[];
  /** How often each name is asked of each resolver between swaps. */
  readonly sweepMs: number;
  /** Whether zones are held against what their parents say of them. */
  readonly isDelegationWatched: boolean;
}

/** What it is given. */
export interface WatchingPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly questions: QuestionsPort;
  readonly settings: WatchSettings;
  readonly propagations: Propagations | undefined;
  readonly zones: () => ReadonlyMap<string, ServedZone>;
  /** The name servers of a zone beside this one. */
  readonly servers: (origin: Name) => readonly AskedPlace[];
}

/** Pairs of a name and somebody to ask; what is more is not asked. */
const WATCHED_MAX = 20_000;
/** Questions on their way. */
const ASKED_MAX = 128;
/** Of them to one place: some that are silent must leave room to ask the others. */
const ASKED_AT_ONE_MAX = 16;
/** Questions between swaps are so far apart at least. */
const APART_MS = 20;
const SYNC_MS = 5000;
const FIRST_MS = 1000;
const NEVER_MS = Number.POSITIVE_INFINITY;

/** One name that is asked of one place. */
interface Entry {
  readonly id: string;
  readonly key: string;
  readonly zone: string;
  readonly owner: Name;
  readonly type: number;
  readonly place: AskedPlace;
  readonly queue: Queue;
  readonly isServer: boolean;
  watch: Watch;
  isBusy: boolean;
}

/** What is asked of one address and port: a server of many zones has an `AskedPlace` of each. */
interface Queue {
  /** By id; whoever was asked last stands last, so that all have their turn where room is short. */
  readonly entries: Map<string, Entry>;
  busyCount: number;
}

/** All questions about answers. `begin` it when questions are answered. */
export class Watching {
  readonly #ports: WatchingPorts;
  readonly #habits: ResolverHabits;
  readonly #entries = new Map<string, Entry>();
  /** By address and port; the one that had room last stands last. */
  readonly #queues = new Map<string, Queue>();
  /** Keys whose answers have moved and are asked for in the next turn, all of them at once. */
  readonly #moved = new Set<string>();
  #cancel: Cancel = () => undefined;
  /** When it looks for what is due, as `#cancel` would take back. */
  #lookMs = NEVER_MS;
  #cancelMoved: Cancel = () => undefined;
  #busyCount = 0;
  #syncedMs = Number.NEGATIVE_INFINITY;
  #isBegun = false;
  #isClosed = false;

  constructor(ports: WatchingPorts) {
    this.#ports = ports;
    this.#habits = new ResolverHabits(ports);
  }

  /** Answers are given from now on: asks about all of them, one after the other. */
  begin(): void {
    this.#isBegun = true;
    this.#run();
  }

  /** A swap has moved the answer of this key: it is asked for as soon as the swap is through. */
  moved(key: string): void {
    if (!this.#isBegun || this.#isClosed) return;
    if (this.#moved.size === 0) {
      this.#cancelMoved = this.#ports.time.after(0, () => this.#followMoved());
    }
    this.#moved.add(key);
  }

  /** Each resolver, and how it does. */
  status(toWallMs: (monotonicMs: number) => number): readonly ResolverStatus[] {
    const { resolvers } = this.#ports.settings;
    return resolvers.map((place) => {
      const own = [...this.#entries.values()].filter((entry) => entry.place === place);
      const behind = own.filter(({ watch }) => watch.isBehind).length;
      return { ...this.#habits.status(place, toWallMs), names: own.length, behind };
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#cancelMoved();
    this.#ports.questions.close();
  }

  #followMoved(): void {
    const nowMs = this.#ports.time.nowMs();
    this.#sync(nowMs);
    for (const entry of this.#entries.values()) {
      if (this.#moved.has(entry.key)) entry.watch = afterChange(nowMs);
    }
    this.#moved.clear();
    this.#plan(nowMs);
  }

  /** Takes up what there is to ask now, and lets go of the rest. */
  #sync(nowMs: number): void {
    this.#syncedMs = nowMs;
    const { settings, zones, servers, propagations } = this.#ports;
    const wanted = new Set<string>();
    const fresh: Entry[] = [];
    for (const [zone, served] of zones()) {
      const others = servers(served.origin);
      const places = [...settings.resolvers, ...others];
      if (places.length === 0) continue;
      for (const [key, live] of served.live) {
        if (!isAsked(live)) continue;
        for (const place of places) {
          const at = `${place.address} ${place.port}`;
          const id = `${at} ${key}`;
          wanted.add(id);
          if (this.#entries.has(id)) continue;
          const { owner, type } = live;
          const isServer = others.includes(place);
          const queue = this.#queueOf(at);
          const of = { id, key, zone, owner, type, place, queue, isServer };
          fresh.push({ ...of, watch: beginWatch(nowMs), isBusy: false });
        }
      }
    }
    for (const entry of this.#entries.values()) if (!wanted.has(entry.id)) this.#forget(entry);
    const apartMs = Math.min(1000, settings.sweepMs / Math.max(1, fresh.length));
    for (const [index, entry] of fresh.entries()) {
      if (this.#entries.size >= WATCHED_MAX) break;
      const isMoving = propagations?.isMoving(entry.key) ?? false;
      entry.watch = isMoving
        ? afterChange(nowMs)
        : beginWatch(nowMs + FIRST_MS + index * Math.max(APART_MS, apartMs));
      this.#entries.set(entry.id, entry);
      entry.queue.entries.set(entry.id, entry);
    }
    for (const [at, { entries, busyCount }] of this.#queues) {
      if (entries.size === 0 && busyCount === 0) this.#queues.delete(at);
    }
  }

  #forget({ id, queue }: Entry): void {
    this.#entries.delete(id);
    queue.entries.delete(id);
  }

  #queueOf(at: string): Queue {
    let queue = this.#queues.get(at);
    if (queue === undefined) {
      queue = { entries: new Map(), busyCount: 0 };
      this.#queues.set(at, queue);
    }
    return queue;
  }

  #run(): void {
    this.#lookMs = NEVER_MS;
    if (this.#isClosed) return;
    const nowMs = this.#ports.time.nowMs();
    if (nowMs >= this.#syncedMs + SYNC_MS) this.#sync(nowMs);
    for (const [at, queue] of [...this.#queues]) {
      if (!this.#hasRoom(queue)) continue;
      for (const entry of queue.entries.values()) {
        if (entry.isBusy || entry.watch.nextMs > nowMs) continue;
        this.#ask(entry);
        if (!this.#hasRoom(queue)) break;
      }
      this.#queues.delete(at);
      this.#queues.set(at, queue);
    }
    this.#plan(nowMs);
  }

  #hasRoom({ busyCount }: Queue): boolean {
    return this.#busyCount < ASKED_MAX && busyCount < ASKED_AT_ONE_MAX;
  }

  /** Looks again when the first is due of those that there is room to ask. */
  #plan(nowMs: number): void {
    let nextMs = this.#syncedMs + SYNC_MS;
    for (const queue of this.#queues.values()) {
      if (!this.#hasRoom(queue)) continue;
      for (const { isBusy, watch } of queue.entries.values()) {
        if (!isBusy && watch.nextMs < nextMs) ({ nextMs } = watch);
      }
    }
    this.#lookBy(nextMs, nowMs);
  }

  #lookBy(atMs: number, nowMs: number): void {
    const lookMs = Math.max(nowMs + APART_MS, atMs);
    if (this.#isClosed || lookMs >= this.#lookMs) return;
    this.#cancel();
    this.#lookMs = lookMs;
    this.#cancel = this.#ports.time.after(lookMs - nowMs, () => this.#run());
  }

  #ask(entry: Entry): void {
    const { id, owner, type, place, queue, isServer } = entry;
    entry.isBusy = true;
    this.#busyCount++;
    queue.busyCount++;
    queue.entries.delete(id);
    queue.entries.set(id, entry);
    const question = { name: nameToDisplay(owner), type, isRecursive: !isServer };
    void this.#ports.questions.ask(place, question).then((said) => {
      const hadRoom = this.#hasRoom(queue);
      entry.isBusy = false;
      this.#busyCount--;
      queue.busyCount--;
      if (!this.#isClosed && this.#entries.get(id) === entry) this.#take(entry, said);
      // Of all others it is known when they are due, unless there was no room to ask them: nothing is
      // looked through for each of thousands of answers.
      const nowMs = this.#ports.time.nowMs();
      this.#lookBy(hadRoom ? entry.watch.nextMs : nowMs, nowMs);
    });
  }

  #take(entry: Entry, said: Said): void {
    const { time, settings, propagations, zones } = this.#ports;
    const { key, type, place } = entry;
    const live = zones().get(entry.zone)?.live.get(key);
    if (live === undefined) {
      this.#forget(entry);
      return;
    }
    const nowMs = time.nowMs();
    const reading = readingOf(said, type);
    let outcome: Outcome = { kind: "failed" };
    if (reading.kind === "answer") {
      const { texts, leftMs } = reading;
      const isCurrent = isAnsweredNow(live, texts);
      outcome = isCurrent ? { kind: "current" } : { kind: "other", leftMs };
      const { name, address: resolver } = place;
      propagations?.heard(key, { resolver, name, atMs: nowMs, leftMs, texts, isCurrent });
      if (!entry.isServer) this.#habits.answered(place, { live, leftMs });
    } else if (!entry.isServer) this.#habits.failed(place, reading.detail);
    const boundMs = propagations?.boundMs(key);
    const at = { nowMs, sweepMs: settings.sweepMs, boundMs };
    entry.watch = afterQuestion(entry.watch, outcome, at);
  }
}

/** Nobody asks for a wildcard by its own name: what is kept of that says nothing. */
function isAsked({ owner, isShown }: LiveAnswer): boolean {
  return isShown && !isWildcard(owner);
}

type Read =
  | { readonly kind: "answer"; readonly texts: readonly string[]; readonly leftMs: number }
  | { readonly kind: "failed"; readonly detail: string };

function readingOf(said: Said, type: number): Read {
  if (said.kind === "failed") return said;
  if (said.rcode !== RCODE.NOERROR && said.rcode !== RCODE.NXDOMAIN) {
    return { kind: "failed", detail: rcodeToText(said.rcode) };
  }
  const records = said.answers.filter((record) => record.type === type);
  const ttls = records.map(({ ttlSeconds }) => ttlSeconds * 1000);
  const leftMs = ttls.length === 0 ? 0 : Math.min(...ttls);
  return { kind: "answer", texts: records.map(({ text }) => text), leftMs };
}
