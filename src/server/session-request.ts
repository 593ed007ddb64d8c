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
  /**
   * Sends what `next` gives until it gives nothing, as fast as the other side takes it. A message is
   * copied before the next one is asked for. Resolves to false when nobody takes any more; rejects
   * with what `next` throws.
   */
  sendAll(next: () => Uint8Array | undefined): Promise<boolean>;
  /** Breaks off: what was sent is not to be taken for whole. */
  end(): void;
}

/** A way of datagrams: nobody says whether they are taken, and nothing can be broken off. */
export function datagramWay(post: (message: Uint8Array) => void): ReplyWay {
  const send = async (message: Uint8Array): Promise<boolean> => {
    post(message);
    return true;
  };
  const sendAll = async (next: () => Uint8Array | undefined): Promise<boolean> => {
    for (let message = next(); message !== undefined; message = next()) post(message);
    return true;
  };
  return { send, sendAll, end: () => undefined };
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
