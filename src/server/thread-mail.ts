// What the supervisor and its answering threads say to each other: data to start with, and messages.

import type { LedgerMemory } from "../answer/ledger-memory.ts";
import type { AnswerSettings } from "../answer/settings.ts";
import type { NumberedAsk, NumberedReply } from "../control/ports-sessions.ts";
import type { TsigKey } from "../dns/tsig-key.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { ImageMemory, ImageSet } from "../image/memory.ts";
import type { Letter } from "./letters.ts";
import type { ListenAddress } from "./listen.ts";
import type { SessionSettings } from "./session-settings.ts";
import type { LentSocket } from "./sockets.ts";
import type { StreamLimits, TlsIdentity } from "./stream.ts";

/** What every thread that answers starts with. */
export interface ReaderThreadData {
  /** Shared words of `base/pulse`. */
  readonly pulse: SharedArrayBuffer;
  /** Its number among the image's readers. */
  readonly reader: number;
  readonly memory: ImageMemory;
  /** Shared rows of `answer/counters`. */
  readonly counters: SharedArrayBuffer;
  /** Where live answers are noted; undefined: nowhere. */
  readonly ledger: LedgerMemory | undefined;
  readonly settings: AnswerSettings;
}

/** What an answer thread starts with. */
export interface AnswerThreadData extends ReaderThreadData {
  readonly sockets: readonly LentSocket[];
  /** What each answer thread has of a core when all of them are busy: 1, or less where they are more. */
  readonly coreShare: number;
}

/** What the stream thread starts with. */
export interface StreamThreadData extends ReaderThreadData {
  /** TCP addresses; UDP ones too where `udp` is "portable". */
  readonly listen: readonly ListenAddress[];
  /** "batched": answer threads have the UDP sockets. "portable": this thread opens them. */
  readonly udp: "batched" | "portable";
  readonly limits: StreamLimits;
  readonly tls: TlsListeners | undefined;
  readonly sessions: SessionSettings;
}

/** Where TLS is offered, and with what certificate. */
export interface TlsListeners {
  readonly listen: readonly ListenAddress[];
  readonly identity: TlsIdentity;
}

/** From the supervisor to a thread. */
export type ThreadMail =
  | { readonly kind: "adopt"; readonly set: ImageSet }
  | { readonly kind: "settings"; readonly settings: AnswerSettings }
  | { readonly kind: "identity"; readonly identity: TlsIdentity }
  /** For the stream thread: TSIG keys in place of those it had. */
  | { readonly kind: "keys"; readonly keys: readonly TsigKey[] }
  /** For the stream thread: an answer thread's datagram, and control's reply to an ask. */
  | { readonly kind: "letter"; readonly letter: Letter }
  | { readonly kind: "reply"; readonly reply: NumberedReply }
  | { readonly kind: "stop" };

/** From a thread, beside its one `ThreadReady`. */
export type FromReaderThread =
  | { readonly kind: "letter"; readonly letter: Letter }
  | { readonly kind: "ask"; readonly ask: NumberedAsk }
  | { readonly kind: "event"; readonly event: LivezoneEvent };

/** From a thread to its keeper, once, when it does its work. */
export interface ThreadReady {
  readonly kind: "ready";
  /** The stream thread's addresses, with the ports they really have. */
  readonly addresses?: readonly ListenAddress[];
  readonly tlsAddresses?: readonly ListenAddress[];
}
