// Refusals, said once and then counted: whoever is refused asks again, and again.

import type { LivezoneEvent } from "../events/event.ts";
import { event } from "../events/event.ts";

/** A request that was refused. */
interface Refused {
  readonly request: string;
  readonly zone: string;
  readonly address: string;
  readonly reason: string;
}

/** The same refusal is said again after this. */
const AGAIN_MS = 60_000;
/** More kinds of refusals than this are not told apart: the oldest is forgotten. */
const KINDS_MAX = 256;
/** Whatever they are, no more than so many a minute are said. */
const SAID_MAX = 30;

/** Says refusals, within bounds. */
export class RefusalLog {
  readonly #emit: (happened: LivezoneEvent) => void;
  readonly #kinds = new Map<string, { saidMs: number; unsaid: number }>();
  #said = { sinceMs: 0, count: 0 };

  constructor(emit: (happened: LivezoneEvent) => void) {
    this.#emit = emit;
  }

  note(refused: Refused, nowMs: number): void {
    const key = Object.values(refused).join(" ");
    const known = this.#kinds.get(key);
    const isSaid = known !== undefined && nowMs - known.saidMs < AGAIN_MS;
    if (isSaid || !this.#mayBeSaid(nowMs)) {
      if (known !== undefined) known.unsaid++;
      return;
    }
    const { request, zone, address, reason } = refused;
    const unsaid = known?.unsaid ?? 0;
    this.#kinds.delete(key);
    if (this.#kinds.size >= KINDS_MAX) this.#kinds.delete(this.#kinds.keys().next().value ?? "");
    this.#kinds.set(key, { saidMs: nowMs, unsaid: 0 });
    const msg = `${address} was refused ${request} of ${zone}: ${reason}`;
    this.#emit(event("session.refused", msg, { request, zone, address, reason, unsaid }));
  }

  #mayBeSaid(nowMs: number): boolean {
    if (nowMs - this.#said.sinceMs >= AGAIN_MS) this.#said = { sinceMs: nowMs, count: 0 };
    return ++this.#said.count <= SAID_MAX;
  }
}
