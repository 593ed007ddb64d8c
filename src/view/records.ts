// Zones' records and their edits as JSON carries them, in the words of RFC 1035 section 3.2.1 (name,
// type, ttl, rdata); data is master-file text (RFC 1035 section 5.1).

/** One RRset of a zone. */
export interface RecordSet {
  /** Absolute, without the final dot. */
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly rdata: readonly string[];
  /** What its pool answers instead, at the moment; absent: it is answered as it is. */
  readonly live?: readonly string[];
}

/** Some RRsets of a zone, in the order they were written. */
export interface RecordPage {
  readonly zone: string;
  readonly serial: number;
  readonly records: readonly RecordSet[];
  /** Where the next page begins; absent: this is the last one. */
  readonly next?: number;
}

/** Which RRsets are asked for. */
export interface RecordQuery {
  readonly name?: string;
  readonly type?: string;
  readonly offset: number;
  readonly limit: number;
}

/** A change of one RRset. */
export type RecordChange =
  /** The RRset is this from now on. */
  | {
      readonly action: "replace";
      readonly name: string;
      readonly type: string;
      readonly ttl: number;
      readonly rdata: readonly string[];
    }
  /** These records are added; the RRset takes `ttl`, or keeps its own. */
  | {
      readonly action: "add";
      readonly name: string;
      readonly type: string;
      readonly ttl?: number | undefined;
      readonly rdata: readonly string[];
    }
  /** These records are taken out; the RRset goes with its last one. */
  | {
      readonly action: "remove";
      readonly name: string;
      readonly type: string;
      readonly rdata: readonly string[];
    }
  | { readonly action: "delete"; readonly name: string; readonly type: string };

/** Changes that are published together, or not at all. */
export interface RecordEdit {
  readonly changes: readonly RecordChange[];
  /** The serial that the zone must have; "any": whichever it has. */
  readonly ifSerial: number | "any";
  readonly author: string;
  readonly reason: string;
  /** It is done even where it takes a pool's last healthy member. */
  readonly isFloorIgnored: boolean;
}

/** What became of an edit. */
export interface EditReport {
  readonly zone: string;
  readonly serialBefore: number;
  readonly serial: number;
  readonly added: number;
  readonly removed: number;
  /** What is doubtful about the zone now, and what of the edit is not answered. */
  readonly notes: readonly string[];
}
