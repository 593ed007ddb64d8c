import { describe, expect, it } from "vitest";
import {
  COOKIE,
  CookieJar,
  createCookieSecrets,
  setCookieSecrets,
} from "../../src/answer/cookies.ts";
import { Exchange } from "../../src/answer/exchange.ts";
import { sipHash } from "../../src/answer/siphash.ts";
import { ipToBytes } from "../../src/base/ip.ts";

describe("sipHash()", () => {
  // The first results of the reference implementation, for inputs 00, 00 01, 00 01 02 ...
  it.each([
    [0, "310e0edd47db6f72"],
    [1, "fd67dc93c539f874"],
    [7, "37d1018bf50002ab"],
    [8, "6224939a79f5f593"],
    [15, "e545be4961ca29a1"],
  ])("of %d octets is what the reference gives", (octets, wanted) => {
    const input = Uint8Array.from({ length: 32 }, (_, i) => (i < octets ? i : 0));
    const key = Uint8Array.from({ length: 16 }, (_, i) => i);
    const out = new Int32Array(2);
    sipHash(new Int32Array(input.buffer), octets, new Int32Array(key.buffer), out);
    expect(Buffer.from(out.buffer).toString("hex")).toBe(wanted);
  });
});

describe("CookieJar", () => {
  const SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";
  const OLD_SECRET = "dd3bdf9344b678b185a6f5cb60fca715";
  const NEW_SECRET = "445536bcd2513298075a5d379663c962";

  // RFC 9018 appendix A: secret, asker, time, client cookie, server cookie.
  it.each([
    [SECRET, "198.51.100.100", 1559731985, "2464c4abcf10c957", "010000005cf79f111f8130c3eee29480"],
    [SECRET, "198.51.100.100", 1559734385, "2464c4abcf10c957", "010000005cf7a871d4a564a1442aca77"],
    [SECRET, "203.0.113.203", 1559734700, "fc93fc62807ddb86", "010000005cf7a9acf73a7810aca2381e"],
    [
      NEW_SECRET,
      "2001:db8:220:1:59de:d0f4:8769:82b8",
      1559741961,
      "22681ab97d52c298",
      "010000005cf7c609a6bb79d16625507a",
    ],
  ])("makes and takes the vector of secret %s, %s at %d", (secret, from, at, client, server) => {
    const jar = jarOf(secret);
    const out = new Uint8Array(16);
    jar.make(askedBy(from, at), bytes(client), out, 0);
    expect(Buffer.from(out).toString("hex")).toBe(server);
    expect(jar.judge(askedBy(from, at), bytes(client + server), 24)).toBe(COOKIE.valid);
    expect(jar.judge(askedBy("198.51.100.101", at), bytes(client + server), 24)).toBe(
      COOKIE.invalid,
    );
  });

  it("hashes reserved octets as they come (appendix A.3), and takes an hour-old cookie", () => {
    const jar = jarOf(SECRET);
    const cookie = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
    const made = 0x5cf78f71;
    const judgeAt = (at: number) => jar.judge(askedBy("203.0.113.203", at), bytes(cookie), 24);
    expect(judgeAt(made)).toBe(COOKIE.valid);
    expect(judgeAt(made + 1800)).toBe(COOKIE.valid);
    expect(judgeAt(made + 1801)).toBe(COOKIE.stale);
    expect(judgeAt(made + 3600)).toBe(COOKIE.stale);
    expect(judgeAt(made + 3601)).toBe(COOKIE.invalid);
    expect(judgeAt(made - 300)).toBe(COOKIE.valid);
    expect(judgeAt(made - 301)).toBe(COOKIE.invalid);
  });

  it("takes cookies of the other secret and renews them, at once (appendix A.4)", () => {
    const secrets = createCookieSecrets();
    const jar = new CookieJar(secrets);
    expect(jar.isReady()).toBe(false);
    const cookie = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
    const exchange = askedBy("2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961);
    const judge = () => (jar.isReady() ? jar.judge(exchange, bytes(cookie), 24) : undefined);
    setCookieSecrets(secrets, bytes(OLD_SECRET));
    expect(judge()).toBe(COOKIE.valid);
    setCookieSecrets(secrets, bytes(NEW_SECRET), bytes(OLD_SECRET));
    expect(judge()).toBe(COOKIE.stale);
    setCookieSecrets(secrets, bytes(NEW_SECRET));
    expect(judge()).toBe(COOKIE.invalid);
  });

  it.each([8, 16, 23, 25, 40])("takes no cookie of %d octets", (length) => {
    const exchange = askedBy("198.51.100.100", 1559731985);
    expect(jarOf(SECRET).judge(exchange, new Uint8Array(40), length)).toBe(COOKIE.invalid);
  });
});

function jarOf(secret: string): CookieJar {
  const secrets = createCookieSecrets();
  setCookieSecrets(secrets, bytes(secret));
  const jar = new CookieJar(secrets);
  expect(jar.isReady()).toBe(true);
  return jar;
}

function askedBy(address: string, nowSeconds: number): Exchange {
  const exchange = new Exchange();
  exchange.source = ipToBytes(address) ?? new Uint8Array(0);
  exchange.sourceLength = exchange.source.length;
  exchange.nowSeconds = nowSeconds;
  return exchange;
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
