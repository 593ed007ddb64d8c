// One zone that is copied from a primary, as control keeps it.

import type { Cancel } from "../base/clock.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { emptyCopy, expiresMs, type Refresh } from "../transfer/refresh.ts";
import type { PrimaryStatus } from "../view/status.ts";
import type { OtherServer } from "./ports-secondaries.ts";
import { serverName } from "./secondaries.ts";
import type { ServedZone } from "./served-zone.ts";

/** What is known of it, and what is planned. */
export interface Copied {
  readonly origin: Name;
  readonly display: string;
  readonly servers: readonly OtherServer[];
  state: Refresh;
  /** Whether what is held is known to be the primary's: only then can steps lead on from it. */
  isCopy: boolean;
  /** All of it is wanted, whatever the primary's serial: until one has given it. */
  isWholeWanted: boolean;
  isBusy: boolean;
  /** Who is asked first: who has sent the last NOTIFY. */
  first: number;
  /** What is wrong, as it was said last. */
  fault: { readonly reason: string; readonly sinceMs: number } | undefined;
  cancelLook: Cancel;
  cancelExpiry: Cancel;
}

/** A zone of which nothing is known yet. */
export function newCopied(origin: Name, servers: readonly OtherServer[]): Copied {
  return {
    ...{ origin, servers, display: nameToDisplay(origin), state: emptyCopy(0) },
    ...{ isCopy: false, isWholeWanted: false, isBusy: false, first: 0, fault: undefined },
    ...{ cancelLook: () => undefined, cancelExpiry: () => undefined },
  };
}

/** How it stands. @param served what is held; undefined: nothing */
export function copiedStatus(
  { state, fault, servers }: Copied,
  served: ServedZone | undefined,
  toWallMs: (monotonicMs: number) => number,
): PrimaryStatus {
  const wrong = {
    servers: servers.map(serverName),
    ...(fault !== undefined && { reason: fault.reason }),
    ...(Number.isFinite(state.dueMs) && { nextWallMs: toWallMs(state.dueMs) }),
  };
  if (served === undefined) return { ...wrong, state: "empty" };
  const standing = fault === undefined ? "current" : "failing";
  const endsMs = expiresMs(state);
  return {
    ...wrong,
    state: served.silence === "whole" ? "expired" : standing,
    serial: served.fileSerial,
    confirmedWallMs: toWallMs(state.confirmedMs),
    ...(endsMs !== undefined && { expiresWallMs: toWallMs(endsMs) }),
  };
}
