// `livezone schema`: the JSON Schemas by which editors complete and check the YAML files.

import { Argument, type Command } from "commander";
import { jsonSchemaOf, SCHEMA_NAMES, type SchemaName } from "../config/schema.ts";
import type { VerbContext } from "./verb.ts";

/** Adds the verb. */
export function addSchema(program: Command, context: VerbContext): void {
  program
    .command("schema")
    .summary("print the JSON Schema of a configuration file, for editors")
    .description(
      "Prints the JSON Schema of the main configuration or of a pools file. Editors with the YAML\n" +
        "language server are told of it by a comment in the file:\n" +
        "  # yaml-language-server: $schema=PATH\n" +
        "What the schema lets through, `livezone check` may still refuse: it knows the zone.",
    )
    .addArgument(new Argument("[file]", "which file").choices(SCHEMA_NAMES).default("main"))
    .action((name: SchemaName) => {
      context.io.out(`${JSON.stringify(jsonSchemaOf(name), null, 1)}\n`);
      context.finish(0);
    });
}
