// Takes transfers over TCP: one connection for one transfer, bounded in octets and in time. What comes
// is judged message by message by `transfer/transfer-receiver.ts`.

import { connect } from "node:net";
import type { Cancel, Time } from "../base/clock.ts";
import type { TransferOutcome, TransfersPort, WantedTransfer } from "../control/ports-primaries.ts";
import type { OtherServer } from "../control/ports-secondaries.ts";
import { encodeTransferQuery, TransferReceiver } from "../transfer/transfer-receiver.ts";
import { signRequest } from "../transfer/tsig.ts";
import { CurrentKeys } from "./current-keys.ts";

/** At the same time; others wait for their turn, so that a thousand zones do not come at once. */
const TRANSFERS_MAX = 16;
/** A few million records. */
const OCTETS_MAX = 0x2000_0000;
const SILENCE_MAX_MS = 30_000;
const TRANSFER_MAX_MS = 3_600_000;
const LENGTH_OCTETS = 2;
const CLOSED = "this server stops";

/** Bounds that tests may lower. */
export interface TransferBounds {
  readonly octetsMax: number;
  /** Without an octet from the primary, from the connection's begin on. */
  readonly silenceMaxMs: number;
  readonly transferMaxMs: number;
}

const BOUNDS: TransferBounds = {
  octetsMax: OCTETS_MAX,
  silenceMaxMs: SILENCE_MAX_MS,
  transferMaxMs: TRANSFER_MAX_MS,
};

interface TransferOptions {
  readonly bounds?: TransferBounds;
  readonly keys?: CurrentKeys;
}

/** The real transfers. */
export class Transfers implements TransfersPort {
  readonly #time: Time;
  readonly #bounds: TransferBounds;
  readonly #keys: CurrentKeys;
  readonly #running = new Set<(outcome: TransferOutcome) => void>();
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(time: Time, { bounds = BOUNDS, keys = new CurrentKeys() }: TransferOptions = {}) {
    this.#time = time;
    this.#bounds = bounds;
    this.#keys = keys;
  }

  fetch(server: OtherServer, wanted: WantedTransfer): Promise<TransferOutcome> {
    return new Promise((resolve) => {
      const begin = (): void => {
        if (this.#isClosed) resolve(failed(CLOSED));
        else this.#begin(server, wanted, resolve);
      };
      if (this.#running.size < TRANSFERS_MAX) begin();
      else this.#waiting.push(begin);
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const settle of this.#running) settle(failed(CLOSED));
    for (const begin of this.#waiting.splice(0)) begin();
  }

  #begin(
    server: OtherServer,
    wanted: WantedTransfer,
    resolve: (outcome: TransferOutcome) => void,
  ): void {
    const question = encodeTransferQuery(wanted);
    const key = this.#keys.of(server);
    const signed = key && signRequest(question, key, this.#nowSeconds());
    const { octetsMax, silenceMaxMs, transferMaxMs } = this.#bounds;
    const receiver = new TransferReceiver({ ...wanted, chain: signed?.chain, octetsMax });
    const socket = connect({ host: server.address, port: server.port });
    let cancelSilence: Cancel = () => undefined;
    const settle = (outcome: TransferOutcome): void => {
      if (!this.#running.delete(settle)) return;
      cancelSilence();
      cancelEnd();
      socket.destroy();
      resolve(outcome);
      this.#waiting.shift()?.();
    };
    const hush = (): void => {
      cancelSilence();
      const why = `nothing has come for ${silenceMaxMs / 1000} s`;
      cancelSilence = this.#time.after(silenceMaxMs, () => settle(failed(why)));
    };
    const cancelEnd = this.#time.after(transferMaxMs, () => {
      settle(failed(`it takes longer than ${transferMaxMs / 1000} s`));
    });
    this.#running.add(settle);
    hush();
    const take = (message: Uint8Array): void => {
      const verdict = receiver.take(message, this.#nowSeconds());
      if (verdict.kind !== "more") settle(verdict);
    };
    const frames = new FrameReader(take, () => this.#running.has(settle));
    socket.on("connect", () => socket.write(framed(signed?.octets ?? question)));
    socket.on("data", (chunk) => {
      hush();
      frames.add(chunk);
    });
    socket.on("error", (error) => settle(failed(reasonOf(error))));
    socket.on("close", () => settle(failed("the connection ended before the transfer did")));
  }

  #nowSeconds(): number {
    return Math.floor(this.#time.wallMs() / 1000);
  }
}

/** Cuts a stream into its messages. */
class FrameReader {
  readonly #take: (message: Uint8Array) => void;
  readonly #isWanted: () => boolean;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(take: (message: Uint8Array) => void, isWanted: () => boolean) {
    this.#take = take;
    this.#isWanted = isWanted;
  }

  add(chunk: Uint8Array): void {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (this.#isWanted() && at + LENGTH_OCTETS <= octets.length) {
      const end = at + LENGTH_OCTETS + (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0));
      if (end > octets.length) break;
      // A copy: a chain of signatures keeps what came unsigned, and the socket uses its memory again.
      this.#take(new Uint8Array(octets.subarray(at + LENGTH_OCTETS, end)));
      at = end;
    }
    this.#rest = octets.subarray(at);
  }
}

function framed(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 255), message]);
}

function failed(why: string): TransferOutcome {
  return { kind: "failed", why, isWholeLeft: false };
}

/** "connect ECONNREFUSED 192.0.2.1:53" says where twice. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === undefined ? error.message : `the connection failed: ${error.code}`;
}
