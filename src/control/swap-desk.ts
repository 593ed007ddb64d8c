// Where people ask about swaps: what they were, how soon they came, and where they have spread to.

import { Refusal } from "../base/refusal.ts";
import type { PropagationReport, SwapReport } from "../view/propagation.ts";
import type { StorePort } from "./ports.ts";
import { swapReport } from "./propagation-report.ts";
import type { Propagations } from "./propagations.ts";

/** Answers questions about swaps. */
export class SwapDesk {
  readonly #store: Pick<StorePort, "readSwaps">;
  readonly #propagations: Propagations | undefined;

  constructor(store: Pick<StorePort, "readSwaps">, propagations: Propagations | undefined) {
    this.#store = store;
    this.#propagations = propagations;
  }

  /** The newest swaps, newest first. */
  async swaps(limit: number): Promise<readonly SwapReport[]> {
    const swaps = await this.#store.readSwaps(limit);
    this.#propagations?.refresh();
    return swaps.map((swap) => swapReport(swap, this.#propagations?.report(swap.id)));
  }

  /**
   * How far a swap has spread; the newest one where none is named.
   *
   * @throws Refusal where nothing is known of it.
   */
  propagation(swap: number | undefined): PropagationReport {
    this.#propagations?.refresh();
    const report = this.#propagations?.report(swap);
    if (report !== undefined) return report;
    const state =
      swap === undefined
        ? "there was no swap yet"
        : `nothing is known of swap ${swap}; "livezone swaps" lists those there are`;
    throw new Refusal("absent", "NO_SWAP", `Cannot tell how far a swap has spread: ${state}`);
  }
}
