// The memory that threads share: what is answered from, who was given what, and what is counted.

import { availableParallelism } from "node:os";
import { createCounters } from "../answer/counters.ts";
import { createLedger, type LedgerMemory, placesFor } from "../answer/ledger-memory.ts";
import type { MainConfig } from "../config/main.ts";
import { createImageMemory, type ImageMemory, slotCount } from "../image/memory.ts";
import { fleetReaders } from "../server/fleet.ts";
import { askForLargePages } from "../server/large-pages.ts";
import type { Libc } from "../server/libc.ts";
import { realRandom } from "./real-time.ts";

/** All of it, made once for the life of a process. */
export interface SharedMemory {
  /** Answer threads: as many as there are readers, but for the stream thread. */
  readonly workers: number;
  /** Empty: a kept image may take its place. */
  readonly image: ImageMemory;
  readonly ledger: LedgerMemory;
  readonly counters: SharedArrayBuffer;
}

/** Makes it as large as the configuration asks for; one core is left to everything else. */
export function createSharedMemory({ workers: wanted, ledger }: MainConfig): SharedMemory {
  const workers = wanted ?? Math.max(1, availableParallelism() - 1);
  const threads = fleetReaders(workers);
  const image = createImageMemory({ readers: threads });
  return {
    ...{ workers, image },
    ledger: createLedger({
      threads,
      slots: slotCount(image.slots),
      places: placesFor(ledger.askersMax),
      seed: realRandom.uint32(),
    }),
    counters: createCounters(threads),
  };
}

/**
 * Asks for large pages where each query looks at places of its own (docs/decisions/0047). To be called
 * before anything is noted or shown there: what was touched stays as it is.
 */
export function useLargePages({ image, ledger }: SharedMemory, libc: Libc): void {
  for (const memory of [ledger.askers, ledger.rows, image.slots]) askForLargePages(libc, memory);
}
