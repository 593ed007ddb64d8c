// What is expected of an HTTP body: a phrase, a pattern, a JSON value within its bound.

import { type Context, createContext, Script } from "node:vm";
import type { HttpAsk, HttpsAsk, JsonBound } from "../../config/ask.ts";
import { excerptOf, latin1OfPhrase } from "./bytes.ts";
import type { Verdict } from "./script.ts";

/** Patterns run on what a stranger sent: one that backtracks without end is cut off. */
const PATTERN_TIMEOUT_MS = 50;

const OK: Verdict = { code: "ok", detail: "" };

/** Judges the first octets of a body, one character per octet. */
export function judgeBody(ask: HttpAsk | HttpsAsk, body: string): Verdict {
  const where = `the first ${body.length} octets of the body`;
  if (ask.body !== undefined && !body.includes(latin1OfPhrase(ask.body))) {
    return { code: "body-mismatch", detail: `${JSON.stringify(ask.body)} is not in ${where}` };
  }
  if (ask.pattern !== undefined) {
    const { source, flags } = ask.pattern;
    const pattern = new RegExp(source, flags);
    const outcome = testPattern(pattern, utf8OfLatin1(body));
    if (outcome === "too slow") {
      const detail = `${pattern} took longer than ${PATTERN_TIMEOUT_MS} ms on ${where}`;
      return { code: "prober-config", detail };
    }
    if (outcome === "no match") {
      return { code: "body-mismatch", detail: `${pattern} matches nothing in ${where}` };
    }
  }
  return ask.json === undefined ? OK : judgeJson(ask.json, body);
}

let realm: { readonly context: Context; readonly test: Script } | undefined;

/** Only node:vm can limit the time of a pattern: the expression is ours, but the text is theirs. */
function testPattern(pattern: RegExp, text: string): "match" | "no match" | "too slow" {
  realm ??= { context: createContext({}), test: new Script("pattern.test(text)") };
  Object.assign(realm.context, { pattern, text });
  try {
    const isMatch: unknown = realm.test.runInContext(realm.context, {
      timeout: PATTERN_TIMEOUT_MS,
    });
    return isMatch === true ? "match" : "no match";
  } catch {
    return "too slow";
  }
}

function judgeJson(bound: JsonBound, body: string): Verdict {
  const path = bound.path.join(".");
  let value: unknown;
  try {
    value = JSON.parse(utf8OfLatin1(body));
  } catch {
    const seen = body === "" ? "the body is empty" : `no JSON: ${excerptOf(body)}`;
    return { code: "json-missing", detail: `${path}: ${seen}` };
  }
  for (const key of bound.path) {
    value = childOf(value, key);
    if (value === undefined) return { code: "json-missing", detail: `${path} is not there` };
  }
  const expected = unmet(bound, value);
  if (expected === undefined) return OK;
  const seen = excerptOf(JSON.stringify(value)).slice(1, -1);
  return { code: "json-bound", detail: `${path} is ${seen}, expected ${expected}` };
}

function childOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

/** The bound that a value does not keep, in words. */
function unmet({ min, max, equals }: JsonBound, value: unknown): string | undefined {
  if (equals !== undefined) return value === equals ? undefined : JSON.stringify(equals);
  const least = min ?? Number.NEGATIVE_INFINITY;
  const most = max ?? Number.POSITIVE_INFINITY;
  if (min === undefined && max === undefined) return undefined;
  if (typeof value === "number" && least <= value && value <= most) return undefined;
  if (min === undefined) return `at most ${most}`;
  return max === undefined ? `at least ${least}` : `${least} to ${most}`;
}

function utf8OfLatin1(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
