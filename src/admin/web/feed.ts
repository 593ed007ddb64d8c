// The state that the page shows: the server's events, folded as they come.

import type { LivezoneEvent } from "../../events/event.ts";
import type { EventLevel } from "../../events/kind.ts";
import type { LoggedEvent } from "../../events/line.ts";
import { fold } from "../../view/fold.ts";
import { snapshotEvents } from "../../view/snapshot.ts";
import { SseReader } from "../../view/sse.ts";
import { EMPTY_VIEW, type ViewState } from "../../view/state.ts";
import type { StatusReport } from "../../view/status.ts";
import { ApiProblem, ask } from "./api.ts";

/** What the page knows of its connection. */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly why: string }
  /** A token is asked for. */
  | { readonly kind: "refused"; readonly why: string };

export interface Known {
  readonly state: ViewState;
  readonly link: Link;
  /** Server's clock less ours, in milliseconds. */
  readonly aheadMs: number;
}

const RETRY_MS = 2000;
/** Events are folded in batches: at most this often the page is drawn. */
const BATCH_MS = 100;

/** Follows the server until `close`. */
export class Feed {
  readonly #changed: (known: Known) => void;
  #known: Known = { state: EMPTY_VIEW, link: { kind: "connecting" }, aheadMs: 0 };
  #waiting: LoggedEvent[] = [];
  #isPlanned = false;
  #isClosed = false;
  #after = "";
  #abort = new AbortController();
  #retry: number | undefined;

  constructor(changed: (known: Known) => void) {
    this.#changed = changed;
  }

  /** Connects at once, with the token of now. */
  connect(): void {
    clearTimeout(this.#retry);
    this.#abort.abort();
    this.#abort = new AbortController();
    void this.#follow(this.#abort.signal);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#abort.abort();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      const place = this.#after === "" ? "" : `&after=${encodeURIComponent(this.#after)}`;
      const response = await ask(`/v1/events?level=debug${place}`, { signal });
      const reader = new SseReader(({ data, id }) => {
        if (id !== "") this.#after = id;
        const event = readEvent(data);
        if (event !== undefined) this.#take([event]);
      });
      if (response.body === null) throw new ApiProblem(0, "The stream of events is empty");
      const pieces = response.body.pipeThrough(new TextDecoderStream());
      const status = this.#askStatus(signal);
      for await (const piece of pieces) reader.take(piece);
      await status;
      throw new ApiProblem(0, "The server closed the connection");
    } catch (error) {
      if (signal.aborted || this.#isClosed) return;
      this.#lost(error);
    }
  }

  #lost(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const status = error instanceof ApiProblem ? error.status : 0;
    if (status === 401 || status === 403) {
      this.#tell({ link: { kind: "refused", why } });
      return;
    }
    this.#tell({ link: { kind: "lost", why } });
    this.#retry = setTimeout(() => this.connect(), RETRY_MS);
  }

  /** The stream tells what changes; how things stand beside that, the status says. */
  async #askStatus(signal: AbortSignal): Promise<void> {
    const response = await ask("/v1/status", { signal });
    const report = (await response.json()) as StatusReport;
    const level: EventLevel = "info";
    this.#take(snapshotEvents(report).map((event) => ({ atMs: report.nowWallMs, level, event })));
    this.#tell({ link: { kind: "live" }, aheadMs: report.nowWallMs - Date.now() });
  }

  #take(events: readonly LoggedEvent[]): void {
    this.#waiting.push(...events);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setTimeout(() => {
      this.#isPlanned = false;
      const batch = this.#waiting;
      this.#waiting = [];
      this.#tell({ state: fold(this.#known.state, batch) });
    }, BATCH_MS);
  }

  #tell(news: Partial<Known>): void {
    if (this.#isClosed) return;
    this.#known = { ...this.#known, ...news };
    this.#changed(this.#known);
  }
}

/** The server's own events need no check of their shape, only of being one. */
function readEvent(data: string): LoggedEvent | undefined {
  try {
    const { level, time, ...event } = JSON.parse(data) as LivezoneEvent & {
      readonly level: EventLevel;
      readonly time: string;
    };
    const atMs = Date.parse(time);
    return Number.isFinite(atMs) ? { atMs, level, event } : undefined;
  } catch {
    return undefined;
  }
}
