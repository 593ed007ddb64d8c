// The kind icmp: packets as octets, requests on a scripted socket, and the real ways of this host.

import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import type { Finding, KindEnv } from "../../src/probe/kind.ts";
import { beginPing } from "../../src/probe/kinds/icmp.ts";
import { IcmpExchange, type Waiter } from "../../src/probe/kinds/icmp-exchange.ts";
import { echoRequest, readReply } from "../../src/probe/kinds/icmp-packet.ts";
import { type IcmpSocket, openIcmpSocket } from "../../src/probe/kinds/icmp-socket.ts";
import { SimulatedTime } from "../files/simulated-time.ts";
import { icmpAsk } from "./asks.ts";
import { Recorder } from "./recorder.ts";

const REQUEST = { id: 0x1234, sequence: 7, mark: "abcdefgh" };

/** An IPv4 header of `words` words, with nothing in it that is looked at but its length and ends. */
function header4(words = 5, to = [192, 0, 2, 1]): Buffer {
  const header = Buffer.alloc(words * 4);
  header[0] = 0x40 | words;
  header.set(to, 16);
  return header;
}

describe("ICMP packets", () => {
  it("are requests with the checksum that RFC 1071 asks for, on IPv4", () => {
    const octets = echoRequest(4, REQUEST);
    expect(Buffer.from(octets).toString("hex")).toBe("0800542f123400076162636465666768");
    let sum = 0;
    for (let at = 0; at < octets.length; at += 2) {
      sum += Buffer.from(octets).readUInt16BE(at);
    }
    expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff);
    expect(echoRequest(6, REQUEST)[0]).toBe(128);
  });

  it("are read as replies, behind a header or not", () => {
    const reply = Buffer.from(echoRequest(4, REQUEST));
    reply[0] = 0;
    const expected = { kind: "echo", ...REQUEST };
    expect(readReply(4, reply, false)).toEqual(expected);
    expect(readReply(4, Buffer.concat([header4(), reply]), true)).toEqual(expected);
    expect(readReply(4, Buffer.concat([header4(15), reply]), true)).toEqual(expected);
    const reply6 = Buffer.from(echoRequest(6, REQUEST));
    reply6[0] = 129;
    expect(readReply(6, reply6, true)).toEqual(expected);
  });

  it("are read as errors about a request, with who it was sent to", () => {
    const quoted = Buffer.concat([header4(), echoRequest(4, REQUEST)]);
    const error = Buffer.concat([Buffer.from([3, 1, 0, 0, 0, 0, 0, 0]), quoted]);
    const expected = { kind: "unreachable", id: 0x1234, sequence: 7 };
    expect(readReply(4, Buffer.concat([header4(), error]), true)).toEqual({
      ...expected,
      to: "192.0.2.1",
      why: "host unreachable",
    });
    const header6 = Buffer.alloc(40);
    header6.set([0x20, 0x01, 0x0d, 0xb8], 24);
    const quoted6 = Buffer.concat([header6, echoRequest(6, REQUEST)]);
    const error6 = Buffer.concat([Buffer.from([1, 4, 0, 0, 0, 0, 0, 0]), quoted6]);
    expect(readReply(6, error6, false)).toEqual({
      ...expected,
      to: "2001:db8::",
      why: "port unreachable",
    });
  });

  it("of any other kind, or cut anywhere, are nothing", () => {
    const quoted = Buffer.concat([header4(), echoRequest(4, REQUEST)]);
    const error = Buffer.concat([header4(), Buffer.from([3, 1, 0, 0, 0, 0, 0, 0]), quoted]);
    for (let length = 0; length < error.length - 8; length++) {
      expect(readReply(4, error.subarray(0, length), true)).toBeUndefined();
    }
    expect(readReply(4, echoRequest(4, REQUEST), false)).toBeUndefined();
    expect(readReply(4, Buffer.alloc(64), true)).toBeDefined();
    expect(readReply(4, Buffer.alloc(64, 0xff), true)).toBeUndefined();
    expect(readReply(6, Buffer.alloc(64, 1), false)).toBeUndefined();
  });
});

/** A socket whose other side is the test. */
class ScriptedSocket implements IcmpSocket {
  readonly family = 4;
  readonly way = "raw";
  readonly sent: { readonly packet: Buffer; readonly to: string }[] = [];
  readonly arrived: { readonly octets: Uint8Array; readonly from: string }[] = [];
  isClosed = false;

  send(packet: Uint8Array, to: string): void {
    this.sent.push({ packet: Buffer.from(packet), to });
  }

  receive() {
    return this.arrived.shift();
  }

  close(): void {
    this.isClosed = true;
  }

  /** Lets the reply to the nth request arrive. */
  reply(index: number, from: string, change: (packet: Buffer) => void = () => {}): void {
    const packet = Buffer.from(this.sent[index]?.packet ?? []);
    packet[0] = 0;
    change(packet);
    this.arrived.push({ octets: Buffer.concat([header4(), packet]), from });
  }
}

class Ear implements Waiter {
  readonly heard: string[] = [];
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  replied(): void {
    this.heard.push("reply");
  }

  unreachable(why: string, isHard: boolean): void {
    this.heard.push(`${why}${isHard ? "!" : ""}`);
  }
}

describe("an exchange of echo requests", () => {
  const stage = () => {
    const time = new SimulatedTime();
    const socket = new ScriptedSocket();
    const exchange = new IcmpExchange(time, socket, () => {});
    return { time, socket, exchange };
  };

  it("tells each waiter of its own reply, in any order", () => {
    const { time, socket, exchange } = stage();
    const [a, b] = [new Ear("192.0.2.1"), new Ear("192.0.2.2")];
    exchange.ask(a);
    exchange.ask(b);
    expect(socket.sent.map((sent) => sent.to)).toEqual(["192.0.2.1", "192.0.2.2"]);
    socket.reply(1, "192.0.2.2");
    time.run(5);
    expect([a.heard, b.heard]).toEqual([[], ["reply"]]);
    socket.reply(0, "192.0.2.1");
    time.run(5);
    expect(a.heard).toEqual(["reply"]);
  });

  it("takes no reply from elsewhere, with other data, of another id or sequence", () => {
    const { time, socket, exchange } = stage();
    const ear = new Ear("192.0.2.1");
    exchange.ask(ear);
    socket.reply(0, "192.0.2.9");
    for (const at of [4, 6, 8, 15]) {
      socket.reply(0, "192.0.2.1", (packet) => packet.writeUInt8(packet.readUInt8(at) ^ 0x55, at));
    }
    time.run(50);
    expect(ear.heard).toEqual([]);
  });

  it("tells of errors; only the target's own are hard", () => {
    const { time, socket, exchange } = stage();
    const ear = new Ear("192.0.2.1");
    exchange.ask(ear);
    const error = (from: string, to: number[]): void => {
      const quoted = Buffer.concat([header4(5, to), socket.sent[0]?.packet ?? Buffer.alloc(0)]);
      const octets = Buffer.concat([header4(), Buffer.from([3, 1, 0, 0, 0, 0, 0, 0]), quoted]);
      socket.arrived.push({ octets, from });
    };
    error("192.0.2.254", [192, 0, 2, 1]);
    error("192.0.2.1", [192, 0, 2, 1]);
    error("192.0.2.254", [192, 0, 2, 9]);
    time.run(50);
    expect(ear.heard).toEqual(["host unreachable", "host unreachable!"]);
  });

  it("closes its socket, and looks no more, when the last waiter has left", () => {
    const { time, socket, exchange } = stage();
    const [a, b] = [new Ear("192.0.2.1"), new Ear("192.0.2.2")];
    exchange.ask(a);
    exchange.ask(a);
    exchange.ask(b);
    exchange.leave(a);
    socket.reply(0, "192.0.2.1");
    socket.reply(1, "192.0.2.1");
    time.run(50);
    expect([a.heard, socket.isClosed]).toEqual([[], false]);
    exchange.leave(b);
    expect(socket.isClosed).toBe(true);
    expect(time.timers).toBe(0);
  });
});

const HAS_SOCKETS = ((): boolean => {
  try {
    openIcmpSocket(4, undefined).close();
    return true;
  } catch {
    return false;
  }
})();
const HAS_PING = spawnSync("ping", ["-c", "1", "127.0.0.1"]).status === 0;

describe("kind icmp on this host", () => {
  const recorder = new Recorder();

  afterEach(() => recorder.prober.unwatch("t"));

  it.skipIf(!HAS_SOCKETS)("is answered over IPv4 and IPv6, from a source too", async () => {
    recorder.prober.watch("t", icmpAsk("127.0.0.26"), undefined);
    const observation = await recorder.observe("t");
    expect(observation).toMatchObject({ code: "ok", detail: "" });
    expect(observation.phases.firstByteMs).toBeGreaterThan(0);
    recorder.prober.watch("t", icmpAsk("127.0.0.26", { source: "127.0.0.27" }), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    recorder.prober.watch("t", icmpAsk("::1"), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    expect(recorder.ways).toEqual([expect.stringMatching(/^icmp: (datagram|raw) sockets$/)]);
  });

  it.skipIf(!HAS_SOCKETS)("serves a hundred probes through one socket", async () => {
    for (let i = 0; i < 100; i++) {
      recorder.prober.watch(`t${i}`, icmpAsk(`127.0.1.${i + 1}`), undefined);
      recorder.ask(`t${i}`);
    }
    const before = recorder.of("observed").length;
    await recorder.until(() => recorder.of("observed").length === before + 100);
    const codes = recorder.of("observed").map((report) => report.observation.code);
    expect(codes.slice(before)).toEqual(Array(100).fill("ok"));
    for (let i = 0; i < 100; i++) recorder.prober.unwatch(`t${i}`);
  });

  const env: KindEnv = {
    time: realTime,
    timeoutMs: 1000,
    keepsConnection: false,
    userAgent: "",
    heartbeat: undefined,
    usesWay: () => {},
  };
  const ping = (address: string) =>
    new Promise<Finding>((done) => beginPing(icmpAsk(address), env, done));

  it.skipIf(!HAS_PING)("asks through the ping program where it must", async () => {
    expect(await ping("127.0.0.26")).toMatchObject({ code: "ok", detail: "" });
    expect(await ping("255.255.255.255")).toMatchObject({ code: "prober-config" });
    const stop = beginPing(icmpAsk("127.0.0.26"), env, () => {});
    expect(stop()).toMatchObject({ code: "icmp-timeout", detail: "no reply to ping -c 3" });
  });
});
