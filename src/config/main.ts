// The main configuration (zones/livezone.yaml): where to listen, what to keep, which zones to serve.
// Pure: paths come out resolved as text, and nothing is looked up on disk.

import { z } from "zod";
import { messageOf } from "../base/errors.ts";
import { type Name, nameFromText, nameKey, nameToDisplay, ROOT } from "../dns/name.ts";
import type { TsigKey } from "../dns/tsig-key.ts";
import { type DampingSettings, DEFAULT_DAMPING } from "../health/damping.ts";
import { ACCESS_DEFAULTS, accessFields, readAccess, type ZoneAccess } from "./access.ts";
import { type AdminConfig, adminSection, readAdminTcp } from "./admin.ts";
import { anchorShape, readAnchors } from "./anchors.ts";
import { ANSWER_DEFAULTS, type AnswerConfig, answerSection, readAnswer } from "./answering.ts";
import type { FileRefusal } from "./checks.ts";
import { dampingShape, readDamping } from "./damping.ts";
import { bad, count, duration, leaf, ok, type Reading, text, word } from "./fields.ts";
import { type KeyFile, type KeyRing, keyShape, type ReadText, readKeys } from "./keys.ts";
import { LEDGER_DEFAULTS, type LedgerConfig, ledgerOf, ledgerSection } from "./ledger.ts";
import { type ListenAddress, listenShape, readListen } from "./listen.ts";
import { type NotifyConfig, notifyShape, readNotify } from "./notify.ts";
import { pathBeside, poolsFileOf } from "./paths.ts";
import { type ResolverAddress, readResolvers, resolversKey } from "./resolvers.ts";
import { LOG_DEFAULTS, type LogConfig, logSection, readLog, userKey } from "./running.ts";
import {
  readTls,
  STREAM_DEFAULTS,
  type StreamConfig,
  streamOf,
  streamSection,
  type TlsConfig,
  tlsSection,
} from "./serving.ts";
import type { ConfiguredTarget } from "./targets.ts";
import { readWatch, WATCH_DEFAULTS, type WatchConfig, watchSection } from "./watch.ts";
import { entryList, openYaml, readLater, section, type YamlReader } from "./yaml.ts";

/** A zone to serve, and where it is written. */
export interface ZoneConfig {
  readonly origin: Name;
  readonly file: string;
  /** The pools file that is named in the configuration and must exist; undefined: none is named. */
  readonly pools: string | undefined;
  /** Read when `pools` is undefined and this file exists. */
  readonly poolsDefault: string;
  /** Who owns the records: the file, the store after one import, or the primary they are copied from. */
  readonly source: "file" | "store" | "primary";
  /** Which other servers it deals with. */
  readonly access: ZoneAccess;
}

/** A nightly copy of the database. */
export interface BackupSchedule {
  readonly cron: string;
  readonly folder: string;
  /** How many copies stay, 1 and more. */
  readonly keep: number;
}

/** Deletion of what is no longer needed. */
export interface PruneSchedule {
  readonly cron: string;
  /** Roll-ups older than this go. */
  readonly observationsMs: number;
  /** Rows of the journal that stay, for each zone. */
  readonly journalRowsMax: number;
}

/** The whole main configuration, defaults filled in. */
export interface MainConfig {
  readonly listen: readonly ListenAddress[];
  /** A path, or ":memory:". */
  readonly store: { readonly path: string };
  readonly admin: AdminConfig;
  readonly zones: readonly ZoneConfig[];
  /** Answer threads; undefined: cores - 1 and at least 1. */
  readonly workers: number | undefined;
  readonly log: LogConfig;
  /** Who a server that was started as root becomes; undefined: it stays who it is. */
  readonly user: string | undefined;
  readonly schedule: {
    readonly backup: BackupSchedule | undefined;
    readonly prune: PruneSchedule;
  };
  readonly answer: AnswerConfig;
  readonly stream: StreamConfig;
  readonly tls: TlsConfig | undefined;
  /** Undefined: flapping is not damped. */
  readonly damping: DampingSettings | undefined;
  readonly ledger: LedgerConfig;
  /** By which the prober tells that it is cut off itself; empty: it does not. */
  readonly anchors: readonly ConfiguredTarget[];
  /** Recursive resolvers to ask; empty: those of the system. */
  readonly resolvers: readonly ResolverAddress[];
  /** Who is asked how far an answer has spread. */
  readonly watch: WatchConfig;
  /** Who is told of what without asking. */
  readonly notify: readonly NotifyConfig[];
  /** TSIG keys with their secrets: for signing, and for nothing else to show. */
  readonly keys: readonly TsigKey[];
  /** Where they stand, to be read again. */
  readonly keyFiles: readonly KeyFile[];
}

/** What main configuration reading yields: all of it, or every complaint and nothing else. */
export type MainConfigReading =
  | { readonly kind: "ok"; readonly config: MainConfig; readonly warnings: readonly string[] }
  | {
      readonly kind: "bad";
      readonly errors: readonly string[];
      /** Zones that could be read all the same, for whoever wants to say everything at once. */
      readonly zones: readonly ZoneConfig[];
    };

/** What this pure room cannot know by itself. */
export interface MainConfigHelp {
  /** Why a cron expression is none, or `undefined` when it is one. */
  cronError(expression: string): string | undefined;
  /** Why a file that a check names cannot be used so. */
  fileRefusal: FileRefusal;
  /** Reads a key file; absent: nobody looks into them. */
  readFile?: ReadText;
}

/** What applies where the configuration says nothing. */
export const MAIN_DEFAULTS = {
  workers: undefined,
  log: LOG_DEFAULTS,
  user: undefined,
  schedule: {
    backup: undefined,
    prune: { cron: "17 3 * * *", observationsMs: 30 * 86_400_000, journalRowsMax: 10_000 },
  },
  answer: ANSWER_DEFAULTS,
  stream: STREAM_DEFAULTS,
  tls: undefined,
  damping: DEFAULT_DAMPING,
  ledger: LEDGER_DEFAULTS,
  anchors: [],
  resolvers: [],
  watch: WATCH_DEFAULTS,
  notify: [],
  keys: [],
  keyFiles: [],
} as const satisfies Partial<MainConfig>;

const DAY_MS = 86_400_000;
const path = text("a path");

const zoneEntry = section({
  origin: leaf({ what: "a zone name", mend: "write the zone's name" }, readOrigin),
  file: path.optional(),
  pools: path.optional(),
  source: word(["file", "store"]).optional(),
  ...accessFields,
});

/** The whole file. */
export const mainSchema = section({
  listen: entryList('write addresses below it, such as "- 127.0.0.1:53"', listenShape),
  store: section({ path }),
  admin: adminSection.optional(),
  zones: entryList('write zones below it, such as "- origin: example.org"', zoneEntry),
  workers: count({ min: 1, max: 64 }).optional(),
  log: logSection.optional(),
  user: userKey,
  schedule: section({
    backup: section({
      cron: text("a cron expression"),
      folder: path,
      keep: count({ min: 1, max: 1000 }).optional(),
    }).optional(),
    prune: section({
      cron: text("a cron expression").optional(),
      observations: duration({ minMs: 3_600_000, maxMs: 3650 * DAY_MS }).optional(),
      journalRows: count({ min: 100, max: 10_000_000 }).optional(),
    }).optional(),
  }).optional(),
  answer: answerSection.optional(),
  stream: streamSection.optional(),
  tls: tlsSection.optional(),
  damping: readLater(dampingShape).optional(),
  ledger: ledgerSection.optional(),
  notify: entryList(
    "write entries such as { name: ops, url: https://example.org/hook }",
    notifyShape,
  ).optional(),
  anchors: entryList(
    "write entries such as { address: 192.0.2.1, kind: icmp }",
    anchorShape,
  ).optional(),
  resolvers: resolversKey,
  watch: watchSection.optional(),
  keys: entryList("write paths of key files", keyShape).optional(),
});

type MainSchema = z.infer<typeof mainSchema>;

/**
 * Reads the main configuration. Relative paths are taken from the folder of `file`.
 *
 * @param file the path it was read from, as complaints and paths are to begin with.
 */
export function parseMainConfig(
  text: string,
  file: string,
  help?: MainConfigHelp,
): MainConfigReading {
  const reader = openYaml(text, file, { zones: "zone" });
  if (reader.root === null) reader.complain([], 'it is empty; write "listen", "store" and "zones"');
  const raw = reader.root == null ? undefined : reader.read([], reader.root, mainSchema);
  const lists = raw ?? outline(reader.root);
  const listen = readListen(reader, ["listen"], lists.listen);
  const resolvers = readResolvers(reader, raw?.resolvers);
  const watch = readWatch(reader, raw?.watch);
  const fileRefusal = help?.fileRefusal ?? (() => undefined);
  const readText = help?.readFile;
  const ring = readKeys(reader, raw?.keys ?? [], { file, fileRefusal, readText });
  const isComplete = raw !== undefined && ring.isComplete;
  const zones = readZones(reader, lists.zones, { file, ring: { ...ring, isComplete } });
  const tls = raw?.tls === undefined ? undefined : readTls(reader, raw.tls, file);
  const tcp = readAdminTcp(reader, raw?.admin, file);
  const answer = readAnswer(reader, raw?.answer, file);
  const log = readLog(reader, raw?.log, file);
  const damping = readDamping(reader, raw?.damping);
  const anchors = readAnchors(reader, raw?.anchors ?? [], { file, fileRefusal });
  const notify = readNotify(reader, raw?.notify ?? [], { file, fileRefusal });
  if (raw !== undefined && help !== undefined) checkCrons(reader, raw, help);
  const { errors, warnings } = reader.finish();
  if (raw === undefined || errors.length > 0) return { kind: "bad", errors, zones };
  const seen = { listen, zones, answer, log, tls, damping, anchors, resolvers, watch, notify };
  const config = { ...seen, keys: ring.keys, keyFiles: ring.files, ...settingsOf(raw, file, tcp) };
  return { kind: "ok", config, warnings };
}

/** The socket of a store's server where none is named; a store in memory has none. */
export function defaultSocket(storePath: string): string | undefined {
  return storePath === ":memory:" ? undefined : `${storePath}.sock`;
}

/** A zone of the configuration from its origin and file, as `--zone ORIGIN=FILE` gives them. */
export function zoneConfig(zone: { readonly origin: Name; readonly file: string }): ZoneConfig {
  const poolsDefault = poolsFileOf(zone.file);
  return { ...zone, pools: undefined, poolsDefault, source: "file", access: ACCESS_DEFAULTS };
}

/** Reads the name of a zone, with or without its final dot. */
export function readOrigin(value: unknown): Reading<Name> {
  try {
    return ok(nameFromText(String(value), ROOT));
  } catch (error) {
    const state = messageOf(error).replace(/^Cannot read name .*?": /, "");
    return bad(`"${String(value)}" is not a name, ${state}; write one such as example.org`);
  }
}

/** The lists of a file whose other settings are bad: their entries are looked at all the same. */
function outline(root: unknown): {
  readonly listen: readonly unknown[] | undefined;
  readonly zones: readonly unknown[] | undefined;
} {
  const lists = z.looseObject({ listen: z.unknown(), zones: z.unknown() }).safeParse(root).data;
  return {
    listen: Array.isArray(lists?.listen) ? lists.listen : undefined,
    zones: Array.isArray(lists?.zones) ? lists.zones : undefined,
  };
}

function readZones(
  reader: YamlReader,
  entries: readonly unknown[] | undefined,
  { file, ring }: { readonly file: string; readonly ring: KeyRing },
): readonly ZoneConfig[] {
  const zones: ZoneConfig[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of (entries ?? []).entries()) {
    const at = ["zones", index];
    const zone = reader.read(at, entry, zoneEntry);
    if (zone === undefined) continue;
    const shownOrigin = nameToDisplay(zone.origin);
    if (seen.has(nameKey(zone.origin))) {
      const state = `zone "${shownOrigin}" is listed twice; remove one of the two`;
      reader.complain([...at, "origin"], state);
    }
    seen.add(nameKey(zone.origin));
    const zoneFile = pathBeside(file, zone.file ?? `${shownOrigin}.zone`);
    const access = readAccess(reader, { at, lists: zone, ring });
    zones.push({
      origin: zone.origin,
      file: zoneFile,
      pools: zone.pools === undefined ? undefined : pathBeside(file, zone.pools),
      poolsDefault: poolsFileOf(zoneFile),
      source: zone.primary === undefined ? (zone.source ?? "file") : "primary",
      access,
    });
  }
  if (entries?.length === 0) {
    reader.warn(["zones"], "no zone is listed: every question is refused");
  }
  return zones;
}

function checkCrons(reader: YamlReader, raw: MainSchema, help: MainConfigHelp): void {
  for (const task of ["backup", "prune"] as const) {
    const cron = raw.schedule?.[task]?.cron;
    const state = cron === undefined ? undefined : help.cronError(cron);
    if (state === undefined) continue;
    const mend = 'write one such as "17 3 * * *" (03:17 every day)';
    reader.complain(
      ["schedule", task, "cron"],
      `"${cron}" is no cron expression, ${state}; ${mend}`,
    );
  }
}

/** What is read with a look at more than its own section. */
type Seen =
  | ("listen" | "zones" | "answer" | "log" | "tls" | "damping")
  | ("anchors" | "resolvers" | "watch" | "notify" | "keys" | "keyFiles");

function settingsOf(
  raw: MainSchema,
  file: string,
  tcp: AdminConfig["tcp"],
): Omit<MainConfig, Seen> {
  const storePath = raw.store.path === ":memory:" ? ":memory:" : pathBeside(file, raw.store.path);
  const socket = raw.admin?.socket;
  const backup = raw.schedule?.backup;
  const prune = raw.schedule?.prune;
  return {
    store: { path: storePath },
    admin: {
      socket: socket === undefined ? defaultSocket(storePath) : pathBeside(file, socket),
      tcp,
    },
    workers: raw.workers,
    user: raw.user,
    schedule: {
      backup:
        backup === undefined
          ? undefined
          : { cron: backup.cron, folder: pathBeside(file, backup.folder), keep: backup.keep ?? 7 },
      prune: {
        cron: prune?.cron ?? MAIN_DEFAULTS.schedule.prune.cron,
        observationsMs: prune?.observations ?? MAIN_DEFAULTS.schedule.prune.observationsMs,
        journalRowsMax: prune?.journalRows ?? MAIN_DEFAULTS.schedule.prune.journalRowsMax,
      },
    },
    stream: streamOf(raw.stream),
    ledger: ledgerOf(raw.ledger),
  };
}
