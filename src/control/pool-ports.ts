// What a running pool is given, and why it decides.

import type { Time } from "../base/clock.ts";
import type { Handover } from "../failover/handover.ts";
import type { Pool } from "../failover/pool.ts";
import type { Aftermath } from "./aftermath.ts";
import type { LiveRequest, SwapStory } from "./announce.ts";
import type { AddressView } from "./member-views.ts";
import type { EventSink, StoredServing } from "./ports.ts";
import type { HookPort, StoredHandover } from "./ports-hooks.ts";

/** What makes a runtime decide: for the log, and to know whether a first fault can be named. */
export type DecideCause = "configured" | "belief" | "hold" | "clock" | "operator" | "hook";

/** The publisher's side of a pool. */
export interface PublishAnswer {
  show(request: LiveRequest): void;
  /** @param story may be asked for later. @returns the swap's id. */
  swap(request: LiveRequest, story: () => SwapStory): number;
  /** Says why an answer is what it is, for those who may ask. */
  explain?(request: LiveRequest, reason: string): void;
  /** Ids (addresses) the zone's static RRset answers, before any pool spoke. */
  staticAnswer(pool: Pool, type: number): readonly string[];
}

/** What a pool runtime is given. */
export interface PoolPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly publish: PublishAnswer;
  readonly aftermath: Aftermath;
  /** While true nothing is decided: the clock cannot be trusted. */
  readonly isHolding: () => boolean;
  readonly stored: (type: number) => StoredServing | undefined;
  /** Monotonic moments of the swaps that earlier runs made, for the guards. */
  readonly storedSwaps: (type: number) => readonly number[];
  readonly addressView: (address: string) => AddressView;
  readonly hooks: HookPort;
  /** Durable when it resolves; false when the store would not take it. */
  readonly note: (handover: StoredHandover) => Promise<boolean>;
  /** What was under way before the start; once. */
  readonly storedHandover: () => Handover | undefined;
}
