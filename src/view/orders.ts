// What operators may ask of a running server, and what they are told: plain data, as JSON carries it.

import type { ForcedStatus } from "./status.ts";

/** An operator's word about an address, over its probes. */
export interface ForceOrder {
  /** Canonical text of an address that a pool answers. */
  readonly address: string;
  readonly state: "up" | "down";
  readonly author: string;
  readonly reason: string;
  /** It ends by itself after this; absent: when somebody ends it. */
  readonly forMs?: number;
  /** It is done even where it leaves a pool fewer healthy members than its floor. */
  readonly isFloorIgnored?: boolean;
}

/** What a pool answers in one family. */
export interface PoolAnswer {
  readonly pool: string;
  readonly type: "A" | "AAAA" | "CNAME";
  readonly serving: readonly string[];
  readonly code: string;
  readonly reason: string;
}

/** What became of an order about an address. */
export interface ForceReport {
  readonly address: string;
  /** What is in force now; absent: nothing any more. */
  readonly forced?: ForcedStatus;
  /** Whether the store has it: if not, a restart would not know of it. */
  readonly isDurable: boolean;
  readonly nowWallMs: number;
  /** The pools that answer with the address, as they answer now. */
  readonly pools: readonly PoolAnswer[];
}

/** All of a copied zone is taken from its primary. */
export interface RetransferReport {
  readonly zone: string;
  /** In the order they are asked. */
  readonly primaries: readonly string[];
  /** The primary's serial that is answered until it has come; absent: nothing is. */
  readonly serial?: number;
}

/** An operator wants the recovered member of a pool back. */
export interface FailbackOrder {
  readonly author: string;
  /** Only says what it would do. */
  readonly isDry: boolean;
}

/** What bringing recovered members back does, or would do. */
export interface FailbackReport {
  readonly isDone: boolean;
  readonly pools: readonly FailbackAnswer[];
}

/** One family's part of it. */
export interface FailbackAnswer extends PoolAnswer {
  /** Who was answered, and who is brought back. */
  readonly from: string;
  readonly to: string;
  /** It is wanted from now on, and given later: a guard or a hook makes it wait. */
  readonly isWaiting: boolean;
}

/** What became of an operator's yes. */
export interface ApproveReport {
  /** Families that had waited for it, as they answer now. */
  readonly pools: readonly PoolAnswer[];
}
