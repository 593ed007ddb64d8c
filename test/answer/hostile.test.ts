// Packets from nowhere: mutations of good queries. Whatever comes, the responder does not throw,
// does not write outside its room, does not look outside the packet, and goes on answering.

import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { decodeMessage } from "../../src/dns/message.ts";
import { mutated } from "../support/mutations.ts";
import { askLine, packetOf } from "./asking.ts";
import { EVERYTHING_ON, readZones, World } from "./zones.ts";

const CASES = 20_000;
const CORPUS = [
  "? www.example.org A",
  "? alias2.example.org AAAA +edns",
  "? x.dn.example.org MX +do",
  "? foo.wild.example.org MX +bufsize=4096",
  "? host.sub.example.org A +rd",
  "? large.example.org TXT +tcp",
  "? a.b.c.d.e.f.g.h.example.org SOA +opt=10:0102030405060708 +opt=3: +opt=8:00011800c00002",
  "? _sip._tcp.example.org SRV +opt=12:000000 +opt=11:",
  "? example.org ANY +version=1",
  "? child.example.org DS",
  "? alias.example.net HTTPS +opt=12:00",
  "? www.example.org A +opt=10:2464c4abcf10c957010000005cf79f111f8130c3eee29480",
  "? version.bind TXT CH +edns",
].map(packetOf);
/** Where guard octets stand round the answer, and the room between. */
const GUARD = 64;

describe("respond()", () => {
  it(`survives ${CASES} mutated packets`, () => {
    const world = new World({ ...EVERYTHING_ON, isRotating: false });
    world.load(readZones("answer-zones.txt", world.writer));
    const random = seededRandom(20_260_731);
    for (let i = 0; i < CASES; i++) attack(world, random, mutated(random, CORPUS));
    expect(askLine(world, "? www.example.org A")[0]).toContain("NOERROR");
  });
});

function attack(world: World, random: Random, packet: Uint8Array): void {
  const transport = below(random, 3);
  const outMax = 512 + below(random, 1024);
  const first = run(world, packet, 0x00, { transport, outMax });
  const second = run(world, packet, 0xff, { transport, outMax, foreseen: below(random, 64) });
  const inPlace = run(world, packet, 0xff, { transport, outMax, isInPlace: true });
  // What stands behind the packet makes no difference: nobody looked there. Nor does it whether its
  // name was read ahead, or whether the answer is written over it.
  expect(first === undefined).toBe(second === undefined);
  if (first !== undefined && inPlace !== undefined) expect(hexOf(inPlace)).toBe(hexOf(first));
  else expect(inPlace).toBe(first);
  if (first === undefined) return;
  if (first.length !== second?.length) throw new Error(`differs: ${hexOf(packet)}`);
  expect(second[3]).toBe(first[3]);
  expect((first[2] ?? 0) & 0x80).toBe(0x80);
  expect([first[0], first[1]]).toEqual([packet[0], packet[1]]);
  decodeMessage(first);
}

interface Run {
  readonly transport: number;
  readonly outMax: number;
  readonly foreseen?: number;
  /** Whether the answer is written over the packet. */
  readonly isInPlace?: boolean;
}

/** Answers in the middle of guarded memory, with `filler` behind the packet. */
function run(
  world: World,
  packet: Uint8Array,
  filler: number,
  options: Run,
): Uint8Array | undefined {
  const { exchange, reader, responder } = world;
  const memory = new Uint8Array(packet.length + 2 * GUARD).fill(filler);
  exchange.packet = options.isInPlace === true ? exchange.out : memory;
  exchange.start = GUARD;
  exchange.length = packet.length;
  exchange.outStart = GUARD;
  exchange.outMax = options.outMax;
  exchange.transport = options.transport;
  exchange.sourcePort = 4321;
  exchange.out.fill(0x5a, 0, options.outMax + 2 * GUARD);
  exchange.packet.set(packet, GUARD);
  exchange.foreseen = options.foreseen ?? -1;
  reader.enter();
  if (options.foreseen !== undefined) {
    responder.foresight.read(exchange, options.foreseen);
    responder.foresight.fetch();
  }
  const length = responder.respond(exchange);
  reader.leave();
  expect(length).toBeLessThanOrEqual(options.outMax);
  const { out } = exchange;
  for (let i = 0; i < GUARD; i++) {
    if (out[i] !== 0x5a || out[GUARD + options.outMax + i] !== 0x5a) {
      throw new Error(`written outside: ${hexOf(packet)}`);
    }
  }
  return length === 0 ? undefined : out.slice(GUARD, GUARD + length);
}

function hexOf(packet: Uint8Array): string {
  return Buffer.from(packet).toString("hex");
}
