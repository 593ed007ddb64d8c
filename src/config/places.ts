// Where a check asks, when that is not the address that is answered: another network, a router.

import { z } from "zod";
import { canonicalIp } from "../base/ip.ts";
import { address } from "./fields.ts";
import { notA, type YamlPath, type YamlReader } from "./yaml.ts";

/** Where a check asks. All addresses are canonical. */
export interface Place {
  /** The address to ask for the one that is answered. */
  of(answered: string): string;
  /** Answered addresses that are named, each with one to ask instead. */
  readonly named: readonly string[];
}

const MAP_MEND = 'write "answered: asked" lines below it, or one address';

const placeMap = z.record(z.string(), address, {
  error: (issue) => notA(issue.input, "a map", MAP_MEND),
});

/** How the `address` of a check is written. */
export const placeShape = z.union([address, placeMap]);

/**
 * Reads the `address` of a check: absent, one address for all targets, or a map from answered
 * addresses to those asked in their stead; what the map does not name is asked itself.
 */
export function readPlace(reader: YamlReader, check: YamlPath, value: unknown): Place | undefined {
  const at = [...check, "address"];
  if (value === undefined) return { of: (answered) => answered, named: [] };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const fixed = reader.read(at, value, address);
    return fixed === undefined ? undefined : { of: () => fixed, named: [] };
  }
  const entries = reader.read(at, value, placeMap);
  if (entries === undefined) return undefined;
  const places = new Map<string, string>();
  let isGood = true;
  for (const [key, asked] of Object.entries(entries)) {
    const answered = canonicalIp(key);
    const refuse = (sentence: string): void => {
      isGood = false;
      reader.complainOfKey([...at, key], sentence);
    };
    if (answered === undefined) refuse(`"${key}" is not an IP address; write a member's address`);
    else if (places.has(answered)) refuse(`"${answered}" stands twice; remove one of the two`);
    else places.set(answered, asked);
  }
  if (!isGood) return undefined;
  return { of: (answered) => places.get(answered) ?? answered, named: [...places.keys()] };
}
