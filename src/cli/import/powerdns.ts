// PowerDNS LUA records (lua-records/functions in its manual) as checks and pools.

import { canonicalIp, familyOf } from "../../base/ip.ts";
import type { ImportedCheck, ImportedMember, ImportedPool, Translation } from "./imported.ts";
import { type LuaCall, type LuaTable, type LuaValue, readLuaCall } from "./lua.ts";

type Policy = ImportedPool["policy"];

/** How the members of a set are picked, by the selector's name. */
const SELECTORS: Readonly<Record<string, Policy>> = {
  random: "weighted",
  all: "all",
  hashed: "sticky",
};

/** Options that need no word: livezone has its own rule for each, or answers the same. */
const SILENT = [
  "selector",
  "source",
  "timeout",
  "useragent",
  "stringmatch",
  "httpcode",
  "interval",
];

const WEIGHT_MAX = 1000;

/** What a LUA record of the given type becomes. */
export function translateLua(type: string, code: string): Translation {
  if (type !== "A" && type !== "AAAA") {
    return { kind: "none", why: `only A and AAAA records follow health, not ${type}` };
  }
  const call = readLuaCall(code);
  if (call === undefined)
    return { kind: "none", why: "it is more than one call with fixed arguments" };
  const lost: string[] = [];
  const made = poolOf(call, lost);
  if (typeof made === "string") return { kind: "none", why: made };
  const family = type === "A" ? 4 : 6;
  const members = made.members.filter(({ address }) => familyOf(address) === family);
  if (members.length < made.members.length)
    lost.push(`addresses that are not for ${type} are left out`);
  if (members.length === 0) return { kind: "none", why: `it names no address for ${type}` };
  const more = { ...made.more, failback: { mode: "auto", hold: "0s" } };
  return { kind: "pool", pool: { ...made, members, more, lost } };
}

type Made = Pick<ImportedPool, "policy" | "members" | "checks" | "more">;

/** The pool of a call, or why there is none. */
function poolOf({ name, args }: LuaCall, lost: string[]): Made | string {
  const [first, second, third] = args;
  const unchecked = { checks: new Map<string, ImportedCheck>() };
  switch (name) {
    case "ifportup":
      return checked(
        { sets: second, options: third, check: { kind: "tcp", port: Number(first) } },
        lost,
      );
    case "ifurlup": {
      const check = urlCheck(String(first));
      return check === undefined
        ? `"${String(first)}" is no http or https URL`
        : checked({ sets: second, options: third, check }, lost);
    }
    case "ifurlextup":
      return "each of its addresses has a URL of its own; write a check with an address map";
    case "pickrandom":
      return { ...unchecked, policy: "weighted", members: membersOf(first) };
    case "pickwrandom":
      return { ...unchecked, policy: "weighted", members: weighed(first, lost) };
    case "pickrandomsample":
      return {
        ...unchecked,
        policy: "all",
        members: membersOf(second),
        more: { answers: Number(first) },
      };
    case "all":
      return { ...unchecked, policy: "all", members: membersOf(first) };
    case "pickhashed":
    case "pickchashed":
      return { ...unchecked, policy: "sticky", members: membersOf(first) };
    case "pickwhashed":
      lost.push("its weights are not carried over: policy sticky goes by none");
      return {
        ...unchecked,
        policy: "sticky",
        members: weighed(first, []).map(({ address }) => ({ address })),
      };
    default:
      return `function "${name}" has no counterpart yet`;
  }
}

function checked(
  call: {
    readonly sets: LuaValue | undefined;
    readonly options: LuaValue | undefined;
    readonly check: ImportedCheck;
  },
  lost: string[],
): Made {
  const options = isTable(call.options) ? call.options.named : new Map<string, LuaValue>();
  const sets = isTable(call.sets) ? call.sets.list : [];
  const tiers = sets.every(isTable) ? sets.map(membersOf) : [membersOf(call.sets)];
  const selector = String(options.get("selector") ?? "random");
  if (tiers.length === 1 && SELECTORS[selector] === undefined) {
    lost.push(`selector "${selector}" is not carried over: one at random is answered`);
  }
  if (tiers.length > 1 && tiers.some((tier) => tier.length > 1)) {
    lost.push("a set with several addresses answers one of them at a time, in their order");
  }
  const unknown = [...options.keys()].filter((key) => !SILENT.includes(key));
  if (unknown.length > 0) lost.push(`not carried over: ${unknown.join(", ")}`);
  const check = withOptions(call.check, options);
  return {
    policy: tiers.length > 1 ? "priority" : (SELECTORS[selector] ?? "weighted"),
    members: tiers.flat(),
    checks: new Map([[checkName(check), check]]),
  };
}

function withOptions(check: ImportedCheck, options: ReadonlyMap<string, LuaValue>): ImportedCheck {
  const body = options.get("stringmatch");
  const status = options.get("httpcode");
  const isHttp = check["kind"] !== "tcp";
  const expect = {
    ...(body !== undefined && { body: String(body) }),
    ...(status !== undefined && { status: Number(status) }),
  };
  const seconds = (key: string): object =>
    options.has(key) ? { [key]: `${Number(options.get(key))}s` } : {};
  return {
    ...check,
    ...(isHttp && Object.keys(expect).length > 0 && { expect }),
    ...(isHttp && options.has("useragent") && { userAgent: String(options.get("useragent")) }),
    ...(options.has("source") && { source: String(options.get("source")) }),
    ...seconds("interval"),
    ...seconds("timeout"),
  };
}

function urlCheck(text: string): ImportedCheck | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const kind = url.protocol.replace(":", "");
  if (kind !== "http" && kind !== "https") return undefined;
  const port = url.port === "" ? {} : { port: Number(url.port) };
  return { kind, ...port, host: url.hostname, path: `${url.pathname}${url.search}` };
}

/** Checks that ask the same share a name: the kind, and where. */
function checkName(check: ImportedCheck): string {
  const place = check["host"] ?? check["port"] ?? "";
  const spelled = JSON.stringify(check);
  const digest = [...spelled].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return `${String(check["kind"])}-${String(place)}-${digest.toString(36)}`;
}

function membersOf(value: LuaValue | undefined): readonly ImportedMember[] {
  const entries = isTable(value) ? value.list : value === undefined ? [] : [value];
  const addresses = entries.map((entry) => canonicalIp(String(entry)));
  return [...new Set(addresses)]
    .filter((each) => each !== undefined)
    .map((address) => ({ address }));
}

/** `{ {weight, 'address'}, … }`; weights within livezone's bounds. */
function weighed(value: LuaValue | undefined, lost: string[]): readonly ImportedMember[] {
  const pairs = (isTable(value) ? value.list : []).filter(isTable);
  const members = pairs.flatMap(({ list: [weight, address] }) => {
    const known = canonicalIp(String(address));
    return known === undefined ? [] : [{ address: known, weight: Number(weight) }];
  });
  const most = Math.max(0, ...members.map(({ weight }) => weight));
  if (most > WEIGHT_MAX) lost.push(`weights are scaled to at most ${WEIGHT_MAX}`);
  const scale = most > WEIGHT_MAX ? WEIGHT_MAX / most : 1;
  return members.map(({ address, weight }) => ({
    address,
    weight: Math.max(1, Math.round(weight * scale)),
  }));
}

function isTable(value: LuaValue | undefined): value is LuaTable {
  return typeof value === "object";
}
