// PostgreSQL's startup exchange, turn by turn, and SCRAM by the book.

import { describe, expect, it } from "vitest";
import { PostgresScript } from "../../src/probe/kinds/postgres.ts";
import { isServerProof, md5Answer, scram } from "../../src/probe/kinds/scram.ts";
import type { Script } from "../../src/probe/kinds/script.ts";

const ASK = { user: "probe", database: "app" };

function message(type: string, body: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + body.length);
  return `${type}${length.toString("latin1")}${body}`;
}

const auth = (code: number, rest = ""): string =>
  message("R", `\0\0\0${String.fromCharCode(code)}${rest}`);
const error = (state: string, text: string): string =>
  message("E", `SFATAL\0C${state}\0M${text}\0\0`);
const READY = message("Z", "I");

/** What the script does about all that has come, in short. */
function said(script: Script, text: string): string {
  const turn = script.read(text, false);
  if (turn.kind === "end") return `${turn.verdict.code} ${turn.verdict.detail}`.trim();
  return turn.kind === "say" ? Buffer.from(turn.octets).toString("latin1").slice(5) : turn.kind;
}

const open = (role?: "primary" | "standby", password?: string): PostgresScript =>
  new PostgresScript(role === undefined ? ASK : { ...ASK, role }, password, "nonce");

describe("PostgresScript", () => {
  it("begins with the startup message", () => {
    const turn = open().begin();
    expect(turn.kind === "say" && Buffer.from(turn.octets).toString("latin1")).toBe(
      "\0\0\0;\0\x03\0\0user\0probe\0database\0app\0application_name\0livezone\0\0",
    );
  });

  it.each([
    ["an open session", auth(0) + READY, undefined, "ok"],
    ["a password is asked for", auth(10, "SCRAM-SHA-256\0\0"), undefined, "ok"],
    ["nothing yet", "R\0\0", undefined, "wait"],
    ["it starts", error("57P03", "starting"), undefined, 'service-refused 57P03: "starting"'],
    ["it is full", error("53300", "too many"), undefined, 'service-refused 53300: "too many"'],
    ["we may not come in", error("28000", "no entry"), undefined, "ok"],
    ["the same, with a role", error("28000", "no"), "primary", 'prober-config 28000: "no"'],
    [
      "the role is told",
      `${auth(0)}${message("S", "in_hot_standby\0on\0")}${READY}`,
      "standby",
      "ok",
    ],
    [
      "the other role is told",
      `${auth(0)}${message("S", "in_hot_standby\0off\0")}${READY}`,
      "standby",
      "role-mismatch role primary, expected standby",
    ],
    ["the role is asked for", auth(0) + READY, "primary", "SELECT pg_is_in_recovery()\0"],
    [
      "an unknown way to log in",
      auth(7),
      "primary",
      'prober-config user "probe" needs a password to be told the role',
    ],
    [
      "another protocol",
      "HTTP/1.1 400 Bad Request",
      undefined,
      'response-malformed not PostgreSQL: "HTTP/1.1 400 Bad Request"',
    ],
    [
      "SSH",
      "SSH-2.0-OpenSSH\r\n",
      undefined,
      'response-malformed not PostgreSQL: "SSH-2.0-OpenSSH\\x0d\\x0a"',
    ],
  ] as const)("when %s", (_title, text, role, expected) => {
    expect(said(open(role), text)).toBe(expected);
  });

  it("asks an older server for its role, once", () => {
    const script = open("standby");
    const start = auth(0) + READY;
    expect(said(script, start)).toBe("SELECT pg_is_in_recovery()\0");
    expect(said(script, start)).toBe("wait");
    const row = message("D", "\0\x01\0\0\0\x01t");
    expect(said(script, start + row + READY)).toBe("ok");
    const mute = open("standby");
    said(mute, start);
    expect(said(mute, start + READY)).toBe("response-malformed it does not say which role it has");
  });

  it("refuses ways to log in that it does not know", () => {
    expect(said(open(undefined, "pw"), auth(7))).toBe(
      "prober-config it asks for a way to log in that is not known here (7)",
    );
    expect(said(open(undefined, "pw"), auth(10, "SCRAM-SHA-512\0\0"))).toContain("(10)");
  });

  it("is not made to compute without end, nor to trust who does not know the password", () => {
    const script = open(undefined, "pw");
    const first = auth(10, "SCRAM-SHA-256\0\0");
    expect(said(script, first)).toContain("n,,n=,r=nonce");
    const greedy = first + auth(11, "r=nonceX,s=c2FsdA==,i=100000000");
    expect(said(script, greedy)).toBe("response-malformed its SCRAM challenge is none");
    const other = open(undefined, "pw");
    said(other, first);
    const challenge = first + auth(11, "r=nonceX,s=c2FsdA==,i=4096");
    expect(said(other, challenge)).toMatch(/^c=biws,r=nonceX,p=/);
    expect(said(other, challenge + auth(12, "v=AAAA"))).toBe(
      "response-malformed it does not know the password that it asks for",
    );
  });
});

describe("scram()", () => {
  // RFC 7677 section 3 has a user name, PostgreSQL has none: the proof is of the same keys.
  it("proves the password as RFC 5802 says, and only to who answers its nonce", () => {
    const login = scram("pencil", "rOprNGfwEbeRWgbNEkqO");
    expect(login.first).toBe("n,,n=,r=rOprNGfwEbeRWgbNEkqO");
    expect(login.proceed("r=someone else,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")).toBeUndefined();
    expect(login.proceed("r=rOprNGfwEbeRWgbNEkqOx,i=4096")).toBeUndefined();
    const next = login.proceed("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    expect(isServerProof(`v=${next?.signature}`, next?.signature ?? "")).toBe(true);
    expect(isServerProof("e=other-error", next?.signature ?? "")).toBe(false);
  });

  it("answers an MD5 challenge", () => {
    const answer = "md5556e77d43ab6e6d60f9c21feeee243f4";
    expect(md5Answer("user", "pw", Buffer.from("salt"))).toBe(answer);
  });
});
