// All types whose data has a form of its own; every other type has the generic form of RFC 3597.

import { ADDRESSES } from "./addresses.ts";
import type { RdataDescription } from "./description.ts";
import { DNSSEC } from "./dnssec.ts";
import { HOSTS } from "./hosts.ts";
import { KEYS } from "./keys.ts";
import { LOCATIONS } from "./location.ts";
import { NAMES } from "./names.ts";
import { SERVICE_BINDINGS } from "./service-binding.ts";
import { TEXTS } from "./texts.ts";

const FAMILIES = [HOSTS, NAMES, TEXTS, ADDRESSES, LOCATIONS, DNSSEC, KEYS, SERVICE_BINDINGS];

const DESCRIPTIONS: ReadonlyMap<number, RdataDescription> = new Map(
  FAMILIES.flat().map((description) => [description.type, description]),
);

/** The description of a type, or `undefined` where its data is opaque. */
export function descriptionOf(type: number): RdataDescription | undefined {
  return DESCRIPTIONS.get(type);
}

/** Every described type, in the order of the families. */
export function describedTypes(): readonly number[] {
  return [...DESCRIPTIONS.keys()];
}
