// Recent events and whoever follows them. Bounded in every direction: a reader who does not read
// is dropped, and finds what it missed by the number it saw last.

import { type Happened, lineOf } from "../events/happened.ts";

/** A reader of the feed. */
export interface FeedReader {
  /** Takes one frame of the stream; false when it can take no more: it is dropped then. */
  take(frame: string): boolean;
  /** Told that it was dropped, or that the feed is closed. */
  end(): void;
  /** Debug events too. */
  readonly isDebugWanted: boolean;
}

/** Where a reader was when it lost its connection: of which run, which number. */
export interface FeedPlace {
  readonly run: number;
  readonly number: number;
}

const KEPT_MAX = 2048;
const KEPT_OCTETS_MAX = 2 * 1024 * 1024;
const READERS_MAX = 64;

interface Frame extends FeedPlace {
  readonly text: string;
}

/** The feed: events in, frames of server-sent events out. */
export class EventFeed {
  readonly #readers = new Set<FeedReader>();
  #frames: Frame[] = [];
  #octets = 0;

  /** Takes an event that has happened; number 0 goes to debug readers alone, and is not kept. */
  add(happened: Happened): void {
    const isDebug = happened.number === 0;
    const newest = this.#frames.at(-1);
    const isKnown = newest?.run === happened.run && newest.number >= happened.number;
    if (isDebug ? !this.isDebugWanted : isKnown) return;
    const text = frameOf(happened);
    if (!isDebug) this.#keep({ run: happened.run, number: happened.number, text });
    for (const reader of this.#readers) {
      if (isDebug && !reader.isDebugWanted) continue;
      if (!reader.take(text)) this.#drop(reader);
    }
  }

  /**
   * Adds a reader: what it missed since `place` comes first (everything kept where it names none),
   * then what happens. Where more was missed than is kept, an event named `gap` says how much.
   *
   * @returns how to take it out again; undefined when there are too many readers.
   */
  follow(reader: FeedReader, place: FeedPlace | undefined): (() => void) | undefined {
    if (this.#readers.size >= READERS_MAX) return undefined;
    const newest = this.#frames.at(-1);
    const isThisRun = place !== undefined && place.run === newest?.run;
    const missed = isThisRun
      ? this.#frames.filter(({ number }) => number > place.number)
      : this.#frames;
    const lost = (missed[0]?.number ?? 1) - (isThisRun ? place.number : 0) - 1;
    const isGap = place !== undefined && (lost > 0 || !isThisRun);
    const gap = isGap ? `event: gap\ndata: ${JSON.stringify({ lost, isThisRun })}\n\n` : "";
    this.#readers.add(reader);
    if (!reader.take(gap + missed.map(({ text }) => text).join(""))) this.#drop(reader);
    return () => void this.#readers.delete(reader);
  }

  /** A comment to everybody: intermediaries and readers see that the connection lives. */
  beat(): void {
    for (const reader of this.#readers) if (!reader.take(": still here\n\n")) this.#drop(reader);
  }

  /** Ends every reader. */
  close(): void {
    for (const reader of this.#readers) this.#drop(reader);
  }

  /** Whether somebody who follows wants debug events. */
  get isDebugWanted(): boolean {
    for (const { isDebugWanted } of this.#readers) if (isDebugWanted) return true;
    return false;
  }

  /** How many follow. */
  get readers(): number {
    return this.#readers.size;
  }

  #keep(frame: Frame): void {
    this.#frames.push(frame);
    this.#octets += frame.text.length;
    let gone = Math.max(0, this.#frames.length - KEPT_MAX);
    let freed = 0;
    for (let at = 0; at < gone; at++) freed += this.#frames[at]?.text.length ?? 0;
    while (this.#octets - freed > KEPT_OCTETS_MAX && gone < this.#frames.length - 1) {
      freed += this.#frames[gone++]?.text.length ?? 0;
    }
    if (gone > 0) this.#frames = this.#frames.slice(gone);
    this.#octets -= freed;
  }

  #drop(reader: FeedReader): void {
    this.#readers.delete(reader);
    reader.end();
  }
}

/** The place that a `Last-Event-ID` names, or `undefined` where it names none. */
export function placeOf(lastEventId: string | undefined): FeedPlace | undefined {
  const [, run, number] = /^(\d{1,16})-(\d{1,16})$/.exec(lastEventId ?? "") ?? [];
  return number === undefined ? undefined : { run: Number(run), number: Number(number) };
}

/** JSON holds no line ends, so one `data:` line is enough. */
function frameOf({ run, number, wallMs, event }: Happened): string {
  const id = number === 0 ? "" : `id: ${run}-${number}\n`;
  return `${id}data: ${JSON.stringify(lineOf(event, wallMs))}\n\n`;
}
