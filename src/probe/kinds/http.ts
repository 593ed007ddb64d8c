// Kind "http": one HTTP/1.1 request on a connection of its own. Our own few lines instead of a
// client library, because the raw system error, the phases and the idle connection afterwards are
// the point of it, and because ten thousand a second must fit on one core.

import { unreachable } from "../../base/assert.ts";
import type { HttpAsk } from "../../config/ask.ts";
import type { ObservationCode } from "../../health/observation.ts";
import { Connection } from "../connection.ts";
import { ProbeError } from "../errors.ts";
import type { Fault } from "../fault.ts";
import type { Finding, Kind, KindEnv, StopProbe } from "../kind.ts";
import { excerptOf, latin1OfChunk, latin1OfPhrase } from "./bytes.ts";
import { type HttpReading, type HttpResponse, readResponse } from "./http-response.ts";
import { PhaseClock } from "./phase-clock.ts";

/**
 * Up when the status is in range and, where asked for, the phrase stands in the first 5120 octets
 * of the body. Redirects are not followed: a 302 is a status like others.
 */
export const http: Kind<HttpAsk> = {
  begin: (ask, env, done): StopProbe => {
    const probe = new HttpProbe(ask, env, done);
    return () => probe.stop();
  },
};

class HttpProbe {
  readonly #ask: HttpAsk;
  readonly #keepsConnection: boolean;
  readonly #done: (finding: Finding) => void;
  readonly #request: string;
  readonly #clock: PhaseClock;
  readonly #connection: Connection;
  #text = "";

  constructor(ask: HttpAsk, env: KindEnv, done: (finding: Finding) => void) {
    this.#ask = ask;
    this.#keepsConnection = env.keepsConnection;
    this.#done = done;
    this.#request = requestText(ask, env);
    this.#clock = new PhaseClock(env.nowMs);
    this.#connection = new Connection(ask, this);
  }

  stop(): Finding {
    this.#connection.close();
    if (!this.#clock.isConnected) {
      return this.#finding("connect-timeout", "no answer to the connection request");
    }
    const detail = this.#text === "" ? "connected, then no answer" : "the answer was not completed";
    return this.#finding("response-timeout", detail);
  }

  connected(): void {
    this.#clock.end("connectMs");
    this.#connection.send(this.#request);
  }

  received(chunk: Uint8Array): void {
    this.#clock.end("firstByteMs");
    this.#text += latin1OfChunk(chunk);
    this.#read(false);
  }

  ended(): void {
    this.#read(true);
  }

  failed(fault: Fault): void {
    this.#end({ ...fault, phases: this.#clock.phases });
  }

  #read(isEnded: boolean): void {
    const isHead = this.#ask.method === "HEAD";
    const reading = readResponse(this.#text, { isHead, isEnded });
    if (reading.kind === "more") return;
    const verdict = judge(this.#ask, reading, this.#text);
    const finding = this.#finding(verdict.code, verdict.detail);
    const response = reading.kind === "response" ? reading.response : undefined;
    const isReusable = verdict.code === "ok" && response?.isReusable === true && !isEnded;
    if (isReusable && this.#keepsConnection) {
      const idle = response.idleMs === undefined ? {} : { idleMs: response.idleMs };
      this.#done({ ...finding, connection: this.#connection, ...idle });
    } else {
      this.#end(finding);
    }
  }

  #end(finding: Finding): void {
    this.#connection.close();
    this.#done(finding);
  }

  #finding(code: ObservationCode, detail: string): Finding {
    return { code, isHard: false, phases: this.#clock.phases, detail };
  }
}

interface Verdict {
  readonly code: ObservationCode;
  readonly detail: string;
}

function judge(
  ask: HttpAsk,
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

function judgeResponse(ask: HttpAsk, response: HttpResponse): Verdict {
  if (!ask.status.some(([low, high]) => low <= response.status && response.status <= high)) {
    const to = response.location === undefined ? "" : ` (to ${excerptOf(response.location)})`;
    const expected = ask.status.map(([low, high]) => (low === high ? low : `${low}-${high}`));
    const detail = `status ${response.status}${to}, expected ${expected.join(", ")}`;
    return { code: "http-status", detail };
  }
  if (ask.body !== undefined && !response.body.includes(latin1OfPhrase(ask.body))) {
    const where = `the first ${response.body.length} octets of the body`;
    return { code: "body-mismatch", detail: `${JSON.stringify(ask.body)} is not in ${where}` };
  }
  return { code: "ok", detail: "" };
}

/** The request; the operator's headers replace ours, but for Connection: the tripwire needs it. */
function requestText(ask: HttpAsk, env: KindEnv): string {
  const headers = new Map([
    ["host", `Host: ${ask.host}`],
    ["user-agent", `User-Agent: ${env.userAgent}`],
    ["accept", "Accept: */*"],
  ]);
  for (const [name, value] of Object.entries(ask.headers)) {
    headers.set(name.toLowerCase(), `${name}: ${value}`);
  }
  headers.set("connection", `Connection: ${env.keepsConnection ? "keep-alive" : "close"}`);
  const lines = [`${ask.method} ${ask.path} HTTP/1.1`, ...headers.values()];
  if (lines.some((line) => /[\r\n\0]/.test(line))) {
    throw new ProbeError("PROBE_BAD_REQUEST", ask.host);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
