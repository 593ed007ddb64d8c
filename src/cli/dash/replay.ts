// A log as a source: read as fast as it comes, told at the speed that was asked for.

import { type LoggedEvent, readLine } from "../../events/line.ts";
import type { Source } from "./run.ts";
import type { Order } from "./screen.ts";

/** A replay waits no longer than this for the next event: nights without one are cut short. */
const IDLE_MS = 3000;
const SPEED_MAX = 100_000;
/** Events that are told at once: a picture in between keeps the terminal alive. */
const AT_ONCE = 20_000;

/** Tells the lines of a log again. Speed 0: as fast as they can be read. */
export class Replay implements Source {
  readonly #nowMs: () => number;
  readonly #events: LoggedEvent[] = [];
  #next = 0;
  #speed: number;
  #isPaused = false;
  #isRead = false;
  #failure = "";
  #isClosed = false;
  #read = 0;
  /** The time of the log, and when it was that. */
  #logMs: number | undefined;
  #tickedMs: number;

  /** @param nowMs monotonic milliseconds. */
  constructor(speed: number, nowMs: () => number) {
    this.#speed = speed;
    this.#nowMs = nowMs;
    this.#tickedMs = nowMs();
  }

  /** Reads to the end, or until it is closed. */
  async read(lines: AsyncIterable<string>): Promise<void> {
    try {
      for await (const line of lines) {
        if (this.#isClosed) return;
        const read = readLine(line);
        if (read === undefined) continue;
        this.#events.push(read);
        this.#read++;
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    this.#isRead = true;
  }

  /** How many events were read. */
  get count(): number {
    return this.#read;
  }

  get failure(): string {
    return this.#failure;
  }

  get state(): Source["state"] {
    if (this.#failure !== "") return { text: this.#failure, isWell: false };
    const isAtEnd = this.#isRead && this.#next >= this.#events.length;
    if (isAtEnd) return { text: "end of the log", isWell: true };
    if (this.#isPaused) return { text: "paused", isWell: false };
    return { text: this.#speed === 0 ? "reading" : `replay ×${this.#speed}`, isWell: true };
  }

  take(): { readonly events: readonly LoggedEvent[]; readonly nowMs: number } {
    const nowMs = this.#nowMs();
    const passedMs = nowMs - this.#tickedMs;
    this.#tickedMs = nowMs;
    const due = this.#isPaused ? [] : this.#due(passedMs);
    const last = due.at(-1);
    if (this.#speed === 0 && last !== undefined) this.#logMs = last.atMs;
    return { events: due, nowMs: this.#logMs ?? 0 };
  }

  order(order: Order): void {
    if (order === "pause") this.#isPaused = !this.#isPaused;
    if (order === "faster") this.#speed = Math.min(SPEED_MAX, this.#speed * 2);
    if (order === "slower" && this.#speed > 0.25) this.#speed /= 2;
    const next = this.#events[this.#next];
    if (order === "next" && next !== undefined) this.#logMs = Math.max(this.#logMs ?? 0, next.atMs);
    if (order === "next" && this.#isPaused) {
      this.#isPaused = false;
      this.take();
      this.#isPaused = true;
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  #due(passedMs: number): LoggedEvent[] {
    const first = this.#events[this.#next];
    if (first === undefined) return [];
    if (this.#speed === 0) return this.#cut(Math.min(this.#events.length, this.#next + AT_ONCE));
    const waitMs = (first.atMs - (this.#logMs ?? first.atMs)) / this.#speed;
    const skipMs = waitMs > IDLE_MS ? (waitMs - IDLE_MS) * this.#speed : 0;
    this.#logMs = (this.#logMs ?? first.atMs) + passedMs * this.#speed + skipMs;
    let end = this.#next;
    while (end < this.#events.length && (this.#events[end]?.atMs ?? 0) <= this.#logMs) end++;
    return this.#cut(Math.min(end, this.#next + AT_ONCE));
  }

  #cut(end: number): LoggedEvent[] {
    const due = this.#events.slice(this.#next, end);
    this.#next = end;
    // What was told is not needed again; an endless log must not fill the memory.
    if (this.#next > AT_ONCE) {
      this.#events.splice(0, this.#next);
      this.#next = 0;
    }
    return due;
  }
}
