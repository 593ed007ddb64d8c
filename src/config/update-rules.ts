// Who may update a zone, and how far: `allowUpdate`, whose rules may say names and types.

import { z } from "zod";
import type { NameReach, UpdateRule } from "../dns/access.ts";
import { nameFromText, ROOT } from "../dns/name.ts";
import { isDataType, typeFromText } from "../dns/types.ts";
import { checkKey, keyName, type ListReading, prefix, RULE_MEND } from "./access-fields.ts";
import { bad, leaf, ok, type Reading } from "./fields.ts";
import { notA, section, type YamlReader } from "./yaml.ts";

const NAME_MEND = 'write "www.example.org", or "*.example.org" for all below it';
const NAMES_MEND = "write a list such as [_acme-challenge.example.org]";
const TYPES_MEND = "write a list such as [TXT]";

const name = leaf({ what: "a name", mend: NAME_MEND }, (value) => readReach(String(value)));
const type = leaf({ what: "a record type", mend: "write one such as TXT" }, (value) => {
  const read = typeFromText(String(value).toUpperCase());
  if (read !== undefined && isDataType(read)) return ok(read);
  return bad(`"${value}" is no record type; write one such as TXT`);
});
/** One rule, as a map. */
export const updateRule = section({
  from: prefix.optional(),
  key: keyName.optional(),
  names: z.array(name, { error: ({ input }) => notA(input, "a list", NAMES_MEND) }).optional(),
  types: z.array(type, { error: ({ input }) => notA(input, "a list", TYPES_MEND) }).optional(),
});

/** Reads the list; a rule without names or types reaches all of the zone. */
export function readUpdateRules(reader: YamlReader, list: ListReading): readonly UpdateRule[] {
  const rules: UpdateRule[] = [];
  for (const [index, entry] of list.entries.entries()) {
    const at = [...list.at, index];
    const isMap = typeof entry === "object" && entry !== null;
    if (!isMap) {
      const from = reader.read(at, entry, prefix);
      if (from !== undefined) rules.push({ from });
      continue;
    }
    const read = reader.read(at, entry, updateRule);
    if (read === undefined) continue;
    const { from, key, names, types } = read;
    if (from === undefined && key === undefined) {
      reader.complain(at, `it names nobody; ${RULE_MEND}`);
      continue;
    }
    checkKey(reader, [...at, "key"], key, list.ring);
    rules.push({
      ...(from !== undefined && { from }),
      ...(key !== undefined && { key }),
      ...(names !== undefined && { names }),
      ...(types !== undefined && { types }),
    });
  }
  return rules;
}

function readReach(text: string): Reading<NameReach> {
  const isBelow = text.startsWith("*.");
  try {
    return ok({ name: nameFromText(isBelow ? text.slice(2) : text, ROOT), isBelow });
  } catch {
    return bad(`"${text}" is not a name; ${NAME_MEND}`);
  }
}
