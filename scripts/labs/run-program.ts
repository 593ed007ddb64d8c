// Programs of the machine: run and waited for, or an error that says what they said.

import { execFile, spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { promisify } from "node:util";

/** Debian keeps servers where a user's PATH does not lead. */
const PATH = [process.env["PATH"], "/usr/sbin", "/sbin", "/usr/lib/postgresql/15/bin"];

/** The environment in which every program of the lab runs. */
export const LAB_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: PATH.filter((part) => part !== undefined).join(delimiter),
  NO_COLOR: "1",
};

/** A program of the lab failed; the message says which, and its last words. */
export class LabError extends Error {}

/** Runs a program and returns what it printed; throws a `LabError` where it fails. */
export function run(words: readonly string[], input?: string): string {
  const result = attempt(words, input);
  if (result.isGood) return result.text;
  throw new LabError(`Cannot run "${words.join(" ")}": ${result.text.trim()}`);
}

/** The same for programs that take their time: others go on meanwhile. */
export async function runLong(words: readonly string[]): Promise<string> {
  const [program = "", ...args] = words;
  try {
    return (await promisify(execFile)(program, args, { env: LAB_ENVIRONMENT })).stdout;
  } catch (error) {
    const { stderr = "" } = error as { readonly stderr?: string };
    throw new LabError(`Cannot run "${words.join(" ")}": ${stderr.trim()}`, { cause: error });
  }
}

/** Runs a program that may fail. */
export function attempt(
  words: readonly string[],
  input?: string,
): { readonly isGood: boolean; readonly text: string } {
  const [program = "", ...args] = words;
  const done = spawnSync(program, args, {
    encoding: "utf8",
    env: LAB_ENVIRONMENT,
    ...(input !== undefined && { input }),
  });
  if (done.error !== undefined) return { isGood: false, text: done.error.message };
  const isGood = done.status === 0;
  return { isGood, text: isGood ? done.stdout : `${done.stdout}${done.stderr}` };
}
