// Who goes first where threads share a core: those that answer. Whatever can wait a moment stands back
// by its nice value, which needs no privilege and cannot be taken back without one. Answer threads ask
// for a short slice besides, and to go first (`server/scheduling.ts`).

import { readdirSync, readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { basename } from "node:path";
import { codeOf, messageOf } from "../base/errors.ts";
import { event, type LivezoneEvent } from "../events/event.ts";

/** Behind what an operator has chosen for the process: a third of an answer thread's weight. */
const STEPS_BACK = 5;
const NICE_MAX = 19;

/**
 * Lets the calling thread stand back, with every thread and program that it starts from then on.
 * Never throws.
 *
 * @returns why it could not; `undefined` when it could.
 */
export function standBack(): string | undefined {
  // Linux has a nice value for each thread, and says here which one this is.
  return attempt(() => stepBack(Number(basename(readlinkSync("/proc/thread-self")))));
}

/**
 * Lets the threads stand back that node has started by itself: they collect what the control thread
 * leaves behind, several at a time. To be called by the main thread, before it starts any.
 */
export function helpersStandBack(): void {
  attempt(() => {
    const threads = readdirSync("/proc/self/task").map(Number);
    for (const thread of threads) if (thread !== process.pid) stepBack(thread);
  });
}

/** The control thread cannot stand back. */
export function standingEvent(reason: string): LivezoneEvent {
  const msg = `The control thread could not stand back behind those that answer: ${reason}`;
  return event("thread.scheduling", msg, { thread: "control", reason });
}

function stepBack(thread: number): void {
  setPriority(thread, Math.min(NICE_MAX, getPriority(thread) + STEPS_BACK));
}

function attempt(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return codeOf(error) ?? messageOf(error);
  }
}
