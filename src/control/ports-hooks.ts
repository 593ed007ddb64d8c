// What control asks of the shell that starts programs as parts of a swap.

import type { Cancel } from "../base/clock.ts";
import type { Name } from "../dns/name.ts";
import type { Handover } from "../failover/handover.ts";

/** One run of a program. */
export interface HookRun {
  /** The program's path and its arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]];
  /** What it is told beside a fixed PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its whole process group is killed when it has run this long. */
  readonly timeoutMs: number;
}

/** How a run ended. */
export interface HookEnd {
  readonly outcome: "succeeded" | "failed" | "timed-out" | "not-started";
  /** "exit status 3", "killed by SIGTERM"; for people. */
  readonly detail: string;
  /** The first octets of what it printed, as text. */
  readonly output: string;
  /** It printed more than that. */
  readonly isCut: boolean;
  readonly durationMs: number;
}

/** Starts programs, each in a process group of its own. */
export interface HookPort {
  /**
   * Starts one; `ended` is called once, never from inside this call.
   *
   * @returns kills it with all it has started; `ended` is then not called any more.
   */
  start(run: HookRun, ended: (end: HookEnd) => void): Cancel;
}

/** A pool's handover as the store keeps it. Wall milliseconds. */
export interface StoredHandover {
  readonly owner: Name;
  /** Undefined: there is none any more. */
  readonly handover: Handover | undefined;
  readonly atWallMs: number;
}
