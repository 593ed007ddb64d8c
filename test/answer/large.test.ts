import { describe, expect, it } from "vitest";
import { TRANSPORT } from "../../src/answer/exchange.ts";
import { decodeMessage, encodeQuery } from "../../src/dns/message.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { World } from "./zones.ts";

const ORIGIN = nameFromText("example.org.");

describe("large answers over TCP", () => {
  it("point only to what a pointer can reach, and decode to what the zone holds", () => {
    const hosts = Array.from({ length: 1800 }, (_, i) => `host-number-${i}.in.example.org.`);
    const answer = askMx(hosts);
    expect(answer.isTruncated).toBe(false);
    const targets = answer.answers.map(({ rdata }) => nameToText(rdata.subarray(2)));
    expect(targets).toEqual(hosts);
  });

  it("are truncated whole where 65535 octets do not hold them", () => {
    const hosts = Array.from({ length: 2400 }, (_, i) => `host-number-${i}.in.example.org.`);
    const answer = askMx(hosts);
    expect(answer.isTruncated).toBe(true);
    expect(answer.answers).toEqual([]);
  });
});

function askMx(hosts: readonly string[]) {
  const rdatas = hosts.map((host, i) => Uint8Array.of(i >> 8, i & 255, ...nameFromText(host)));
  const mx = { owner: ORIGIN, type: TYPE.MX, ttl: 60, rdatas };
  const world = new World();
  const zone = Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), mx]));
  world.load([{ zone, live: [] }]);
  const query = encodeQuery({ id: 1, name: ORIGIN, type: TYPE.MX });
  const packet = world.ask(query, { transport: TRANSPORT.tcp });
  return decodeMessage(packet ?? new Uint8Array(0));
}
