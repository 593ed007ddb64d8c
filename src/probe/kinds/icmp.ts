// Kind "icmp": echo requests, one after the other until one is answered. It goes by the first of
// three ways that this host allows: a datagram socket, a raw socket, the `ping` program.

import type { Cancel } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { type Family, familyOf } from "../../base/ip.ts";
import type { IcmpAsk } from "../../config/ask.ts";
import { faultOf } from "../fault.ts";
import type { Finding, Kind, KindEnv, StopProbe } from "../kind.ts";
import { Child, type ChildEnd } from "./child.ts";
import { IcmpExchange, type Waiter } from "./icmp-exchange.ts";
import { openIcmpSocket } from "./icmp-socket.ts";
import { PhaseClock } from "./phase-clock.ts";

/** Requests follow each other within this: a lost one is made up for before a probe is late. */
const GAP_MS = 200;

type Done = (finding: Finding) => void;

/** Up when one of at most `packets` requests is answered before the deadline. */
export class Icmp implements Kind<IcmpAsk> {
  /** By family and source address: all probes that go the same way share a socket. */
  readonly #exchanges = new Map<string, IcmpExchange>();

  begin(ask: IcmpAsk, env: KindEnv, done: Done): StopProbe {
    const exchange = this.#exchangeFor(ask, env);
    if (typeof exchange === "string") {
      env.usesWay("icmp", `the ping program (ICMP sockets: ${exchange})`, true);
      return beginPing(ask, env, done);
    }
    env.usesWay("icmp", `${exchange.way} sockets`, false);
    const probe = new EchoProbe(ask, { env, exchange, done });
    return () => probe.stop();
  }

  /** @returns why there is none, where the system allows no socket. @throws what blames the source. */
  #exchangeFor({ address, source }: IcmpAsk, env: KindEnv): IcmpExchange | string {
    const family: Family = familyOf(address) ?? 4;
    const key = `${family} ${source ?? ""}`;
    const known = this.#exchanges.get(key);
    if (known !== undefined) return known;
    try {
      const socket = openIcmpSocket(family, source);
      const exchange = new IcmpExchange(env.time, socket, () => this.#exchanges.delete(key));
      this.#exchanges.set(key, exchange);
      return exchange;
    } catch (error) {
      const isOurs = error instanceof Error && "syscall" in error && error.syscall === "bind";
      const isShort = faultOf(error, "local").code === "prober-resources";
      if (isOurs || isShort) throw error;
      return messageOf(error);
    }
  }
}

class EchoProbe implements Waiter {
  readonly address: string;
  readonly #exchange: IcmpExchange;
  readonly #env: KindEnv;
  readonly #done: Done;
  readonly #clock: PhaseClock;
  #left: number;
  #sent = 0;
  #cancelNext: Cancel | undefined;

  constructor(
    ask: IcmpAsk,
    { env, exchange, done }: { env: KindEnv; exchange: IcmpExchange; done: Done },
  ) {
    this.address = ask.address;
    this.#exchange = exchange;
    this.#env = env;
    this.#done = done;
    this.#clock = new PhaseClock(env.time);
    this.#left = ask.packets;
    this.#next();
  }

  stop(): Finding {
    this.#leave();
    const requests = this.#sent === 1 ? "1 request" : `${this.#sent} requests`;
    return this.#finding("icmp-timeout", `no reply to ${requests}`);
  }

  replied(): void {
    this.#leave();
    this.#clock.end("firstByteMs");
    this.#done(this.#finding("ok", ""));
  }

  unreachable(why: string, isHard: boolean): void {
    this.#leave();
    this.#done({ ...this.#finding("icmp-unreachable", why), isHard });
  }

  /** Sends the next request; the first one's failure is thrown, a later one's ends the probe. */
  #next(): void {
    try {
      this.#exchange.ask(this);
    } catch (error) {
      this.#leave();
      if (this.#sent === 0) throw error;
      this.#done({ ...faultOf(error, "local"), phases: this.#clock.phases });
      return;
    }
    this.#sent++;
    if (--this.#left === 0) return;
    const gapMs = Math.min(GAP_MS, this.#env.timeoutMs / (this.#left + this.#sent));
    this.#cancelNext = this.#env.time.after(gapMs, () => this.#next());
  }

  #leave(): void {
    this.#cancelNext?.();
    this.#exchange.leave(this);
  }

  #finding(code: Finding["code"], detail: string): Finding {
    return { code, isHard: false, phases: this.#clock.phases, detail };
  }
}

/** Asks through the `ping` program (iputils), by the first line that it prints about a reply. */
export function beginPing(ask: IcmpAsk, env: KindEnv, done: Done): StopProbe {
  const clock = new PhaseClock(env.time);
  const finding = (code: Finding["code"], detail: string): Finding => {
    return { code, isHard: false, phases: clock.phases, detail };
  };
  const finish = (code: Finding["code"], detail: string): void => {
    child.kill();
    done(finding(code, detail));
  };
  const source = ask.source === undefined ? [] : ["-I", ask.source];
  const seconds = Math.ceil(env.timeoutMs / 1000) + 1;
  const options = ["-n", "-c", String(ask.packets), "-i", "0.2", "-w", String(seconds), ...source];
  const child = new Child(
    ["ping", ...options, ask.address],
    {},
    {
      printed: (output) => {
        const line = /^.*(?:bytes from|Unreachable|Prohibited).*$/im.exec(output)?.[0];
        if (line === undefined) return;
        clock.end("firstByteMs");
        if (line.includes("bytes from")) finish("ok", "");
        else finish("icmp-unreachable", line.trim());
      },
      ended: (end) => {
        const [code, detail] = pingEnd(end, child.output);
        done(finding(code, detail));
      },
    },
  );
  return () => {
    child.kill();
    return finding("icmp-timeout", `no reply to ping -c ${ask.packets}`);
  };
}

function pingEnd(end: ChildEnd, output: string): readonly [Finding["code"], string] {
  if (end.kind === "failed") {
    const missing = "neither ICMP sockets (CAP_NET_RAW) nor the ping program can be used here";
    return [end.fault.code, `${missing}: ${end.fault.detail}`];
  }
  // 1: no reply; everything else is a matter between the program and this host.
  if (end.kind === "exited" && end.status === 1) return ["icmp-timeout", "no reply to ping"];
  const said = output.trim().split("\n")[0] ?? "";
  return ["prober-config", said === "" ? "ping failed without a word" : said];
}
