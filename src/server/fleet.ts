// The threads that answer, as the supervisor holds them: their sockets, their image, their mail.
// How a thread is watched and replaced is the keeper's business, which `app` hands in.

import { availableParallelism } from "node:os";
import type { LedgerMemory } from "../answer/ledger-memory.ts";
import type { AnswerSettings } from "../answer/settings.ts";
import type { NumberedReply } from "../control/ports-sessions.ts";
import { clearReader, type ImageMemory, type ImageSet } from "../image/memory.ts";
import type { Libc } from "./libc.ts";
import type { ListenAddress } from "./listen.ts";
import { SESSIONS_CLOSED, type SessionSettings } from "./session-settings.ts";
import { openUdpSockets, type UdpSockets } from "./sockets.ts";
import { STREAM_LIMITS, type StreamLimits, secureContextOf, type TlsIdentity } from "./stream.ts";
import type {
  AnswerThreadData,
  FromReaderThread,
  ReaderThreadData,
  StreamThreadData,
  ThreadMail,
  ThreadReady,
  TlsListeners,
} from "./thread-mail.ts";

/** A thread that is to be kept: what a keeper has to know of it. */
export interface FleetThread {
  readonly kind: "answer" | "stream";
  readonly index: number;
  readonly url: URL;
  /** A thread whose heart has not beaten for so long is replaced. */
  readonly stallLimitMs: number;
  /** What a thread starts with; asked for every start, with a new pulse each. */
  begin(pulse: SharedArrayBuffer): { readonly workerData: unknown };
  /** Takes every message but `ready`. */
  receive(message: unknown): void;
  /** Called when it has died, before its replacement starts. */
  bury(): void;
}

/** A thread that is kept: replaced whenever it dies, until it is stopped. */
export interface KeptThread {
  /** Resolves with its first `ready` message; rejects when it dies before that. */
  start(): Promise<unknown>;
  /** Dropped while it is dead: its replacement begins with what `begin` then says. */
  post(message: unknown): void;
  /** Ends it as a defect would. It is replaced. */
  kill(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
  status(): FleetThreadStatus;
}

/** How a thread fares. */
interface FleetThreadStatus {
  readonly kind: "answer" | "stream" | "control" | "store";
  readonly index: number;
  readonly isAlive: boolean;
  readonly deaths: number;
}

/** What a fleet is made of. */
export interface FleetOptions {
  readonly keep: (thread: FleetThread) => KeptThread;
  /** Built modules that call `runAnswerThread` and `runStreamThread`. */
  readonly entries: { readonly answer: URL; readonly stream: URL };
  readonly listen: readonly ListenAddress[];
  /** Answer threads, 1 or more; without `libc` there are none. */
  readonly workers: number;
  /** None: UDP is served portably. */
  readonly libc: Libc | undefined;
  /** An image with `fleetReaders(workers)` readers or more. */
  readonly memory: ImageMemory;
  /** Counters for as many. */
  readonly counters: SharedArrayBuffer;
  /** A ledger for as many threads; by default live answers are not noted. */
  readonly ledger?: LedgerMemory;
  readonly settings: AnswerSettings;
  readonly limits?: StreamLimits;
  readonly tls?: TlsListeners;
  /** By default nobody is let in. */
  readonly sessions?: SessionSettings;
  /** Takes what sessions ask control, and what they tell; by default nobody does. */
  readonly told?: (told: Exclude<FromReaderThread, { readonly kind: "letter" }>) => void;
}

const STALL_LIMIT_MS = 10_000;

/** Readers of the image that a fleet has: its answer threads and, after them, the stream thread. */
export function fleetReaders(workers: number): number {
  return workers + 1;
}

/** All answering threads of a server. */
export class Fleet {
  /** Where it listens for UDP and TCP, with the ports it really has. */
  readonly addresses: readonly ListenAddress[];
  /** The same for TLS. */
  readonly tlsAddresses: readonly ListenAddress[];
  readonly transport: "batched" | "portable";
  readonly #plan: FleetPlan;

  private constructor(plan: FleetPlan) {
    this.#plan = plan;
    this.addresses = plan.listen;
    this.tlsAddresses = plan.tlsListen;
    this.transport = plan.sockets === undefined ? "portable" : "batched";
  }

  /**
   * Opens the sockets, starts every thread, and resolves when all of them answer.
   *
   * @throws ServerError (or the same error from a thread, with the same code) when an address cannot
   *   be had; nothing is left running or open then.
   */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { libc, listen, workers } = options;
    const sockets = libc === undefined ? undefined : openUdpSockets(libc, { listen, workers });
    const plan = new FleetPlan(options, sockets);
    try {
      const [ready] = await Promise.all(plan.threads.map((thread) => thread.start()));
      plan.settle(ready as ThreadReady);
      return new Fleet(plan);
    } catch (error) {
      await plan.stop();
      throw error;
    }
  }

  /** Hands a new base to every reader, and to every later replacement. */
  adopt(set: ImageSet): void {
    this.#plan.memory = { ...this.#plan.memory, set };
    this.#post({ kind: "adopt", set });
  }

  /** Hands new settings to every thread, and to every later replacement. */
  applySettings(settings: AnswerSettings): void {
    this.#plan.settings = settings;
    this.#post({ kind: "settings", settings });
  }

  /**
   * Uses another TLS certificate for new connections.
   *
   * @throws ServerError when it cannot be used; the one in use is kept then.
   */
  setIdentity(identity: TlsIdentity): void {
    secureContextOf(identity);
    this.#plan.identity = identity;
    this.#post({ kind: "identity", identity });
  }

  /** Has sessions go by other TSIG keys, and those of every later replacement. */
  setKeys(keys: SessionSettings["keys"]): void {
    this.#plan.sessions = { ...this.#plan.sessions, keys };
    this.#plan.toStream({ kind: "keys", keys });
  }

  /** Hands control's reply to the sessions. */
  reply(reply: NumberedReply): void {
    this.#plan.toStream({ kind: "reply", reply });
  }

  /** Ends one thread as a defect would; resolves when it is dead. Its replacement follows. */
  async kill(kind: "answer" | "stream", index: number): Promise<void> {
    const isMeant = (status: FleetThreadStatus) => status.kind === kind && status.index === index;
    await this.#plan.threads.find((thread) => isMeant(thread.status()))?.kill();
  }

  status(): readonly FleetThreadStatus[] {
    return this.#plan.threads.map((thread) => thread.status());
  }

  /** Ends every thread, then closes the sockets. */
  stop(): Promise<void> {
    return this.#plan.stop();
  }

  #post(mail: ThreadMail): void {
    for (const thread of this.#plan.threads) thread.post(mail);
  }
}

/** What threads are started with, now and whenever one has to be replaced. */
class FleetPlan {
  readonly sockets: UdpSockets | undefined;
  /** The stream thread first: it alone can still find an address taken. */
  readonly threads: readonly KeptThread[];
  memory: ImageMemory;
  settings: AnswerSettings;
  sessions: SessionSettings;
  identity: TlsIdentity | undefined;
  listen: readonly ListenAddress[];
  tlsListen: readonly ListenAddress[];
  readonly #options: FleetOptions;

  constructor(options: FleetOptions, sockets: UdpSockets | undefined) {
    this.#options = options;
    this.sockets = sockets;
    this.memory = options.memory;
    this.settings = options.settings;
    this.sessions = options.sessions ?? SESSIONS_CLOSED;
    this.identity = options.tls?.identity;
    this.listen = sockets?.addresses ?? options.listen;
    this.tlsListen = options.tls?.listen ?? [];
    const answering = sockets?.workers.map((_, index) => options.keep(this.#answerThread(index)));
    this.threads = [options.keep(this.#streamThread()), ...(answering ?? [])];
  }

  /** Keeps the ports that the system chose: a replacement must take the same ones. */
  settle({ addresses, tlsAddresses }: ThreadReady): void {
    this.listen = addresses ?? this.listen;
    this.tlsListen = tlsAddresses ?? this.tlsListen;
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.stop()));
    this.sockets?.close();
  }

  toStream(mail: ThreadMail): void {
    this.threads[0]?.post(mail);
  }

  #answerThread(index: number): FleetThread {
    return {
      ...this.#thread("answer", index, index),
      begin: (pulse) => {
        const sockets = this.sockets?.workers[index] ?? [];
        const coreShare = Math.min(1, availableParallelism() / this.#options.workers);
        const readerData = this.#readerData(pulse, index);
        const workerData: AnswerThreadData = { ...readerData, sockets, coreShare };
        return { workerData };
      },
    };
  }

  #streamThread(): FleetThread {
    const { limits = STREAM_LIMITS, workers } = this.#options;
    return {
      ...this.#thread("stream", 0, workers),
      begin: (pulse) => {
        const { listen, tlsListen, identity } = this;
        const workerData: StreamThreadData = {
          ...this.#readerData(pulse, workers),
          listen,
          udp: this.sockets === undefined ? "portable" : "batched",
          limits,
          tls: identity === undefined ? undefined : { listen: tlsListen, identity },
          sessions: this.sessions,
        };
        return { workerData };
      },
    };
  }

  #thread(kind: "answer" | "stream", index: number, reader: number): Omit<FleetThread, "begin"> {
    return {
      kind,
      index,
      url: this.#options.entries[kind],
      stallLimitMs: STALL_LIMIT_MS,
      receive: (message) => this.#receive(message as FromReaderThread),
      bury: () => clearReader(this.#options.memory.control, reader),
    };
  }

  /** Datagrams for sessions go on to the stream thread, everything else to the supervisor. */
  #receive(message: FromReaderThread): void {
    if (message.kind === "letter") this.toStream(message);
    else this.#options.told?.(message);
  }

  #readerData(pulse: SharedArrayBuffer, reader: number): ReaderThreadData {
    const { counters, ledger } = this.#options;
    const { memory, settings } = this;
    return { pulse, reader, memory, counters, ledger, settings };
  }
}
