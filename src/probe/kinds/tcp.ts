// Kinds "tcp" and "tls": a connection, and where asked for, a phrase sent and a phrase awaited.

import type { TcpAsk, TlsAsk } from "../../config/ask.ts";
import type { Kind } from "../kind.ts";
import { excerptOf, latin1OfPhrase } from "./bytes.ts";
import { Conversation } from "./conversation.ts";
import { PhaseClock } from "./phase-clock.ts";
import { end, type Script, type Turn, WAIT } from "./script.ts";

const EXPECT_OCTETS_MAX = 5120;

/**
 * Up when the target accepts the connection, over TLS also when its certificate is good; with
 * `expect`, when that phrase stands in the first 5120 octets it sends. Phrases are UTF-8.
 */
export const tcp: Kind<TcpAsk | TlsAsk> = {
  begin: (ask, env, done) => {
    const tls = ask.kind === "tls" ? ask.tls : undefined;
    const clock = new PhaseClock(env.time);
    const talk = new Conversation({ ask, tls, env, script: phrases(ask), clock, done });
    return () => talk.stop();
  },
};

const MET: Turn = { kind: "end", verdict: { code: "ok", detail: "" }, isReusable: true };

function phrases({ send, expect }: Pick<TcpAsk, "send" | "expect">): Script {
  const awaited = latin1OfPhrase(expect ?? "");
  const missing = (text: string): string => {
    const sent = text === "" ? "nothing sent" : `sent ${excerptOf(text)}`;
    return `${sent}, expected ${JSON.stringify(expect ?? "")}`;
  };
  return {
    begin: () => {
      if (expect !== undefined) return send === undefined ? WAIT : { kind: "say", octets: send };
      return send === undefined ? MET : { ...MET, farewell: send };
    },
    read: (text) => {
      const seen = text.slice(0, EXPECT_OCTETS_MAX);
      if (seen.includes(awaited)) return MET;
      return seen.length < EXPECT_OCTETS_MAX ? WAIT : end("body-mismatch", missing(seen));
    },
    missing,
  };
}
