// What a scenario can do to the lab, as it is written: `kill web1`, `lose web1 40%`.

import { type HostName, isHostName } from "./plan.ts";

/** What is done to one host and needs no more words. */
type HostDeed =
  | ("kill" | "start" | "stop" | "continue")
  | ("black-hole" | "heal" | "unplug" | "plug");

/** One deed. */
export type Action =
  | { readonly kind: HostDeed; readonly host: HostName }
  | { readonly kind: "lose"; readonly host: HostName; readonly percent: number }
  | { readonly kind: "cut"; readonly host: HostName; readonly from: readonly HostName[] }
  | { readonly kind: "save"; readonly record: string }
  | { readonly kind: "delegation"; readonly isBroken: boolean }
  | { readonly kind: "load"; readonly perSecond: number }
  | { readonly kind: "rebuild"; readonly host: "db1" | "db2" }
  | { readonly kind: "count" }
  | { readonly kind: "command"; readonly words: readonly string[] }
  | { readonly kind: "end" };

/** A text that is none; the message says what is wrong with it, without a place. */
export class ScenarioError extends Error {}

const LOAD_MAX = 20_000;

/** Reads one deed. Throws a `ScenarioError`. */
export function readAction(text: string): Action {
  const [verb = "", ...words] = text.split(/\s+/);
  const rest = text.slice(verb.length).trim();
  switch (verb) {
    case "kill":
    case "start":
    case "stop":
    case "continue":
    case "black-hole":
    case "heal":
    case "unplug":
    case "plug":
      return { kind: verb, host: hostOf(verb, words) };
    case "lose":
      return {
        kind: "lose",
        host: hostOf(verb, words.slice(0, 1)),
        percent: percentOf(text, words),
      };
    case "cut":
      return readCut(text, words);
    case "save":
      return { kind: "save", record: rest };
    case "break":
    case "mend":
      if (rest !== "delegation") throw new ScenarioError(`"${text}" is not "${verb} delegation"`);
      return { kind: "delegation", isBroken: verb === "break" };
    case "load":
      return { kind: "load", perSecond: rateOf(text, rest) };
    case "rebuild":
      if (rest === "db1" || rest === "db2") return { kind: verb, host: rest };
      throw new ScenarioError(`"${text}" is not "rebuild db1" or "rebuild db2"`);
    case "count":
      if (rest !== "rows") throw new ScenarioError(`"${text}" is not "count rows"`);
      return { kind: "count" };
    case "livezone":
      return { kind: "command", words };
    case "end":
      return { kind: "end" };
    default:
      throw new ScenarioError(`"${verb}" is nothing that can be done`);
  }
}

/** A deed as the timeline tells it. */
export function tellAction(action: Action): string {
  switch (action.kind) {
    case "kill":
      return `${action.host} is killed (SIGKILL)`;
    case "start":
      return `${action.host} is started`;
    case "stop":
      return `${action.host} is frozen (SIGSTOP)`;
    case "continue":
      return `${action.host} goes on (SIGCONT)`;
    case "black-hole":
      return `every packet from and to ${action.host} is dropped`;
    case "lose":
      return `${action.percent} % of the packets to ${action.host} are dropped`;
    case "cut":
      return `${action.host} no longer reaches ${action.from.join(", ")} and the gateway`;
    case "heal":
      return `packets of ${action.host} pass again`;
    case "unplug":
      return `${action.host}'s network cable is pulled out`;
    case "plug":
      return `${action.host}'s network cable is in again`;
    case "save":
      return `the zone file is saved with "${action.record.replaceAll(/\s+/g, " ")}"`;
    case "delegation":
      return action.isBroken
        ? "the parent's glue leads to an address where nobody is"
        : "the parent's glue is right again";
    case "load":
      return action.perSecond === 0 ? "the load ends" : `${action.perSecond} questions a second`;
    case "rebuild":
      return `${action.host} is rebuilt as the other's synchronous standby`;
    case "count":
      return "the rows are counted";
    case "command":
      return `$ livezone ${action.words.join(" ")}`;
    case "end":
      return "end";
  }
}

function hostOf(verb: string, words: readonly string[]): HostName {
  const [host = ""] = words;
  if (words.length !== 1)
    throw new ScenarioError(`"${[verb, ...words].join(" ")}" is not "${verb} HOST"`);
  if (!isHostName(host)) throw new ScenarioError(`"${host}" is no host`);
  return host;
}

function readCut(text: string, [host = "", from, ...others]: readonly string[]): Action {
  const hosts = others.filter(isHostName);
  if (!isHostName(host) || from !== "from" || hosts.length !== others.length) {
    throw new ScenarioError(`"${text}" is not "cut HOST from HOST HOST"`);
  }
  return { kind: "cut", host, from: hosts };
}

function percentOf(text: string, words: readonly string[]): number {
  const [, digits] = /^(\d{1,2})%$/.exec(words[1] ?? "") ?? [];
  if (digits === undefined || words.length !== 2)
    throw new ScenarioError(`"${text}" is not "lose HOST 40%"`);
  return Number(digits);
}

function rateOf(text: string, rest: string): number {
  if (rest === "ends") return 0;
  const perSecond = Number(/^(\d+)\/s$/.exec(rest)?.[1]);
  if (perSecond > 0 && perSecond <= LOAD_MAX) return perSecond;
  throw new ScenarioError(`"${text}" is not "load 1000/s", at most ${LOAD_MAX}, or "load ends"`);
}
