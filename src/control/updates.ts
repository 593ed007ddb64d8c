// UPDATE (RFC 2136), from its message to an edit like any other: judged in the zone's turn, so that
// nothing comes between its prerequisites and what it changes.

import { Refusal } from "../base/refusal.ts";
import { mayUpdate } from "../dns/access.ts";
import { decodeMessage } from "../dns/message.ts";
import { advanceSerial, compareSerial } from "../dns/serial.ts";
import { RCODE } from "../dns/types.ts";
import { judgeUpdate, type UpdateRefusal } from "../transfer/update.ts";
import type { SessionAsk, SessionReply } from "./ports-sessions.ts";
import { answerKey } from "./served-zone.ts";
import type { ChangeSet, ZoneEdits } from "./zone-edits.ts";
import type { ZonePlace } from "./zone-ports.ts";

type UpdateAsk = Extract<SessionAsk, { readonly kind: "update" }>;

/** Publishes what an update changes, all of it or nothing. */
export async function takeUpdate(edits: ZoneEdits, ask: UpdateAsk): Promise<SessionReply> {
  try {
    let refusal: UpdateRefusal | undefined;
    const report = await edits.change(ask.origin, (place) => {
      const judged = changeSet(place, ask);
      if (judged.kind !== "refused") return judged.set;
      refusal = judged;
      return undefined;
    });
    if (refusal !== undefined) return refusal;
    if (report === undefined) return { kind: "unready" };
    const { serial, added, removed } = report;
    return { kind: "updated", serial, added, removed };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A disk that takes nothing may take it later; all else is a matter of the zone.
    const rcode = error.code === "NOT_STORED" ? RCODE.SERVFAIL : RCODE.REFUSED;
    return { kind: "refused", rcode, reason: error.message };
  }
}

function changeSet(
  { served }: ZonePlace,
  ask: UpdateAsk,
): UpdateRefusal | { readonly kind: "good"; readonly set: ChangeSet } {
  const { zone, serial, live } = served;
  const judged = judgeUpdate(
    decodeMessage(ask.message),
    { zone, serial },
    {
      may: (owner, type) => mayUpdate(ask.rules, owner, type),
      isPooled: (owner, type) => live.has(answerKey(owner, type)),
    },
  );
  if (judged.kind === "refused") return judged;
  const { changes, serial: asked } = judged;
  // RFC 2136 section 3.6: the serial moves, to the one that was asked for where that is newer.
  const chooseSerial = (published: number): number => {
    const isNewer = asked !== undefined && compareSerial(asked, published) === 1;
    return isNewer ? asked : advanceSerial(published);
  };
  const movesSerial = asked !== undefined;
  const set = { changes, cause: "update", isFloorIgnored: false, chooseSerial, movesSerial };
  return { kind: "good", set };
}
