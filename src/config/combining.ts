// How the checks of a pool make up a member: which there are, what each counts for, and how many of
// them a member must pass.

import { z } from "zod";
import type { MemberRule } from "../health/member.ts";
import type { Check } from "./checks.ts";
import { bad, count, flag, leaf, ok, text } from "./fields.ts";
import { mendWord } from "./suggest.ts";
import { entryList, section, type YamlPath, type YamlReader } from "./yaml.ts";

const WEIGHT_MAX = 1000;
const PASS_MEND = 'write "all", "any", or the weight that must be up, such as 2';

const checkName = text("the name of a check");
const checkMap = section({
  check: checkName,
  weight: count({ min: 1, max: WEIGHT_MAX }).optional(),
  required: flag.optional(),
});

/** The keys of a pool that this file reads. */
export const combiningKeys = {
  checks: entryList("name the checks to pass, as in [web]", z.union([checkName, checkMap])),
  pass: leaf<MemberRule>({ what: "a rule", mend: PASS_MEND }, (value) => {
    if (value === "all" || value === "any") return ok({ kind: value });
    const isWeight = typeof value === "number" && Number.isInteger(value) && value > 0;
    return isWeight
      ? ok({ kind: "at-least", weight: value })
      : bad(`"${value}" is not a rule; ${PASS_MEND}`);
  }).optional(),
};

/** A check that a pool uses, and what it counts for. */
export interface PoolCheck extends Check {
  /** Absent: 1. */
  readonly weight?: number;
  /** Without it a member is down, whatever the others say. */
  readonly isRequired?: boolean;
}

/** The checks of a pool, and how many of them a member must pass. */
export interface Combined {
  readonly checks: readonly PoolCheck[];
  /** Absent: all of them. */
  readonly rule?: MemberRule;
}

/** What the keys are read with. */
export interface CombiningReading {
  readonly reader: YamlReader;
  /** The pool. */
  readonly at: YamlPath;
  readonly raw: { readonly checks: readonly unknown[]; readonly pass?: MemberRule | undefined };
  /** `undefined`: there is such a check, but it is bad, which was said already. */
  readonly checks: ReadonlyMap<string, Check | undefined>;
  /** Takes the names of checks that are used. */
  readonly used: Set<string>;
}

/** Reads both keys; `undefined` after a complaint. */
export function readCombined(reading: CombiningReading): Combined | undefined {
  const { reader, at, raw, checks: known, used } = reading;
  const checks: PoolCheck[] = [];
  let isGood = true;
  const seen = new Set<string>();
  for (const [index, entry] of raw.checks.entries()) {
    const here = [...at, "checks", index];
    const read = readEntry(reader, here, entry);
    const check = read === undefined ? undefined : known.get(read.check);
    if (check === undefined) isGood = false;
    if (read === undefined) continue;
    const { check: name, weight, required } = read;
    used.add(name);
    if (seen.has(name)) reader.complain(here, `"${name}" is named twice; remove one`);
    seen.add(name);
    if (check !== undefined) {
      const terms = {
        ...(weight !== undefined && { weight }),
        ...(required && { isRequired: true }),
      };
      checks.push({ ...check, ...terms });
    } else if (!known.has(name)) {
      const names = [...known.keys()];
      const mend = names.length === 0 ? `define it under "checks"` : mendWord(name, names);
      reader.complain(here, `there is no check "${name}"; ${mend}`);
    }
  }
  if (raw.checks.length === 0) {
    reader.warn([...at, "checks"], "no check is named: its members always count as up");
  }
  if (!isGood) return undefined;
  refuseExcess(reading, checks);
  return { checks, ...(raw.pass !== undefined && raw.pass.kind !== "all" && { rule: raw.pass }) };
}

/** Refuses a rule that asks for more than all checks are worth, and points at one that is idle. */
function refuseExcess({ reader, at, raw }: CombiningReading, checks: readonly PoolCheck[]): void {
  const here = [...at, "pass"];
  const total = checks.reduce((sum, { weight = 1 }) => sum + weight, 0);
  if (raw.pass?.kind === "at-least" && raw.pass.weight > total) {
    const state = `its checks weigh ${total} together, so that no member could ever be up`;
    reader.complain(here, `${state}; write ${total} or less`);
  }
  const areWeighted = checks.some((check) => check.weight !== undefined);
  if (areWeighted && raw.pass?.kind !== "at-least") {
    reader.warn([...at, "checks"], `weights count only where "pass" says what they must reach`);
  }
}

function readEntry(
  reader: YamlReader,
  at: YamlPath,
  entry: unknown,
): z.infer<typeof checkMap> | undefined {
  const isMap = typeof entry === "object" && entry !== null && !Array.isArray(entry);
  if (isMap) return reader.read(at, entry, checkMap);
  const check = reader.read(at, entry, checkName);
  return check === undefined ? undefined : { check };
}
