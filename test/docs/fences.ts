// The fenced blocks of Markdown documents: commands that a test runs, and files that they need.
//
//   ```sh                     every line is run, in order, in one shell for the whole document
//   ```sh background          runs until the document ends; the next block begins when it is ready
//   ```sh exits=1             the last command ends with this status
//   ```sh with=sample         what scripts/start starts runs meanwhile, from here on
//   ```sh not run: REASON     is not run, because …
//   ```yaml file=NAME         is written to NAME before anything below it runs; also of a program
//
// "# 192.0.2.1" behind a command is what its output must hold soon, any other comment is for people.

import { readFileSync } from "node:fs";

/** One fenced block. */
export interface Fence {
  /** FILE:LINE of its first line. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  readonly commands: readonly Command[];
  readonly isBackground: boolean;
  readonly exits: number;
  readonly with?: "sample";
  /** Why it is not run. */
  readonly notRun?: string;
  /** Where its text is written. */
  readonly file?: string;
}

/** One command line. */
export interface Command {
  readonly text: string;
  /** What its output must hold, at once or soon. */
  readonly holds?: string;
}

const SHELL = ["sh", "bash", "shell", "console"];

/** The fences of one document. Throws on an info string that says nothing known. */
export function readFences(path: string): Fence[] {
  const fences: Fence[] = [];
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [i, line] of readFileSync(path, "utf8").split("\n").entries()) {
    const mark = /^ *```(.*)$/.exec(line);
    if (mark === null) open?.lines.push(line);
    else if (open === undefined) open = { info: mark[1] ?? "", line: i + 1, lines: [] };
    else {
      fences.push(readFence(`${path}:${open.line}`, open.info, open.lines));
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the fence has no end`);
  return fences;
}

function readFence(place: string, info: string, lines: readonly string[]): Fence {
  const [, language = "", rest = ""] = /^(\S*) *(.*)$/.exec(info) ?? [];
  const text = `${lines.join("\n")}\n`;
  const base = { place, language, text, commands: [], isBackground: false, exits: 0 };
  const file = /^file=(\S+)$/.exec(rest)?.[1];
  if (!SHELL.includes(language) || file !== undefined) {
    if (rest !== "" && file === undefined) throw new Error(`${place}: "${rest}" is not file=NAME`);
    return file === undefined ? base : { ...base, file };
  }
  const notRun = /^not run: (\S.*)$/.exec(rest)?.[1];
  const commands = commandsOf(lines);
  if (notRun !== undefined) return { ...base, commands, notRun };
  const words = rest.split(" ").filter((word) => word !== "");
  const known = words.map((word) => /^(background|with=sample|exits=([0-9]+))$/.exec(word));
  if (known.includes(null)) throw new Error(`${place}: "${rest}" is none of what fences.ts names`);
  const exits = known.find((found) => found?.[2] !== undefined)?.[2];
  return {
    ...base,
    commands,
    isBackground: words.includes("background"),
    exits: exits === undefined ? 0 : Number(exits),
    ...(words.includes("with=sample") && { with: "sample" as const }),
  };
}

function commandsOf(lines: readonly string[]): Command[] {
  const commands: Command[] = [];
  let begun = "";
  for (const line of lines) {
    const whole = begun + line;
    if (whole.endsWith("\\")) {
      begun = whole.slice(0, -1);
      continue;
    }
    begun = "";
    const [, text = "", comment = ""] = /^(.*?)(?:(?:^|\s+)# ?(.*))?$/.exec(whole.trim()) ?? [];
    if (text === "") continue;
    const holds = /^((?:\d+\.){3}\d+|[0-9a-f:]*::[0-9a-f]*)(?:$|[,; ])/i.exec(comment)?.[1];
    commands.push({ text, ...(holds !== undefined && { holds }) });
  }
  return commands;
}
