// gdnsd's service types and resources (gdnsd.config(5), gdnsd-plugin-*(8)) as checks and pools.

import { canonicalIp } from "../../base/ip.ts";
import type { ImportedCheck, ImportedMember, ImportedPool, Translation } from "./imported.ts";
import type { VscfValue } from "./vscf.ts";

type Section = ReadonlyMap<string, VscfValue>;

const EMPTY: Section = new Map();
const WEIGHT_MAX = 1000;
const THRESHOLD_MAX = 100;
/** Keys of resources that are no labels of addresses. */
const SETTINGS = ["service_types", "up_thresh", "ignore_health", "multi", "skip_first"];
/** Plugins whose resources have a counterpart. */
const KNOWN = ["simplefo", "multifo", "weighted", "static", "metafo"];
/** Service types that gdnsd has without configuration. */
const ALWAYS_UP = ["up", "default"];

/** A reader of `PLUGIN!RESOURCE` by the configuration. */
export function gdnsdTranslator(config: Section): (reference: string) => Translation {
  const plugins = mapOf(config.get("plugins"));
  const services = mapOf(config.get("service_types"));
  return (reference) => translate(reference, { plugins, services });
}

interface Gdnsd {
  readonly plugins: Section;
  readonly services: Section;
}

function translate(reference: string, gdnsd: Gdnsd): Translation {
  const [plugin = "", resource = ""] = reference.split("!");
  if (!KNOWN.includes(plugin)) {
    return { kind: "none", why: `plugin "${plugin}" has no counterpart yet` };
  }
  const [name = "", part] = resource.split("/");
  const top = mapOf(gdnsd.plugins.get(plugin));
  const isMeta = plugin === "metafo";
  const own = isMeta ? mapOf(top.get("resources")).get(name) : top.get(name);
  if (own === undefined) {
    return { kind: "none", why: `plugin "${plugin}" has no resource "${name}" to carry over` };
  }
  const resourceMap = { ...gdnsd, top, own, part };
  switch (plugin) {
    case "simplefo":
      return ofAddresses(resourceMap, "priority");
    case "multifo":
      return ofAddresses(resourceMap, "all");
    case "weighted":
      return ofAddresses(resourceMap, "weighted");
    case "static":
      return ofAddresses({ ...resourceMap, own: new Map([["1", own]]) }, "all");
    default:
      return ofDatacenters(resourceMap);
  }
}

interface Resource extends Gdnsd {
  readonly top: Section;
  readonly own: VscfValue;
  readonly part: string | undefined;
}

function ofAddresses(resource: Resource, policy: ImportedPool["policy"]): Translation {
  const { top, own, services } = resource;
  const section = mapOf(own);
  const lost: string[] = [];
  const families = [section.get("addrs_v4"), section.get("addrs_v6")].filter(
    (f) => f !== undefined,
  );
  const groups = families.length === 0 ? [own] : families;
  const members = groups.flatMap((group) => membersOf(group, lost));
  const names = members.filter(({ address }) => canonicalIp(address) === undefined);
  if (names[0] !== undefined) {
    const heaviest = [...names].sort((a, b) => (b.weight ?? 1) - (a.weight ?? 1))[0] ?? names[0];
    const others =
      names.length > 1 ? ["host names cannot be members yet: the others are left out"] : [];
    return { kind: "alias", name: heaviest.address, lost: others };
  }
  if (members.length === 0) return { kind: "none", why: "it has no addresses" };
  const setting = (key: string): VscfValue | undefined =>
    mapOf(groups[0]).get(key) ?? section.get(key) ?? top.get(key);
  const types = families.map((family) => listOf(mapOf(family).get("service_types")).join());
  if (new Set(types).size > 1)
    lost.push("its families have different service types: the first's count");
  if (setting("ignore_health") === "true") lost.push("ignore_health is not carried over");
  if (setting("multi") === "true")
    lost.push("multi is not carried over: one member is answered at a time");
  const checks = checksOf(listOf(setting("service_types")), services, lost);
  const floor = Number(setting("up_thresh") ?? 0.5);
  const more = {
    // For "weighted" both servers mean a share of all weight by it.
    ...(policy !== "priority" && { panicFloor: `${Math.round(floor * 1000) / 10}%` }),
    // With too few up gdnsd answers all of them; so it does with none.
    ...(policy === "all" && { allDown: "all" }),
    failback: { mode: "auto", hold: "0s" },
  };
  const weights = policy === "weighted" ? members : members.map(({ address }) => ({ address }));
  return { kind: "pool", pool: { policy, members: fitted(weights, lost), checks, more, lost } };
}

/** Datacenters in their order; of one that has several addresses, one is answered at a time. */
function ofDatacenters(resource: Resource): Translation {
  const section = mapOf(resource.own);
  const dcmap = mapOf(section.get("dcmap"));
  const order = resource.part === undefined ? listOf(section.get("datacenters")) : [resource.part];
  const lost: string[] = [];
  const pools: ImportedPool[] = [];
  for (const name of order) {
    const value = dcmap.get(name) ?? "";
    const isReference = typeof value === "string" && /^[%\w-]*!/.test(value);
    const top = new Map([...resource.top, ...section]);
    const inner = isReference
      ? translate(value.replace(/^%/, ""), resource)
      : ofAddresses({ ...resource, top, own: typeof value === "string" ? [value] : value }, "all");
    if (inner.kind === "pool") pools.push(inner.pool);
    else
      lost.push(
        `datacenter "${name}" is left out: ${inner.kind === "none" ? inner.why : `it is the name ${inner.name}`}`,
      );
  }
  const [first] = pools;
  if (first === undefined) return { kind: "none", why: "no datacenter of it can be carried over" };
  if (pools.some(({ members }) => members.length > 1)) {
    lost.push("a datacenter with several addresses answers one of them at a time");
  }
  const members = pools.flatMap((pool) => pool.members.map(({ address }) => ({ address })));
  const more = { failback: { mode: "auto", hold: "0s" } };
  const all = [...lost, ...pools.flatMap((pool) => pool.lost)];
  return { kind: "pool", pool: { ...first, policy: "priority", members, more, lost: all } };
}

/** Addresses of a list, of labels with addresses, of labels with weights, or of groups of those. */
function membersOf(value: VscfValue, lost: string[]): ImportedMember[] {
  if (typeof value === "string") return [memberOf(value)];
  if (!(value instanceof Map)) return listOf(value).map((address) => memberOf(address));
  const members: ImportedMember[] = [];
  for (const [label, each] of value as Section) {
    if (SETTINGS.includes(label)) continue;
    if (each instanceof Map) {
      if (!lost.includes(GROUPS_LOST)) lost.push(GROUPS_LOST);
      members.push(...membersOf(each, lost));
    } else if (typeof each === "string") members.push(memberOf(each));
    else {
      const [address = "", weight = "1"] = listOf(each);
      members.push({ ...memberOf(address), weight: Math.max(1, Number(weight) || 1) });
    }
  }
  return members;
}

const GROUPS_LOST = "its groups are not carried over: their members stand side by side";

function memberOf(address: string): ImportedMember {
  return { address: canonicalIp(address) ?? address };
}

/** Each address once, weights within livezone's bounds. */
function fitted(members: readonly ImportedMember[], lost: string[]): readonly ImportedMember[] {
  const most = Math.max(...members.map(({ weight = 1 }) => weight));
  if (most > WEIGHT_MAX) lost.push(`weights are scaled to at most ${WEIGHT_MAX}`);
  const scale = most > WEIGHT_MAX ? WEIGHT_MAX / most : 1;
  const once = new Map(members.map((member) => [member.address, member]));
  return [...once.values()].map(({ address, weight }) => ({
    address,
    ...(weight !== undefined && { weight: Math.max(1, Math.round(weight * scale)) }),
  }));
}

function checksOf(
  types: readonly string[],
  services: Section,
  lost: string[],
): ReadonlyMap<string, ImportedCheck> {
  const checks = new Map<string, ImportedCheck>();
  for (const type of types) {
    if (ALWAYS_UP.includes(type) && !services.has(type)) continue;
    const check = checkOf(mapOf(services.get(type)));
    if (typeof check === "string") lost.push(`service type "${type}" is left out: ${check}`);
    else checks.set(type, check);
  }
  return checks;
}

/** A service type as a check, or why it is none. */
function checkOf(service: Section): ImportedCheck | string {
  const plugin = textOf(service.get("plugin")) ?? "none";
  const health = healthOf(service);
  const port = service.has("port") ? { port: Number(textOf(service.get("port"))) } : {};
  switch (plugin) {
    case "http_status": {
      const path = textOf(service.get("url_path"));
      const host = textOf(service.get("vhost"));
      return {
        kind: "http",
        ...port,
        ...(path !== undefined && { path }),
        ...(host !== undefined && { host }),
        expect: {
          status: service.has("ok_codes") ? listOf(service.get("ok_codes")).map(Number) : 200,
        },
        ...health,
      };
    }
    case "tcp_connect":
      return { kind: "tcp", ...port, ...health };
    case "extmon": {
      const command = listOf(service.get("cmd")).map((each) =>
        each.replaceAll("%%ITEM%%", "{address}"),
      );
      const isDirect = textOf(service.get("direct")) === "true";
      return { kind: "exec", command, ...health, ...(isDirect && { fall: 1, rise: 1 }) };
    }
    default:
      return `plugin "${plugin}" has no counterpart`;
  }
}

/** What was written of times and thresholds; defaults are livezone's own, which find faults sooner. */
function healthOf(service: Section): ImportedCheck {
  const seconds = (key: string): number | undefined =>
    service.has(key) ? Number(textOf(service.get(key))) : undefined;
  const [interval, timeout] = [seconds("interval"), seconds("timeout")];
  const [fall, rise] = [seconds("down_thresh"), seconds("up_thresh")];
  return {
    ...(interval !== undefined && { interval: `${interval}s` }),
    ...(timeout !== undefined && { timeout: `${timeout}s` }),
    ...(fall !== undefined && { fall: Math.min(fall, THRESHOLD_MAX) }),
    ...(rise !== undefined && { rise: Math.min(rise, THRESHOLD_MAX) }),
  };
}

function mapOf(value: VscfValue | undefined): Section {
  return value instanceof Map ? (value as Section) : EMPTY;
}

/** A single value is a list of one. */
function listOf(value: VscfValue | undefined): readonly string[] {
  if (value === undefined || value instanceof Map) return [];
  return (typeof value === "string" ? [value] : (value as readonly VscfValue[])).filter(
    (each) => typeof each === "string",
  );
}

function textOf(value: VscfValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
