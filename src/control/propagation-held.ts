// Until when somebody may be led to a member that is answered no more.

import { SLACK_MS } from "../propagation/book.ts";
import { longestTtl } from "./propagation-opening.ts";
import type { Swapped } from "./propagation-ports.ts";
import type { Tracked } from "./propagation-story.ts";

/** Where others are behind, it is looked at again after this. */
const AGAIN_MS = 1000;

/** When the last old answer of a name ends that had a member; undefined: there is none. */
export function heldUntilMs(
  swaps: { readonly pending: readonly Swapped[]; readonly tracked: readonly Tracked[] },
  of: { readonly key: string; readonly member: string; readonly nowMs: number },
): number | undefined {
  const ends: number[] = [];
  for (const { request, story, atMs } of swaps.pending) {
    if (request.key !== of.key || !story.before.includes(of.member)) continue;
    ends.push(atMs + longestTtl(request) * 1000);
  }
  for (const { key, before, book } of swaps.tracked) {
    if (key !== of.key || book.drainedMs !== undefined || !before.includes(of.member)) continue;
    ends.push((book.lastEndMs ?? book.openedMs) + SLACK_MS);
    // It goes on until they have it: who looks next is told of a later end.
    if (book.behind.length > 0) ends.push(of.nowMs + AGAIN_MS);
  }
  return ends.length === 0 ? undefined : Math.max(...ends);
}
