// Where sessions with other servers find out what they need of the zones.

import { unreachable } from "../base/assert.ts";
import type { Name } from "../dns/name.ts";
import type { Others } from "./others.ts";
import type { SessionAsk, SessionReply } from "./ports-sessions.ts";
import { takeUpdate } from "./updates.ts";
import type { ZoneEdits } from "./zone-edits.ts";
import { type ViewPorts, ZoneViews } from "./zone-views.ts";

/** Answers what sessions ask. */
export class SessionDesk {
  readonly #views: ZoneViews;
  readonly #others: Others;
  readonly #edits: ZoneEdits;
  readonly #explain: (name: Name) => readonly string[] | undefined;

  constructor(
    ports: ViewPorts,
    hands: {
      readonly others: Others;
      readonly edits: ZoneEdits;
      /** What is to be told under a name of class CH. */
      readonly explain: (name: Name) => readonly string[] | undefined;
    },
  ) {
    this.#views = new ZoneViews(ports);
    this.#others = hands.others;
    this.#edits = hands.edits;
    this.#explain = hands.explain;
  }

  async take(ask: SessionAsk): Promise<SessionReply> {
    switch (ask.kind) {
      case "view":
        return this.#views.view(ask.origin, ask.since);
      case "seen":
        this.#others.secondaries?.seen(ask.origin, ask.address, ask.serial);
        return { kind: "done" };
      case "notify": {
        const { origin, address, serial } = ask;
        const isCopied = this.#others.primaries?.notified(origin, address, serial) ?? false;
        return { kind: isCopied ? "done" : "unready" };
      }
      case "update":
        return takeUpdate(this.#edits, ask);
      case "explain":
        return { kind: "explained", lines: this.#explain(ask.name) };
      default:
        return unreachable(ask);
    }
  }
}
