import { expect, it } from "vitest";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { packetOf } from "./asking.ts";
import { EVERYTHING_ON, readZones, World } from "./zones.ts";

const QUERIES = [
  "? www.example.org A",
  "? www.example.org AAAA +edns",
  "? pool.example.org A",
  "? weighted.example.org A",
  "? bysource.example.org A",
  "? sticky.example.org A +opt=8:00011800cb0071",
  "? alias2.example.org A",
  "? nothing.example.org A",
  "? foo.wild.example.org MX",
  "? host.sub.example.org A",
  "? x.dn.example.org A +do",
  "? elsewhere.test A +edns",
  "? alias.example.net HTTPS +opt=3: +opt=8:00011800c63364",
  "? www.example.org A +opt=10:2464c4abcf10c957",
  "? www.example.org A +opt=10:2464c4abcf10c957010000005cf79f111f8130c3eee29480",
  "? pool.example.org A +edns",
  "? version.bind TXT CH",
  "packet 1234 0000 0001 0000 0000 0000 40",
].map(packetOf);

it("respond() leaves nothing behind for the garbage collector", () => {
  const world = new World(EVERYTHING_ON);
  world.load(readZones("answer-zones.txt", world.writer));
  const pool = world.writer.slotFor(nameFromText("pool.example.org."), TYPE.A);
  world.writer.explainSlot(pool, "primary-up: it is up");
  answer(world, 50_000);
  const before = process.memoryUsage().heapUsed;
  answer(world, 100_000);
  const growth = process.memoryUsage().heapUsed - before;
  // One small object for each query would be at least 1.6 MB.
  expect(growth).toBeLessThan(500_000);
});

function answer(world: World, count: number): void {
  const { exchange, reader, responder } = world;
  reader.enter();
  exchange.start = 0;
  exchange.outMax = 1232;
  exchange.sourcePort = 99;
  for (let i = 0; i < count; i++) {
    const packet = QUERIES[i % QUERIES.length] ?? new Uint8Array(0);
    exchange.packet = packet;
    exchange.length = packet.length;
    // Every other one as part of a batch that was looked at ahead.
    exchange.foreseen = i % 2 === 0 ? i % 64 : -1;
    if (exchange.foreseen >= 0) responder.foresight.read(exchange, exchange.foreseen);
    if (i % 64 === 0) responder.foresight.fetch();
    responder.respond(exchange);
  }
  reader.leave();
}
