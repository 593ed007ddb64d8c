// Names that are probed, and the addresses they have now. A name is asked for when it is needed and
// again when its TTL has run out; addresses that have run out count until there is a newer answer.
// That there are none is never kept: three failures of a target are three answers of a resolver.

import type { Time } from "../base/clock.ts";

/** What a resolver says of a name. */
export type Resolution =
  | {
      readonly kind: "addresses";
      readonly addresses: readonly string[];
      readonly ttlSeconds: number;
    }
  /** It says that there is no such name, or that it has no address. */
  | { readonly kind: "missing"; readonly detail: string }
  /** No resolver has said anything that can be used: nobody knows. */
  | { readonly kind: "failed"; readonly detail: string };

/** Asks a resolver, and calls back once. */
export type AskResolver = (name: string, done: (resolution: Resolution) => void) => void;

/** An address to probe, or why there is none. */
export type HostFinding = Exclude<Resolution, { kind: "addresses" }> | HostAddress;

interface HostAddress {
  readonly kind: "address";
  readonly address: string;
}

interface Host {
  known: Resolution | undefined;
  untilMs: number;
  isAsking: boolean;
  /** Those who wait for the next answer. */
  readonly waiting: Set<(resolution: Resolution) => void>;
  /** Which address is probed: the next one after each failure. */
  at: number;
}

/** A TTL is kept within these: not to ask with every probe, and to notice a move. */
const TTL_MIN_MS = 5000;
const TTL_MAX_MS = 300_000;
/** Until a name with addresses is asked for again after its resolvers failed. */
const RETRY_MS = 5000;
/** Names of earlier configurations go when there are so many. */
const HOSTS_MAX = 100_000;

/** Resolves the names of one prober's targets. */
export class Hosts {
  readonly #time: Time;
  readonly #ask: AskResolver;
  readonly #hosts = new Map<string, Host>();

  constructor(time: Time, ask: AskResolver) {
    this.#time = time;
    this.#ask = ask;
  }

  /**
   * Finds the address to probe: at once where one is known, else when the next answer comes.
   *
   * @returns the way to take the question back.
   */
  find(name: string, done: (finding: HostFinding) => void): () => void {
    const host = this.#hostOf(name);
    const tell = (known: Resolution): void => done(pick(host, known));
    if (host.known?.kind === "addresses") {
      if (this.#time.nowMs() >= host.untilMs) this.#refresh(name, host);
      tell(host.known);
      return () => undefined;
    }
    host.waiting.add(tell);
    this.#refresh(name, host);
    return () => host.waiting.delete(tell);
  }

  /** A probe of the name's address failed: the next one goes to its next address, as clients do. */
  failed(name: string): void {
    this.#hostOf(name).at++;
  }

  #hostOf(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = {
      known: undefined,
      untilMs: 0,
      isAsking: false,
      waiting: new Set<never>(),
      at: 0,
    };
    const [oldest] = this.#hosts.keys();
    if (this.#hosts.size >= HOSTS_MAX && oldest !== undefined) this.#hosts.delete(oldest);
    this.#hosts.set(name, host);
    return host;
  }

  #refresh(name: string, host: Host): void {
    if (host.isAsking) return;
    host.isAsking = true;
    this.#ask(name, (resolution) => {
      host.isAsking = false;
      host.untilMs = this.#time.nowMs() + keepMs(resolution);
      // A resolver's trouble takes no address away: what was known is the best there is.
      if (resolution.kind !== "failed" || host.known?.kind !== "addresses") host.known = resolution;
      const waiting = [...host.waiting];
      host.waiting.clear();
      for (const tell of waiting) tell(host.known);
    });
  }
}

function keepMs(resolution: Resolution): number {
  if (resolution.kind !== "addresses") return RETRY_MS;
  return Math.max(TTL_MIN_MS, Math.min(TTL_MAX_MS, resolution.ttlSeconds * 1000));
}

function pick(host: Host, known: Resolution): HostFinding {
  if (known.kind !== "addresses") return known;
  const address = known.addresses[host.at % known.addresses.length];
  if (address === undefined) return { kind: "missing", detail: "it has no address" };
  return { kind: "address", address };
}
