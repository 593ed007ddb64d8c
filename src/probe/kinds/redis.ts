// Kind "redis": PING, after AUTH where there is a login; with a role asked for, ROLE too.

import type { RedisAsk, Role } from "../../config/ask.ts";
import type { Kind } from "../kind.ts";
import { excerptOf } from "./bytes.ts";
import { Conversation } from "./conversation.ts";
import { passwordOf } from "./password.ts";
import { PhaseClock } from "./phase-clock.ts";
import { commandText, type Resp, readReplies } from "./resp.ts";
import { end, type Script, type Turn, WAIT } from "./script.ts";

/**
 *   PING says          without a login             with a login, or a role
 *   PONG               ok                          ok, when AUTH and the role are good too
 *   NOAUTH, NOPERM     ok: it is alive             prober-config: our login, not the target
 *   LOADING, BUSY ...  service-refused             service-refused
 *
 * Another role than the one asked for is "role-mismatch".
 */
export const redis: Kind<RedisAsk> = {
  begin: (ask, env, done) => {
    const script = redisScript(ask, passwordOf(ask));
    const talk = new Conversation({ ask, env, script, clock: new PhaseClock(env.time), done });
    return () => talk.stop();
  },
};

const ALIVE: Turn = { kind: "end", verdict: { code: "ok", detail: "" }, isReusable: true };

/** Errors that say "not you" and not "not now". */
const LOGIN_ERRORS = /^(?:NOAUTH|NOPERM|WRONGPASS)\b/;

/** The script of one PING, with all commands sent at once. */
export function redisScript(
  { user, role }: Pick<RedisAsk, "user" | "role">,
  password: string | undefined,
): Script {
  const hasLogin = password !== undefined;
  const auth = password === undefined ? [] : [["AUTH", ...withUser(user, password)]];
  const commands = [...auth, ["PING"], ...(role === undefined ? [] : [["ROLE"]])];
  const read = (text: string): Turn => {
    const { replies, isMalformed } = readReplies(text, commands.length);
    for (const [index, reply] of replies.entries()) {
      const turn = judge(commands[index]?.[0] ?? "", reply, { role, hasLogin });
      if (turn !== undefined) return turn;
    }
    if (isMalformed) return end("response-malformed", `not Redis: ${excerptOf(text)}`);
    return replies.length === commands.length ? ALIVE : WAIT;
  };
  return {
    begin: () => ({ kind: "say", octets: commands.map(commandText).join("") }),
    read,
    missing: (text) => (text === "" ? "no answer" : "the answer was not completed"),
  };
}

/** What a reply ends the conversation with; `undefined` where it is as it should be. */
function judge(
  command: string,
  reply: Resp,
  wanted: { readonly role: Role | undefined; readonly hasLogin: boolean },
): Turn | undefined {
  if (reply.kind === "error") {
    const detail = `${command}: ${excerptOf(reply.text)}`;
    if (command === "AUTH" || command === "ROLE") return end("prober-config", detail);
    if (!LOGIN_ERRORS.test(reply.text)) return end("service-refused", detail);
    return wanted.hasLogin || wanted.role !== undefined ? end("prober-config", detail) : ALIVE;
  }
  if (command !== "ROLE") return undefined;
  const word = reply.kind === "array" ? reply.items[0] : undefined;
  const said = word !== undefined && "text" in word ? (word.text ?? "") : "";
  const roles: Readonly<Record<string, Role>> = { master: "primary", slave: "standby" };
  if (roles[said] === wanted.role) return undefined;
  return end("role-mismatch", `role ${roles[said] ?? excerptOf(said)}, expected ${wanted.role}`);
}

function withUser(user: string | undefined, password: string): readonly string[] {
  return user === undefined ? [password] : [user, password];
}
