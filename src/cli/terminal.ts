// The terminal as a place for whole pictures: the alternate screen, keys one by one, and only those
// rows written that differ from what is there.

import { openSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { Terminal } from "./dash/run.ts";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
/** A picture is shown at once, where the terminal knows how (mode 2026). */
const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";
const SMALLEST = { columns: 20, rows: 5 };

/** Takes the terminal over until `close`; undefined where the output is none. */
export function openTerminal(): Terminal | undefined {
  const { stdout } = process;
  if (stdout.isTTY !== true) return undefined;
  const input = keyboard();
  let shown: readonly string[] = [];
  const restore = (): void => void stdout.write(LEAVE);
  process.once("exit", restore);
  stdout.write(ENTER);
  input?.setRawMode(true);
  return {
    size: () => ({
      columns: Math.max(SMALLEST.columns, stdout.columns ?? 80),
      rows: Math.max(SMALLEST.rows, stdout.rows ?? 24),
    }),
    show: (lines) => {
      const isResized = lines.length !== shown.length;
      const rows = lines.flatMap((line, i) => {
        return !isResized && line === shown[i] ? [] : `\u001b[${i + 1};1H${line}\u001b[K`;
      });
      shown = lines;
      if (rows.length === 0) return;
      stdout.write(`${BEGIN}${isResized ? "\u001b[2J" : ""}${rows.join("")}${END}`);
    },
    onInput: (take) => void input?.on("data", (octets: Buffer) => take(octets.toString("utf8"))),
    onResize: (take) => {
      stdout.on("resize", () => {
        shown = [];
        take();
      });
    },
    close: () => {
      process.off("exit", restore);
      restore();
      input?.setRawMode(false);
      input?.destroy();
      if (process.stdin.isTTY !== true) process.stdin.destroy();
      stdout.removeAllListeners("resize");
    },
  };
}

/** Where keys come from: standard input may be the log. */
function keyboard(): ReadStream | undefined {
  if (process.stdin.isTTY === true) return process.stdin as ReadStream;
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined;
  }
}
