import { describe, expect, it } from "vitest";
import { CookieJar, createCookieSecrets, setCookieSecrets } from "../../src/answer/cookies.ts";
import { readCounters } from "../../src/answer/counters.ts";
import { TRANSPORT } from "../../src/answer/exchange.ts";
import { DEFAULT_RATE_LIMIT, type RateLimitSettings } from "../../src/answer/settings.ts";
import { ipToBytes } from "../../src/base/ip.ts";
import { decodeMessage } from "../../src/dns/message.ts";
import { RCODE } from "../../src/dns/types.ts";
import { packetOf } from "./asking.ts";
import { readZones, World } from "./zones.ts";

const POSITIVE = "? www.example.org A";
const NEGATIVE = "? nothing.example.org A";

describe("response rate limiting", () => {
  it("sends the budget, then every second answer empty with TC and the others not at all", () => {
    const client = clientOf({ perSecond: 3 });
    expect(client.ask("192.0.2.1", POSITIVE, 8)).toBe("+++-t-t-");
    expect(readCounters(client.world.counters)).toMatchObject({ rateSlipped: 2, rateDropped: 3 });
  });

  it("counts kinds of answers apart, and prefixes apart", () => {
    const client = clientOf({ perSecond: 2, slip: 0 });
    expect(client.ask("192.0.2.1", POSITIVE, 3)).toBe("++-");
    expect(client.ask("192.0.2.200", POSITIVE, 1)).toBe("-");
    expect(client.ask("192.0.2.1", NEGATIVE, 3)).toBe("++-");
    expect(client.ask("192.0.3.1", POSITIVE, 3)).toBe("++-");
    expect(client.ask("2001:db8:0:100::1", POSITIVE, 3)).toBe("++-");
    expect(client.ask("2001:db8:0:1ff::9", POSITIVE, 1)).toBe("-");
    expect(client.ask("2001:db8:0:200::1", POSITIVE, 1)).toBe("+");
  });

  // Prefix lengths, two addresses, and whether they share a budget.
  it.each([
    [{ prefixBits4: 0 }, "192.0.2.1", "10.9.8.7", true],
    [{ prefixBits4: 20 }, "192.0.16.1", "192.0.31.255", true],
    [{ prefixBits4: 20 }, "192.0.16.1", "192.0.32.1", false],
    [{ prefixBits4: 32 }, "192.0.2.1", "192.0.2.1", true],
    [{ prefixBits4: 32 }, "192.0.2.1", "192.0.2.2", false],
    [{ prefixBits6: 0 }, "2001:db8::1", "fe80::1", true],
    [{ prefixBits6: 33 }, "2001:db8:8000::1", "2001:db8:ffff::1", true],
    [{ prefixBits6: 33 }, "2001:db8:8000::1", "2001:db8:7fff::1", false],
    [{ prefixBits6: 64 }, "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true],
    [{ prefixBits6: 128 }, "2001:db8::1", "2001:db8::2", false],
    [{ prefixBits4: 0, prefixBits6: 0 }, "192.0.2.1", "2001:db8::1", false],
  ])("%j: %s and %s share: %s", (bits, one, other, isShared) => {
    const client = clientOf({ perSecond: 1, slip: 0, ...bits });
    expect(client.ask(one, POSITIVE, 2)).toBe("+-");
    expect(client.ask(other, POSITIVE, 1)).toBe(isShared ? "-" : "+");
  });

  it("makes excess be paid back, for as long as the window says", () => {
    const client = clientOf({ perSecond: 10, slip: 0, windowSeconds: 2 });
    client.ask("192.0.2.1", POSITIVE, 500);
    client.world.exchange.nowSeconds += 1;
    expect(client.ask("192.0.2.1", POSITIVE, 1)).toBe("-");
    client.world.exchange.nowSeconds += 2;
    expect(client.ask("192.0.2.1", POSITIVE, 12)).toBe("+++++++++---");
  });

  it("divides the budget by the threads", () => {
    const client = clientOf({ perSecond: 8, threads: 4, slip: 0 });
    expect(client.ask("192.0.2.1", POSITIVE, 4)).toBe("++--");
  });

  it("leaves TCP alone, and the addresses that are allowed", () => {
    const client = clientOf({ perSecond: 1, slip: 0 });
    expect(client.ask("192.0.2.1", POSITIVE, 5, TRANSPORT.tcp)).toBe("+++++");
    expect(client.ask("127.1.2.3", POSITIVE, 5)).toBe("+++++");
    expect(client.ask("::1", POSITIVE, 5)).toBe("+++++");
    expect(client.ask("::2", POSITIVE, 3)).toBe("+--");
  });

  it("leaves good cookies alone, and answers bad ones with BADCOOKIE instead of TC", () => {
    const client = clientOf({ perSecond: 1, slip: 1 });
    expect(client.ask("192.0.2.1", `${POSITIVE} +opt=10:0102030405060708`, 3)).toBe("+bb");
    const good = client.cookieFor("192.0.2.1", "0102030405060708");
    expect(client.ask("192.0.2.1", `${POSITIVE} +opt=10:${good}`, 5)).toBe("+++++");
  });

  it("finds a place for any number of prefixes", () => {
    const client = clientOf({ perSecond: 1, slip: 0, places: 8 });
    for (let i = 0; i < 1000; i++) {
      expect(client.ask(`10.${i >> 8}.${i & 255}.1`, POSITIVE, 2)).toBe("+-");
    }
  });
});

/** Asks and writes one character for each answer: sent, nothing, TC, BADCOOKIE. */
function clientOf(changes: Partial<RateLimitSettings>) {
  const cookieSecrets = createCookieSecrets();
  setCookieSecrets(cookieSecrets, new Uint8Array(16).fill(7));
  const rateLimit = { ...DEFAULT_RATE_LIMIT, seed: 99, places: 1024, ...changes };
  const world = new World({ rateLimit, cookieSecrets });
  world.load(readZones("answer-zones.txt", world.writer));
  const { exchange } = world;
  const comeFrom = (address: string): void => {
    exchange.source = ipToBytes(address) ?? new Uint8Array(0);
    exchange.sourceLength = exchange.source.length;
  };
  const ask = (
    address: string,
    line: string,
    times: number,
    transport = TRANSPORT.udp as number,
  ) => {
    comeFrom(address);
    const packet = packetOf(line);
    return Array.from({ length: times }, () => {
      const answer = world.ask(packet, { transport });
      if (answer === undefined) return "-";
      const message = decodeMessage(answer);
      if (message.rcode === RCODE.BADCOOKIE) return "b";
      expect(message.answers.length === 0 && message.isTruncated).toBe(message.isTruncated);
      return message.isTruncated ? "t" : "+";
    }).join("");
  };
  const cookieFor = (address: string, clientCookie: string): string => {
    comeFrom(address);
    const jar = new CookieJar(cookieSecrets);
    jar.isReady();
    const out = new Uint8Array(16);
    jar.make(exchange, Uint8Array.from(Buffer.from(clientCookie, "hex")), out, 0);
    return clientCookie + Buffer.from(out).toString("hex");
  };
  return { world, ask, cookieFor };
}
