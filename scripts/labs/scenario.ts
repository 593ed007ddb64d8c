// Scenario files: a title and what it is about, settings, then steps with what is expected after each.
//
//   # A killed primary
//   #
//   # What happens, and what is to be seen in it.
//
//   pools:                                       settings: indented text below a word
//     checks: …
//
//   0s: kill web1                                a step: a time, how long after the step before,
//     within 0.3s: livezone answers web2           or an event to wait for
//     never: livezone brake.on                   what is expected, counted from the step
//   +5s: start web1
//   when livezone target.up: kill livezone
//   20s: end

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Action, readAction, ScenarioError } from "./action.ts";
import type { LabSettings } from "./lab.ts";
import { type HostName, isHostName, ZONE } from "./plan.ts";
import { DEFAULT_SETTINGS } from "./services/livezone.ts";

/** Something that is to be seen, or is not to be. */
export interface Sight {
  /** A host, `lab` for what is done to them, or `any`: whoever it is. */
  readonly source: string;
  /** All of them stand in what is said. */
  readonly phrases: readonly string[];
}

/** A sight in a stretch of time, in milliseconds from its step. */
export interface Expectation extends Sight {
  readonly text: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** It must not be seen in that time. */
  readonly isNever: boolean;
}

/** When a step is done. */
export type Moment =
  | { readonly kind: "at" | "after"; readonly ms: number }
  | { readonly kind: "when"; readonly sight: Sight };

/** One step. */
export interface Step {
  readonly moment: Moment;
  readonly action: Action;
  readonly expected: readonly Expectation[];
}

/** A whole file. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly about: readonly string[];
  readonly settings: LabSettings;
  /** Hosts that the client asks; livezone is asked only, through the others it also requests. */
  readonly lanes: readonly HostName[];
  /** The name that it asks for. */
  readonly owner: string;
  readonly steps: readonly Step[];
}

const FOLDER = new URL("./scenarios/", import.meta.url);
const DEFAULT_HOSTS = "parent livezone unbound bind clamp web1 web2";
const DEFAULT_LANES = "livezone unbound bind clamp";
const SETTINGS = ["pools", "config", "records", "hosts", "lanes", "owner"] as const;

/** Names of the scenarios that there are, in the order of their files. */
export function scenarioNames(): readonly string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));
  return files.map((file) => basename(file, ".txt")).sort();
}

/** Reads a scenario of the folder. Throws a `ScenarioError` with file and line. */
export function loadScenario(name: string): Scenario {
  const known = scenarioNames();
  if (!known.includes(name)) {
    throw new ScenarioError(`Cannot find scenario "${name}": there are ${known.join(", ")}`);
  }
  return readScenario(name, readFileSync(new URL(`${name}.txt`, FOLDER), "utf8"));
}

/** Reads a scenario. Throws a `ScenarioError` with file and line. */
export function readScenario(name: string, text: string): Scenario {
  const lines = text.split("\n");
  const comment = lines.filter((line) => line.startsWith("#")).map((line) => line.slice(2));
  const settings = new Map<string, string>();
  const steps: Step[] = [];
  let setting: string | undefined;
  for (const [index, line] of lines.entries()) {
    try {
      if (/^\s*(#|$)/.test(line)) continue;
      const last = steps.at(-1);
      const isIndented = line.startsWith(" ");
      const [, word, value = ""] = /^([a-z]+):(.*)$/.exec(line) ?? [];
      if (isIndented && setting !== undefined) {
        settings.set(setting, `${settings.get(setting) ?? ""}${line.slice(2)}\n`);
      } else if (isIndented && last !== undefined) {
        steps.splice(-1, 1, {
          ...last,
          expected: [...last.expected, readExpectation(line.trim())],
        });
      } else if (word !== undefined) {
        setting = settingOf(word);
        settings.set(setting, value.trim());
      } else {
        setting = undefined;
        steps.push(readStep(line));
      }
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      throw new ScenarioError(`Cannot read ${name}.txt:${index + 1}: ${error.message}`);
    }
  }
  if (steps.at(-1)?.action.kind !== "end") {
    throw new ScenarioError(`Cannot read ${name}.txt: its last step is not "end"`);
  }
  const [title = name, ...about] = comment;
  return { name, title, about: paragraphs(about), ...settingsOf(settings), steps };
}

function settingOf(word: string): string {
  if (SETTINGS.some((known) => known === word)) return word;
  throw new ScenarioError(`"${word}" is no setting; there are ${SETTINGS.join(", ")}`);
}

function settingsOf(
  settings: ReadonlyMap<string, string>,
): Pick<Scenario, "settings" | "lanes" | "owner"> {
  return {
    settings: {
      livezone: {
        pools: settings.get("pools") ?? DEFAULT_SETTINGS.pools,
        config: settings.get("config") ?? DEFAULT_SETTINGS.config,
        records: settings.get("records") ?? DEFAULT_SETTINGS.records,
      },
      hosts: hostsOf(settings.get("hosts") ?? DEFAULT_HOSTS),
    },
    lanes: hostsOf(settings.get("lanes") ?? DEFAULT_LANES),
    owner: settings.get("owner") ?? `www.${ZONE}`,
  };
}

function hostsOf(text: string): readonly HostName[] {
  return text.split(/\s+/).map((word) => {
    if (isHostName(word)) return word;
    throw new ScenarioError(`"${word}" is no host`);
  });
}

function readStep(line: string): Step {
  const [, head = "", text] = /^(\S+|when .*?): (.*)$/.exec(line) ?? [];
  if (text === undefined) throw new ScenarioError(`"${line}" is not "TIME: what is done"`);
  return { moment: readMoment(head), action: readAction(text), expected: [] };
}

function readMoment(head: string): Moment {
  if (head.startsWith("when ")) return { kind: "when", sight: readSight(head.slice(5)) };
  const isAfter = head.startsWith("+");
  return { kind: isAfter ? "after" : "at", ms: readSeconds(isAfter ? head.slice(1) : head) };
}

function readExpectation(text: string): Expectation {
  const [, head = "", what = ""] = /^([^:]*): (.*)$/.exec(text) ?? [];
  const sight = readSight(what);
  const window = (from: number, until: number, isNever = false): Expectation => {
    return { ...sight, text, fromMs: from, untilMs: until, isNever };
  };
  const [, within] = /^within (\S+)$/.exec(head) ?? [];
  if (within !== undefined) return window(0, readSeconds(within));
  const [, from, until] = /^between (\S+) and (\S+)$/.exec(head) ?? [];
  if (from !== undefined) return window(readSeconds(from), readSeconds(until ?? ""));
  const [, never] = /^never within (\S+)$/.exec(head) ?? [];
  if (never !== undefined) return window(0, readSeconds(never), true);
  if (head === "never") return window(0, Number.POSITIVE_INFINITY, true);
  throw new ScenarioError(
    `"${text}" is not "within 2s: …", "between 1s and 2s: …", "never within 2s: …" or "never: …"`,
  );
}

function readSight(text: string): Sight {
  const [, source, rest = ""] = /^(\S+) (.+)$/.exec(text) ?? [];
  if (source === undefined) throw new ScenarioError(`"${text}" is not "HOST what it says"`);
  if (!["any", "lab", "client"].includes(source) && !isHostName(source)) {
    throw new ScenarioError(`"${source}" is no host`);
  }
  return { source, phrases: rest.split(", ") };
}

function readSeconds(word: string): number {
  const seconds = /^\d+(?:\.\d+)?s$/.test(word) ? Number(word.slice(0, -1)) : Number.NaN;
  if (Number.isNaN(seconds)) throw new ScenarioError(`"${word}" is no time such as 0.3s`);
  return seconds * 1000;
}

function paragraphs(lines: readonly string[]): readonly string[] {
  const text = lines.join("\n").trim();
  return text === "" ? [] : text.split(/\n\s*\n/).map((one) => one.replaceAll(/\s+/g, " "));
}
