// One conversation of a probe: a connection, perhaps with TLS, a script that speaks on it, and
// exactly one finding. All kinds over TCP are scripts on this.

import { unreachable } from "../../base/assert.ts";
import type { Ask, TlsTerms } from "../../config/ask.ts";
import { Connection } from "../connection.ts";
import type { Fault } from "../fault.ts";
import type { Finding, KindEnv } from "../kind.ts";
import type { PeerIdentity } from "../tls.ts";
import { latin1OfChunk } from "./bytes.ts";
import type { PhaseClock } from "./phase-clock.ts";
import type { EndTurn, Script, Turn } from "./script.ts";

/** More than any script needs to see: whoever sends more is not speaking its protocol. */
const OCTETS_MAX = 131_072;

/** What a conversation is made of. */
export interface ConversationOptions {
  readonly ask: Pick<Ask, "address" | "port" | "source">;
  readonly tls?: TlsTerms | undefined;
  /** Offered by ALPN (RFC 7301), TLS alone. */
  readonly protocol?: string;
  readonly env: KindEnv;
  readonly script: Script;
  readonly clock: PhaseClock;
  readonly done: (finding: Finding) => void;
  /** Takes up a redirection; without it there is none. */
  readonly redirected?: (location: string, status: number) => void;
}

/** Starts when it is made; ends by `done`, by `redirected` or by `stop`. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #connection: Connection;
  #stage: "connecting" | "securing" | "talking" = "connecting";
  #text = "";
  #warning: string | undefined;

  /** @throws what the connection throws where it cannot even begin. */
  constructor(options: ConversationOptions) {
    this.#options = options;
    const { ask, tls, protocol } = options;
    this.#connection = new Connection(
      { ...ask, ...(tls === undefined ? {} : { tls: { terms: tls, protocol } }) },
      this,
    );
  }

  /** Closes, and says what the silence until now means. */
  stop(): Finding {
    this.#connection.close();
    switch (this.#stage) {
      case "connecting":
        return this.#finding("connect-timeout", "no answer to the connection request");
      case "securing":
        return this.#finding("tls-timeout", "connected, then no end of the TLS handshake");
      case "talking": {
        const missing = this.#options.script.missing(this.#text);
        return this.#finding("response-timeout", `connected, then ${missing}`);
      }
      default:
        return unreachable(this.#stage);
    }
  }

  connected(): void {
    this.#options.clock.end("connectMs");
    if (this.#options.tls === undefined) this.#begin();
    else this.#stage = "securing";
  }

  secured(peer: PeerIdentity): void {
    this.#options.clock.end("tlsMs");
    if (peer.kind === "refused") {
      this.#end(this.#finding(peer.code, peer.detail));
      return;
    }
    this.#warning = peer.warning(this.#options.env.time.wallMs());
    this.#begin();
  }

  received(chunk: Uint8Array): void {
    this.#options.clock.end("firstByteMs");
    this.#text += latin1OfChunk(chunk);
    this.#take(this.#options.script.read(this.#text, false));
  }

  ended(): void {
    const turn = this.#options.script.read(this.#text, true);
    if (turn.kind === "end" || turn.kind === "redirect") {
      this.#take(turn);
    } else {
      const missing = this.#options.script.missing(this.#text);
      this.#end(this.#finding("response-closed", `closed, ${missing}`));
    }
  }

  failed(fault: Fault): void {
    this.#end({ ...fault, phases: this.#options.clock.phases });
  }

  #begin(): void {
    this.#stage = "talking";
    this.#take(this.#options.script.begin());
  }

  #take(turn: Turn): void {
    switch (turn.kind) {
      case "wait":
        if (this.#text.length > OCTETS_MAX) {
          const detail = `more than ${OCTETS_MAX} octets without an end`;
          this.#end(this.#finding("response-malformed", detail));
        }
        return;
      case "say":
        this.#connection.send(turn.octets);
        return;
      case "redirect":
        this.#connection.close();
        this.#options.redirected?.(turn.location, turn.status);
        return;
      case "end":
        this.#finish(turn);
        return;
      default:
        unreachable(turn);
    }
  }

  #finish(turn: EndTurn): void {
    const { code, detail } = turn.verdict;
    const finding = this.#finding(code, detail);
    if (code === "ok" && turn.isReusable && this.#options.env.keepsConnection) {
      const idle = turn.idleMs === undefined ? {} : { idleMs: turn.idleMs };
      this.#options.done({ ...finding, connection: this.#connection, ...idle });
      return;
    }
    if (turn.farewell !== undefined) this.#connection.send(turn.farewell);
    this.#end(finding);
  }

  #end(finding: Finding): void {
    this.#connection.close();
    this.#options.done(finding);
  }

  #finding(code: Finding["code"], detail: string): Finding {
    const { phases } = this.#options.clock;
    const warning = code === "ok" ? this.#warning : undefined;
    return { code, isHard: false, phases, detail, ...(warning === undefined ? {} : { warning }) };
  }
}
