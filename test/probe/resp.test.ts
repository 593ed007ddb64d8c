import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redisScript } from "../../src/probe/kinds/redis.ts";
import { commandText, type Resp, readReplies } from "../../src/probe/kinds/resp.ts";

const TEXT = "+OK\r\n-ERR no\r\n:42\r\n$3\r\na\r\n\r\n$-1\r\n*2\r\n$6\r\nmaster\r\n*0\r\n*-1\r\n";

describe("readReplies()", () => {
  it("reads every kind of reply", () => {
    expect(readReplies(TEXT, 10)).toEqual({
      replies: [
        { kind: "simple", text: "OK" },
        { kind: "error", text: "ERR no" },
        { kind: "integer", text: "42" },
        { kind: "bulk", text: "a\r\n" },
        { kind: "bulk", text: undefined },
        {
          kind: "array",
          items: [
            { kind: "bulk", text: "master" },
            { kind: "array", items: [] },
          ],
        },
        { kind: "array", items: [] },
      ],
      isMalformed: false,
    });
  });

  it("waits for the rest wherever it is cut", () => {
    let last: readonly Resp[] = [];
    for (let length = 0; length <= TEXT.length; length++) {
      const { replies, isMalformed } = readReplies(TEXT.slice(0, length), 10);
      expect(isMalformed).toBe(false);
      expect(replies.slice(0, last.length)).toEqual(last);
      last = replies;
    }
    expect(last).toHaveLength(7);
  });

  it("refuses what is none, however it is nested", () => {
    for (const text of ["HTTP/1.1 200 OK\r\n", "$x\r\n", "*9999\r\n", "*1\r\n".repeat(20)]) {
      expect(readReplies(text, 1)).toMatchObject({ isMalformed: true });
    }
    expect(readReplies(`+${"x".repeat(5000)}`, 1)).toMatchObject({ isMalformed: true });
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("*", "$", "-", "1", "2", "\r\n", "a") }),
        (text) => {
          readReplies(text, 4);
        },
      ),
    );
  });
});

describe("redisScript()", () => {
  const said = (text: string, role?: "primary" | "standby", password?: string) => {
    const turn = redisScript(role === undefined ? {} : { role }, password).read(text, false);
    return turn.kind === "end" ? `${turn.verdict.code} ${turn.verdict.detail}`.trim() : turn.kind;
  };
  const MASTER = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";

  it("says all its commands at once", () => {
    const ask = { user: "prøbe", role: "primary" } as const;
    expect(redisScript(ask, "pw").begin()).toEqual({
      kind: "say",
      octets:
        "*3\r\n$4\r\nAUTH\r\n$6\r\nprøbe\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nROLE\r\n",
    });
    expect(commandText(["PING"])).toBe("*1\r\n$4\r\nPING\r\n");
  });

  it.each([
    ["+PONG\r\n", undefined, undefined, "ok"],
    ["+PON", undefined, undefined, "wait"],
    ["+PONG\r\n", "primary", undefined, "wait"],
    [`+PONG\r\n${MASTER}`, "primary", undefined, "ok"],
    [`+PONG\r\n${MASTER}`, "standby", undefined, "role-mismatch role primary, expected standby"],
    [
      "+PONG\r\n*1\r\n$8\r\nsentinel\r\n",
      "primary",
      undefined,
      'role-mismatch role "sentinel", expected primary',
    ],
    ["-NOAUTH Authentication required.\r\n", undefined, undefined, "ok"],
    [
      "-NOAUTH Authentication required.\r\n",
      "primary",
      undefined,
      'prober-config PING: "NOAUTH Authentication required."',
    ],
    [
      "-LOADING Redis is loading\r\n",
      undefined,
      undefined,
      'service-refused PING: "LOADING Redis is loading"',
    ],
    ["-WRONGPASS no\r\n-NOAUTH x\r\n", undefined, "pw", 'prober-config AUTH: "WRONGPASS no"'],
    ["+OK\r\n+PONG\r\n", undefined, "pw", "ok"],
    ["+OK\r\n-NOPERM x\r\n", undefined, "pw", 'prober-config PING: "NOPERM x"'],
    ["SSH-2.0\r\n", undefined, undefined, 'response-malformed not Redis: "SSH-2.0\\x0d\\x0a"'],
  ] as const)("%j with role %s and password %s: %s", (text, role, password, expected) => {
    expect(said(text, role, password)).toBe(expected);
  });
});
