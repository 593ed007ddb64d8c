// `livezone serve`: reads the command line into a value; starting a server is the handler's.

import { type Command, InvalidArgumentError } from "commander";
import { readAddressPort } from "../config/fields.ts";
import { listenClash } from "../config/listen.ts";
import type { ConfigOverrides } from "../config/quick.ts";
import { type Name, nameKey } from "../dns/name.ts";
import type { ExitStatus } from "./io.ts";
import { DEFAULT_CONFIG, originArgument, type VerbContext } from "./verb.ts";

/** What `serve` was told. */
export interface ServeOptions {
  /** The main configuration; undefined: the zones below are all there is. */
  readonly config: string | undefined;
  readonly zones: readonly { readonly origin: Name; readonly file: string }[];
  /** A folder of `ORIGIN.zone` files. */
  readonly zonesFolder: string | undefined;
  /** The pools file of `zones`, instead of those beside them. */
  readonly pools: string | undefined;
  readonly overrides: ConfigOverrides;
}

/** Starts a server; resolves, with its exit status, when it has ended. */
export type ServeHandler = (options: ServeOptions) => Promise<ExitStatus>;

type Addresses = readonly { readonly address: string; readonly port: number }[];

interface Flags {
  readonly zone?: ServeOptions["zones"];
  readonly zones?: string;
  readonly pools?: string;
  readonly listen?: Addresses;
  readonly store?: string;
  readonly socket?: string;
  readonly workers?: number;
}

const EXAMPLES = `
Examples:
  $ livezone serve
  $ livezone serve /etc/livezone/livezone.yaml
  $ livezone serve --zone example.org=example.org.zone --listen 127.0.0.1:5300
`;

/** Adds the verb. */
export function addServe(program: Command, context: VerbContext, serve: ServeHandler): void {
  const verb = program
    .command("serve")
    .summary("answer questions, and keep the zones alive")
    .description(
      `Answers questions until it is stopped. Without --zone and --zones it reads CONFIG.\n` +
        `--listen, --store, --socket and --workers stand above what CONFIG says.`,
    )
    .argument("[config]", `main configuration (default: ${DEFAULT_CONFIG})`)
    .option("--zone <ORIGIN=FILE>", "serve this zone, without CONFIG; repeatable", addZone)
    .option("--zones <FOLDER>", "serve every ORIGIN.zone of a folder, without CONFIG")
    .option("--pools <FILE>", "pools of the --zone zones (default: X.pools.yaml beside X.zone)")
    .option("--listen <ADDRESS:PORT>", "take questions here, UDP and TCP; repeatable", addListen)
    .option("--store <PATH>", `database, or ":memory:" (default without CONFIG)`)
    .option("--socket <PATH>", "unix socket of the API (default: STORE.sock)")
    .option("--workers <N>", "answer threads (default: cores - 1)", workerCount)
    .addHelpText("after", EXAMPLES);
  verb.action(async (config: string | undefined, flags: Flags) => {
    const refusal = usageError(config, flags);
    if (refusal !== undefined) verb.error(`error: ${refusal}`, { exitCode: 2 });
    context.finish(await serve(optionsOf(config, flags)));
  });
}

function optionsOf(config: string | undefined, flags: Flags): ServeOptions {
  const isQuick = flags.zone !== undefined || flags.zones !== undefined;
  return {
    config: isQuick ? undefined : (config ?? DEFAULT_CONFIG),
    zones: flags.zone ?? [],
    zonesFolder: flags.zones,
    pools: flags.pools,
    overrides: {
      listen: flags.listen,
      storePath: flags.store,
      socket: flags.socket,
      workers: flags.workers,
    },
  };
}

/** What is wrong with options that are good one by one. */
function usageError(config: string | undefined, flags: Flags): string | undefined {
  const isQuick = flags.zone !== undefined || flags.zones !== undefined;
  if (isQuick && config !== undefined) {
    return `"${config}" is one too many: zones come from CONFIG, or from --zone and --zones`;
  }
  if (isQuick && flags.listen === undefined) {
    return "--listen ADDRESS:PORT is missing, as in --listen 127.0.0.1:5300";
  }
  if (flags.pools !== undefined && flags.zone === undefined) {
    return "--pools FILE needs the --zone ORIGIN=FILE that it belongs to";
  }
  return undefined;
}

function addZone(value: string, before: ServeOptions["zones"] = []): ServeOptions["zones"] {
  const at = value.indexOf("=");
  if (at < 1 || at === value.length - 1) {
    throw new InvalidArgumentError("Write ORIGIN=FILE, as in example.org=example.org.zone.");
  }
  const origin = originArgument(value.slice(0, at));
  if (before.some((zone) => nameKey(zone.origin) === nameKey(origin))) {
    throw new InvalidArgumentError("This zone was given before.");
  }
  return [...before, { origin, file: value.slice(at + 1) }];
}

/** Port 0 is allowed here: the system chooses one, and `server.ready` says which. */
function addListen(value: string, before: Addresses = []): Addresses {
  const read = readAddressPort(value, 0);
  if (read.kind === "bad") throw new InvalidArgumentError(`${read.sentence}.`);
  const clash = listenClash(read.value, before);
  if (clash !== undefined) throw new InvalidArgumentError(`${clash.replace(/^i/, "I")}.`);
  return [...before, read.value];
}

function workerCount(value: string): number {
  const count = /^\d{1,2}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError("Write a whole number from 1 to 64.");
}
