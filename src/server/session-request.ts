// A request of another server, and the way back to it.

import type { Message } from "../dns/message.ts";
import type { TsigChain } from "../transfer/tsig.ts";

/** Who asks. */
export interface Requester {
  /** 4 or 16 network-order octets. */
  readonly address: Uint8Array;
  readonly port: number;
  /** One of `TRANSPORT`. */
  readonly transport: number;
}

/** How messages reach who asked. */
export interface ReplyWay {
  /** Resolves when the next message may follow; false when nobody takes any more. */
  send(message: Uint8Array): Promise<boolean>;
  /** Breaks off: what was sent is not to be taken for whole. */
  end(): void;
}

/** A request whose signature, where there is one, is good. */
export interface Request {
  readonly message: Message;
  /** Without the signature. */
  readonly octets: Uint8Array;
  readonly from: Requester;
  readonly way: ReplyWay;
  /** What answers are signed by; undefined: the request was not signed. */
  readonly chain: TsigChain | undefined;
  /** Signs the only answer, where it has to be. */
  readonly seal: (answer: Uint8Array) => Uint8Array;
}
