// What control asks of the store about what secondaries were told of pools' answers.

import type { Name } from "../dns/name.ts";

/** What secondaries were told last of a pool's answer. */
export interface ToldAnswer {
  readonly owner: Name;
  readonly type: number;
  /** Packed by `zone/pack`; undefined: the name was given back to the zone's own records. */
  readonly packed: Uint8Array | undefined;
}

/** The store's part. */
export interface ToldStore {
  /** Keeps what a stored zone is handed out with beside its own records. Durable when it resolves. */
  saveTold(origin: Name, answers: readonly ToldAnswer[]): Promise<void>;
}
