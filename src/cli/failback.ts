// `livezone failback`: an operator brings the recovered member of a pool back.

import type { Command } from "commander";
import type { FailbackAnswer, FailbackReport } from "../view/orders.ts";
import { askJson } from "./api-client.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly reason: string;
  readonly by?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Adds the verb. */
export function addFailback(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("failback")
    .summary("bring the recovered member of a pool back")
    .description(
      "Lets a pool of policy priority answer its first usable member again, at once: what it waits\n" +
        'for with failback "manual", and what it would do by itself after the hold with "auto". Its\n' +
        "guards and hooks still count. It is refused where nobody before the answered member is up.\n" +
        "Exit status: 0 done, 1 refused or no server, 2 wrong usage.",
    )
    .argument("<pool>", "name of the pool")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .requiredOption("--reason <TEXT>", "why: the log tells it")
    .option("--by <NAME>", "who says so; by default your user name")
    .option("--dry-run", "only say what it would do, and why")
    .option("--json", "print it as JSON");
  addServerOptions(verb).action(async (pool: string, config: string, flags: Flags) => {
    const status = await withServer(io, { config, flags }, async (server) => {
      const path = `/v1/pools/${encodeURIComponent(pool)}/failback`;
      const body = {
        ...{ reason: flags.reason, author: flags.by ?? io.userName() },
        ...(flags.dryRun === true && { dryRun: true }),
      };
      const report = (await askJson(server, { method: "POST", path, body })) as FailbackReport;
      if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
      else for (const line of report.pools.map((one) => lineOf(one, report))) io.out(`${line}\n`);
      return 0;
    });
    finish(status);
  });
}

/** `www.example.org A answers 192.0.2.10 instead of 192.0.2.20 (failback: …)` */
function lineOf(answer: FailbackAnswer, { isDone }: FailbackReport): string {
  const { pool, type, from, to, code, reason, isWaiting } = answer;
  const why = `(${code}: ${reason})`;
  if (isWaiting) {
    const waits = isDone ? "waits before it answers" : "would wait before it answers";
    return `${pool} ${type} ${waits} ${to} instead of ${from} ${why}`;
  }
  return `${pool} ${type} ${isDone ? "answers" : "would answer"} ${to} instead of ${from} ${why}`;
}
