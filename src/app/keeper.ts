// Keeps one worker thread alive: starts it, watches its heart, buries it, replaces it, ends it.
// Knows nothing of what the thread does.
//
// What a kept thread owes: it posts `{ kind: "ready" }` (with more fields if it likes) when it does
// its work, beats the pulse it was given, and ends by itself on `{ kind: "stop" }` or when its pulse
// asks for the end.

import { Worker } from "node:worker_threads";
import type { Cancel, Time } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { createPulse, Pulse } from "../base/pulse.ts";
import type { EventSink } from "../control/ports.ts";
import { event } from "../events/event.ts";
import type { ThreadStatus } from "../view/status.ts";

type Transferables = NonNullable<Parameters<Worker["postMessage"]>[1]>;

/** What a thread starts with. */
export interface ThreadBeginning {
  readonly workerData: unknown;
  readonly transferList?: Transferables;
}

/** A thread that is to be kept. */
export interface ThreadPlan {
  readonly kind: ThreadStatus["kind"];
  readonly index: number;
  /** A built module: a worker cannot load TypeScript. */
  readonly url: URL;
  /** A thread whose heart has not beaten for so long is replaced; absent: it is only reported. */
  readonly stallLimitMs?: number;
  /** What a thread starts with; asked for every start, with a new pulse each to hand on. */
  begin(pulse: SharedArrayBuffer): ThreadBeginning;
  /** Takes every message but `ready`. */
  receive?(message: unknown): void;
  /** Called when it has died, before its replacement starts. */
  bury?(): void;
}

/** What a keeper is given of the world. */
interface KeeperWorld {
  readonly time: Time;
  readonly events: EventSink;
}

/** How often a thread's heart is listened to. */
const LISTEN_MS = 500;

/** A thread that has been silent for so long is reported. */
const STALL_MS = 3000;

/** How long a thread may take to end by itself before it is terminated. */
const STOP_GRACE_MS = 2000;

/** Deaths older than this no longer slow a replacement down. */
const DEATH_WINDOW_MS = 60_000;

const RESTART_DELAY_MAX_MS = 5000;
const RESTART_DELAY_STEP_MS = 50;

/**
 * How long a replacement waits after the `deaths`-th death within a minute: not at all after the
 * first, then 50 ms, doubling up to 5 s. It never gives up, and starts fewer than 20 in a minute.
 */
export function restartDelayMs(deaths: number): number {
  if (deaths <= 1) return 0;
  return Math.min(RESTART_DELAY_MAX_MS, RESTART_DELAY_STEP_MS * 2 ** Math.min(deaths - 2, 16));
}

/** One incarnation of the thread. */
interface Life {
  readonly worker: Worker;
  readonly pulse: Pulse;
  readonly ended: Promise<void>;
  beats: number;
  /** Rounds of `LISTEN_MS` without a beat. Rounds, not time: a sleeping machine counts none. */
  silentRounds: number;
  isReady: boolean;
  reason: string | undefined;
}

/** The keeper of one thread. */
export class ThreadKeeper {
  readonly #plan: ThreadPlan;
  readonly #world: KeeperWorld;
  #life: Life | undefined;
  #deaths = 0;
  #recentDeathsMs: readonly number[] = [];
  #diedMs: number | undefined;
  #isStopping = false;
  #cancelRestart: Cancel = nothing;
  #cancelListen: Cancel = nothing;
  /** Settles `start`; undefined once it is settled. */
  #starting: { resolve(ready: unknown): void; reject(error: unknown): void } | undefined;

  constructor(plan: ThreadPlan, world: KeeperWorld) {
    this.#plan = plan;
    this.#world = world;
  }

  /**
   * Starts the thread.
   *
   * @returns its `ready` message.
   * @throws what the thread threw, when it dies before it is ready for the first time; it is not
   *   started again then.
   */
  start(): Promise<unknown> {
    this.#listen();
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      this.#begin();
    });
  }

  /** Posts a message; dropped while the thread is dead, since its replacement begins afresh. */
  post(message: unknown, transferList?: Transferables): void {
    this.#life?.worker.postMessage(message, transferList);
    this.#life?.pulse.announceMail();
  }

  /** Ends the thread as a defect would; resolves when it is dead. Its replacement follows. */
  async kill(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    life.reason = "killed";
    await life.worker.terminate();
    await life.ended;
  }

  /** Ends the thread for good: by its own will within 2 s, else by force. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    this.#cancelListen();
    const life = this.#life;
    if (life === undefined) return;
    life.pulse.requestStop();
    this.post({ kind: "stop" });
    const cancel = this.#world.time.after(STOP_GRACE_MS, () => void life.worker.terminate());
    await life.ended;
    cancel();
  }

  status(): ThreadStatus {
    const { kind, index } = this.#plan;
    return { kind, index, isAlive: this.#life?.isReady === true, deaths: this.#deaths };
  }

  #begin(): void {
    const memory = createPulse();
    const { workerData, transferList } = this.#plan.begin(memory);
    const worker = new Worker(this.#plan.url, {
      workerData,
      ...(transferList === undefined ? {} : { transferList: [...transferList] }),
    });
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const pulse = new Pulse(memory);
    const life: Life = {
      ...{ worker, pulse, ended, beats: 0, silentRounds: 0 },
      ...{ isReady: false, reason: undefined },
    };
    this.#life = life;
    worker.on("message", (message: unknown) => this.#receive(life, message));
    let thrown: unknown;
    worker.on("error", (error) => {
      thrown = error;
      life.reason ??= messageOf(error);
    });
    worker.once("exit", (code) => this.#died(life, thrown, code));
  }

  #receive(life: Life, message: unknown): void {
    if (!isReadyMessage(message)) {
      this.#plan.receive?.(message);
      return;
    }
    life.isReady = true;
    this.#starting?.resolve(message);
    this.#starting = undefined;
    if (this.#diedMs === undefined) return;
    const { kind, index } = this.#plan;
    const durationMs = this.#world.time.nowMs() - this.#diedMs;
    this.#diedMs = undefined;
    const fields = { thread: kind, index, durationMs };
    this.#world.events(event("thread.replaced", `${kind} thread ${index} is replaced`, fields));
  }

  #died(life: Life, thrown: unknown, code: number): void {
    this.#life = undefined;
    this.#plan.bury?.();
    const reason = life.reason ?? `it ended by itself with exit status ${code}`;
    if (this.#starting !== undefined) {
      this.#cancelListen();
      this.#starting.reject(thrown ?? new Error(reason));
      this.#starting = undefined;
      return;
    }
    if (this.#isStopping) return;
    const nowMs = this.#world.time.nowMs();
    this.#deaths++;
    this.#diedMs ??= nowMs;
    const isRecent = (deathMs: number): boolean => nowMs - deathMs < DEATH_WINDOW_MS;
    this.#recentDeathsMs = [...this.#recentDeathsMs.filter(isRecent), nowMs];
    const { kind, index } = this.#plan;
    const fields = { thread: kind, index, reason, deaths: this.#deaths };
    this.#world.events(event("thread.died", `${kind} thread ${index} died: ${reason}`, fields));
    const delayMs = restartDelayMs(this.#recentDeathsMs.length);
    this.#cancelRestart = this.#world.time.after(delayMs, () => this.#begin());
  }

  /** Listens to the thread's heart, again and again. */
  #listen(): void {
    this.#cancelListen = this.#world.time.after(LISTEN_MS, () => {
      if (this.#life?.isReady === true) this.#examine(this.#life);
      this.#listen();
    });
  }

  #examine(life: Life): void {
    const beats = life.pulse.beats();
    life.silentRounds = beats === life.beats ? life.silentRounds + 1 : 0;
    life.beats = beats;
    const { kind, index, stallLimitMs = Number.POSITIVE_INFINITY } = this.#plan;
    const silentMs = life.silentRounds * LISTEN_MS;
    if (silentMs === STALL_MS) {
      const fields = { thread: kind, index, silentMs };
      const msg = `${kind} thread ${index} has given no sign of life for ${silentMs} ms`;
      this.#world.events(event("thread.stalled", msg, fields));
    }
    if (silentMs < stallLimitMs || life.reason !== undefined) return;
    life.reason = `no sign of life for ${silentMs} ms`;
    void life.worker.terminate();
  }
}

function isReadyMessage(message: unknown): boolean {
  return (
    typeof message === "object" && message !== null && "kind" in message && message.kind === "ready"
  );
}

function nothing(): void {}
