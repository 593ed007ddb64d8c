// How sessions of the stream thread reach the rest of the server: settings in, events and asks out.

import type { MainConfig } from "../config/main.ts";
import type { EventSink } from "../control/ports.ts";
import type { FleetOptions } from "../server/fleet.ts";
import { SESSIONS_CLOSED } from "../server/session-settings.ts";
import type { ToControl } from "./messages.ts";

/** What anybody may ask fits in this, whatever options it has. */
const QUESTION_OCTETS_MAX = 4096;

/** The longest message that is taken over a stream: an UPDATE may be as long as any can be. */
export function streamOctetsMax({ zones }: Pick<MainConfig, "zones">): number {
  const takesUpdates = zones.some(({ access }) => access.allowUpdate.length > 0);
  return takesUpdates ? 0xffff : QUESTION_OCTETS_MAX;
}

/** The fleet's options that are about sessions. */
export function sessionWiring(
  config: Pick<MainConfig, "keys" | "zones" | "answer">,
  ways: { readonly emit: EventSink; readonly toControl: (message: ToControl) => void },
): Required<Pick<FleetOptions, "sessions" | "told">> {
  const zones = config.zones.map(({ origin, access }) => {
    const { allowTransfer, allowNotify, allowUpdate, primaries } = access;
    const isCopy = primaries.length > 0;
    return { origin, allowTransfer, allowNotify, allowUpdate, isCopy };
  });
  return {
    sessions: { ...SESSIONS_CLOSED, keys: config.keys, zones, explainTo: config.answer.explainTo },
    told: (told) => {
      if (told.kind === "event") ways.emit(told.event);
      else ways.toControl({ kind: "session", ask: told.ask });
    },
  };
}
