// `livezone approve`: an operator's yes to what a pool waits for.

import type { Command } from "commander";
import type { ApproveReport } from "../view/orders.ts";
import { askJson } from "./api-client.ts";
import { answerLines } from "./force.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly by?: string;
  readonly reason?: string;
}

/** Adds the verb. */
export function addApprove(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("approve")
    .summary("say yes to the answer a pool waits for")
    .description(
      'Lets a pool whose mode or failback is "manual" give the answer that status shows as wanted.\n' +
        "Exit status: 0 done, 1 it waits for nothing or no server, 2 wrong usage.",
    )
    .argument("<pool>", "name of the pool")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--reason <TEXT>", "why: the log tells it")
    .option("--by <NAME>", "who says so; by default your user name");
  addServerOptions(verb).action(async (pool: string, config: string, flags: Flags) => {
    const status = await withServer(io, { config, flags }, async (server) => {
      const path = `/v1/pools/${encodeURIComponent(pool)}/approval`;
      const { by: author = io.userName(), reason } = flags;
      const body = { author, ...(reason !== undefined && { reason }) };
      const report = (await askJson(server, { method: "POST", path, body })) as ApproveReport;
      for (const line of answerLines(report.pools)) io.out(`${line}\n`);
      return 0;
    });
    finish(status);
  });
}
