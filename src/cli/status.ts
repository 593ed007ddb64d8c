// `livezone status`: what a running server serves, and why.

import type { Command } from "commander";
import type { StatusReport } from "../view/status.ts";
import { ApiError, getJson } from "./api-client.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./serve-config.ts";
import { statusText } from "./status-text.ts";
import { DEFAULT_CONFIG, printComplaints, type VerbContext } from "./verb.ts";

interface Flags {
  readonly socket?: string;
  readonly json?: true;
}

/** Adds the verb. */
export function addStatus(program: Command, context: VerbContext): void {
  program
    .command("status")
    .summary("show what a running server serves, and why")
    .description(
      "Asks a running server. Its socket is --socket, or what CONFIG says.\n" +
        "Exit status: 0 the server answered, 1 it did not, 2 wrong usage.",
    )
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--socket <PATH>", "unix socket of the server; CONFIG is then not read")
    .option("--json", "print the report as JSON")
    .action(async (config: string, flags: Flags) => {
      context.finish(await status(context.io, config, flags));
    });
}

/** Prints the report of the server that `config` or `--socket` names. */
async function status(io: CliIo, config: string, flags: Flags): Promise<ExitStatus> {
  const socket = flags.socket ?? socketOf(io, config);
  if (socket === undefined) return 1;
  try {
    // The server is of this program's version, or said so in the document's `version`.
    const report = (await getJson(socket, "/v1/status")) as StatusReport;
    if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
    else for (const line of statusText(report, paintFor(io.outHasColours))) io.out(`${line}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
}

function socketOf(io: CliIo, config: string): string | undefined {
  const reading = readConfig(io, config);
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
