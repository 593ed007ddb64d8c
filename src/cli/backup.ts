// `livezone backup` and `livezone restore`: copies of the store, made beside a running server and
// brought back without one.

import type { Command } from "commander";
import { AppError } from "../base/errors.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { readConfig } from "./serve-config.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

/** What is done to a store; each throws an `AppError` with the sentence for the operator. */
export interface StoreCopies {
  copyStore(path: string, copy: string): Promise<{ readonly octets: number }>;
  restoreStore(path: string, copy: string): { readonly hadStore: boolean };
}

/** Adds both verbs. */
export function addBackup(program: Command, context: VerbContext, copies: StoreCopies): void {
  const { io, finish } = context;
  program
    .command("backup")
    .summary("copy the store to a file, beside a running server or without one")
    .description(
      "Copies the database of the configuration to a file, which holds a whole copy or is not\n" +
        "touched. A server goes on meanwhile. Nightly copies: `schedule.backup`.\n" +
        "Exit status: 0 copied, 1 not, 2 wrong usage.",
    )
    .argument("<file>", "the copy to write")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .action(async (file: string, config: string) => {
      finish(
        await withStore(io, config, async (path) => {
          const { octets } = await copies.copyStore(path, file);
          return `Copied store "${path}" to "${file}": ${octets} octets`;
        }),
      );
    });
  program
    .command("restore")
    .summary("put a copy in the place of the store; no server may run")
    .description(
      "Puts a copy in the place of the database. What was there is kept as PATH.before-restore.\n" +
        "Serials go back too: secondaries that have newer ones wait until a change passes them.\n" +
        "Exit status: 0 restored, 1 refused, 2 wrong usage.",
    )
    .argument("<file>", "the copy")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .action(async (file: string, config: string) => {
      finish(
        await withStore(io, config, async (path) => {
          const { hadStore } = copies.restoreStore(path, file);
          const before = hadStore ? `; what was there is "${path}.before-restore"` : "";
          return `Restored store "${path}" from "${file}"${before}`;
        }),
      );
    });
}

async function withStore(
  io: CliIo,
  config: string,
  run: (path: string) => Promise<string>,
): Promise<ExitStatus> {
  const reading = readConfig(io, config);
  if (reading.kind === "bad") {
    for (const error of reading.errors) io.err(`${error}\n`);
    return 1;
  }
  const { path } = reading.config.store;
  try {
    if (path === ":memory:") throw new NoStoreError();
    io.out(`${await run(path)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
}

class NoStoreError extends AppError {
  override readonly code = "STORE_IN_MEMORY";

  constructor() {
    super('Cannot copy the store: it is in memory; write "store: { path: … }"');
  }
}
