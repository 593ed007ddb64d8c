// Seeds, played and told: what the suite and the script share.

import { generateScript } from "./generate.ts";
import { readScript } from "./script.ts";
import { type Play, play } from "./stage.ts";

/** A seed that broke something, as a story to read. */
export interface BrokenSeed {
  readonly seed: number;
  readonly story: string;
}

/** Plays one seed; the story when an invariant was broken, else nothing. */
export async function playSeed(seed: number): Promise<BrokenSeed | undefined> {
  const lines = generateScript(seed);
  const result = await play(readScript(lines));
  if (result.broken === undefined) return undefined;
  return { seed, story: storyOf(`seed ${seed} broke an invariant`, lines, result) };
}

/**
 * The story of a play, in the form of a scenario: settings, then each thing that happened at its
 * time, with what was said until the next one below it.
 */
export function storyOf(title: string, lines: readonly string[], { told }: Play): string {
  const settings = lines.filter((line) => !/^\d/.test(line));
  const blocks = told.flatMap(([line, ...said], i) =>
    i === 0 ? [line ?? "", ...said].map(indented) : [line ?? "", ...said.map(indented)],
  );
  return [`# ${title}`, ...settings, ...blocks.filter((line) => line.trim() !== "")].join("\n");
}

function indented(line: string): string {
  return `  ${line}`;
}
