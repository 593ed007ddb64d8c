// What every verb is given, and the small things they share.

import { InvalidArgumentError } from "commander";
import { readOrigin } from "../config/main.ts";
import type { Name } from "../dns/name.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";

/** The world, and where a verb leaves how it ended. */
export interface VerbContext {
  readonly io: CliIo;
  finish(status: ExitStatus): void;
}

/** The configuration that is meant when none is named. */
export const DEFAULT_CONFIG = "zones/livezone.yaml";

/** Reads an ORIGIN argument. */
export function originArgument(value: string): Name {
  const origin = readOrigin(value);
  if (origin.kind === "ok") return origin.value;
  throw new InvalidArgumentError(`${origin.sentence}.`);
}

/** Prints complaints where complaints go, errors in red and warnings in yellow up to their text. */
export function printComplaints(
  io: CliIo,
  found: { readonly errors: readonly string[]; readonly warnings: readonly string[] },
): void {
  const paint = paintFor(io.errHasColours);
  for (const error of found.errors) io.err(`${paintPlace(error, paint.red)}\n`);
  for (const warning of found.warnings) io.err(`${paintPlace(warning, paint.yellow)}\n`);
}

/** `3 errors`, `1 error`, `no errors`. */
export function counted(count: number, noun: string): string {
  return `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
}

function paintPlace(complaint: string, paint: (text: string) => string): string {
  const place = /^[^\s"]+:\d+(?::\d+)?:/.exec(complaint)?.[0] ?? "";
  return paint(place) + complaint.slice(place.length);
}
