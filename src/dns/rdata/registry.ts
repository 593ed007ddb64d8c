// All types whose data has a form of its own; every other type has the generic form of RFC 3597.

import type { RdataDescription } from "./description.ts";
import { HOSTS } from "./hosts.ts";
import { TEXTS } from "./texts.ts";

const DESCRIPTIONS: ReadonlyMap<number, RdataDescription> = new Map(
  [...HOSTS, ...TEXTS].map((description) => [description.type, description]),
);

/** The description of a type, or `undefined` where its data is opaque. */
export function descriptionOf(type: number): RdataDescription | undefined {
  return DESCRIPTIONS.get(type);
}

/** Every described type, in the order of the families. */
export function describedTypes(): readonly number[] {
  return [...DESCRIPTIONS.keys()];
}
