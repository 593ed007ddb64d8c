// What can be done to the network: packets dropped by nft inside a host's own namespace. The kernels of
// small machines often lack netem, so loss is drawn by nft's numgen.

import { inside } from "./network.ts";
import { GATEWAY, HOST_NAMES, HOSTS, type HostName, type Site } from "./plan.ts";
import { attempt, run } from "./run-program.ts";

const TABLE = "inet lab";

/** Every packet from and to a host vanishes: its process lives, nobody hears of it. */
export function blackHole(site: Site, host: HostName): void {
  drop(site, host, ['iifname "eth0" drop'], ['oifname "eth0" drop']);
}

/** So many of a hundred packets to a host vanish. */
export function lose(site: Site, host: HostName, percent: number): void {
  drop(site, host, [`iifname "eth0" numgen random mod 100 < ${percent} drop`], []);
}

/** A host no longer reaches some others, nor the gateway; the rest goes on. */
export function cutOff(site: Site, host: HostName, others: readonly HostName[]): void {
  const addresses = [...others.map((other) => HOSTS[other].address), GATEWAY].join(", ");
  // Nothing is dropped on its way out: the host's own kernel would say so to whoever sends.
  drop(site, host, [`ip saddr { ${addresses} } drop`], []);
}

/** Takes a host's cable out, or puts it in: its own kernel knows at once. */
export function setCable(site: Site, host: HostName, isIn: boolean): void {
  run(["ip", "-n", site.namespace(host), "link", "set", "eth0", isIn ? "up" : "down"]);
}

/** What was dropped at a host passes again. */
export function heal(site: Site, host: HostName): void {
  attempt(inside(site, host, ["nft", "delete", "table", ...TABLE.split(" ")]));
}

/** No host drops anything, and all cables are in. */
export function healAll(site: Site): void {
  for (const host of HOST_NAMES) {
    heal(site, host);
    setCable(site, host, true);
  }
}

function drop(
  site: Site,
  host: HostName,
  input: readonly string[],
  output: readonly string[],
): void {
  heal(site, host);
  const chain = (hook: string, rules: readonly string[]): string =>
    `  chain ${hook} {\n    type filter hook ${hook} priority 0\n    ${rules.join("\n    ")}\n  }\n`;
  const text = `table ${TABLE} {\n${chain("input", input)}${chain("output", output)}}\n`;
  run(inside(site, host, ["nft", "-f", "-"]), text);
}
