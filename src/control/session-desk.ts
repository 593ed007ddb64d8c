// Where sessions with other servers find out what they need of the zones.

import { unreachable } from "../base/assert.ts";
import type { SessionAsk, SessionReply } from "./ports-sessions.ts";
import type { Secondaries } from "./secondaries.ts";
import { type ViewPorts, ZoneViews } from "./zone-views.ts";

/** Answers what sessions ask. */
export class SessionDesk {
  readonly #views: ZoneViews;
  readonly #secondaries: Secondaries | undefined;

  constructor(ports: ViewPorts, secondaries: Secondaries | undefined) {
    this.#views = new ZoneViews(ports);
    this.#secondaries = secondaries;
  }

  async take(ask: SessionAsk): Promise<SessionReply> {
    switch (ask.kind) {
      case "view":
        return this.#views.view(ask.origin, ask.since);
      case "seen":
        this.#secondaries?.seen(ask.origin, ask.address, ask.serial);
        return { kind: "done" };
      default:
        return unreachable(ask);
    }
  }
}
