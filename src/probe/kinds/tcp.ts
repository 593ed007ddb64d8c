// Kind "tcp": a connection, and where asked for, a phrase sent and a phrase awaited.

import type { TcpAsk } from "../../config/ask.ts";
import type { ObservationCode } from "../../health/observation.ts";
import { Connection } from "../connection.ts";
import type { Fault } from "../fault.ts";
import type { Finding, Kind, KindEnv, StopProbe } from "../kind.ts";
import { excerptOf, latin1OfChunk, latin1OfPhrase } from "./bytes.ts";
import { PhaseClock } from "./phase-clock.ts";

const EXPECT_OCTETS_MAX = 5120;

/**
 * Up when the target accepts the connection; with `expect`, when that phrase stands in the first
 * 5120 octets it sends. Phrases are UTF-8.
 */
export const tcp: Kind<TcpAsk> = {
  begin: (ask, env, done): StopProbe => {
    const probe = new TcpProbe(ask, env, done);
    return () => probe.stop();
  },
};

class TcpProbe {
  readonly #ask: TcpAsk;
  readonly #keepsConnection: boolean;
  readonly #done: (finding: Finding) => void;
  readonly #clock: PhaseClock;
  readonly #connection: Connection;
  #text = "";

  constructor(ask: TcpAsk, env: KindEnv, done: (finding: Finding) => void) {
    this.#ask = ask;
    this.#keepsConnection = env.keepsConnection;
    this.#done = done;
    this.#clock = new PhaseClock(env.nowMs);
    this.#connection = new Connection(ask, this);
  }

  stop(): Finding {
    this.#connection.close();
    return this.#clock.isConnected
      ? this.#finding("response-timeout", `connected, then ${this.#unmet()}`)
      : this.#finding("connect-timeout", "no answer to the connection request");
  }

  connected(): void {
    this.#clock.end("connectMs");
    if (this.#ask.send !== undefined) this.#connection.send(this.#ask.send);
    if (this.#ask.expect === undefined) this.#succeed();
  }

  received(chunk: Uint8Array): void {
    this.#clock.end("firstByteMs");
    this.#text = (this.#text + latin1OfChunk(chunk)).slice(0, EXPECT_OCTETS_MAX);
    if (this.#text.includes(latin1OfPhrase(this.#ask.expect ?? ""))) this.#succeed();
    else if (this.#text.length === EXPECT_OCTETS_MAX) this.#fail("body-mismatch", this.#unmet());
  }

  ended(): void {
    this.#fail("response-closed", `closed, ${this.#unmet()}`);
  }

  failed(fault: Fault): void {
    this.#connection.close();
    this.#done({ ...fault, phases: this.#clock.phases });
  }

  #succeed(): void {
    const success: Finding = { code: "ok", isHard: false, phases: this.#clock.phases, detail: "" };
    if (!this.#keepsConnection) this.#connection.close();
    this.#done(this.#keepsConnection ? { ...success, connection: this.#connection } : success);
  }

  #fail(code: ObservationCode, detail: string): void {
    this.#connection.close();
    this.#done(this.#finding(code, detail));
  }

  #unmet(): string {
    const sent = this.#text === "" ? "nothing sent" : `sent ${excerptOf(this.#text)}`;
    return `${sent}, expected ${JSON.stringify(this.#ask.expect ?? "")}`;
  }

  #finding(code: ObservationCode, detail: string): Finding {
    return { code, isHard: false, phases: this.#clock.phases, detail };
  }
}
