// The running server that a verb asks: which one it is, and what is said when it does not answer.

import { type Command, InvalidArgumentError, Option } from "commander";
import { type ApiAddress, readServerUrl } from "./api-address.ts";
import { ApiError } from "./api-errors.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { readConfig } from "./serve-config.ts";
import { DEFAULT_CONFIG, printComplaints } from "./verb.ts";

/** How the command line names a server. */
export interface ServerFlags {
  readonly socket?: string;
  readonly server?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
}

/** Adds `--socket` and `--server` with what belongs to it. */
export function addServerOptions(verb: Command): Command {
  return verb
    .option("--socket <PATH>", "unix socket of the server; CONFIG is then not read")
    .addOption(
      new Option("--server <URL>", "API over TCP, https://HOST:PORT; default: LIVEZONE_SERVER")
        .conflicts("socket")
        .argParser(urlOption),
    )
    .addOption(
      new Option(
        "--token-file <FILE>",
        "holds the token for --server; default: LIVEZONE_TOKEN",
      ).conflicts("socket"),
    )
    .addOption(
      new Option(
        "--ca <FILE>",
        "PEM of who signed its certificate; default: LIVEZONE_CA",
      ).conflicts("socket"),
    );
}

/** Runs `ask` with the server that the flags, the environment or `config` name; says what fails. */
export async function withServer(
  io: CliIo,
  named: { readonly config: string; readonly flags: ServerFlags },
  ask: (server: ApiAddress) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const server = findServer(io, named);
  if (typeof server === "string") {
    io.err(`${server}\n`);
    return 1;
  }
  try {
    return await ask(server);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
}

/** The server, or the sentence why there is none. A CONFIG that is named stands above the environment. */
function findServer(
  io: CliIo,
  { config, flags }: { readonly config: string; readonly flags: ServerFlags },
): ApiAddress | string {
  if (flags.socket !== undefined) return { kind: "socket", path: flags.socket };
  if (flags.server !== undefined) return overTcp(io, flags.server, flags);
  const inEnvironment = config === DEFAULT_CONFIG ? io.env("LIVEZONE_SERVER") : undefined;
  if (inEnvironment === undefined) return socketOf(io, config);
  const read = readServerUrl(inEnvironment);
  return read.kind === "ok"
    ? overTcp(io, read.origin, flags)
    : `Cannot use LIVEZONE_SERVER: ${read.why}`;
}

/** A server at a TCP address, with the secrets that belong to it. */
function overTcp(io: CliIo, origin: string, flags: ServerFlags): ApiAddress | string {
  const token = tokenOf(io, flags.tokenFile);
  if (typeof token === "string") return token;
  const authorities = flags.ca ?? io.env("LIVEZONE_CA");
  if (authorities === undefined) return { kind: "tcp", origin, ...token };
  const file = io.readFile(authorities);
  if (file.kind === "failed") return file.message;
  const authorityPem = new TextDecoder().decode(file.bytes);
  if (!authorityPem.includes("-----BEGIN CERTIFICATE-----")) {
    return `Cannot use "${authorities}" for --ca: it holds no certificate in PEM`;
  }
  return { kind: "tcp", origin, ...token, authorityPem };
}

/** The token in a file or the environment, if there is one; or the sentence what is wrong with it. */
function tokenOf(io: CliIo, path: string | undefined): { readonly token?: string } | string {
  const place = path === undefined ? "LIVEZONE_TOKEN" : `"${path}"`;
  if (path !== undefined) {
    const refused = io.fileRefusal(path, "secret");
    if (refused !== undefined) return `Cannot use the token: ${refused}`;
  }
  const file = path === undefined ? undefined : io.readFile(path);
  if (file?.kind === "failed") return file.message;
  const text = file === undefined ? io.env("LIVEZONE_TOKEN") : new TextDecoder().decode(file.bytes);
  if (text === undefined) return {};
  const token = text.trim();
  // What else stood there could not be sent (RFC 6750 section 2.1).
  if (/^[A-Za-z0-9._~+/=-]+$/.test(token)) return { token };
  return `Cannot use the token: ${place} holds ${token === "" ? "nothing" : "what is no token"}`;
}

function urlOption(value: string): string {
  const read = readServerUrl(value);
  if (read.kind === "ok") return read.origin;
  throw new InvalidArgumentError(`${read.why}.`);
}

function socketOf(io: CliIo, config: string): ApiAddress | string {
  // Whoever asks need not be allowed to read the server's secrets.
  const { cronError } = io;
  const reading = readConfig(io, config, { cronError, fileRefusal: () => undefined });
  if (reading.kind === "bad") {
    printComplaints(io, { errors: reading.errors, warnings: [] });
    return "The server is not known: name its socket with --socket PATH, or --server https://HOST:PORT";
  }
  const { socket: path } = reading.config.admin;
  if (path !== undefined) return { kind: "socket", path };
  return `"${config}" names no socket: add "admin: { socket: PATH }", or use --socket PATH`;
}
