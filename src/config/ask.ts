// What a check asks of a target, resolved from the configuration: all that the prober needs to know.

/** What is asked of a target. `kind` picks the file in `src/probe/kinds/`. */
export type Ask =
  | HttpAsk
  | HttpsAsk
  | TcpAsk
  | TlsAsk
  | DnsAsk
  | IcmpAsk
  | RedisAsk
  | PostgresAsk
  | ExecAsk
  | PushAsk;

interface AskBase {
  /** Canonical IP text of where the probe connects; for exec and push, of what the check is about. */
  readonly address: string;
  /** The name that `address` is one of: then it holds the name too, and each probe resolves it. */
  readonly resolve?: string;
  /** 0 for kinds that have none: icmp, exec, push. */
  readonly port: number;
  /** Local address to ask from; the system's choice when absent. */
  readonly source?: string;
  /** Whether the last probe's connection is kept open as a tripwire. */
  readonly tripwire: boolean;
}

/** How a TLS connection is made and judged. */
export interface TlsTerms {
  /** Sent as SNI (unless it is an address), and the name that the certificate must hold. */
  readonly name: string;
  /** A success carries a warning when the certificate ends within this many days. */
  readonly warnDays: number;
  /** Nothing of the certificate is looked at. */
  readonly isInsecure: boolean;
  /** A PEM file of the authorities to trust, in place of the public ones. */
  readonly caFile?: string;
}

/** What of an HTTP response makes it "ok", and how it is asked for. */
interface HttpTerms extends AskBase {
  readonly method: "GET" | "HEAD" | "OPTIONS";
  readonly path: string;
  /** The Host header, without a port. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Inclusive ranges of good status codes. */
  readonly status: readonly (readonly [number, number])[];
  /** A phrase that must stand in the first 5120 octets of the body. */
  readonly body?: string;
  /** A regular expression that must match there. */
  readonly pattern?: { readonly source: string; readonly flags: string };
  readonly json?: JsonBound;
  /** Redirects followed at most; absent: none. The connection goes to the same address always. */
  readonly follow?: number;
}

/** A value within a JSON body, and what it may be. Without a bound it must merely be there. */
export interface JsonBound {
  /** Keys and list indexes from the outermost value inwards. */
  readonly path: readonly string[];
  /** Inclusive; only numbers keep a bound. */
  readonly min?: number;
  readonly max?: number;
  readonly equals?: string | number | boolean;
}

/** An HTTP/1.1 request; a status in one of `status` and, where given, the body make it "ok". */
export interface HttpAsk extends HttpTerms {
  readonly kind: "http";
}

/** The same over TLS. */
export interface HttpsAsk extends HttpTerms {
  readonly kind: "https";
  readonly tls: TlsTerms;
}

/** A TCP connection; where given, `send` is written and `expect` must arrive. */
export interface TcpAsk extends AskBase {
  readonly kind: "tcp";
  readonly send?: string;
  readonly expect?: string;
}

/** The same over TLS. */
export interface TlsAsk extends AskBase {
  readonly kind: "tls";
  readonly tls: TlsTerms;
  readonly send?: string;
  readonly expect?: string;
}

/** A question over UDP; the right rcode and, where given, a record make the reply "ok". */
export interface DnsAsk extends AskBase {
  readonly kind: "dns";
  /** Without a final dot; "." is the root. */
  readonly name: string;
  readonly type: DnsAskType;
  /** Whether recursion is desired (RD). */
  readonly isRecursive: boolean;
  /** As IANA names them: "NOERROR". */
  readonly rcode: string;
  /** The data of a record of `type` that must be among the answers, in presentation format. */
  readonly answer?: string;
}

/** Types that can be asked for, and whose data can be expected. */
export const DNS_ASK_TYPES = [
  "A",
  "AAAA",
  "CNAME",
  "MX",
  "NS",
  "PTR",
  "SOA",
  "SRV",
  "TXT",
] as const;
export type DnsAskType = (typeof DNS_ASK_TYPES)[number];

/** Echo requests; one reply makes it "ok". */
export interface IcmpAsk extends AskBase {
  readonly kind: "icmp";
  /** Requests sent until one is answered, 1 to 3. */
  readonly packets: number;
}

/** Which of two replicas a server must say that it is. */
export type Role = "primary" | "standby";

/** Who a database is asked as. A password may stand in a file, read anew when it changes. */
export interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
}

/** PING, after a login where one is given; with `role`, ROLE too. */
export interface RedisAsk extends AskBase, Login {
  readonly kind: "redis";
  readonly role?: Role;
}

/** The startup exchange: that the server lets sessions in, and with `role`, which it is. */
export interface PostgresAsk extends AskBase, Login {
  readonly kind: "postgres";
  readonly user: string;
  readonly database: string;
  readonly role?: Role;
}

/** A program whose exit status 0 means "ok". */
export interface ExecAsk extends AskBase {
  readonly kind: "exec";
  /** The program's path and its arguments; no shell is involved. */
  readonly command: readonly [string, ...string[]];
}

/** Reports that come in by themselves; the last one counts for `ttlMs`. */
export interface PushAsk extends AskBase {
  readonly kind: "push";
  /** The check's name: what tells two reporters of one address apart. */
  readonly name: string;
  readonly ttlMs: number;
}
