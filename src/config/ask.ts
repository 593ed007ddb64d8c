// What a check asks of a target, resolved from the configuration: all that the prober needs to know.

/** What is asked of a target. `kind` picks the file in `src/probe/kinds/`. */
export type Ask = HttpAsk | TcpAsk;

interface AskBase {
  /** Canonical IP text of where the probe connects. */
  readonly address: string;
  readonly port: number;
  /** Local address to ask from; the system's choice when absent. */
  readonly source?: string;
  /** Whether the last probe's connection is kept open as a tripwire. */
  readonly tripwire: boolean;
}

/** An HTTP/1.1 request; a status in one of `status` and, where given, the body's words make it "ok". */
export interface HttpAsk extends AskBase {
  readonly kind: "http";
  readonly method: "GET" | "HEAD";
  readonly path: string;
  /** The Host header, without a port. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Inclusive ranges of good status codes. */
  readonly status: readonly (readonly [number, number])[];
  /** A substring that must stand in the first 5120 octets of the body. */
  readonly body?: string;
}

/** A TCP connection; where given, `send` is written and `expect` must arrive. */
export interface TcpAsk extends AskBase {
  readonly kind: "tcp";
  readonly send?: string;
  readonly expect?: string;
}
