// Zones written as text, compiled and asked in one breath: what the tables of this room stand on.

import { readFileSync } from "node:fs";
import { createCookieSecrets, setCookieSecrets } from "../../src/answer/cookies.ts";
import { Counters, createCounters } from "../../src/answer/counters.ts";
import { Exchange, TRANSPORT } from "../../src/answer/exchange.ts";
import { Ledger } from "../../src/answer/ledger.ts";
import { createLedger, type LedgerMemory } from "../../src/answer/ledger-memory.ts";
import { Responder } from "../../src/answer/responder.ts";
import {
  type AnswerSettings,
  DEFAULT_ANSWER_SETTINGS,
  DEFAULT_RATE_LIMIT,
} from "../../src/answer/settings.ts";
import { type Name, nameFromText, nameKey } from "../../src/dns/name.ts";
import { typeFromText } from "../../src/dns/types.ts";
import { createImageMemory, slotCount } from "../../src/image/memory.ts";
import { ImageReader } from "../../src/image/reader.ts";
import { ImageWriter, type ImageZone, type LiveBinding } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { Zone } from "../../src/zone/zone.ts";
import { parseZoneFile } from "../../src/zonefile/parse.ts";

/** Master-file lines as RRsets, in their order; `origin` completes relative names. */
export function rrsetsFromText(text: string, origin: Name): RRset[] {
  const rrsets = new Map<
    string,
    { owner: Name; type: number; ttl: number; rdatas: Uint8Array[] }
  >();
  const source = { path: "zone", bytes: new TextEncoder().encode(`$TTL 3600\n${text}\n`) };
  const parsed = parseZoneFile(source, { origin }, (record) => {
    const key = `${record.type} ${nameKey(record.owner)}`;
    const rrset = rrsets.get(key);
    if (rrset !== undefined) rrset.rdatas.push(record.rdata.slice());
    else {
      const { type, ttl } = record;
      rrsets.set(key, { owner: record.owner.slice(), type, ttl, rdatas: [record.rdata.slice()] });
    }
  });
  const [problem] = parsed.problems;
  if (problem !== undefined) throw new Error(`${problem.line}: ${problem.message}`);
  return [...rrsets.values()];
}

/** A zone of master-file lines, unchecked: tests also want zones that a check would refuse. */
export function zoneFromText(originText: string, text: string): Zone {
  const origin = nameFromText(originText);
  return Zone.unpack(origin, packRRsets(rrsetsFromText(text, origin)));
}

/** Settings in which every feature works, and the rate limit counts but never bites. */
export const EVERYTHING_ON: Partial<AnswerSettings> = {
  isRotating: true,
  explainTo: [{ address: Uint8Array.of(127, 0, 0, 0), bits: 8 }],
  nsid: new TextEncoder().encode("lab"),
  chaos: { version: "livezone test", identity: "lab" },
  cookieSecrets: secretsOf("e5e973e5a6b2a43f48e7dc849e37bfcf"),
  rateLimit: { ...DEFAULT_RATE_LIMIT, perSecond: 1_000_000_000, windowSeconds: 1, allow: [] },
};

/** Cookie secrets of one secret in hex. */
export function secretsOf(hex: string): SharedArrayBuffer {
  const secrets = createCookieSecrets();
  setCookieSecrets(secrets, Uint8Array.from(Buffer.from(hex, "hex")));
  return secrets;
}

/** A writer and a responder over the same image. */
export class World {
  readonly memory = createImageMemory({ readers: 2, slotsMax: 64, overlayNamesMax: 4096 });
  readonly writer = new ImageWriter(this.memory);
  readonly reader = new ImageReader(this.memory, 0);
  readonly counters = createCounters(2);
  readonly ledger: LedgerMemory;
  readonly responder: Responder;
  readonly exchange = new Exchange();
  /** Whether answers are written where their packets lie. */
  isInPlace = false;
  zones: ImageZone[] = [];

  constructor(settings: Partial<AnswerSettings> = {}, places = 1024) {
    const sizes = { threads: 2, slots: slotCount(this.memory.slots), places, seed: 5 };
    this.ledger = createLedger(sizes);
    const all = { ...DEFAULT_ANSWER_SETTINGS, isRotating: false, ...settings };
    const counters = new Counters(this.counters, 0);
    this.responder = new Responder(this.reader, all, counters, new Ledger(this.ledger, 0));
    this.exchange.out = new Uint8Array(70_000);
    this.exchange.source = Uint8Array.of(127, 0, 0, 1);
    this.exchange.nowSeconds = 1_700_000_000;
  }

  /** Serves these zones from a new base. */
  load(zones: readonly ImageZone[]): void {
    this.zones = [...zones];
    this.reader.adopt(this.writer.load(this.zones));
  }

  /** The response to a packet, or `undefined` for silence. */
  ask(
    packet: Uint8Array,
    options: { transport?: number; sourcePort?: number; outMax?: number } = {},
  ): Uint8Array | undefined {
    const { exchange } = this;
    exchange.packet = this.isInPlace ? exchange.out : packet;
    if (this.isInPlace) exchange.out.set(packet);
    exchange.start = 0;
    exchange.length = packet.length;
    exchange.outStart = 0;
    exchange.transport = options.transport ?? TRANSPORT.udp;
    exchange.outMax = options.outMax ?? (exchange.transport === TRANSPORT.udp ? 4096 : 65_535);
    exchange.sourcePort = options.sourcePort ?? 5353;
    exchange.foreseen = -1;
    this.reader.enter();
    const length = this.responder.respond(exchange);
    this.reader.leave();
    return length === 0 ? undefined : exchange.out.slice(0, length);
  }
}

/**
 * Reads blocks of "zone ORIGIN", records and "live" lines. A live line has one record, or with
 * "pick=PICKER" several, each a variant of its own; "3*192.0.2.1" has the weight 3.
 */
export function readZones(file: string, writer: ImageWriter): ImageZone[] {
  const text = readFileSync(new URL(`../data/${file}`, import.meta.url), "utf8");
  const blocks = text.split(/\n{2,}/).filter((block) => block.startsWith("zone "));
  return blocks.map((block) => {
    const [head = "", ...lines] = block.trimEnd().split("\n");
    const records = lines.filter((line) => !line.startsWith("live "));
    const zone = zoneFromText(head.slice("zone ".length), records.join("\n"));
    const bound = lines.filter((line) => line.startsWith("live "));
    const live = bound.map((line) => bind(writer, line.slice("live ".length)));
    return { zone, live };
  });
}

function bind(writer: ImageWriter, line: string): LiveBinding {
  const [owner = "", ttl = "", type = "", ...rest] = line.split(/\s+/);
  const [first = "", ...choices] = rest;
  const pickers = ["rotate", "alias", "rendezvous", "rendezvous-subnet"] as const;
  const picker = pickers.find((one) => first === `pick=${one}`);
  const name = nameFromText(owner);
  const number = typeFromText(type) ?? 0;
  const slot = writer.slotFor(name, number);
  const rdatasOf = (data: string): readonly Uint8Array[] =>
    data === "" ? [] : (rrsetsFromText(`${owner} ${ttl} ${type} ${data}`, name)[0]?.rdatas ?? []);
  if (picker === undefined) {
    const variants = [rdatasOf(rest.join(" "))];
    writer.publishSlot(slot, { picker: "first", ttl: Number(ttl), variants });
  } else {
    const weighed = choices.map((choice) => choice.split("*"));
    const weights = weighed.map((parts) => (parts.length > 1 ? Number(parts[0]) : 1));
    const variants = weighed.map((parts) => rdatasOf(parts.at(-1) ?? ""));
    writer.publishSlot(slot, { picker, ttl: Number(ttl), variants, weights });
  }
  return { owner: name, type: number, slot };
}
