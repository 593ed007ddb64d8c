// A state while events are folded into it: each table is copied at its first change, once for a
// whole batch of events, so that thousands of targets cost no copy for each probe.

import {
  type ChangeView,
  LIMITS,
  type LogEntry,
  type ServerView,
  type Telling,
  type ViewState,
} from "./state.ts";

/** A table of the state. */
export class Table<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  #copy: Map<K, V> | undefined;

  constructor(base: ReadonlyMap<K, V>) {
    this.#base = base;
  }

  get rows(): ReadonlyMap<K, V> {
    return this.#copy ?? this.#base;
  }

  get(key: K): V | undefined {
    return this.rows.get(key);
  }

  set(key: K, value: V): void {
    this.#writable().set(key, value);
  }

  /** Changes a row that is there; does nothing where there is none. */
  change(key: K, change: (value: V) => V): void {
    const value = this.get(key);
    if (value !== undefined) this.set(key, change(value));
  }

  delete(key: K): void {
    if (this.rows.has(key)) this.#writable().delete(key);
  }

  /** Drops rows that `isWanted` does not want. */
  keep(isWanted: (key: K) => boolean): void {
    for (const key of [...this.rows.keys()]) if (!isWanted(key)) this.delete(key);
  }

  /** Drops the first rows until `most` are left. */
  bound(most: number): void {
    for (const key of this.rows.keys()) {
      if (this.rows.size <= most) return;
      this.delete(key);
    }
  }

  #writable(): Map<K, V> {
    this.#copy ??= new Map(this.#base);
    return this.#copy;
  }
}

/** A state that may be changed. */
export class Draft {
  atMs: number;
  server: ServerView;
  telling: Telling | undefined;
  changes: readonly ChangeView[];
  readonly zones;
  readonly pools;
  readonly targets;
  readonly addresses;
  readonly swaps;
  readonly drills;
  readonly #log: readonly LogEntry[];
  readonly #said: LogEntry[] = [];

  constructor(state: ViewState) {
    this.atMs = state.atMs;
    this.server = state.server;
    this.telling = state.telling;
    this.changes = state.changes;
    this.zones = new Table(state.zones);
    this.pools = new Table(state.pools);
    this.targets = new Table(state.targets);
    this.addresses = new Table(state.addresses);
    this.swaps = new Table(state.swaps);
    this.drills = new Table(state.drills);
    this.#log = state.log;
  }

  say(entry: LogEntry): void {
    this.#said.push(entry);
  }

  done(): ViewState {
    this.swaps.bound(LIMITS.swaps);
    this.drills.bound(LIMITS.drills);
    return {
      atMs: this.atMs,
      server: this.server,
      zones: this.zones.rows,
      pools: this.pools.rows,
      targets: this.targets.rows,
      addresses: this.addresses.rows,
      swaps: this.swaps.rows,
      drills: this.drills.rows,
      changes: this.changes,
      log: this.#said.length === 0 ? this.#log : bounded([...this.#log, ...this.#said], LIMITS.log),
      telling: this.telling,
    };
  }
}

/** The newest `most` entries. */
export function bounded<T>(entries: readonly T[], most: number): readonly T[] {
  return entries.length <= most ? entries : entries.slice(entries.length - most);
}
