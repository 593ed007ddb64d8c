import { expect, it } from "vitest";
import { packetOf } from "./asking.ts";
import { EVERYTHING_ON, readZones, World } from "./zones.ts";

/** What is found, denied, referred, redirected, refused and malformed, in letters of both cases. */
const QUERIES = [
  "? www.example.org A",
  "? WWW.Example.ORG AAAA +edns",
  "? pool.example.org A",
  "? alias2.example.org A",
  "? nothing.example.org A",
  "? foo.wild.example.org MX",
  "? host.sub.example.org A",
  "? x.dn.example.org A +do",
  "? elsewhere.test A +edns",
  "? version.bind TXT CH",
  "packet 1234 0000 0001 0000 0000 0000 40",
  "packet 1234 0000 0001",
  "packet 1234 8000 0001 0000 0000 0000 00 0001 0001",
  "? a.b.c.d.e.f.g.h.example.org SOA",
  "? . NS",
].map(packetOf);
const STRIDE = 512;

it("a batch that was read ahead is answered as its packets are one by one", () => {
  expect(answersOf({ isForeseen: true })).toEqual(answersOf({ isForeseen: false }));
});

/** Every third packet is answered without, as no transport does it, so that none leaves anything. */
function answersOf({ isForeseen }: { readonly isForeseen: boolean }): string[] {
  const world = new World({ ...EVERYTHING_ON, isRotating: false });
  world.load(readZones("answer-zones.txt", world.writer));
  const { exchange, reader, responder } = world;
  exchange.packet = new Uint8Array(QUERIES.length * STRIDE);
  exchange.outMax = 1232;
  exchange.sourcePort = 5353;
  const show = (place: number): void => {
    exchange.start = place * STRIDE;
    exchange.length = QUERIES[place]?.length ?? 0;
  };
  reader.enter();
  for (const [place, query] of QUERIES.entries()) {
    exchange.packet.set(query, place * STRIDE);
    show(place);
    if (isForeseen) responder.foresight.read(exchange, place);
  }
  if (isForeseen) responder.foresight.fetch();
  const answers = QUERIES.map((_, place) => {
    show(place);
    exchange.foreseen = isForeseen && place % 3 !== 2 ? place : -1;
    return Buffer.from(exchange.out.slice(0, responder.respond(exchange))).toString("hex");
  });
  reader.leave();
  return answers;
}
