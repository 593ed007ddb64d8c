// `livezone explain`: why a pool answers what it answers, and what would change that.

import { type Command, InvalidArgumentError } from "commander";
import type { ExplanationReport } from "../view/explanation.ts";
import { getJson } from "./api-client.ts";
import { explanationText } from "./explain-text.ts";
import { paintFor } from "./paint.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly json?: true;
}

/** Adds the verb. */
export function addExplain(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("explain")
    .summary("show why a pool answers what it answers, and what would change it")
    .description(
      "Prints the whole chain: observations, thresholds, penalties, candidates and why each is or\n" +
        "is not answered, guards, and what would change the answer next.\n" +
        "Exit status: 0 the server answered, 1 there is no such pool or no server, 2 wrong usage.",
    )
    .argument("<owner>", "name of the pool")
    .argument("[type]", "A or AAAA; without it both", typeArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--json", "print the explanation as JSON");
  addServerOptions(verb).action(
    async (owner: string, type: string | undefined, config: string, flags: Flags) => {
      const status = await withServer(io, { config, flags }, async (server) => {
        const query = type === undefined ? "" : `?type=${type}`;
        const path = `/v1/pools/${encodeURIComponent(owner)}/explanation${query}`;
        const report = (await getJson(server, path)) as ExplanationReport;
        const paint = paintFor(io.outHasColours);
        if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
        else for (const line of explanationText(report, paint)) io.out(`${line}\n`);
        return 0;
      });
      finish(status);
    },
  );
}

function typeArgument(value: string): string {
  const type = value.toUpperCase();
  if (type === "A" || type === "AAAA" || type === "CNAME") return type;
  throw new InvalidArgumentError(`"${value}" is none of "A", "AAAA" and "CNAME".`);
}
