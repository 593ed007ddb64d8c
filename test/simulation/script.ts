// Simulations as text: a setup, then lines of a time and what happens at it. Seeds are turned into
// such scripts and played; a script that fails is a scenario without its expected lines.

import { parseDurationMs } from "../../src/base/duration.ts";
import { WATCH_DEFAULTS, type WatchConfig } from "../../src/config/watch.ts";
import { EMPTY_SETUP, type Options, type PoolSetup, type Setup } from "./setup.ts";

/** Something that happens at a moment after the beginning. */
export interface ScriptLine {
  readonly atMs: number;
  /** What happens, in words; see `actions.ts`. */
  readonly words: readonly string[];
  readonly text: string;
}

/** A simulation before it is played. */
export interface Script {
  /** Of everything that is drawn: packets lost, phases, jitter, the disk's speed. */
  readonly seed: number;
  /** The least and the most an operation of the disk takes, in milliseconds. */
  readonly diskMs: readonly [number, number];
  readonly setup: Setup;
  /** Addresses that the main configuration names as anchors. */
  readonly anchors: readonly string[];
  /** Resolvers that the main configuration names to be asked, and how often. */
  readonly watch: WatchConfig;
  /** Who owns the zone's records. */
  readonly source: "file" | "store";
  /** Only events whose name begins with one of these are told; all of them when empty. */
  readonly shows: readonly string[];
  readonly lines: readonly ScriptLine[];
}

/**
 * Reads a script.
 *
 *   seed 7                                   a whole number; 1 without it
 *   disk 0ms..5ms                            at once without it
 *   anchors 192.0.2.254                      none without it
 *   watch 198.51.100.1 sweep=60s             nobody is asked without it
 *   source store                             the file owns the records without it
 *   show pool target                         beginnings of the events to tell
 *   check web interval=5s timeout=2s         more than one is allowed; "web" is there without it
 *   pool www: 192.0.2.10 192.0.2.20 hold=1m  also says what the zone file holds for the name
 *   10s 192.0.2.10 refuses                   lines that begin with a time: `actions.ts`
 *
 * @throws Error on a line that is none of these.
 */
export function readScript(lines: readonly string[]): Script {
  let seed = 1;
  let diskMs: Script["diskMs"] = [0, 0];
  let setup: Setup = { ...EMPTY_SETUP, checks: new Map([["web", {}]]) };
  let source: Script["source"] = "file";
  let watch = WATCH_DEFAULTS;
  const shows: string[] = [];
  const anchors: string[] = [];
  const timed: ScriptLine[] = [];
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const [first = "", ...rest] = words;
    const atMs = parseDurationMs(first);
    if (atMs !== undefined) {
      timed.push({ atMs, words: rest, text: line.trim() });
    } else if (first === "seed") seed = Number(rest[0]);
    else if (first === "source") source = rest[0] === "store" ? "store" : "file";
    else if (first === "disk") {
      const [least, most] = (rest[0] ?? "").split("..").map(readMs);
      diskMs = [least ?? 0, most ?? 0];
    } else if (first === "anchors") anchors.push(...rest);
    else if (first === "watch") watch = readWatched(rest);
    else if (first === "show") shows.push(...rest);
    else if (first === "check") setup = withCheck(setup, rest);
    else if (first === "pool") {
      const [owner, pool] = readPool(rest);
      setup = withPool(setup, owner, pool);
      setup = { ...setup, hosts: new Map([...setup.hosts, [owner, pool.members]]) };
    } else throw new Error(`Cannot read script: unknown line "${line}"`);
  }
  return { seed, diskMs, setup, anchors, watch, source, shows, lines: timed };
}

/** A duration, in milliseconds. @throws Error where it is none. */
export function readMs(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) throw new Error(`Cannot read script: "${text}" is no duration`);
  return durationMs;
}

function readWatched(words: readonly string[]): WatchConfig {
  const { sweep = "5m" } = readOptions(words);
  const addresses = words.filter((word) => !word.includes("="));
  const resolvers = addresses.map((address) => ({ name: address, address, port: 53 }));
  return { ...WATCH_DEFAULTS, resolvers, sweepMs: readMs(sweep) };
}

/** "www: ADDRESS ... key=value ..." */
export function readPool(words: readonly string[]): readonly [string, PoolSetup] {
  const [owner = "", ...rest] = words;
  const members = rest.filter((word) => !word.includes("="));
  return [owner.replace(/:$/, ""), { members, options: readOptions(rest) }];
}

/** "web key=value ...": what is not named stays as it was. */
export function withCheck(setup: Setup, words: readonly string[]): Setup {
  const [name = "", ...rest] = words;
  const options = { ...setup.checks.get(name), ...readOptions(rest) };
  return { ...setup, checks: new Map([...setup.checks, [name, options]]) };
}

export function withPool(setup: Setup, owner: string, pool: PoolSetup): Setup {
  return { ...setup, pools: new Map([...setup.pools, [owner, pool]]) };
}

/** The words of a line that are "key=value". */
export function readOptions(words: readonly string[]): Options {
  const pairs = words.filter((word) => word.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}
