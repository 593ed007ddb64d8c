// Zones that are copied from a primary (RFC 1034 section 4.3.5, RFC 1996): looked at when their SOA and
// NOTIFYs say so, taken by IXFR or AXFR, and no longer answered when nobody has confirmed them for too
// long. Nothing of a transfer is served before all of it is there and sound.

import type { Cancel, Time } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { encodeQuery } from "../dns/message.ts";
import { type Name, nameKey } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import { TYPE } from "../dns/types.ts";
import type { LivezoneEvent } from "../events/event.ts";
import { answeredSerial } from "../transfer/notify-message.ts";
import {
  confirmed,
  emptyCopy,
  expiresMs,
  heldCopy,
  looking,
  notifiedOf,
  unconfirmed,
} from "../transfer/refresh.ts";
import type { RetransferReport } from "../view/orders.ts";
import type { PrimaryStatus } from "../view/status.ts";
import type { RRset } from "../zone/rrset.ts";
import { readSoa, type Soa, withSerial } from "../zone/soa.ts";
import { type Copied, copiedStatus, newCopied } from "./copied.ts";
import { publishCopy } from "./copying.ts";
import type { EventSink, LoaderPort, StoredZone, StorePort } from "./ports.ts";
import type { TransfersPort, ZonePrimaries } from "./ports-primaries.ts";
import type { OtherServer, ServersPort } from "./ports-secondaries.ts";
import {
  expiredEvent,
  failingEvent,
  receivedEvent,
  recoveredEvent,
  revivedEvent,
} from "./primary-events.ts";
import type { Publisher } from "./publisher.ts";
import { serverName } from "./secondaries.ts";
import type { ServedZone } from "./served-zone.ts";
import type { Zones } from "./zones.ts";

/** What primaries are given. */
export interface PrimariesPorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly store: Pick<StorePort, "saveCopy">;
  readonly loader: Pick<LoaderPort, "receive">;
  readonly servers: Pick<ServersPort, "ask">;
  readonly transfers: TransfersPort;
  readonly zones: Pick<Zones, "arrived" | "inTurn">;
  readonly publisher: Publisher;
}

const ANSWER_WITHIN_MS = 2000;
/** A datagram may get lost. */
const ASK_TRIES = 2;
/** Longer waits are cut in two: a timer has 31 bits, and an EXPIRE of weeks more milliseconds. */
const WAIT_MAX_MS = 86_400_000;

/** All zones that are copied. */
export class Primaries {
  readonly #ports: PrimariesPorts;
  readonly #copies = new Map<string, Copied>();
  #isClosed = false;

  constructor(ports: PrimariesPorts, zones: readonly ZonePrimaries[]) {
    this.#ports = ports;
    for (const { origin, servers } of zones) {
      this.#copies.set(nameKey(origin), newCopied(origin, servers));
    }
  }

  /** Takes up what is stored, before it is shown: what has expired meanwhile is not. */
  opened(stored: readonly StoredZone[]): void {
    const confirmedAt = new Map(
      stored.map(({ origin, confirmedWallMs }) => [nameKey(origin), confirmedWallMs]),
    );
    for (const [key, copied] of this.#copies) {
      const nowMs = this.#ports.time.nowMs();
      const served = this.#served(copied);
      const wallMs = confirmedAt.get(key);
      const agoMs = wallMs === undefined ? 0 : this.#ports.time.wallMs() - wallMs;
      copied.isCopy = wallMs !== undefined;
      copied.state =
        served === undefined
          ? emptyCopy(nowMs)
          : heldCopy(soaOf(served), nowMs - Math.max(0, agoMs), nowMs);
      if (served !== undefined && this.#isExpired(copied)) this.#silence(copied, served);
    }
    // Records that are edited here from now on are nobody's copy, even if they are one again later.
    for (const { origin, confirmedWallMs } of stored) {
      if (confirmedWallMs === undefined || this.#copies.has(nameKey(origin))) continue;
      this.#ports.store.saveCopy(origin, undefined).catch(() => undefined);
    }
  }

  /** Questions are answered from now on. */
  begin(): void {
    for (const copied of this.#copies.values()) this.#plan(copied);
  }

  /**
   * A NOTIFY has come (RFC 1996 section 3.11).
   *
   * @param serial what it says the primary has; a hint that spares a question.
   * @returns whether the zone is copied at all.
   */
  notified(origin: Name, address: string, serial: number | undefined): boolean {
    const copied = this.#copies.get(nameKey(origin));
    if (copied === undefined) return false;
    const held = this.#served(copied)?.fileSerial;
    const isKnown = serial !== undefined && copied.isCopy && held === serial;
    if (isKnown && copied.fault === undefined) return true;
    const first = copied.servers.findIndex((server) => server.address === address);
    if (first >= 0) copied.first = first;
    copied.state = notifiedOf(copied.state, this.#ports.time.nowMs());
    this.#plan(copied);
    return true;
  }

  /** Has all of a zone taken anew; undefined: it is no copy. */
  retransfer(origin: Name): RetransferReport | undefined {
    const copied = this.#copies.get(nameKey(origin));
    if (copied === undefined) return undefined;
    copied.isWholeWanted = true;
    copied.state = notifiedOf(copied.state, this.#ports.time.nowMs());
    this.#plan(copied);
    const serial = this.#served(copied)?.fileSerial;
    const primaries = inTurn(copied).map(serverName);
    return { zone: copied.display, primaries, ...(serial !== undefined && { serial }) };
  }

  /** How a copy stands; undefined: the zone is none. */
  status(origin: Name, toWallMs: (monotonicMs: number) => number): PrimaryStatus | undefined {
    const copied = this.#copies.get(nameKey(origin));
    if (copied === undefined) return undefined;
    return copiedStatus(copied, this.#served(copied), toWallMs);
  }

  /** Zones of which there is nothing yet. */
  get empty(): readonly Name[] {
    const copies = [...this.#copies.values()];
    return copies.filter((one) => this.#served(one) === undefined).map(({ origin }) => origin);
  }

  close(): void {
    this.#isClosed = true;
    for (const { cancelLook, cancelExpiry } of this.#copies.values()) {
      cancelLook();
      cancelExpiry();
    }
    this.#ports.transfers.close();
  }

  // --- timers -----------------------------------------------------------------------------------

  #plan(copied: Copied): void {
    copied.cancelLook();
    copied.cancelExpiry();
    copied.cancelLook = () => undefined;
    copied.cancelExpiry = () => undefined;
    if (this.#isClosed) return;
    const { dueMs } = copied.state;
    if (!copied.isBusy) copied.cancelLook = this.#at(dueMs, copied, () => void this.#look(copied));
    const endMs = expiresMs(copied.state);
    const served = this.#served(copied);
    if (endMs === undefined || served === undefined || served.silence === "whole") return;
    copied.cancelExpiry = this.#at(endMs, copied, () => void this.#expire(copied, served));
  }

  /** Does `work` at a moment, however far off; what is planned anew in between comes in its place. */
  #at(atMs: number, copied: Copied, work: () => void): Cancel {
    const waitMs = Math.max(0, atMs - this.#ports.time.nowMs());
    if (waitMs <= WAIT_MAX_MS) return this.#ports.time.after(waitMs, work);
    return this.#ports.time.after(WAIT_MAX_MS, () => this.#plan(copied));
  }

  #isExpired({ state }: Copied): boolean {
    const endMs = expiresMs(state);
    return endMs !== undefined && this.#ports.time.nowMs() >= endMs;
  }

  async #expire(copied: Copied, served: ServedZone): Promise<void> {
    this.#silence(copied, served);
    await this.#ports.publisher.load();
  }

  #silence(copied: Copied, served: ServedZone): void {
    const { publisher, time, emit } = this.#ports;
    publisher.silence.begin(served, "whole");
    const nowMs = time.nowMs();
    const agoMs = nowMs - copied.state.confirmedMs;
    emit(expiredEvent(served, { agoMs, wallMs: time.wallMs() }));
  }

  // --- looks ------------------------------------------------------------------------------------

  /** Asks one primary after the other until one confirms the copy or gives a newer one. */
  async #look(copied: Copied): Promise<void> {
    const { time, random } = this.#ports;
    copied.isBusy = true;
    copied.state = looking(copied.state, time.nowMs());
    this.#plan(copied);
    const faults: string[] = [];
    const servers = inTurn(copied);
    for (const server of servers) {
      const why = await this.#ask(copied, server).catch(messageOf);
      if (this.#isClosed) return;
      if (why === undefined) break;
      faults.push(`${serverName(server)}: ${why}`);
    }
    copied.isBusy = false;
    if (faults.length === servers.length) {
      const spread = random.fraction();
      copied.state = unconfirmed(copied.state, { nowMs: time.nowMs(), spread });
      this.#fail(copied, faults.join("; "));
    }
    this.#plan(copied);
  }

  /** @returns why the server does not help, or undefined when it has. */
  async #ask(copied: Copied, server: OtherServer): Promise<string | undefined> {
    const served = this.#served(copied);
    const isWhole = served === undefined || !copied.isCopy || copied.isWholeWanted;
    if (isWhole) return this.#take(copied, server, undefined);
    const serial = await this.#serialAt(copied, server);
    if (serial === undefined) return "no answer to the question for its serial";
    const { fileSerial } = served;
    const order = compareSerial(serial, fileSerial);
    if (order === -1) return `its serial ${serial} is older than ${fileSerial}, which is held`;
    if (order === 0) return this.#confirm(copied, served, { server });
    // Nobody can say which of two serials 2^31 apart is newer: all of the zone is taken.
    const since = order === 1 ? withSerial(served.zone.soa, fileSerial) : undefined;
    return this.#take(copied, server, since);
  }

  async #serialAt({ origin }: Copied, server: OtherServer): Promise<number | undefined> {
    const { servers, random } = this.#ports;
    for (let tries = 0; tries < ASK_TRIES; tries++) {
      const id = random.uint32() & 0xffff;
      const question = encodeQuery({ id, name: origin, type: TYPE.SOA });
      const answer = await servers.ask(server, question, ANSWER_WITHIN_MS);
      if (answer !== undefined) return answeredSerial(answer, id, origin);
    }
    return undefined;
  }

  /** Takes what differs since an SOA, or all there is where that cannot be had. */
  async #take(
    copied: Copied,
    server: OtherServer,
    since: RRset | undefined,
  ): Promise<string | undefined> {
    const { time, random, transfers, loader } = this.#ports;
    const { origin } = copied;
    const startedMs = time.nowMs();
    const id = random.uint32() & 0xffff;
    const outcome = await transfers.fetch(server, { id, origin, since });
    if (outcome.kind === "current") return `it gives nothing newer than serial ${outcome.serial}`;
    if (outcome.kind === "failed") {
      const isWholeLeft = since !== undefined && outcome.isWholeLeft;
      return isWholeLeft ? this.#take(copied, server, undefined) : outcome.why;
    }
    const { transfer } = outcome;
    const { form, frames } = transfer;
    const before = this.#served(copied);
    const made = await loader.receive({
      ...{ origin, transfer: { form, frames }, before: before?.zone },
    });
    if (made.kind === "misfit" && since !== undefined) return this.#take(copied, server, undefined);
    if (made.kind !== "good") return made.why;
    const served = await this.#publish(copied, before, made);
    if (served === undefined) return "the zone is no longer served";
    if (since === undefined) copied.isWholeWanted = false;
    const durationMs = Math.round(time.nowMs() - startedMs);
    const received = receivedEvent(copied.display, server, { transfer, since, durationMs });
    return this.#confirm(copied, served, { server, received });
  }

  async #publish(
    { origin }: Copied,
    before: ServedZone | undefined,
    made: Parameters<typeof publishCopy>[2],
  ): Promise<ServedZone | undefined> {
    const { zones, publisher } = this.#ports;
    if (before === undefined) return zones.arrived(made.zone);
    await zones.inTurn(origin, (place) => publishCopy(publisher, place, made));
    return before;
  }

  /** What is held is what the server has. */
  async #confirm(
    copied: Copied,
    served: ServedZone,
    { server, received }: { readonly server: OtherServer; readonly received?: LivezoneEvent },
  ): Promise<undefined> {
    const { time, random, store, publisher, emit } = this.#ports;
    const at = { nowMs: time.nowMs(), spread: random.fraction() };
    copied.state = confirmed(copied.state, soaOf(served), at);
    copied.isCopy = true;
    // Lost, it costs a transfer at the next start, or makes the copy look older than it is.
    store.saveCopy(copied.origin, Math.round(time.wallMs())).catch(() => undefined);
    const isExpired = served.silence === "whole";
    await publisher.silence.end(served);
    if (received !== undefined) emit(received);
    if (isExpired) emit(revivedEvent(served, server));
    this.#recover(copied, server);
  }

  // --- what is said -----------------------------------------------------------------------------

  #fail(copied: Copied, reason: string): void {
    const { time, emit } = this.#ports;
    const { fault, display, state } = copied;
    const nowMs = time.nowMs();
    copied.fault = { reason, sinceMs: fault?.sinceMs ?? nowMs };
    if (fault?.reason === reason) return;
    const endMs = this.#served(copied) && expiresMs(state);
    const endsWallMs = endMs && Math.round(time.wallMs() + endMs - nowMs);
    emit(failingEvent(display, reason, endsWallMs));
  }

  #recover(copied: Copied, server: OtherServer): void {
    const { fault, display } = copied;
    copied.fault = undefined;
    if (fault === undefined) return;
    const durationMs = Math.round(this.#ports.time.nowMs() - fault.sinceMs);
    this.#ports.emit(recoveredEvent(display, server, durationMs));
  }

  #served({ origin }: Pick<Copied, "origin">): ServedZone | undefined {
    return this.#ports.publisher.zones.get(nameKey(origin));
  }
}

/** Its primaries, in the order they are asked. */
function inTurn({ servers, first }: Copied): readonly OtherServer[] {
  return [...servers.slice(first), ...servers.slice(0, first)];
}

function soaOf({ zone }: ServedZone): Soa {
  return readSoa(zone.soa.rdatas[0] ?? new Uint8Array());
}
