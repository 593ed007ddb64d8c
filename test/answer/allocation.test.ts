import { expect, it } from "vitest";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { EVERY_KIND } from "./corpus.ts";
import { EVERYTHING_ON, readZones, World } from "./zones.ts";

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
    const packet = EVERY_KIND[i % EVERY_KIND.length] ?? new Uint8Array(0);
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
