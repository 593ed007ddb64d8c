// The running server that a verb asks: which socket it is, and what is said when it does not answer.

import type { Command } from "commander";
import { ApiError } from "./api-client.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { readConfig } from "./serve-config.ts";
import { printComplaints } from "./verb.ts";

/** How the command line names a server. */
export interface SocketFlags {
  readonly socket?: string;
}

/** Adds `--socket`. */
export function addSocketOption(verb: Command): Command {
  return verb.option("--socket <PATH>", "unix socket of the server; CONFIG is then not read");
}

/** Runs `ask` with the socket of the server that `config` or `--socket` names; says what fails. */
export async function withServer(
  io: CliIo,
  server: { readonly config: string; readonly flags: SocketFlags },
  ask: (socket: string) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const socket = server.flags.socket ?? socketOf(io, server.config);
  if (socket === undefined) return 1;
  try {
    return await ask(socket);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
}

function socketOf(io: CliIo, config: string): string | undefined {
  // Whoever asks need not be allowed to read the server's secrets.
  const { cronError } = io;
  const reading = readConfig(io, config, { cronError, fileRefusal: () => undefined });
  if (reading.kind === "bad") {
    printComplaints(io, { errors: reading.errors, warnings: [] });
    io.err("The server's socket is not known: name it with --socket PATH\n");
    return undefined;
  }
  const { socket } = reading.config.admin;
  if (socket === undefined) {
    io.err(`"${config}" names no socket: add "admin: { socket: PATH }", or use --socket PATH\n`);
  }
  return socket;
}
