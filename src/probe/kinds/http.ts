// Kinds "http" and "https": one HTTP/1.1 request on a connection of its own. Our own few lines
// instead of a client library, because the raw system error, the phases and the idle connection
// afterwards are the point of it, and because ten thousand a second must fit on one core.

import { unreachable } from "../../base/assert.ts";
import type { HttpAsk, HttpsAsk, TlsTerms } from "../../config/ask.ts";
import { ProbeError } from "../errors.ts";
import type { Finding, Kind, KindEnv, StopProbe } from "../kind.ts";
import { excerptOf } from "./bytes.ts";
import { Conversation } from "./conversation.ts";
import { judgeBody } from "./http-body.ts";
import { nextHop, type Place } from "./http-redirect.ts";
import { type HttpReading, type HttpResponse, readResponse } from "./http-response.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { Script, Turn, Verdict } from "./script.ts";

/**
 * Up when the status is in range and, where asked for, the phrase or pattern stands in the first
 * 5120 octets of the body and the JSON value there keeps its bound. Redirects are followed where
 * asked for, always to the target's own address; otherwise a 302 is a status like others.
 */
export const http: Kind<HttpAsk | HttpsAsk> = {
  begin: (ask, env, done): StopProbe => {
    const probe = new HttpProbe(ask, env, done);
    return () => probe.stop();
  },
};

/** One request, and those that it is redirected to, one after the other. */
class HttpProbe {
  readonly #ask: HttpAsk | HttpsAsk;
  readonly #env: KindEnv;
  readonly #done: (finding: Finding) => void;
  readonly #clock: PhaseClock;
  #place: Place;
  #hops = 0;
  #conversation: Conversation;

  constructor(ask: HttpAsk | HttpsAsk, env: KindEnv, done: (finding: Finding) => void) {
    this.#ask = ask;
    this.#env = env;
    this.#done = done;
    this.#clock = new PhaseClock(env.time);
    const { host, port, path } = ask;
    this.#place = { isSecure: ask.kind === "https", host, port, path };
    this.#conversation = this.#converse();
  }

  stop(): Finding {
    return this.#conversation.stop();
  }

  #converse(): Conversation {
    const { isSecure, port } = this.#place;
    const isLast = this.#hops >= (this.#ask.follow ?? 0);
    return new Conversation({
      ask: { ...this.#ask, port },
      ...(isSecure ? { tls: this.#terms(), protocol: "http/1.1" } : {}),
      // What a redirection ends at is another place than the one that is asked: no tripwire there.
      env: this.#hops === 0 ? this.#env : { ...this.#env, keepsConnection: false },
      script: script(this.#ask, { place: this.#place, env: this.#env, isLast }),
      clock: this.#clock,
      done: this.#done,
      redirected: (location, status) => this.#follow(location, status),
    });
  }

  #follow(location: string, status: number): void {
    const next = nextHop(this.#place, location);
    if (next.kind === "elsewhere") {
      const detail = `status ${status}, to ${excerptOf(location)}: ${next.why}`;
      this.#done({ code: "http-status", isHard: false, phases: this.#clock.phases, detail });
      return;
    }
    this.#place = next.place;
    this.#hops++;
    this.#conversation = this.#converse();
  }

  /** A redirection from http to https is verified as https is by default. */
  #terms(): TlsTerms {
    const name = this.#place.host.replace(/^\[(.*)\]$/, "$1");
    if (this.#ask.kind === "https") {
      return this.#hops === 0 ? this.#ask.tls : { ...this.#ask.tls, name };
    }
    return { name, warnDays: 14, isInsecure: false };
  }
}

function script(
  ask: HttpAsk | HttpsAsk,
  hop: { readonly place: Place; readonly env: KindEnv; readonly isLast: boolean },
): Script {
  const request = requestText(ask, hop.place, hop.env);
  const isHead = ask.method === "HEAD";
  return {
    begin: () => ({ kind: "say", octets: request }),
    read: (text, isEnded) => {
      const reading = readResponse(text, { isHead, isEnded });
      if (reading.kind === "more") return { kind: "wait" };
      if (reading.kind === "response" && !hop.isLast) {
        const { status, location } = reading.response;
        if (isRedirect(status) && location !== undefined && !isExpected(ask, status)) {
          return { kind: "redirect", location, status };
        }
      }
      return turnOf(ask, reading, text, isEnded);
    },
    missing: (text) => (text === "" ? "no answer" : "the answer was not completed"),
  };
}

function turnOf(
  ask: HttpAsk | HttpsAsk,
  reading: Exclude<HttpReading, { kind: "more" }>,
  text: string,
  isEnded: boolean,
): Turn {
  const verdict = judge(ask, reading, text);
  if (reading.kind !== "response") return { kind: "end", verdict, isReusable: false };
  const { isReusable, idleMs } = reading.response;
  const idle = idleMs === undefined ? {} : { idleMs };
  return { kind: "end", verdict, isReusable: isReusable && !isEnded, ...idle };
}

function judge(
  ask: HttpAsk | HttpsAsk,
  reading: Exclude<HttpReading, { kind: "more" }>,
  text: string,
): Verdict {
  switch (reading.kind) {
    case "closed":
      return { code: "response-closed", detail: `closed: ${reading.why}` };
    case "malformed":
      return { code: "response-malformed", detail: `${reading.why}: ${excerptOf(text)}` };
    case "response":
      return judgeResponse(ask, reading.response);
    default:
      return unreachable(reading);
  }
}

function judgeResponse(ask: HttpAsk | HttpsAsk, response: HttpResponse): Verdict {
  const { status, location, body } = response;
  if (isExpected(ask, status)) return judgeBody(ask, body);
  const to = location === undefined ? "" : ` (to ${excerptOf(location)})`;
  const expected = ask.status.map(([low, high]) => (low === high ? low : `${low}-${high}`));
  return { code: "http-status", detail: `status ${status}${to}, expected ${expected.join(", ")}` };
}

function isExpected(ask: HttpAsk | HttpsAsk, status: number): boolean {
  return ask.status.some(([low, high]) => low <= status && status <= high);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** The request; the operator's headers replace ours, but for Connection: the tripwire needs it. */
function requestText(ask: HttpAsk | HttpsAsk, place: Place, env: KindEnv): string {
  const headers = new Map([
    ["host", `Host: ${place.host}`],
    ["user-agent", `User-Agent: ${env.userAgent}`],
    ["accept", "Accept: */*"],
  ]);
  for (const [name, value] of Object.entries(ask.headers)) {
    headers.set(name.toLowerCase(), `${name}: ${value}`);
  }
  headers.set("connection", `Connection: ${env.keepsConnection ? "keep-alive" : "close"}`);
  const lines = [`${ask.method} ${place.path} HTTP/1.1`, ...headers.values()];
  if (lines.some((line) => /[\r\n\0]/.test(line))) {
    const state = "a header or the path holds a line break";
    throw new ProbeError("PROBE_BAD_REQUEST", `Cannot ask "${ask.host}": ${state}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
