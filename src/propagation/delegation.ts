// A zone's delegation: what its parent says of it, held against what it says itself. Names are in lower
// case with their final dot, addresses canonical.

import { type Ds, dsFault, type ZoneKey } from "./ds.ts";

/** A name server and one of its addresses. */
export interface ServerAddress {
  readonly name: string;
  readonly address: string;
}

/** What a parent says. */
export interface ParentSays {
  readonly servers: readonly string[];
  /** Undefined: it answers for the zone itself, and gives no glue. */
  readonly glue: readonly ServerAddress[] | undefined;
  readonly signers: readonly Ds[];
}

/** What the zone says. */
export interface ZoneSays {
  readonly zone: string;
  readonly servers: readonly string[];
  readonly addresses: readonly ServerAddress[];
  readonly keys: readonly ZoneKey[];
}

/**
 * In what a parent differs from the zone, a sentence each; none: it is as it should be.
 *
 *   the parent                            because
 *   names no server                       nobody finds the zone
 *   names one that the zone does not      who asks there may be told nothing, or something old
 *   does not name one of the zone's       it is asked by those only who have been here already
 *   gives a server's address wrongly      who asks there is told nothing
 *   has a DS that no key of the zone has  who validates takes every answer for forged
 */
export function delegationFaults(parent: ParentSays, zone: ZoneSays): readonly string[] {
  if (parent.servers.length === 0) return ["the parent names no server for it"];
  const faults: string[] = [];
  for (const server of sorted(parent.servers)) {
    if (zone.servers.includes(server)) continue;
    faults.push(`the parent names ${shown(server)}, which the zone does not`);
  }
  for (const server of sorted(zone.servers)) {
    if (parent.servers.includes(server)) continue;
    faults.push(`the parent does not name ${shown(server)}`);
  }
  for (const server of sorted(parent.servers)) {
    const isCompared = parent.glue !== undefined && zone.servers.includes(server);
    const fault = isCompared ? glueFault(server, parent.glue, zone) : undefined;
    if (fault !== undefined) faults.push(fault);
  }
  const forged = dsFault(parent.signers, zone.keys);
  if (forged !== undefined) faults.push(forged);
  return faults;
}

/** Servers in the zone itself are found by the parent's glue alone. */
function glueFault(
  server: string,
  glue: readonly ServerAddress[],
  zone: ZoneSays,
): string | undefined {
  if (server !== zone.zone && !server.endsWith(`.${zone.zone}`)) return undefined;
  const of = (all: readonly ServerAddress[]): readonly string[] =>
    sorted(all.filter(({ name }) => name === server).map(({ address }) => address));
  const [given, own] = [of(glue), of(zone.addresses)];
  if (given.join() === own.join()) return undefined;
  const say = (all: readonly string[]): string => (all.length === 0 ? "none" : all.join(", "));
  return `the parent gives ${shown(server)} the address ${say(given)}, the zone ${say(own)}`;
}

/** What was found of a zone so far. */
export interface DelegationState {
  /** As it was told. */
  readonly told: readonly string[];
  /** Found once, and not told: a change may be under way. */
  readonly doubted: readonly string[] | undefined;
}

/** Nothing is found yet: it counts as good. */
export const DELEGATION_UNKNOWN: DelegationState = { told: [], doubted: undefined };

/** Takes faults that were found. What is new counts when it is found twice in a row. */
export function stepDelegation(
  state: DelegationState,
  faults: readonly string[],
): { readonly state: DelegationState; readonly news: "broken" | "mended" | undefined } {
  const isSame = (other: readonly string[] | undefined): boolean =>
    other !== undefined && other.join("\n") === faults.join("\n");
  if (isSame(state.told)) return { state: { ...state, doubted: undefined }, news: undefined };
  if (!isSame(state.doubted)) return { state: { ...state, doubted: faults }, news: undefined };
  const news = faults.length === 0 ? "mended" : "broken";
  return { state: { told: faults, doubted: undefined }, news };
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort();
}

function shown(name: string): string {
  return name.slice(0, -1);
}
