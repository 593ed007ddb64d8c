// `livezone version`.

import type { Command } from "commander";
import type { VerbContext } from "./verb.ts";

/** Adds the verb. */
export function addVersion(program: Command, context: VerbContext): void {
  program
    .command("version")
    .summary("print the version")
    .description("Prints the versions of livezone and Node.")
    .action(() => {
      context.io.out(`livezone ${context.io.version} (Node ${process.versions.node})\n`);
      context.finish(0);
    });
}
