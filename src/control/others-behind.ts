// Swaps that other name servers of the zone do not have yet. Ten thousand may wait for one that cannot be
// reached: what each of them costs, second after second, is one comparison.

import { type Name, nameFromText, nameToText } from "../dns/name.ts";
import { type Book, withOthers } from "../propagation/book.ts";
import { hasSerial } from "../transfer/secondary.ts";
import type { OtherStanding, PropagationPorts } from "./propagation-ports.ts";
import type { Tracked } from "./propagation-story.ts";

/** Which name servers do not have a serial, and may answer without it. */
export function namesBehind(others: readonly OtherStanding[], serial: number): readonly string[] {
  return others.filter((one) => !one.isGone && !hasSerial(one, serial)).map(({ name }) => name);
}

/** Holds followed swaps against what others have. */
export class OthersBehind {
  readonly #ports: Pick<PropagationPorts, "time" | "others">;
  /** By a zone's text: its other name servers, as they are in this look. */
  readonly #looked = new Map<string, readonly OtherStanding[] | undefined>();

  constructor(ports: Pick<PropagationPorts, "time" | "others">) {
    this.#ports = ports;
  }

  /** What follows is held against what they have now. */
  lookAnew(): void {
    this.#looked.clear();
  }

  /** The other name servers of a zone; undefined: nobody knows yet. */
  of(origin: Name): readonly OtherStanding[] | undefined {
    return this.#at(nameToText(origin), origin);
  }

  /**
   * Takes what the others have. While nothing is otherwise with them nothing is written: the end of the
   * copies that they give moves with the time, and `bookOf` says where it is.
   */
  look(tracked: Tracked): "moved" | "as before" {
    const { elsewhere, book } = tracked;
    if (elsewhere === undefined || book.drainedMs !== undefined) return "as before";
    const others = this.#at(elsewhere.zone);
    if (others === undefined || others === tracked.others) return "as before";
    tracked.others = others;
    const behind = namesBehind(others, elsewhere.serial);
    const at = { nowMs: this.#ports.time.nowMs(), copyMs: elsewhere.copyMs };
    const isConcerned = others.length > 0 || book.behind.length > 0;
    if (isConcerned) tracked.book = withOthers(book, behind, at);
    if (behind.length === 0) tracked.elsewhere = undefined;
    return behind.join() === book.behind.join() ? "as before" : "moved";
  }

  /** A swap's book as it is now: those that are behind give copies of the old answer until they are not. */
  bookOf(tracked: Tracked): Book {
    const { elsewhere, book } = tracked;
    const isWaiting = book.behind.length > 0 && book.drainedMs === undefined;
    if (elsewhere === undefined || !isWaiting) return book;
    const at = { nowMs: this.#ports.time.nowMs(), copyMs: elsewhere.copyMs };
    tracked.book = withOthers(book, book.behind, at);
    return tracked.book;
  }

  #at(zone: string, origin?: Name): readonly OtherStanding[] | undefined {
    if (this.#looked.has(zone)) return this.#looked.get(zone);
    const others = this.#ports.others?.(origin ?? nameFromText(zone));
    this.#looked.set(zone, others);
    return others;
  }
}
