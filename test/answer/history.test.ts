// What a responder keeps from one answer for the next must never show: every question of every
// table gets the same octets from a responder that has answered thousands as from a new one.

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Counters } from "../../src/answer/counters.ts";
import { Responder } from "../../src/answer/responder.ts";
import { below, seededRandom } from "../../src/base/random.ts";
import { decodeMessage, encodeQuery } from "../../src/dns/message.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { readSoa } from "../../src/zone/soa.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { packetOf } from "./asking.ts";
import { readZones, World } from "./zones.ts";

it("respond() answers by the question alone, not by the questions before it", () => {
  const world = new World();
  world.load(readZones("answer-zones.txt", world.writer));
  const { exchange, reader, responder } = world;
  const counters = new Counters(world.counters, 1);
  const packets = [...tableQuestions(), ...missingNames()];
  const random = seededRandom(5);
  exchange.sourcePort = 53;
  exchange.outMax = 1232;
  for (let i = 0; i < 6000; i++) {
    exchange.packet = packets[below(random, packets.length)] ?? new Uint8Array(0);
    exchange.length = exchange.packet.length;
    reader.enter();
    const warm = exchange.out.slice(0, responder.respond(exchange));
    const fresh = new Responder(reader, responder.settings, counters);
    const cold = exchange.out.slice(0, fresh.respond(exchange));
    reader.leave();
    expect(Buffer.from(warm).toString("hex")).toBe(Buffer.from(cold).toString("hex"));
  }
});

function tableQuestions(): Uint8Array[] {
  const folder = new URL("../data/", import.meta.url);
  const files = readdirSync(folder).filter((file) => file.startsWith("answer-"));
  const lines = files.flatMap((file) => readFileSync(new URL(file, folder), "utf8").split("\n"));
  // Draws by weight follow each other, and are to differ.
  const questions = lines.filter((line) => line.startsWith("? ") && !line.includes("? weighted."));
  return questions.map(packetOf);
}

/** Names of many lengths that are not there, some below the names in the SOA records. */
function missingNames(): Uint8Array[] {
  const below = ["example.org.", "ns1.example.org.", "hostmaster.example.org.", "example.com."];
  return below.flatMap((parent) => {
    return Array.from({ length: 20 }, (_, i) => {
      const name = nameFromText(`${"m".repeat(i + 1)}.${parent}`);
      return encodeQuery({ id: i, name, type: 1 });
    });
  });
}

it("a kept SOA record is forgotten when the zone changes, even where its memory is reused", () => {
  const world = new World();
  const origin = nameFromText("example.org.");
  const zoneOf = (serial: number) => {
    return { zone: Zone.unpack(origin, packRRsets([soaOf("example.org.", serial)])), live: [] };
  };
  world.load([zoneOf(1)]);
  const touched = [{ owner: origin, type: TYPE.SOA }];
  const packet = encodeQuery({ id: 1, name: nameFromText("missing.example.org."), type: TYPE.A });
  for (let serial = 2; serial < 20; serial++) {
    expect(world.writer.edit([zoneOf(serial)], [{ origin, touched }])).toBe("published");
    // Nodes take turns in two places: asking every second time meets the same place again.
    if (serial % 2 === 1) continue;
    const [soa] = decodeMessage(world.ask(packet) ?? new Uint8Array(0)).authorities;
    expect(readSoa(soa?.rdata ?? new Uint8Array(0)).serial).toBe(serial);
  }
});
