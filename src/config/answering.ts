// What an operator may choose about answers: the `answer` section of the main configuration.

import type { z } from "zod";
import type { Prefix } from "../dns/access.ts";
import { readPrefix } from "./access-fields.ts";
import { bad, count, duration, flag, leaf, ok, type Reading, text } from "./fields.ts";
import { pathBeside } from "./paths.ts";
import { entryList, section, type YamlReader } from "./yaml.ts";

/** Response rate limiting over UDP. */
export interface RateLimitConfig {
  /** Answers of one kind a second to one prefix. */
  readonly perSecond: number;
  /** Every so-many-th answer over the limit is sent truncated instead of dropped; 0: none. */
  readonly slip: number;
  readonly windowSeconds: number;
  readonly allow: readonly Prefix[];
}

/** What an operator may choose about answers; each absent text is simply not told. */
export interface AnswerConfig {
  /** The largest answer over UDP, in octets, whatever a client offers: 512 to 4096. */
  readonly udpSizeMax: number;
  /** Whether records of one RRset take turns in being the first. */
  readonly isRotating: boolean;
  /** Which server this is, told by NSID (RFC 5001). */
  readonly nsid: string | undefined;
  /** CH TXT version.bind and version.server. */
  readonly version: string | undefined;
  /** CH TXT id.server and hostname.bind. */
  readonly identity: string | undefined;
  /** Who is told why pools answer what they answer; empty: nobody. */
  readonly explainTo: readonly Prefix[];
  readonly cookies: {
    readonly isOn: boolean;
    /** Secrets that servers share; undefined: one of our own, new at every start. */
    readonly secretFile: string | undefined;
  };
  /** Undefined: answers are not limited. */
  readonly rateLimit: RateLimitConfig | undefined;
}

/** Loopback: where a host asks itself, and where nobody forges a source. */
const LOOPBACK: readonly Prefix[] = [
  { address: Uint8Array.of(127, 0, 0, 0), bits: 8 },
  { address: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), bits: 128 },
];

/** The rate is NSD's; cookies, TCP and loopback are never limited. */
const RATE_LIMIT_DEFAULTS: RateLimitConfig = {
  perSecond: 200,
  slip: 2,
  windowSeconds: 15,
  allow: LOOPBACK,
};

export const ANSWER_DEFAULTS: AnswerConfig = {
  udpSizeMax: 1232,
  isRotating: true,
  nsid: undefined,
  version: "livezone",
  identity: undefined,
  explainTo: LOOPBACK,
  cookies: { isOn: true, secretFile: undefined },
  rateLimit: RATE_LIMIT_DEFAULTS,
};

const TEXT_MAX = 128;

const shortText = leaf({ what: "a text", mend: "write a short text" }, (value) => {
  if (typeof value !== "string") return bad(`"${value}" is not text; put it in quotes`);
  const isFit = /^[\x20-\x7e]+$/.test(value) && value.length <= TEXT_MAX;
  return isFit ? ok(value) : bad(`it is not 1 to ${TEXT_MAX} ASCII characters; shorten it`);
});

const prefix = leaf({ what: "a prefix", mend: "write one such as 192.0.2.0/24" }, (value) =>
  readPrefix(String(value)),
);

export const answerSection = section({
  udpSize: count({ min: 512, max: 4096 }).optional(),
  rotate: flag.optional(),
  nsid: shortText.optional(),
  version: shortText.optional(),
  identity: shortText.optional(),
  hideVersion: flag.optional(),
  explainTo: entryList("write a list, such as [127.0.0.0/8]", prefix).optional(),
  cookies: section({ enabled: flag.optional(), secrets: text("a path").optional() }).optional(),
  rateLimit: section({
    enabled: flag.optional(),
    perSecond: count({ min: 1, max: 1_000_000 }).optional(),
    slip: count({ min: 0, max: 10 }).optional(),
    window: duration({ minMs: 1000, maxMs: 60_000 }).optional(),
    allow: entryList("write a list, such as [192.0.2.0/24]", prefix).optional(),
  }).optional(),
});

type Raw = z.infer<typeof answerSection>;

/** The `answer` section, defaults filled in; paths are taken from the folder of `file`. */
export function readAnswer(reader: YamlReader, raw: Raw | undefined, file: string): AnswerConfig {
  const defaults = ANSWER_DEFAULTS;
  const secrets = raw?.cookies?.secrets;
  return {
    udpSizeMax: raw?.udpSize ?? defaults.udpSizeMax,
    isRotating: raw?.rotate ?? defaults.isRotating,
    nsid: raw?.nsid,
    version: raw?.hideVersion === true ? undefined : (raw?.version ?? defaults.version),
    identity: raw?.identity,
    explainTo: readPrefixes(reader, ["answer", "explainTo"], raw?.explainTo) ?? defaults.explainTo,
    cookies: {
      isOn: raw?.cookies?.enabled ?? true,
      secretFile: secrets === undefined ? undefined : pathBeside(file, secrets),
    },
    rateLimit: readRateLimit(reader, raw?.rateLimit),
  };
}

/**
 * Reads a file of cookie secrets: 32 hexadecimal digits a line, the one in use first, one more that
 * is still (or already) taken. Blank lines and `#` comments are passed over.
 *
 * @returns the secrets, or what is wrong with the file.
 */
export function readCookieSecrets(content: string): Reading<{
  readonly active: Uint8Array;
  readonly other: Uint8Array | undefined;
}> {
  const lines = content.split(/\r?\n/).map((line) => line.replace(/#.*/, "").trim());
  const secrets: Uint8Array[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    if (!/^[0-9a-f]{32}$/i.test(line)) {
      return bad(
        `line ${index + 1} is not 32 hexadecimal digits; make one by openssl rand -hex 16`,
      );
    }
    secrets.push(Uint8Array.from(line.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)));
  }
  const [active, other] = secrets;
  if (active === undefined) return bad("it holds no secret; make one by openssl rand -hex 16");
  if (secrets.length > 2) return bad("it holds more than two secrets; keep the newest two");
  return ok({ active, other });
}

function readRateLimit(reader: YamlReader, raw: Raw["rateLimit"]): RateLimitConfig | undefined {
  if (raw?.enabled === false) return undefined;
  const defaults = RATE_LIMIT_DEFAULTS;
  const allow = readPrefixes(reader, ["answer", "rateLimit", "allow"], raw?.allow);
  return {
    perSecond: raw?.perSecond ?? defaults.perSecond,
    slip: raw?.slip ?? defaults.slip,
    windowSeconds: Math.ceil((raw?.window ?? defaults.windowSeconds * 1000) / 1000),
    allow: allow ?? defaults.allow,
  };
}

function readPrefixes(
  reader: YamlReader,
  path: readonly string[],
  entries: readonly unknown[] | undefined,
): readonly Prefix[] | undefined {
  const read = entries?.map((entry, index) => reader.read([...path, index], entry, prefix));
  return read?.filter((entry) => entry !== undefined);
}
