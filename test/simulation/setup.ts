// What the simulated operator has written: a zone and its pools as data, and as the two files.

import { isHost } from "../../src/config/members.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";

/** Options as the configuration spells them: "interval" to "5s". */
export type Options = Readonly<Record<string, string>>;

/** A pool as it is configured. */
export interface PoolSetup {
  readonly members: readonly string[];
  readonly options: Options;
}

/** Everything in the two files. Immutable; an edit makes another one. */
export interface Setup {
  readonly serial: number;
  readonly txt: string;
  /** The zone file's addresses, by owner ("@" for the apex). */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  readonly checks: ReadonlyMap<string, Options>;
  readonly pools: ReadonlyMap<string, PoolSetup>;
  /** A line that is no record, and one that is no setting: saved by a slip of the operator. */
  readonly isZoneBroken: boolean;
  readonly arePoolsBroken: boolean;
  readonly arePoolsDeleted: boolean;
}

/** A zone with nothing in it but what every zone has. */
export const EMPTY_SETUP: Setup = {
  serial: 100,
  txt: "one",
  hosts: new Map(),
  checks: new Map(),
  pools: new Map(),
  isZoneBroken: false,
  arePoolsBroken: false,
  arePoolsDeleted: false,
};

/** The zone that every simulation serves. */
export const APEX = "lab.example";

/** The name of an owner of the zone, without its final dot. */
export function ownerName(owner: string): string {
  return nameToDisplay(nameFromText(owner === "@" ? `${APEX}.` : `${owner}.${APEX}.`));
}

/** The master file. */
export function zoneText(setup: Setup): string {
  const lines = [
    "$TTL 300",
    `@ SOA ns admin ${setup.serial} 3600 600 86400 60`,
    "@ NS ns",
    "ns A 192.0.2.53",
    `txt TXT "${setup.txt}"`,
  ];
  for (const [owner, members] of setup.hosts) {
    const [first, ...others] = addressesOf(members);
    if (first === undefined) continue;
    if (isHost(first)) {
      lines.push(`${owner} CNAME ${first}.`);
      continue;
    }
    for (const address of [first, ...others]) {
      lines.push(`${owner} ${address.includes(":") ? "AAAA" : "A"} ${address}`);
    }
  }
  if (setup.isZoneBroken) lines.push("oops A 192.0.2.999");
  return `${lines.join("\n")}\n`;
}

/** The pools file; undefined when it was deleted. */
export function poolsText(setup: Setup): string | undefined {
  if (setup.arePoolsDeleted) return undefined;
  const lines = ["checks:"];
  for (const [name, options] of setup.checks) {
    const all = { kind: "http", port: "8080", ...options, ...scheduleFlow(options) };
    const path = all.kind === "http" ? { path: "/healthz" } : {};
    lines.push(`  ${name}: ${flow({ ...all, ...path })}`);
  }
  lines.push(setup.pools.size === 0 ? "pools: {}" : "pools:");
  for (const [owner, pool] of setup.pools) lines.push(`  ${ownerName(owner)}: ${poolFlow(pool)}`);
  if (setup.arePoolsBroken) lines.push("  oops: { polizy: none }");
  return `${lines.join("\n")}\n`;
}

/** "0_4_*_*_1" for "0 4 * * 1": scripts divide words by spaces. */
function scheduleFlow({ schedule }: Options): Options {
  return schedule === undefined ? {} : { schedule: JSON.stringify(schedule.replaceAll("_", " ")) };
}

function poolFlow({ members, options }: PoolSetup): string {
  const { hold, failback, ttl, weights, checks = "web", window, ...rest } = options;
  const { targets: from, ...others } = rest;
  const shares = weights?.split("/") ?? [];
  const targets = members.map((member, i) => {
    const address = JSON.stringify(member);
    return shares.length === 0 ? memberFlow(member) : flow({ address, weight: shares[i] ?? "1" });
  });
  const [min, max] = (ttl ?? "").split("..");
  const back = { ...(failback && { mode: failback }), ...(hold && { hold }) };
  return flow({
    policy: "priority",
    ...(from !== "zone" && { targets: `[${targets.join(", ")}]` }),
    checks: `[${checks}]`,
    ...(min && max && { ttl: flow({ min, max }) }),
    ...(window && { maintenance: windowFlow(window) }),
    ...(Object.keys(back).length > 0 && { failback: flow(back) }),
    ...others,
  });
}

/** "192.0.2.10/1h", on Sundays at three. */
function windowFlow(window: string): string {
  const [member = "", length = ""] = window.split("/");
  const all = { member: JSON.stringify(member), cron: '"0 3 * * 0"', for: length };
  return `[${flow({ ...all, reason: "kernel update" })}]`;
}

/** An address, or two of one host: "192.0.2.10+2001:db8::10". */
function memberFlow(member: string): string {
  const addresses = addressesOf([member]).map((address) => JSON.stringify(address));
  return addresses.length === 1 ? addresses.join() : `{ addresses: [${addresses.join(", ")}] }`;
}

/** The addresses of members as they are written. */
export function addressesOf(members: readonly string[]): string[] {
  return members.flatMap((member) => member.split("+"));
}

function flow(entries: Options): string {
  const pairs = Object.entries(entries).map(([key, value]) => `${key}: ${value}`);
  return `{ ${pairs.join(", ")} }`;
}
