// What the client tells whoever runs it.

/** One way to ask: a resolver, or an authoritative server. */
export interface Lane {
  readonly name: string;
  readonly address: string;
  /** Whether the page is requested where its answers lead. */
  readonly isRequested: boolean;
}

/** What the client is to do. */
export interface ClientOrder {
  readonly owner: string;
  readonly port: number;
  /** What is requested: web pages, or rows to be committed. */
  readonly wants: "pages" | "rows";
  readonly lanes: readonly Lane[];
}

/** One line of its output; times are Unix milliseconds. */
export type Seen =
  | {
      readonly kind: "answer";
      readonly lane: string;
      readonly atMs: number;
      /** Addresses, or in words why there are none. */
      readonly answer: string;
      readonly ttl: number | undefined;
    }
  | {
      readonly kind: "request";
      readonly lane: string;
      /** When it began. */
      readonly atMs: number;
      /** Whose page came, or undefined. */
      readonly page: string | undefined;
      readonly why: string;
    }
  | {
      readonly kind: "rows";
      readonly atMs: number;
      readonly acknowledged: number;
      /** Of those, how many are not there. */
      readonly missing: number;
    }
  | {
      readonly kind: "load";
      readonly atMs: number;
      readonly sent: number;
      readonly lost: number;
      readonly bad: number;
      /** The longest that an answer took. */
      readonly slowestMs: number;
    };

/** Where the client's lines go. */
export type Say = (seen: Seen) => void;
