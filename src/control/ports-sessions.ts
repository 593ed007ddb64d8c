// What the threads that hold sessions with other servers ask control for, and what they tell it.
// Plain data: it passes from thread to thread.

import type { UpdateRule } from "../dns/access.ts";
import type { Name } from "../dns/name.ts";
import type { SentView } from "../transfer/transfer-stream.ts";

/** What a session needs, or has seen. */
export type SessionAsk =
  /** A zone as it is shown now, with what leads to it from `since` where that is known. */
  | { readonly kind: "view"; readonly origin: Name; readonly since: number | undefined }
  /** A server says that it has the zone at `serial`: by what it was sent, or by asking from there. */
  | {
      readonly kind: "seen";
      readonly origin: Name;
      /** Canonical IP text. */
      readonly address: string;
      readonly serial: number;
    }
  /** A NOTIFY by somebody who may send it: the zone's primary may have a newer serial. */
  | {
      readonly kind: "notify";
      readonly origin: Name;
      /** Canonical IP text. */
      readonly address: string;
      /** As it says; a hint, which nobody vouches for. */
      readonly serial: number | undefined;
    }
  /** An UPDATE by somebody whom these rules let in. */
  | {
      readonly kind: "update";
      readonly origin: Name;
      /** Without its signature. */
      readonly message: Uint8Array;
      readonly rules: readonly UpdateRule[];
    }
  /** What is to be told of a pool, or of all of them, under this name of class CH. */
  | { readonly kind: "explain"; readonly name: Name };

/** What control says to an ask. */
export type SessionReply =
  | { readonly kind: "view"; readonly view: SentView; readonly serial: number }
  /** An UPDATE was published: `serial` holds it; or the zone held all of it already. */
  | {
      readonly kind: "updated";
      readonly serial: number;
      /** Records that came and went, for whoever asks the zone. */
      readonly added: number;
      readonly removed: number;
    }
  /** An UPDATE that changed nothing, by its RCODE. */
  | { readonly kind: "refused"; readonly rcode: number; readonly reason: string }
  /** Lines for people, the most telling first; undefined: there is nothing of that name. */
  | { readonly kind: "explained"; readonly lines: readonly string[] | undefined }
  /** The zone cannot be handed out now: it is not open, or waits for its disk. */
  | { readonly kind: "unready" }
  | { readonly kind: "done" };

/** An ask on its way to control, and the reply on its way back. */
export interface NumberedAsk {
  readonly id: number;
  readonly ask: SessionAsk;
}

/** The reply to the ask of the same number. */
export interface NumberedReply {
  readonly id: number;
  readonly reply: SessionReply;
}
