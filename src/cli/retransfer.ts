// `livezone retransfer`: an operator has all of a copied zone taken anew.

import type { Command } from "commander";
import type { RetransferReport } from "../view/orders.ts";
import { askJson } from "./api-client.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly reason: string;
  readonly by?: string;
  readonly json?: true;
}

/** Adds the verb. */
export function addRetransfer(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("retransfer")
    .summary("take all of a copied zone from its primary now")
    .description(
      "Asks the primary of a zone that is copied for all of it (AXFR) now, whatever its serial: for a\n" +
        "primary that was filled anew or whose serial went back. What is held is answered until all has\n" +
        "come and is sound. Primaries that fail are asked again after RETRY.\n" +
        "Exit status: 0 it is asked for, 1 refused or no server, 2 wrong usage.",
    )
    .argument("<zone>", "name of the zone")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .requiredOption("--reason <TEXT>", "why: the log tells it")
    .option("--by <NAME>", "who says so; by default your user name")
    .option("--json", "print it as JSON");
  addServerOptions(verb).action(async (zone: string, config: string, flags: Flags) => {
    const status = await withServer(io, { config, flags }, async (server) => {
      const path = `/v1/zones/${encodeURIComponent(zone)}/retransfer`;
      const body = { reason: flags.reason, author: flags.by ?? io.userName() };
      const report = (await askJson(server, { method: "POST", path, body })) as RetransferReport;
      if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
      else io.out(`${sentence(report)}\n`);
      return 0;
    });
    finish(status);
  });
}

/** `lab.example is taken whole from 192.0.2.53 now; serial 100 is answered until it has come` */
function sentence({ zone, primaries, serial }: RetransferReport): string {
  const until = serial === undefined ? "nothing of it is" : `serial ${serial} is`;
  return `${zone} is taken whole from ${primaries.join(" or ")} now; ${until} answered until it has come`;
}
