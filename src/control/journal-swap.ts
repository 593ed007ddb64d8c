// A swap on its way to the store: behind what is visible, in the zone's journal.

import type { Name } from "../dns/name.ts";
import type { RRset } from "../zone/rrset.ts";
import { servingOf, swapRecord, type VisibleSwap } from "./announce.ts";
import type { StoreWriter } from "./store-writer.ts";

/** What a swap changes in its zone. */
export interface SwappedRecords {
  readonly origin: Name;
  readonly before: RRset | undefined;
  readonly after: RRset;
  readonly publishedWallMs: number;
}

/** Has a swap stored; resolves when it is durable, however late. */
export function journalSwap(
  writer: StoreWriter,
  { id, request, story, serial }: VisibleSwap,
  { origin, before, after, publishedWallMs }: SwappedRecords,
): Promise<void> {
  return writer.addSwap({
    swap: swapRecord(request, story, { id, publishedWallMs }),
    origin,
    serialAfter: serial,
    removed: before === undefined ? [] : [before],
    added: [after],
    serving: servingOf(request, story, id, publishedWallMs),
  });
}
