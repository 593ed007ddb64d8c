// Kind "postgres": the startup exchange of PostgreSQL's protocol 3.0, as far as it tells that the
// server lets sessions in, and with a role asked for, on to what the session says about it.

import { randomBytes } from "node:crypto";
import type { PostgresAsk, Role } from "../../config/ask.ts";
import type { Kind } from "../kind.ts";
import { excerptOf } from "./bytes.ts";
import { Conversation } from "./conversation.ts";
import { passwordOf } from "./password.ts";
import { PhaseClock } from "./phase-clock.ts";
import {
  errorOf,
  message,
  type PostgresMessage,
  passwordMessage,
  readMessage,
  saslInitial,
  startupMessage,
} from "./postgres-wire.ts";
import { isServerProof, md5Answer, type Scram, scram } from "./scram.ts";
import { type EndTurn, end, type Script, type Turn, WAIT } from "./script.ts";

/**
 *   the server                            without a login     with a login, or a role
 *   asks for a password                   ok: it is alive     logs in, or prober-config
 *   opens the session                     ok                  ok, when the role is right
 *   refuses this user, host or database   ok: it is alive     prober-config
 *   refuses anybody (starting, shutting   service-refused     service-refused
 *     down, full, broken)
 *
 * Another role than the one asked for is "role-mismatch".
 */
export const postgres: Kind<PostgresAsk> = {
  begin: (ask, env, done) => {
    const nonce = randomBytes(18).toString("base64");
    const script = new PostgresScript(ask, passwordOf(ask), nonce);
    const talk = new Conversation({ ask, env, script, clock: new PhaseClock(env.time), done });
    return () => talk.stop();
  },
};

const ALIVE: EndTurn = { kind: "end", verdict: { code: "ok", detail: "" }, isReusable: false };

/** Codes of authentication requests (PostgreSQL documentation, "Message Formats"). */
const AUTH = { OK: 0, CLEARTEXT: 3, MD5: 5, SASL: 10, SASL_CONTINUE: 11, SASL_FINAL: 12 } as const;

/** SQLSTATEs that refuse us and not everybody: a login, a database, a right. */
const REFUSES_US = /^(?:28|3D|42)/;

/** The startup exchange, one side of it. */
export class PostgresScript implements Script {
  readonly #ask: Pick<PostgresAsk, "user" | "database" | "role">;
  readonly #password: string | undefined;
  readonly #scram: Scram | undefined;
  #signature = "";
  #isStandby: boolean | undefined;
  #hasAsked = false;
  /** Octets that were understood already. */
  #at = 0;

  constructor(
    ask: Pick<PostgresAsk, "user" | "database" | "role">,
    password: string | undefined,
    nonce: string,
  ) {
    this.#ask = ask;
    this.#password = password;
    this.#scram = password === undefined ? undefined : scram(password, nonce);
  }

  begin(): Turn {
    return { kind: "say", octets: startupMessage(this.#ask) };
  }

  read(text: string): Turn {
    for (;;) {
      const reading = readMessage(text, this.#at);
      if (reading === "malformed") {
        return end("response-malformed", `not PostgreSQL: ${excerptOf(text)}`);
      }
      if (reading === "more") return WAIT;
      this.#at = reading.end;
      const turn = this.#take(reading.message);
      if (turn !== undefined) return turn;
    }
  }

  missing(text: string): string {
    return text === "" ? "no answer" : "the answer was not completed";
  }

  /** Whether being let in is not enough, or was prepared for. */
  get #wantsIn(): boolean {
    return this.#ask.role !== undefined || this.#password !== undefined;
  }

  #take({ type, body }: PostgresMessage): Turn | undefined {
    switch (type) {
      case "R":
        return this.#authenticate(body);
      case "E":
        return this.#refused(body);
      case "S":
        // Told from version 14 on, with the session's start.
        if (body.startsWith("in_hot_standby\0")) this.#isStandby = body.includes("\0on\0");
        return undefined;
      case "D":
        // The only row that is ever asked for: one boolean.
        this.#isStandby = body.endsWith("t");
        return undefined;
      case "Z":
        return this.#ready();
      default:
        return undefined;
    }
  }

  #authenticate(body: string): Turn | undefined {
    const octets = Buffer.from(body, "latin1");
    const code = octets.length < 4 ? -1 : octets.readUInt32BE(0);
    if (code === AUTH.OK) return undefined;
    const password = this.#password;
    if (password === undefined || this.#scram === undefined) {
      if (!this.#wantsIn) return ALIVE;
      return end("prober-config", `user "${this.#ask.user}" needs a password to be told the role`);
    }
    const rest = octets.subarray(4);
    switch (code) {
      case AUTH.CLEARTEXT:
        return say(passwordMessage(password));
      case AUTH.MD5:
        return say(passwordMessage(md5Answer(this.#ask.user, password, rest)));
      case AUTH.SASL:
        if (!rest.toString("latin1").split("\0").includes("SCRAM-SHA-256")) break;
        return say(saslInitial("SCRAM-SHA-256", this.#scram.first));
      case AUTH.SASL_CONTINUE: {
        const next = this.#scram.proceed(rest.toString("utf8"));
        if (next === undefined) return end("response-malformed", "its SCRAM challenge is none");
        this.#signature = next.signature;
        return say(message("p", Buffer.from(next.second)));
      }
      case AUTH.SASL_FINAL:
        if (isServerProof(rest.toString("utf8"), this.#signature)) return undefined;
        return end("response-malformed", "it does not know the password that it asks for");
      default:
        break;
    }
    return end("prober-config", `it asks for a way to log in that is not known here (${code})`);
  }

  #refused(body: string): Turn {
    const { state, text } = errorOf(body);
    const detail = `${state}: ${excerptOf(text)}`;
    if (!REFUSES_US.test(state)) return end("service-refused", detail);
    return this.#wantsIn ? end("prober-config", detail) : ALIVE;
  }

  #ready(): Turn {
    const farewell = message("X", Buffer.alloc(0));
    const { role } = this.#ask;
    if (role === undefined) return { ...ALIVE, farewell };
    if (this.#isStandby === undefined) {
      if (this.#hasAsked) return end("response-malformed", "it does not say which role it has");
      this.#hasAsked = true;
      return say(message("Q", Buffer.from("SELECT pg_is_in_recovery()\0")));
    }
    const said: Role = this.#isStandby ? "standby" : "primary";
    if (said === role) return { ...ALIVE, farewell };
    return { ...end("role-mismatch", `role ${said}, expected ${role}`), farewell };
  }
}

function say(octets: Uint8Array): Turn {
  return { kind: "say", octets };
}
