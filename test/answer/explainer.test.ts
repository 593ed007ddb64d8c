import { beforeAll, describe, expect, it } from "vitest";
import { HANDED_OVER } from "../../src/answer/exchange.ts";
import type { AddressPrefix } from "../../src/answer/prefixes.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { askLine, packetOf } from "./asking.ts";
import { readZones, World } from "./zones.ts";

const LAB: readonly AddressPrefix[] = [
  { address: Uint8Array.of(192, 0, 2, 128), bits: 25 },
  { address: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), bits: 32 },
];
const WHY = "primary-up: it is up";

function worldOf(explainTo: readonly AddressPrefix[] | undefined): World {
  const settings = { hasSessions: true, ...(explainTo !== undefined && { explainTo }) };
  const world = new World(settings);
  world.load(readZones("answer-zones.txt", world.writer));
  for (const owner of ["pool.example.org.", "gone.example.org."]) {
    world.writer.explainSlot(world.writer.slotFor(nameFromText(owner), TYPE.A), WHY);
  }
  return world;
}

function reasonTo(world: World, question: string): string | undefined {
  return askLine(world, question).find((line) => line.includes("Other"));
}

describe("Explainer", () => {
  let world: World;
  beforeAll(() => {
    world = worldOf(LAB);
  });

  it.each([
    ["pool.example.org A +edns +from=192.0.2.200", true],
    ["pool.example.org A +edns +from=2001:db8::1", true],
    // An alias's answer holds the pool's record too.
    ["topool.example.org A +edns +from=192.0.2.200", true],
    ["pool.example.org A +edns +tcp +from=192.0.2.200", true],
    // The other half of the /24, another network, another family with the same first octet.
    ["pool.example.org A +edns +from=192.0.2.100", false],
    ["pool.example.org A +edns +from=198.51.100.1", false],
    ["pool.example.org A +edns +from=c000:280::1", false],
    // Without EDNS there is no place for it, and other records have no reason.
    ["pool.example.org A +from=192.0.2.200", false],
    ["www.example.org A +edns +from=192.0.2.200", false],
    ["example.org SOA +edns +from=192.0.2.200", false],
  ])("%s is told why: %s", (question, isTold) => {
    const expected = isTold ? expect.stringContaining(WHY) : undefined;
    expect(reasonTo(world, `? ${question}`)).toEqual(expected);
  });

  it("tells nothing of an answer that control has not explained yet", () => {
    const moved = worldOf(LAB);
    const slot = moved.writer.slotFor(nameFromText("pool.example.org."), TYPE.A);
    const question = "? pool.example.org A +edns +from=192.0.2.200";
    moved.writer.publishSlot(slot, {
      picker: "first",
      ttl: 5,
      variants: [[Uint8Array.of(9, 9, 9, 9)]],
    });
    expect(reasonTo(moved, question)).toBeUndefined();
    moved.writer.explainSlot(slot, "another reason");
    expect(reasonTo(moved, question)).toContain("another reason");
  });

  it("gives way to the answer where there is no room", () => {
    const { exchange } = world;
    const packet = packetOf("? pool.example.org A +edns");
    exchange.source = Uint8Array.of(192, 0, 2, 200);
    const whole = world.ask(packet)?.length ?? 0;
    const cut = world.ask(packet, { outMax: whole - 5 });
    const none = world.ask(packet, { outMax: whole - WHY.length - 6 });
    expect([cut?.length, none?.length]).toEqual([whole - 5, whole - WHY.length - 6]);
  });

  it.each([
    ["pools.livezone TXT CH", LAB, true],
    ["WWW.example.org.Pool.LiveZone TXT CH", LAB, true],
    ["pools.livezone ANY CH", LAB, true],
    ["pools.livezone A CH", LAB, false],
    ["livezone TXT CH", LAB, false],
    ["notlivezone TXT CH", LAB, false],
    ["pools.livezone TXT IN", LAB, false],
    ["pools.livezone TXT CH", undefined, false],
    ["pools.livezone TXT CH", [], false],
  ])("%s, told to %o, goes to sessions: %s", (question, explainTo, isHanded) => {
    const asked = worldOf(explainTo);
    const { exchange, reader, responder } = asked;
    exchange.source = Uint8Array.of(192, 0, 2, 200);
    exchange.packet = packetOf(`? ${question}`);
    exchange.length = exchange.packet.length;
    exchange.outMax = 1232;
    exchange.sourcePort = 5353;
    reader.enter();
    const octets = responder.respond(exchange);
    reader.leave();
    expect(octets === HANDED_OVER).toBe(isHanded);
  });
});
