// `livezone status`: what a running server serves, and why.

import type { Command } from "commander";
import type { StatusReport } from "../view/status.ts";
import { getJson } from "./api-client.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { statusText } from "./status-text.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly json?: true;
}

/** Adds the verb. */
export function addStatus(program: Command, context: VerbContext): void {
  const verb = program
    .command("status")
    .summary("show what a running server serves, and why")
    .description(
      "Asks a running server: that of --socket or --server, or whose socket CONFIG says.\n" +
        "Exit status: 0 the server answered, 1 it did not, 2 wrong usage.",
    )
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--json", "print the report as JSON");
  addServerOptions(verb).action(async (config: string, flags: Flags) => {
    context.finish(await status(context.io, config, flags));
  });
}

/** Prints the report of the server that `config` or the flags name. */
function status(io: CliIo, config: string, flags: Flags): Promise<ExitStatus> {
  return withServer(io, { config, flags }, async (server) => {
    // The server is of this program's version, or said so in the document's `version`.
    const report = (await getJson(server, "/v1/status")) as StatusReport;
    if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
    else for (const line of statusText(report, paintFor(io.outHasColours))) io.out(`${line}\n`);
    return 0;
  });
}
