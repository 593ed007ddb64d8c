// Tells receivers: a queue for each, one message at a time, tried again until it is taken or given
// up. A receiver that is dead or slow costs the others and the engine nothing.

import type { Cancel, Time } from "../base/clock.ts";
import type { Notice, NotifyPort, NotifyReceiver } from "../control/ports-notify.ts";
import { type NotifyMessage, type NotifyState, stepNotify } from "./notify-plan.ts";

/** Sends one message. Rejects with why it was not taken. */
export type SendNotice = (receiver: NotifyReceiver, message: NotifyMessage) => Promise<void>;

/** What becomes of a receiver: told on the way down, and on the way up. */
export interface NotifyReports {
  failing(receiver: string, detail: string, waiting: number): void;
  recovered(receiver: string, afterMs: number): void;
}

/** Messages that may wait for one receiver; the oldest go first. */
const WAITING_MAX = 1000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;
/** A receiver is said to fail after so many tries in a row. */
const FAILING_AFTER = 3;
/** A message is given up when it has been tried for so long. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

/** `NotifyPort` over a way to send. */
export class Notifier implements NotifyPort {
  readonly #lines: readonly ReceiverLine[];

  constructor(options: {
    readonly receivers: readonly NotifyReceiver[];
    readonly time: Time;
    readonly send: SendNotice;
    readonly reports: NotifyReports;
  }) {
    this.#lines = options.receivers.map((receiver) => new ReceiverLine(receiver, options));
  }

  notice(notice: Notice, isPast = false): void {
    for (const line of this.#lines) line.step(notice, isPast);
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }
}

interface World {
  readonly time: Time;
  readonly send: SendNotice;
  readonly reports: NotifyReports;
}

interface Waiting {
  readonly message: NotifyMessage;
  readonly sinceMs: number;
}

/** One receiver, and what waits for it. */
class ReceiverLine {
  readonly #receiver: NotifyReceiver;
  readonly #world: World;
  #state: NotifyState = new Map();
  readonly #waiting: Waiting[] = [];
  #isSending = false;
  #isClosed = false;
  #tries = 0;
  #failingSinceMs: number | undefined;
  #cancelWake: Cancel = () => undefined;
  #cancelRetry: Cancel = () => undefined;

  constructor(receiver: NotifyReceiver, world: World) {
    this.#receiver = receiver;
    this.#world = world;
  }

  step(notice: Notice | undefined, isPast: boolean): void {
    if (this.#isClosed) return;
    const { time } = this.#world;
    const nowMs = time.nowMs();
    const rules = isPast ? { ...this.#receiver, delayMs: 0 } : this.#receiver;
    const { state, messages, wakeAtMs } = stepNotify(this.#state, notice, { rules, nowMs });
    this.#state = state;
    this.#cancelWake();
    this.#cancelWake =
      wakeAtMs === undefined
        ? () => undefined
        : time.after(Math.max(0, wakeAtMs - nowMs), () => this.step(undefined, false));
    if (isPast) return;
    for (const message of messages) this.#waiting.push({ message, sinceMs: nowMs });
    if (this.#waiting.length > WAITING_MAX) {
      // The one that is being sent stays in its place.
      this.#waiting.splice(this.#isSending ? 1 : 0, this.#waiting.length - WAITING_MAX);
    }
    this.#next();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelWake();
    this.#cancelRetry();
    this.#waiting.length = 0;
  }

  #next(): void {
    const [first] = this.#waiting;
    if (this.#isClosed || this.#isSending || first === undefined) return;
    this.#isSending = true;
    this.#world.send(this.#receiver, first.message).then(
      () => this.#taken(),
      (error: unknown) => this.#refused(first, error),
    );
  }

  #taken(): void {
    const { time, reports } = this.#world;
    if (this.#failingSinceMs !== undefined) {
      reports.recovered(this.#receiver.name, time.nowMs() - this.#failingSinceMs);
      this.#failingSinceMs = undefined;
    }
    this.#tries = 0;
    this.#waiting.shift();
    this.#isSending = false;
    this.#next();
  }

  #refused({ sinceMs }: Waiting, error: unknown): void {
    if (this.#isClosed) return;
    const { time, reports } = this.#world;
    const nowMs = time.nowMs();
    this.#tries++;
    if (this.#tries === FAILING_AFTER && this.#failingSinceMs === undefined) {
      this.#failingSinceMs = nowMs;
      const detail = error instanceof Error ? error.message : String(error);
      reports.failing(this.#receiver.name, detail, this.#waiting.length);
    }
    if (nowMs >= sinceMs + GIVEN_UP_AFTER_MS) this.#waiting.shift();
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#tries - 1, 20));
    this.#cancelRetry = time.after(delayMs, () => {
      this.#isSending = false;
      this.#next();
    });
  }
}
