// The lab's network: a namespace for each host, all on one switch in a namespace of its own. The
// machine's own network is not touched, and no packet leaves: there is no route to anywhere else.

import { GATEWAY, HOST_NAMES, HOSTS, type HostName, type Site } from "./plan.ts";
import { attempt, run } from "./run-program.ts";

/** Makes the switch and a namespace for each host. */
export function makeNetwork(site: Site): void {
  const hub = site.namespace("switch");
  run(["ip", "netns", "add", hub]);
  ip(hub, ["link add lan type bridge", `addr add ${GATEWAY}/24 dev lan`, "link set lan up"]);
  for (const name of HOST_NAMES) addHost(site, name);
}

/** The switch is of all; each host has one cable to it, whose two ends are `eth0` and its name. */
function addHost(site: Site, name: HostName): void {
  const [hub, own] = [site.namespace("switch"), site.namespace(name)];
  run(["ip", "netns", "add", own]);
  ip(hub, [
    `link add ${name} type veth peer name eth0 netns ${own}`,
    `link set ${name} master lan`,
    `link set ${name} up`,
  ]);
  const { address } = HOSTS[name];
  ip(own, ["link set lo up", `addr add ${address}/24 dev eth0`, "link set eth0 up"]);
}

function ip(namespace: string, commands: readonly string[]): void {
  run(["ip", "-n", namespace, "-batch", "-"], `${commands.join("\n")}\n`);
}

/** The lab's namespaces that are there, however they came to be. */
export function namespacesOf(site: Site): readonly string[] {
  const { text } = attempt(["ip", "netns", "list"]);
  const names = text.split("\n").map((line) => line.split(" ")[0] ?? "");
  return names.filter((name) => name.startsWith(`${site.prefix}-`));
}

/** Ids of the processes in a namespace: those of its service, and whatever else was started there. */
export function processesIn(namespace: string): readonly number[] {
  const { isGood, text } = attempt(["ip", "netns", "pids", namespace]);
  return isGood ? text.split("\n").filter(Boolean).map(Number) : [];
}

/** Removes every namespace of the lab; their cables go with them. */
export function removeNetwork(site: Site): void {
  for (const namespace of namespacesOf(site)) attempt(["ip", "netns", "delete", namespace]);
}

/** Words that run a program inside a host. */
export function inside(site: Site, host: HostName, words: readonly string[]): readonly string[] {
  return ["ip", "netns", "exec", site.namespace(host), ...words];
}
