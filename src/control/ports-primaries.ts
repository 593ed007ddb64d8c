// What control asks of the world about zones that are copied from a primary.

import type { Name } from "../dns/name.ts";
import type { ReceivedForm } from "../transfer/received-zone.ts";
import type { TransferVerdict } from "../transfer/transfer-receiver.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Zone } from "../zone/zone.ts";
import type { OtherServer } from "./ports-secondaries.ts";

/** A transfer that is wanted. */
export interface WantedTransfer {
  readonly id: number;
  readonly origin: Name;
  /** The SOA of what is held, with the primary's serial; undefined: all there is is wanted. */
  readonly since: RRset | undefined;
}

/** What came of it. */
export type TransferOutcome = Exclude<TransferVerdict, { readonly kind: "more" }>;

/** Takes transfers over TCP. */
export interface TransfersPort {
  /** Resolves when all has come, or it is known that it will not; never rejects. */
  fetch(server: OtherServer, wanted: WantedTransfer): Promise<TransferOutcome>;
  close(): void;
}

/** A transfer of which a zone is to be made. */
export interface ReceiveRequest {
  readonly origin: Name;
  readonly transfer: ReceivedForm;
  /** What is held. */
  readonly before: Zone | undefined;
}

/** The servers that a zone is copied from, in the order they are asked. */
export interface ZonePrimaries {
  readonly origin: Name;
  readonly servers: readonly OtherServer[];
}

/** The store's part. */
export interface CopyStore {
  /**
   * Notes that a stored zone is what its primary had at a moment, or (undefined) that it is no copy.
   * Durable when it resolves.
   */
  saveCopy(origin: Name, confirmedWallMs: number | undefined): Promise<void>;
}
