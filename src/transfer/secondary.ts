// One secondary of a zone, as its primary sees it: what it was told (NOTIFY, RFC 1996), what it has,
// and what is to be done next. Values only; all times are monotonic milliseconds.
//
//   state            next
//   told nothing     NOTIFY at once; within a second of the last one, when that second is over
//   no answer        NOTIFY again after 1, 2, 4 … 60 s
//   told, behind     its SOA is asked for after 0.25, 0.5, 1 … 60 s; every fifth time NOTIFY again,
//                    since what it asked for then may have been lost
//   has the serial   nothing
//
// One that has neither taken a change nor shown anything for the zone's expire has gone: an honest
// secondary answers the zone no more by then (RFC 1035 section 3.3.13). It is told on and on all the same.

import { compareSerial } from "../dns/serial.ts";

/** What is known of a secondary. Made by `newSecondary`. */
export interface Secondary {
  /** What it should have; undefined until something was published. */
  readonly wanted: number | undefined;
  /** Since when it should have that. */
  readonly wantedSinceMs: number;
  /** Since when it lacks something; undefined: it has all that was published. */
  readonly behindSinceMs: number | undefined;
  /** When it last showed what it has; undefined: it never did. */
  readonly shownMs: number | undefined;
  /** What it has, as far as it has shown; undefined: nothing is known. */
  readonly serial: number | undefined;
  /** The serial that it has acknowledged to be told of. */
  readonly acknowledged: number | undefined;
  /** When it was last sent a NOTIFY. */
  readonly notifiedMs: number;
  /** NOTIFYs without an answer, or questions for a serial that it does not have, in a row. */
  readonly tries: number;
  /** Nothing is sent before this. */
  readonly notBeforeMs: number;
}

/** What is to be done for a secondary, and when. */
export type SecondaryStep =
  | { readonly kind: "notify"; readonly atMs: number; readonly serial: number }
  | { readonly kind: "ask"; readonly atMs: number }
  | { readonly kind: "rest" };

/** At most one NOTIFY for a secondary in this time, however much is published. */
export const NOTIFY_SPACING_MS = 1000;
const RETRY_FIRST_MS = 1000;
const ASK_FIRST_MS = 250;
const DELAY_MAX_MS = 60_000;
const TOLD_AGAIN_TRIES = 5;
/** So many NOTIFYs without an answer, and it is called silent. */
export const SILENT_TRIES = 3;

/** A secondary that nothing is known of. */
export function newSecondary(): Secondary {
  return {
    wanted: undefined,
    wantedSinceMs: 0,
    behindSinceMs: undefined,
    shownMs: undefined,
    serial: undefined,
    acknowledged: undefined,
    notifiedMs: Number.NEGATIVE_INFINITY,
    tries: 0,
    notBeforeMs: Number.NEGATIVE_INFINITY,
  };
}

/** The zone is at `serial` from now on. */
export function published(state: Secondary, serial: number, nowMs: number): Secondary {
  if (state.wanted === serial) return state;
  const behindSinceMs = hasSerial(state, serial) ? undefined : (state.behindSinceMs ?? nowMs);
  const wanted = { wanted: serial, wantedSinceMs: nowMs, behindSinceMs };
  return { ...state, ...wanted, tries: 0, notBeforeMs: nowMs };
}

/** What is to be done next. */
export function nextStep(state: Secondary): SecondaryStep {
  const { wanted, notBeforeMs, notifiedMs } = state;
  if (wanted === undefined || hasSerial(state, wanted)) return { kind: "rest" };
  if (state.acknowledged === wanted) return { kind: "ask", atMs: notBeforeMs };
  const atMs = Math.max(notBeforeMs, notifiedMs + NOTIFY_SPACING_MS);
  return { kind: "notify", atMs, serial: wanted };
}

/** A NOTIFY goes out. */
export function notified(state: Secondary, nowMs: number): Secondary {
  return { ...state, notifiedMs: nowMs };
}

/** It has answered a NOTIFY of `serial`, or (undefined) it has not. */
export function notifyAnswered(
  state: Secondary,
  serial: number | undefined,
  nowMs: number,
): Secondary {
  if (serial === undefined) {
    const notBeforeMs = nowMs + delayMs(RETRY_FIRST_MS, state.tries);
    return { ...state, tries: state.tries + 1, notBeforeMs };
  }
  return { ...state, acknowledged: serial, notBeforeMs: nowMs + ASK_FIRST_MS };
}

/** It was asked for its SOA and said `serial`, or (undefined) nothing of use. */
export function asked(state: Secondary, serial: number | undefined, nowMs: number): Secondary {
  const notBeforeMs = nowMs + delayMs(ASK_FIRST_MS * 2, state.tries);
  const tries = state.tries + 1;
  const acknowledged = tries % TOLD_AGAIN_TRIES === 0 ? undefined : state.acknowledged;
  const next = { ...state, tries, acknowledged, notBeforeMs };
  return serial === undefined ? next : shown(next, serial, nowMs);
}

/** It has shown what it has: by asking from there, or by having been sent it whole. */
export function seen(state: Secondary, serial: number, nowMs: number): Secondary {
  return shown(state, serial, nowMs);
}

function shown(state: Secondary, serial: number, nowMs: number): Secondary {
  const next = { ...state, serial, shownMs: nowMs };
  const hasAll = state.wanted !== undefined && hasSerial(next, state.wanted);
  return hasAll ? { ...next, behindSinceMs: undefined } : next;
}

/** When an honest one has let the zone go, if nothing is heard of it until then; undefined: it has all. */
export function goneAtMs(
  { behindSinceMs, shownMs }: Secondary,
  expireMs: number,
): number | undefined {
  if (behindSinceMs === undefined) return undefined;
  return Math.max(behindSinceMs, shownMs ?? behindSinceMs) + expireMs;
}

/** Whether it is dead, or has let the zone go. */
export function isGone(state: Secondary, expireMs: number, nowMs: number): boolean {
  return (goneAtMs(state, expireMs) ?? Number.POSITIVE_INFINITY) <= nowMs;
}

/** Whether it has a serial or a newer one. */
export function hasSerial({ serial: has }: Pick<Secondary, "serial">, serial: number): boolean {
  if (has === undefined) return false;
  const order = compareSerial(has, serial);
  return order === 0 || order === 1;
}

function delayMs(firstMs: number, tries: number): number {
  return Math.min(DELAY_MAX_MS, firstMs * 2 ** Math.min(tries, 16));
}
