// Kind "tcp": most checks of it only connect, and those go through sockets of our own, which cost a
// quarter of what node:net does. What is said or awaited, and a connection that stays open, are a
// conversation, and so is everything where koffi is missing.

import type { Time } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import type { TcpAsk } from "../../config/ask.ts";
import type { Finding, Kind, KindEnv, StopProbe } from "../kind.ts";
import { loadConnectCalls } from "./connect-calls.ts";
import { Connects } from "./connects.ts";
import { SystemCallError } from "./system-call.ts";
import { tcp } from "./tcp.ts";

/** Checks of kind "tcp" of one prober. */
export class PlainTcp implements Kind<TcpAsk> {
  readonly #time: Time;
  /** Made with the first probe; text: why it cannot be. */
  #connects: Connects | string | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  begin(ask: TcpAsk, env: KindEnv, done: (finding: Finding) => void): StopProbe {
    const isPlain = ask.send === undefined && ask.expect === undefined && !env.keepsConnection;
    const connects = isPlain ? this.#made() : undefined;
    if (typeof connects === "object") return connectOnly(connects, ask, done);
    if (connects !== undefined) env.usesWay("tcp", `node:net (${connects})`, false);
    return tcp.begin(ask, env, done);
  }

  #made(): Connects | string {
    if (this.#connects !== undefined) return this.#connects;
    try {
      const connects = new Connects(loadConnectCalls(), this.#time);
      // Node closes what is its own when a thread dies, and the process goes on without this one.
      process.once("exit", () => connects.close());
      this.#connects = connects;
      return connects;
    } catch (error) {
      // Descriptors that are short now need not be so the next time.
      if (!(error instanceof SystemCallError)) this.#connects = messageOf(error);
      return messageOf(error);
    }
  }
}

function connectOnly(connects: Connects, ask: TcpAsk, done: (finding: Finding) => void): StopProbe {
  const connecting = connects.begin(ask, (fault, connectMs) => {
    if (fault !== undefined) done({ ...fault, phases: {} });
    else done({ code: "ok", isHard: false, phases: { connectMs }, detail: "" });
  });
  return () => {
    connecting.giveUp();
    const detail = "no answer to the connection request";
    return { code: "connect-timeout", isHard: false, phases: {}, detail };
  };
}
