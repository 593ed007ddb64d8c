// Where sessions with other servers find out what they need of the zones.

import { unreachable } from "../base/assert.ts";
import type { SessionAsk, SessionReply } from "./ports-sessions.ts";
import type { Secondaries } from "./secondaries.ts";
import { type ViewPorts, ZoneViews } from "./zone-views.ts";

/** Answers what sessions ask. */
export class SessionDesk {
  readonly #views: ZoneViews;
  readonly #seen: Secondaries["seen"];

  /** @param seen told what a secondary has shown to have. */
  constructor(ports: ViewPorts, seen: Secondaries["seen"]) {
    this.#views = new ZoneViews(ports);
    this.#seen = seen;
  }

  async take(ask: SessionAsk): Promise<SessionReply> {
    switch (ask.kind) {
      case "view":
        return this.#views.view(ask.origin, ask.since);
      case "seen":
        this.#seen(ask.origin, ask.address, ask.serial);
        return { kind: "done" };
      default:
        return unreachable(ask);
    }
  }
}
