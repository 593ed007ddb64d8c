// The secondaries of every zone: who they are, that they are told of changes, and what they have.

import { isDeepStrictEqual } from "node:util";
import type { Cancel, Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { ipToText } from "../base/ip.ts";
import type { Random } from "../base/random.ts";
import { encodeQuery } from "../dns/message.ts";
import { equalNames, isAtOrBelow, type Name, nameKey } from "../dns/name.ts";
import { RCODE, rcodeToText, TYPE } from "../dns/types.ts";
import { event } from "../events/event.ts";
import { answeredSerial, encodeNotify, notifyRcode } from "../transfer/notify-message.ts";
import {
  asked,
  goneAtMs,
  hasSerial,
  isGone,
  newSecondary,
  nextStep,
  notified,
  notifyAnswered,
  published,
  type Secondary,
  SILENT_TRIES,
  seen,
} from "../transfer/secondary.ts";
import type { SecondaryStatus } from "../view/status.ts";
import { readSoa, withSerial } from "../zone/soa.ts";
import type { EventSink } from "./ports.ts";
import type { OtherServer, ServersPort, ZoneServers } from "./ports-secondaries.ts";
import type { AskedPlace } from "./ports-watch.ts";
import type { OtherStanding } from "./propagation-ports.ts";
import type { ServedZone } from "./served-zone.ts";

/** What secondaries are given. */
export interface SecondariesPorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly servers: ServersPort;
  readonly zones: readonly ZoneServers[];
  /** This host's own addresses: a server of the NS set that has one of them is this server. */
  readonly own: ReadonlySet<string>;
  /** Zones that are served, to find addresses of name servers in. */
  readonly served: () => ReadonlyMap<string, ServedZone>;
}

const DNS_PORT = 53;
const ANSWER_WITHIN_MS = 2000;
/** Name servers of a zone that are followed; more are not told. */
const SERVERS_MAX = 64;
/** Addresses from outside our zones are looked up again after this. */
const LOOKUP_MS = 300_000;

/** One secondary that is followed. */
interface Followed {
  readonly server: OtherServer;
  readonly place: AskedPlace;
  state: Secondary;
  isBusy: boolean;
  isDeafSaid: boolean;
  isGoneSaid: boolean;
  cancel: Cancel;
}

/** A host: when it was looked up, and its addresses; `undefined` until they are first told. */
interface LookedUp {
  readonly atMs: number;
  readonly addresses: readonly string[] | undefined;
}

const NOBODY: readonly OtherStanding[] = [];

interface Zone {
  readonly servers: ZoneServers;
  readonly followed: Map<string, Followed>;
  /** Hosts of other zones. */
  readonly hosts: Map<string, LookedUp>;
  served: ServedZone | undefined;
  /** As it was last told. */
  standing: readonly OtherStanding[];
  /** The longest that the zone's SOA has allowed a secondary to go on alone. */
  expireMs: number;
}

/** All secondaries. Call `published` whenever a zone shows another serial. */
export class Secondaries {
  readonly #ports: SecondariesPorts;
  readonly #zones = new Map<string, Zone>();
  #isClosed = false;

  constructor(ports: SecondariesPorts) {
    this.#ports = ports;
    for (const servers of ports.zones) {
      const zone = { servers, followed: new Map(), hosts: new Map(), standing: NOBODY };
      this.#zones.set(nameKey(servers.origin), { ...zone, served: undefined, expireMs: 0 });
    }
  }

  /** The zone shows its serial from now on: its secondaries are told. */
  published(served: ServedZone): void {
    const zone = this.#zones.get(nameKey(served.origin));
    if (zone === undefined || this.#isClosed) return;
    zone.served = served;
    const { expire } = readSoa(served.zone.soa.rdatas[0] ?? new Uint8Array());
    zone.expireMs = Math.max(zone.expireMs, expire * 1000);
    this.#follow(zone, served);
    for (const followed of zone.followed.values()) {
      followed.state = published(followed.state, served.shownSerial, this.#ports.time.nowMs());
      this.#plan(zone, followed);
    }
  }

  /** A secondary has shown what it has. Which port it listens on is not known by that. */
  seen(origin: Name, address: string, serial: number): void {
    const zone = this.#zones.get(nameKey(origin));
    const at = [...(zone?.followed.values() ?? [])].filter(({ server }) => {
      return server.address === address;
    });
    // Several on one address are told apart by their own answers only.
    const [followed] = at;
    if (zone === undefined || followed === undefined || at.length > 1) return;
    // Others ask from its host too, as people with dig do: it is told all the same.
    const { wanted, acknowledged, tries } = followed.state;
    if (serial === wanted && acknowledged !== wanted && tries === 0) return;
    this.#has(zone, followed, seen(followed.state, serial, this.#ports.time.nowMs()));
    this.#plan(zone, followed);
  }

  /**
   * What each secondary of a zone has shown; the same array while that is the same. Undefined while the
   * addresses of some are being looked up for the first time.
   */
  standing(origin: Name): readonly OtherStanding[] | undefined {
    const zone = this.#zones.get(nameKey(origin));
    if (zone === undefined) return NOBODY;
    for (const { addresses } of zone.hosts.values()) if (addresses === undefined) return undefined;
    const nowMs = this.#ports.time.nowMs();
    const now = [...zone.followed].map(([name, { state }]) => {
      return { name, serial: state.serial, isGone: isGone(state, zone.expireMs, nowMs) };
    });
    if (!isDeepStrictEqual(zone.standing, now)) zone.standing = now;
    return zone.standing;
  }

  /** Where the secondaries of a zone are. */
  places(origin: Name): readonly AskedPlace[] {
    const zone = this.#zones.get(nameKey(origin));
    return [...(zone?.followed.values() ?? [])].map(({ place }) => place);
  }

  /** Every secondary of a zone. */
  status(origin: Name): readonly SecondaryStatus[] {
    const followed = this.#zones.get(nameKey(origin))?.followed ?? new Map<string, Followed>();
    return [...followed].map(([server, { state, isDeafSaid, isGoneSaid }]) => ({
      server,
      ...(isGoneSaid && { isGone: true }),
      ...(state.serial !== undefined && { serial: state.serial }),
      isCurrent: state.wanted !== undefined && hasSerial(state, state.wanted),
      isDeaf: isDeafSaid,
    }));
  }

  close(): void {
    this.#isClosed = true;
    for (const { followed } of this.#zones.values()) {
      for (const one of followed.values()) one.cancel();
    }
    this.#ports.servers.close();
  }

  /** Takes up the servers that the zone has now, and lets go of others. */
  #follow(zone: Zone, served: ServedZone): void {
    const wanted = new Map<string, OtherServer>();
    const { alsoNotify, isNotifying } = zone.servers;
    const named = isNotifying ? this.#nameServers(zone, served) : [];
    for (const server of [...alsoNotify, ...named]) {
      const isKnown = [...wanted.values()].some(({ address, port }) => {
        return address === server.address && port === server.port;
      });
      if (!isKnown && wanted.size < SERVERS_MAX) wanted.set(serverName(server), server);
    }
    for (const [name, followed] of zone.followed) {
      if (wanted.has(name)) continue;
      followed.cancel();
      zone.followed.delete(name);
    }
    for (const [name, server] of wanted) {
      if (zone.followed.has(name)) continue;
      const state = newSecondary();
      const place = { name, address: server.address, port: server.port };
      const rest = { isBusy: false, isDeafSaid: false, isGoneSaid: false, cancel: () => undefined };
      zone.followed.set(name, { server, place, state, ...rest });
    }
  }

  /** RFC 1996 section 2.1: the NS set without the primary that the SOA names, and without ourselves. */
  #nameServers(zone: Zone, served: ServedZone): OtherServer[] {
    const { mname } = readSoa(served.zone.soa.rdatas[0] ?? new Uint8Array());
    const hosts = served.zone.get(served.origin, TYPE.NS)?.rdatas ?? [];
    return hosts
      .filter((host) => !equalNames(host, mname))
      .flatMap((host) => this.#addresses(zone, host))
      .filter((address) => !this.#ports.own.has(address))
      .map((address) => ({ address, port: DNS_PORT, key: undefined }));
  }

  #addresses(zone: Zone, host: Name): readonly string[] {
    const holder = [...this.#ports.served().values()]
      .filter(({ origin }) => isAtOrBelow(host, origin))
      .sort((a, b) => b.origin.length - a.origin.length)[0];
    if (holder !== undefined) {
      return [TYPE.A, TYPE.AAAA].flatMap((type) => {
        return (holder.zone.get(host, type)?.rdatas ?? []).map(ipToText);
      });
    }
    const known = zone.hosts.get(nameKey(host));
    const nowMs = this.#ports.time.nowMs();
    if (known === undefined || nowMs - known.atMs >= LOOKUP_MS) this.#lookUp(zone, host, nowMs);
    return known?.addresses ?? [];
  }

  /** What comes is followed when it has come. */
  #lookUp(zone: Zone, host: Name, nowMs: number): void {
    const before = zone.hosts.get(nameKey(host))?.addresses;
    zone.hosts.set(nameKey(host), { atMs: nowMs, addresses: before });
    void this.#ports.servers.addressesOf(host).then((found) => {
      const addresses = found.length === 0 ? (before ?? []) : found;
      zone.hosts.set(nameKey(host), { atMs: nowMs, addresses });
      if (addresses.length === 0 || addresses.join() === before?.join()) return;
      if (zone.served !== undefined) this.published(zone.served);
    });
  }

  #plan(zone: Zone, followed: Followed): void {
    followed.cancel();
    followed.cancel = () => undefined;
    const step = nextStep(followed.state);
    if (step.kind === "rest" || followed.isBusy || this.#isClosed) return;
    const delayMs = Math.max(0, step.atMs - this.#ports.time.nowMs());
    followed.cancel = this.#ports.time.after(delayMs, () => {
      followed.isBusy = true;
      const work =
        step.kind === "notify" ? this.#notify(zone, followed) : this.#ask(zone, followed);
      void work.finally(() => {
        followed.isBusy = false;
        this.#mourn(zone, followed);
        this.#plan(zone, followed);
      });
    });
  }

  async #notify(zone: Zone, followed: Followed): Promise<void> {
    const { servers, time, random } = this.#ports;
    const { served } = zone;
    const serial = followed.state.wanted;
    if (served === undefined || serial === undefined) return;
    followed.state = notified(followed.state, time.nowMs());
    const id = random.uint32() & 0xffff;
    const message = encodeNotify(id, withSerial(served.zone.soa, serial));
    const answer = await servers.ask(followed.server, message, ANSWER_WITHIN_MS);
    const rcode = answer === undefined ? undefined : notifyRcode(answer, id);
    const isTaken = rcode === RCODE.NOERROR;
    const nowMs = time.nowMs();
    followed.state = notifyAnswered(followed.state, isTaken ? serial : undefined, nowMs);
    if (isTaken) this.#hears(zone, followed);
    else this.#deaf(zone, followed, rcode === undefined ? "no answer" : rcodeToText(rcode));
  }

  async #ask(zone: Zone, followed: Followed): Promise<void> {
    const { servers, time, random } = this.#ports;
    const { origin } = zone.servers;
    const id = random.uint32() & 0xffff;
    const message = encodeQuery({ id, name: origin, type: TYPE.SOA });
    const answer = await servers.ask(followed.server, message, ANSWER_WITHIN_MS);
    const serial = answer === undefined ? undefined : answeredSerial(answer, id, origin);
    this.#has(zone, followed, asked(followed.state, serial, time.nowMs()));
  }

  /** Takes a state in which it may have caught up, and says so where it has. */
  #has(zone: Zone, followed: Followed, state: Secondary): void {
    const { wanted } = state;
    followed.isGoneSaid &&= isGone(state, zone.expireMs, this.#ports.time.nowMs());
    const isNews = wanted !== undefined && !hasSerial(followed.state, wanted);
    followed.state = state;
    if (!isNews || !hasSerial(state, wanted)) return;
    const lagMs = Math.round(this.#ports.time.nowMs() - state.wantedSinceMs);
    const fields = { zone: displayOf(zone), server: serverName(followed.server), serial: wanted };
    const msg = `${fields.server} has ${fields.zone} at serial ${wanted}, after ${lagMs} ms`;
    this.#ports.emit(event("secondary.current", msg, { ...fields, lagMs }));
  }

  /** Says once that nothing is waited for any more at a secondary of which nothing is heard. */
  #mourn(zone: Zone, followed: Followed): void {
    const nowMs = this.#ports.time.nowMs();
    const { state, server, isGoneSaid } = followed;
    if (isGoneSaid || !isGone(state, zone.expireMs, nowMs)) return;
    followed.isGoneSaid = true;
    const silentMs = Math.round(nowMs - (goneAtMs(state, zone.expireMs) ?? nowMs) + zone.expireMs);
    const fields = { zone: displayOf(zone), server: serverName(server), silentMs };
    const reason = `nothing was heard of it for ${formatDuration(zone.expireMs)}, the zone's expire`;
    const msg = `${fields.server} counts no more for ${fields.zone}: ${reason}; honest, it answers no more`;
    this.#ports.emit(event("secondary.gone", msg, { ...fields, reason }));
  }

  #deaf(zone: Zone, followed: Followed, reason: string): void {
    if (followed.isDeafSaid || followed.state.tries < SILENT_TRIES) return;
    followed.isDeafSaid = true;
    const fields = { zone: displayOf(zone), server: serverName(followed.server), reason };
    const msg = `${fields.server} does not take notice of changes of ${fields.zone}: ${reason}`;
    this.#ports.emit(event("secondary.deaf", msg, { ...fields, tries: followed.state.tries }));
  }

  #hears(zone: Zone, followed: Followed): void {
    if (!followed.isDeafSaid) return;
    followed.isDeafSaid = false;
    const fields = { zone: displayOf(zone), server: serverName(followed.server) };
    const msg = `${fields.server} takes notice of changes of ${fields.zone} again`;
    this.#ports.emit(event("secondary.hears", msg, fields));
  }
}

/** ADDRESS, with the port where it is not the usual one. */
export function serverName({ address, port }: Pick<OtherServer, "address" | "port">): string {
  if (port === DNS_PORT) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function displayOf({ served }: Zone): string {
  return served?.display ?? "";
}
