// Writes docs/events.md from the schemas of src/events. `--check` only says whether it is current.

import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { EVENTS } from "../src/events/catalog.ts";
import { EVENTS_VERSION } from "../src/events/line.ts";

const FILE = new URL("../docs/events.md", import.meta.url);

const HEAD = `# Events

<!-- Made from src/events by "npm run docs:events"; do not edit by hand. -->

The log on standard output is NDJSON, one event in each line: \`level\`, \`time\` (RFC 3339, UTC), \`event\`, \`msg\` (a
sentence for people) and the fields below. The terminal dashboard, the web page and the report are made from these
lines and from nothing else (see [dashboards](dashboards.md)).

The vocabulary has version ${EVENTS_VERSION}, which \`state.server\` carries. Within a version events and fields are only added, never
renamed or given another meaning: skip what you do not know. Fields that end in \`Ms\` are milliseconds, those that end
in \`WallMs\` milliseconds since 1970; a field with a question mark may be absent. \`debug\` events are logged with
\`log: { level: debug }\`.

\`\`\`json
{"level":"warn","time":"2026-01-02T12:00:03.412Z","event":"target.down","target":"web@192.0.2.10","before":"up","reason":"3 failures in a row, connect-refused","code":"connect-refused","hard":true,"failures":3,"sinceFaultMs":101.2,"msg":"web@192.0.2.10 is down: 3 failures in a row, connect-refused"}
\`\`\`
`;

/** The whole page as the schemas say it now. */
export function eventsPage(): string {
  const all = Object.entries(EVENTS).sort(byName);
  const groups = new Set(all.map(([name]) => groupOf(name)));
  const sections = [...groups].map((group) => {
    const entries = all.filter(([name]) => groupOf(name) === group);
    const rows = entries.flatMap(([name, { level, summary, fields }]) => {
      const texts = Object.entries(fields.shape).map(([field, schema]) => fieldText(field, schema));
      return [`### \`${name}\``, "", `*${level}.* ${summary}.`, "", fieldList(texts), ""];
    });
    return [`## ${group}`, "", ...rows].join("\n");
  });
  return `${[HEAD, ...sections].join("\n").trimEnd()}\n`;
}

function groupOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function fieldList(texts: readonly string[]): string {
  return texts.length === 0 ? "No fields." : texts.map((text) => `- ${text}`).join("\n");
}

function fieldText(name: string, schema: unknown): string {
  const isOptional = schema instanceof z.ZodOptional;
  const typed = typeText(schema);
  return `\`${name}${isOptional ? "?" : ""}\` ${typed}`;
}

function typeText(schema: unknown): string {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly) {
    return typeText(schema.unwrap());
  }
  if (schema instanceof z.ZodArray) return `list of ${typeText(schema.element)}`;
  if (schema instanceof z.ZodEnum) {
    return schema.options.map((option) => `\`${String(option)}\``).join(" or ");
  }
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => {
      return `${name}${field instanceof z.ZodOptional ? "?" : ""}: ${typeText(field)}`;
    });
    return `{ ${fields.join("; ")} }`;
  }
  if (schema instanceof z.ZodNumber) return schema.isInt ? "whole number" : "number";
  if (schema instanceof z.ZodString) return "text";
  if (schema instanceof z.ZodBoolean) return "true or false";
  return "value";
}

if (process.argv[1]?.endsWith("write-events-doc.ts") === true) {
  const page = eventsPage();
  if (!process.argv.includes("--check")) writeFileSync(FILE, page);
  else if (readFileSync(FILE, "utf8") !== page) {
    console.error('docs/events.md is not what src/events says: run "npm run docs:events"');
    process.exitCode = 1;
  }
}
