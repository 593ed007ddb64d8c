// One question and the room for its answer: the scratch a transport fills before it asks the
// responder. One object for each thread, reused for every packet.

/** How a packet came. */
export const TRANSPORT = { udp: 0, tcp: 1, tls: 2 } as const;

/**
 * What `respond` returns for a request that is no question to the image: a transfer, a notification, an
 * update, or anything signed. Whoever holds sessions takes the packet from here.
 */
export const HANDED_OVER = -1;

/**
 * A packet, where it came from, and where its answer goes. The transport sets every field before
 * each `respond`. An answer may be written where its packet lies: in the same memory, from the same
 * octet on. Else the parts in use do not overlap.
 */
export class Exchange {
  packet: Uint8Array = new Uint8Array(0);
  /** Where the packet starts in `packet`. */
  start = 0;
  /** Octets of the packet, without a stream's length prefix. */
  length = 0;
  out: Uint8Array = new Uint8Array(0);
  outStart = 0;
  /** Octets that may be written from `outStart`; 512 or more. The responder may use fewer. */
  outMax = 0;
  /** One of `TRANSPORT`. */
  transport = 0;
  /** Network-order octets of the asker's address. */
  source: Uint8Array = new Uint8Array(16);
  sourceStart = 0;
  /** 4 or 16. */
  sourceLength = 4;
  sourcePort = 0;
  /** Seconds since 1970, whole; a few milliseconds old at most. */
  nowSeconds = 0;
  /** Milliseconds of the monotonic clock that all threads share; read once for each batch. */
  nowMs = 0;
  /** What keepalive tells the asker (RFC 7828), tenths of a second; 0: nothing. Streams only. */
  keepaliveDeciseconds = 0;
  /** Whoever sets it calls the responder's `settle` before the answers of a batch leave. */
  isBatched = false;
  /** Its place in a batch that the responder's foresight has looked at; -1: it has not. */
  foreseen = -1;
  /** Set by the responder: the live slot whose records the answer section holds, or -1. */
  liveSlot = -1;

  /** Sets both times. */
  setNow(wallMs: number, nowMs: number): void {
    this.nowSeconds = Math.floor(wallMs / 1000);
    this.nowMs = nowMs;
  }
}
