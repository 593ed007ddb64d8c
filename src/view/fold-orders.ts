// Planned moves and what else people and programs changed, as events tell of them.

import type { LivezoneEvent } from "../events/event.ts";
import { bounded, type Draft } from "./draft.ts";
import type { DrainStatus } from "./drains.ts";
import { changeAddress } from "./fold-addresses.ts";
import { LIMITS } from "./state.ts";

/** Folds what tells of an order. */
export function foldOrder(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "api.changed": {
      const { event: _name, msg: _msg, ...change } = event;
      draft.changes = bounded([...draft.changes, { atMs, ...change }], LIMITS.changes);
      return;
    }
    case "drain.planned": {
      const { author, reason, moveInMs } = event;
      const drain: DrainStatus = { stage: "planned", author, reason, moveWallMs: atMs + moveInMs };
      changeAddress(draft, event.address, (address) => ({ ...address, drain }));
      return;
    }
    case "drain.lowered":
      enter(draft, event.address, { stage: "lowering" });
      return;
    case "drain.waiting": {
      const { longerMs } = event;
      changeDrain(draft, event.address, (drain) => {
        return { ...drain, moveWallMs: Math.max(drain.moveWallMs ?? 0, atMs + longerMs) };
      });
      return;
    }
    case "drain.held":
      enter(draft, event.address, { stage: event.stage, held: event.reason });
      return;
    case "drain.moved":
      enter(draft, event.address, {
        stage: "draining",
        ...(event.lastMs !== undefined && { drainedWallMs: atMs + event.lastMs }),
      });
      return;
    case "drain.drained":
      enter(draft, event.address, { stage: "drained" });
      return;
    case "drain.ended":
      changeAddress(draft, event.address, ({ drain: _over, ...address }) => address);
      return;
  }
}

/** The next stage; what held it back before, and moments that are past, say nothing any more. */
function enter(draft: Draft, address: string, next: Omit<DrainStatus, "author" | "reason">): void {
  changeDrain(draft, address, ({ author, reason, moveWallMs }) => {
    const isIn = ["planned", "lowering", "moving"].includes(next.stage);
    return {
      ...{ author, reason, ...next },
      ...(isIn && moveWallMs !== undefined && { moveWallMs }),
    };
  });
}

/** A log that begins in the middle does not tell who wanted it. */
function changeDrain(
  draft: Draft,
  address: string,
  change: (drain: DrainStatus) => DrainStatus,
): void {
  changeAddress(draft, address, (view) => {
    const before = view.drain ?? { stage: "planned", author: "somebody", reason: "" };
    return { ...view, drain: change(before) };
  });
}
