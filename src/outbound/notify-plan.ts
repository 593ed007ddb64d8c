// When a receiver is told what. Pure: notices and the time in, messages and the next moment out.

import type { Notice, NoticeSeverity, NotifyReceiver } from "../control/ports-notify.ts";

/** What a receiver is sent. `id` is another one for each message and the same for each try of it. */
export interface NotifyMessage {
  readonly id: string;
  readonly state: "opened" | "repeated" | "closed" | "once";
  readonly notice: Notice;
}

/** A trouble that is open. */
interface Trouble {
  readonly notice: Notice;
  readonly sinceMs: number;
  /** When it was last told; undefined: not yet. */
  readonly toldMs: number | undefined;
  readonly times: number;
}

/** What is open for one receiver, by key. */
export type NotifyState = ReadonlyMap<string, Trouble>;

/** What a step yields. */
export interface NotifyStep {
  readonly state: NotifyState;
  readonly messages: readonly NotifyMessage[];
  /** When to step again without a notice; undefined: not before the next notice. */
  readonly wakeAtMs: number | undefined;
}

/** When messages are due, of a receiver. */
export type NotifyRules = Pick<NotifyReceiver, "severity" | "delayMs" | "repeatMs">;

/** Troubles above this are not followed: they are told at once, and their end is not. */
export const TROUBLES_MAX = 10_000;

const GRAVITY: Readonly<Record<NoticeSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * Takes a notice, or the time alone.
 *
 *   trouble        notice     told
 *   not open       opened     after the delay, if it is still open then; again each repeat
 *   open           opened     nothing: it is the same trouble
 *   open, told     closed     closed
 *   open, untold   closed     nothing: it was over within the delay
 *   not open       closed     nothing
 *   any            once       at once
 */
export function stepNotify(
  state: NotifyState,
  notice: Notice | undefined,
  { rules, nowMs }: { readonly rules: NotifyRules; readonly nowMs: number },
): NotifyStep {
  const troubles = new Map(state);
  const messages: NotifyMessage[] = [];
  if (notice !== undefined && GRAVITY[notice.severity] >= GRAVITY[rules.severity]) {
    const known = troubles.get(notice.key);
    if (notice.kind === "once") messages.push({ id: notice.id, state: "once", notice });
    else if (notice.kind === "closed") {
      troubles.delete(notice.key);
      if (known?.toldMs !== undefined) messages.push({ id: notice.id, state: "closed", notice });
    } else if (known === undefined) {
      if (troubles.size >= TROUBLES_MAX) messages.push({ id: notice.id, state: "opened", notice });
      else troubles.set(notice.key, { notice, sinceMs: nowMs, toldMs: undefined, times: 0 });
    }
  }
  let wakeAtMs: number | undefined;
  for (const [key, trouble] of troubles) {
    const dueMs = dueOf(trouble, rules);
    if (dueMs === undefined) continue;
    if (dueMs > nowMs) {
      wakeAtMs = Math.min(wakeAtMs ?? dueMs, dueMs);
      continue;
    }
    const told = { ...trouble, toldMs: nowMs, times: trouble.times + 1 };
    troubles.set(key, told);
    messages.push(messageOf(told));
    const nextMs = dueOf(told, rules);
    if (nextMs !== undefined) wakeAtMs = Math.min(wakeAtMs ?? nextMs, nextMs);
  }
  return { state: troubles, messages, wakeAtMs };
}

function dueOf({ sinceMs, toldMs }: Trouble, rules: NotifyRules): number | undefined {
  if (toldMs === undefined) return sinceMs + rules.delayMs;
  return rules.repeatMs === undefined ? undefined : toldMs + rules.repeatMs;
}

function messageOf({ notice, times }: Trouble): NotifyMessage {
  if (times === 1) return { id: notice.id, state: "opened", notice };
  return { id: `${notice.id}-${times}`, state: "repeated", notice };
}
