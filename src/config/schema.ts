// JSON Schemas of both YAML files, for editors: made of the very schemas by which they are read.

import { z } from "zod";
import { mainSchema } from "./main.ts";
import { poolsFileSchema } from "./pools.ts";
import { laterShapes } from "./yaml.ts";

/** The files that have a schema. */
export const SCHEMA_NAMES = ["main", "pools"] as const;

/** One of the files. */
export type SchemaName = (typeof SCHEMA_NAMES)[number];

const TITLES: Readonly<Record<SchemaName, string>> = {
  main: "livezone: the main configuration",
  pools: "livezone: the pools of a zone",
};

/**
 * The JSON Schema (draft 7, which editors know best) of a file. It is the looser judge: what it lets
 * through, `livezone check` may still refuse, where a value has to fit to others or to the zone.
 */
export function jsonSchemaOf(name: SchemaName): object {
  const schema = name === "main" ? mainSchema : poolsFileSchema;
  return { ...toJson(schema, "draft-7"), title: TITLES[name] };
}

function toJson(schema: z.ZodType, target: "draft-7"): object {
  return z.toJSONSchema(schema, {
    target,
    // What is written, not what becomes of it.
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const shape = laterShapes.get(zodSchema);
      if (shape === undefined) return;
      Object.assign(jsonSchema, toJson(shape, target));
      delete jsonSchema.$schema;
    },
  });
}
