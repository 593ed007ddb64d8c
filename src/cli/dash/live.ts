// A running server as a source: its status once for each connection, and its events as they happen.

import { type LoggedEvent, logged } from "../../events/line.ts";
import { snapshotEvents } from "../../view/snapshot.ts";
import type { StatusReport } from "../../view/status.ts";
import type { ApiAddress } from "../api-address.ts";
import { getJson } from "../api-client.ts";
import { followEvents } from "../event-stream.ts";
import type { Source } from "./run.ts";
import type { Order } from "./screen.ts";

const RETRY_MS = 1000;
/** Events that wait while the picture is paused; the oldest go first. */
const WAITING_MAX = 50_000;

/** Follows a server until it is closed; connects again and again when the server goes away. */
export class Live implements Source {
  readonly #server: ApiAddress;
  readonly #nowMs: () => number;
  #waiting: LoggedEvent[] = [];
  #problem = "connecting";
  #isPaused = false;
  #pausedMs = 0;
  #isClosed = false;
  #after = "";
  #leave: () => void = () => undefined;
  #retry: NodeJS.Timeout | undefined;

  /** @param nowMs wall milliseconds. */
  constructor(server: ApiAddress, nowMs: () => number) {
    this.#server = server;
    this.#nowMs = nowMs;
  }

  /** Connects once; what goes wrong later is shown in the picture. @throws ApiError */
  async start(): Promise<void> {
    await getJson(this.#server, "/v1/status");
    this.#connect();
  }

  get state(): Source["state"] {
    if (this.#problem !== "") return { text: this.#problem, isWell: false };
    return { text: this.#isPaused ? "paused" : "live", isWell: !this.#isPaused };
  }

  take(): { readonly events: readonly LoggedEvent[]; readonly nowMs: number } {
    if (this.#isPaused) return { events: [], nowMs: this.#pausedMs };
    const events = this.#waiting;
    this.#waiting = [];
    return { events, nowMs: this.#nowMs() };
  }

  order(order: Order): void {
    if (order !== "pause") return;
    this.#isPaused = !this.#isPaused;
    this.#pausedMs = this.#nowMs();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#leave();
  }

  #connect(): void {
    this.#leave = followEvents(this.#server, this.#after, {
      opened: () => void this.#askStatus(),
      happened: (event, id) => {
        if (id !== "") this.#after = id;
        this.#take([event]);
      },
      ended: (why) => {
        this.#problem = `lost: ${why}`;
        if (this.#isClosed) return;
        this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
      },
    });
  }

  /** The stream tells what changes; how things stand beside that, the status says. */
  async #askStatus(): Promise<void> {
    try {
      const report = (await getJson(this.#server, "/v1/status")) as StatusReport;
      this.#take(snapshotEvents(report).map((event) => logged(report.nowWallMs, event)));
      this.#problem = "";
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }

  #take(events: readonly LoggedEvent[]): void {
    this.#waiting.push(...events);
    if (this.#waiting.length > WAITING_MAX) this.#waiting.splice(0, WAITING_MAX / 2);
  }
}
