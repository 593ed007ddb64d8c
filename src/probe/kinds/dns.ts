// Kind "dns": one question over UDP. dns2 writes and reads the messages; the socket is our own,
// connected, because only then the kernel reports a port that nobody listens on, and because dns2's
// client can neither be given a source address nor be taken back.

import { createSocket, type Socket } from "node:dgram";
import { createRequire } from "node:module";
import type { Packet } from "dns2";
import { familyOf } from "../../base/ip.ts";
import type { DnsAsk } from "../../config/ask.ts";
import { type FaultStage, faultOf } from "../fault.ts";
import type { Finding, Kind, KindEnv } from "../kind.ts";
import { dataOf, sameData } from "./dns-data.ts";
import { PhaseClock } from "./phase-clock.ts";

/**
 * Up when a reply with the expected rcode comes and, where asked for, a record of the asked type
 * with the expected data is among its answers. Truncated replies are judged by what they hold.
 */
export const dns: Kind<DnsAsk> = {
  begin: (ask, env, done) => {
    const probe = new DnsProbe(ask, env, done);
    return () => probe.stop();
  },
};

/** dns2 is loaded with the first question: without such a check it costs nothing. */
let loaded: typeof Packet | undefined;

function dns2(): typeof Packet {
  loaded ??= (createRequire(import.meta.url)("dns2") as typeof import("dns2").default).Packet;
  return loaded;
}

class DnsProbe {
  readonly #ask: DnsAsk;
  readonly #done: (finding: Finding) => void;
  readonly #clock: PhaseClock;
  readonly #query: Packet;
  readonly #socket: Socket;
  #stage: FaultStage = "local";
  /** Why something that came was no reply. */
  #stray = "";

  constructor(ask: DnsAsk, env: KindEnv, done: (finding: Finding) => void) {
    this.#ask = ask;
    this.#done = done;
    this.#clock = new PhaseClock(env.time);
    this.#query = queryOf(ask);
    const octets = this.#query.toBuffer();
    this.#socket = createSocket({ type: familyOf(ask.address) === 6 ? "udp6" : "udp4" });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("message", (message) => this.#received(message));
    const connect = (): void => this.#socket.connect(ask.port, ask.address);
    this.#socket.on("connect", () => {
      this.#socket.send(octets, (error) => {
        if (error !== null) this.#fail(error);
        else this.#stage = "connecting";
      });
    });
    if (ask.source === undefined) connect();
    else this.#socket.bind({ address: ask.source }, connect);
  }

  stop(): Finding {
    this.#close();
    const stray = this.#stray === "" ? "" : `, but ${this.#stray}`;
    return this.#finding("response-timeout", `no reply${stray}`);
  }

  #received(message: Buffer): void {
    let reply: Packet;
    try {
      reply = dns2().parse(message);
    } catch {
      this.#stray = `${message.length} octets that are no DNS message`;
      return;
    }
    const { header } = reply;
    // Whoever does not know the id has not seen the question.
    if (header.id !== this.#query.header.id || header.qr !== 1) {
      this.#stray = "a message that is no reply to this question";
      return;
    }
    this.#clock.end("firstByteMs");
    this.#close();
    this.#done(this.#judge(reply));
  }

  #judge(reply: Packet): Finding {
    const { name, type, rcode, answer } = this.#ask;
    const packet = dns2();
    const [error] = reply.errors;
    if (error !== undefined) return this.#finding("response-malformed", error.message);
    const question = reply.questions[0];
    if (question !== undefined && question.name.toLowerCase() !== asked(name).toLowerCase()) {
      return this.#finding("response-malformed", `a reply about "${question.name}"`);
    }
    if (packet.RCODE[rcode as keyof typeof packet.RCODE] !== reply.header.rcode) {
      const given = Object.entries(packet.RCODE).find(([, code]) => code === reply.header.rcode);
      const detail = `${given?.[0] ?? reply.header.rcode}, expected ${rcode}`;
      return this.#finding("dns-rcode", detail);
    }
    if (answer === undefined) return this.#finding("ok", "");
    const data = reply.answers
      .filter((record) => record.type === packet.TYPE[type])
      .map((record) => dataOf(type, record));
    if (data.some((each) => sameData(type, each, answer))) return this.#finding("ok", "");
    const tail = reply.header.tc === 1 ? ", and the reply is truncated" : "";
    const seen = data.length === 0 ? `no ${type} record` : data.slice(0, 4).join(", ");
    return this.#finding("dns-answer", `${seen}, expected ${answer}${tail}`);
  }

  #fail(error: Error): void {
    this.#close();
    this.#done({ ...faultOf(error, this.#stage), phases: this.#clock.phases });
  }

  #close(): void {
    this.#socket.removeAllListeners();
    // A socket that fails while it is being closed has nobody to tell.
    this.#socket.on("error", () => undefined);
    this.#socket.close();
  }

  #finding(code: Finding["code"], detail: string): Finding {
    return { code, isHard: false, phases: this.#clock.phases, detail };
  }
}

function queryOf(ask: DnsAsk): Packet {
  const packet = dns2();
  const query = new packet();
  query.header.id = packet.uuid();
  query.header.rd = ask.isRecursive ? 1 : 0;
  const type = packet.TYPE[ask.type];
  query.questions.push(new packet.Question(asked(ask.name), type, packet.CLASS.IN));
  return query;
}

/** dns2 writes the root as an empty name. */
function asked(name: string): string {
  return name === "." ? "" : name;
}
