// What control asks of the world about what others answer: resolvers, and name servers of a zone.

/** Somebody who is asked. */
export interface AskedPlace {
  /** What its operator calls it; its address where that is all. */
  readonly name: string;
  /** Canonical IP text. */
  readonly address: string;
  readonly port: number;
}

/** A question, and whether it is to be answered by asking others. */
export interface PlainQuestion {
  /** Absolute name, as `nameToDisplay` writes it. */
  readonly name: string;
  readonly type: number;
  readonly isRecursive: boolean;
}

/** A record of a reply. */
export interface SaidRecord {
  /** In lower case, absolute, with its final dot. */
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  /** As `printRdata` writes it, in lower case; empty for types that nobody asks for. */
  readonly text: string;
}

/** What came of a question. */
export type Said =
  | {
      readonly kind: "reply";
      readonly rcode: number;
      readonly answers: readonly SaidRecord[];
      readonly authorities: readonly SaidRecord[];
      readonly additionals: readonly SaidRecord[];
    }
  | { readonly kind: "failed"; readonly detail: string };

/** Asks single questions. */
export interface QuestionsPort {
  /** Always settles, by a deadline of its own. */
  ask(place: AskedPlace, question: PlainQuestion): Promise<Said>;
  close(): void;
}
