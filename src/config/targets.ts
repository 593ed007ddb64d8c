// Targets of a pools file, and what they are called. An id says what is asked, not how the answers
// are weighed, so that edited thresholds keep their target's history.

import { createHash } from "node:crypto";
import { familyOf } from "../base/ip.ts";
import type { HealthSettings } from "../health/settings.ts";
import type { Ask } from "./ask.ts";
import { type Check, identify } from "./checks.ts";
import { urlHost } from "./kinds/common.ts";

/** Something to probe, as the configuration gives it to the engine. */
export interface ConfiguredTarget {
  /** Stable over edits of thresholds and restarts: `http://192.0.2.10:8080/healthz#a1b2c3`. */
  readonly id: string;
  /** For people and logs: `web@192.0.2.10`. */
  readonly display: string;
  readonly ask: Ask;
  readonly settings: HealthSettings;
}

/** Hexadecimal digits of the hash of what an id does not spell out: 24 bits. */
const HASH_DIGITS = 6;

/** The targets of one pools file, each once, however many pools use it. */
export class TargetSet {
  readonly #byId = new Map<string, ConfiguredTarget>();
  readonly #others: ReadonlyMap<string, ConfiguredTarget>;
  readonly #zone: string;

  /**
   * @param others targets of other pools files: an id that one of them uses with other thresholds
   *   is not taken, since two schedules cannot both feed one belief.
   */
  constructor(zone: string, others: readonly ConfiguredTarget[]) {
    this.#zone = zone;
    this.#others = new Map(others.map((target) => [target.id, target]));
  }

  /** The id of the target that `check` makes of `address`, adding it where it is new. */
  add(check: Check, address: string): string {
    const ask = resolving(check.ask(address));
    const display = `${check.name}@${ask.address}`;
    const target = { id: "", display, ask, settings: check.settings };
    const plain = askId(ask);
    // What is asked alone, then with the check's name, then with the zone's too: the first free.
    for (const id of [plain, `${plain}~${check.name}`, `${plain}~${check.name}@${this.#zone}`]) {
      const mine = this.#byId.get(id);
      const holder = mine ?? this.#others.get(id);
      if (holder !== undefined && !isSame(holder, target)) continue;
      if (mine === undefined) this.#byId.set(id, { ...target, id });
      return id;
    }
    const id = `${plain}~${check.name}@${this.#zone}~${hashOf(check.settings)}`;
    this.#byId.set(id, { ...target, id });
    return id;
  }

  /** Every target, in the order of first use. */
  get all(): readonly ConfiguredTarget[] {
    return [...this.#byId.values()];
  }
}

/**
 * Where a host name is asked, each probe goes to an address that it has then: no connection is kept
 * open, since the next one may go elsewhere.
 */
function resolving(ask: Ask): Ask {
  const isAsked = ask.kind !== "exec" && ask.kind !== "push";
  if (!isAsked || familyOf(ask.address) !== undefined) return ask;
  return { ...ask, resolve: ask.address, tripwire: false };
}

/** What `check` asks of an anchor; its id is never a target's, since it is no part of any pool. */
export function anchorTarget(check: Check, address: string): ConfiguredTarget {
  const ask = check.ask(address);
  const display = `${check.name}@${ask.address}`;
  return { id: `anchor ${askId(ask)}`, display, ask, settings: check.settings };
}

/**
 * The readable name of what is asked: kind, address, port and path, then a hash of the rest unless
 * the rest is all default. The tripwire is left out: it changes how fast, not what, is known.
 */
function askId(ask: Ask): string {
  const port = ask.port === 0 ? "" : `:${ask.port}`;
  const { path, rest } = identify(ask);
  const source = ask.source === undefined ? {} : { source: ask.source };
  const base = `${ask.kind}://${urlHost(ask.address)}${port}${path}`;
  return `${base}${hashSuffix({ ...source, ...rest })}`;
}

function hashSuffix(rest: object): string {
  return Object.keys(rest).length === 0 ? "" : `#${hashOf(rest)}`;
}

function hashOf(value: object): string {
  const digest = createHash("sha256").update(JSON.stringify(value)).digest("hex");
  return digest.slice(0, HASH_DIGITS);
}

/** Whether an id of these stands for something else among those of other pools files. */
export function clash(
  targets: readonly ConfiguredTarget[],
  others: readonly ConfiguredTarget[],
): boolean {
  const byId = new Map(others.map((target) => [target.id, target]));
  return targets.some((target) => {
    const other = byId.get(target.id);
    return other !== undefined && !isSame(target, other);
  });
}

function isSame(a: ConfiguredTarget, b: ConfiguredTarget): boolean {
  return (
    JSON.stringify(a.settings) === JSON.stringify(b.settings) &&
    JSON.stringify(a.ask) === JSON.stringify(b.ask)
  );
}
