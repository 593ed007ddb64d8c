// The command line as a whole: its verbs, its help, its exit statuses.

import { Command, CommanderError } from "commander";
import { addApprove } from "./approve.ts";
import { addBackup, type StoreCopies } from "./backup.ts";
import { addCheck } from "./check.ts";
import { addCheckZone } from "./check-zone.ts";
import { addCompletion } from "./completion.ts";
import { addDash } from "./dash.ts";
import { addDrain } from "./drain.ts";
import { addDrill } from "./drill.ts";
import { addExplain } from "./explain.ts";
import { addFailback } from "./failback.ts";
import { addForce } from "./force.ts";
import { HELP } from "./help-text.ts";
import { addImport } from "./import.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { addPropagation } from "./propagation.ts";
import { addReport } from "./report.ts";
import { addRetransfer } from "./retransfer.ts";
import { addSchema } from "./schema.ts";
import { addServe, type ServeHandler } from "./serve.ts";
import { addSimulate, type SimulateHandler } from "./simulate.ts";
import { addStatus } from "./status.ts";
import { addToken } from "./token.ts";
import type { VerbContext } from "./verb.ts";
import { addVersion } from "./version.ts";

/** What the command line cannot do itself. */
export interface CliHandlers {
  readonly serve: ServeHandler;
  readonly simulate: SimulateHandler;
  readonly copies: StoreCopies;
}

/** The program with all its verbs, as help and documents show it too; `finish` is told how the verb that ran has ended. */
export function buildProgram(
  handlers: CliHandlers,
  io: CliIo,
  finish: (status: ExitStatus) => void,
): Command {
  const context: VerbContext = { io, finish };
  const program = new Command("livezone")
    .description("An authoritative DNS server whose zones follow the health of their targets.")
    .version(io.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [verb]", "print help of a verb")
    .showHelpAfterError('("livezone help VERB" shows how it is used)')
    .configureHelp(HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHasColors: () => io.outHasColours,
      getErrHasColors: () => io.errHasColours,
    });
  addServe(program, context, handlers.serve);
  addCheck(program, context);
  addCheckZone(program, context);
  addStatus(program, context);
  addDrain(program, context);
  addDrill(program, context);
  addExplain(program, context);
  addFailback(program, context);
  addForce(program, context);
  addApprove(program, context);
  addRetransfer(program, context);
  addSimulate(program, context, handlers.simulate);
  addDash(program, context);
  addReport(program, context);
  addPropagation(program, context);
  addBackup(program, context, handlers.copies);
  addImport(program, context);
  addSchema(program, context);
  addToken(program, context);
  addCompletion(program, context);
  addVersion(program, context);
  return program;
}

/**
 * Runs one command line to its end.
 *
 * @param args without the interpreter and the script.
 * @returns 0 good, 1 what was checked or asked for is bad, 2 wrong usage, 3 not in time.
 */
export async function runProgram(
  args: readonly string[],
  handlers: CliHandlers,
  io: CliIo,
): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const program = buildProgram(handlers, io, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has printed its sentence; help that was asked for is no error.
    return error.exitCode === 0 ? 0 : 2;
  }
}
