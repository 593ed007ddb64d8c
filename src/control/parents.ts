// Finds the parent of a zone and asks it for the delegation: its name servers through resolvers, and one
// of these directly.

import { TYPE } from "../dns/types.ts";
import type { ParentSays } from "../propagation/delegation.ts";
import { type Ds, dsFromText } from "../propagation/ds.ts";
import type { AskedPlace, PlainQuestion, QuestionsPort, Said, SaidRecord } from "./ports-watch.ts";

/** What came of asking. */
export type ParentReply =
  | { readonly kind: "says"; readonly parent: string; readonly says: ParentSays }
  | { readonly kind: "unknown"; readonly detail: string };

type Reply = Extract<Said, { kind: "reply" }>;

const DNS_PORT = 53;
/** Servers of the parent that are tried. */
const SERVERS_MAX = 3;
const NXDOMAIN = 3;

/** Asks for a zone's delegation. @param zone in lower case with its final dot. */
export async function askParent(
  zone: string,
  questions: QuestionsPort,
  resolvers: readonly AskedPlace[],
): Promise<ParentReply> {
  const recursive = (name: string, type: number): Promise<Reply | undefined> =>
    firstReply(questions, resolvers, { name, type, isRecursive: true });
  const soa = await recursive(above(zone), TYPE.SOA);
  const found = [...(soa?.answers ?? []), ...(soa?.authorities ?? [])];
  const parent = found.find(({ type }) => type === TYPE.SOA)?.name;
  if (parent === undefined) return unknown(`no resolver tells which zone is above`);
  const servers = namesOf((await recursive(parent, TYPE.NS))?.answers ?? [], parent);
  const places: AskedPlace[] = [];
  for (const server of servers.slice(0, SERVERS_MAX)) {
    const address = await addressOf(server, recursive);
    if (address !== undefined) places.push({ name: server, address, port: DNS_PORT });
  }
  if (places.length === 0) return unknown(`no resolver tells the name servers of ${parent}`);
  const direct = (type: number): Promise<Reply | undefined> =>
    firstReply(questions, places, { name: zone, type, isRecursive: false });
  const [ns, ds] = [await direct(TYPE.NS), await direct(TYPE.DS)];
  if (ns === undefined || ds === undefined) return unknown(`no name server of ${parent} answers`);
  const referred = namesOf(ns.authorities, zone);
  const glue = ns.additionals
    .filter(({ type }) => type === TYPE.A || type === TYPE.AAAA)
    .map(({ name, text }) => ({ name, address: text }));
  const isReferral = referred.length > 0;
  const says = {
    servers: isReferral ? referred : namesOf(ns.answers, zone),
    glue: isReferral ? glue : undefined,
    signers: signersOf(ds, zone),
  };
  return { kind: "says", parent, says };
}

/** Its IPv6 address where it has no other. */
async function addressOf(
  server: string,
  recursive: (name: string, type: number) => Promise<Reply | undefined>,
): Promise<string | undefined> {
  for (const wanted of [TYPE.A, TYPE.AAAA]) {
    const reply = await recursive(server, wanted);
    const address = reply?.answers.find(({ type }) => type === wanted)?.text;
    if (address !== undefined) return address;
  }
  return undefined;
}

/** The first one that answers; what fails is tried at the next. */
async function firstReply(
  questions: QuestionsPort,
  places: readonly AskedPlace[],
  question: PlainQuestion,
): Promise<Reply | undefined> {
  for (const place of places) {
    const said = await questions.ask(place, question);
    if (said.kind === "reply" && (said.rcode === 0 || said.rcode === NXDOMAIN)) return said;
  }
  return undefined;
}

function namesOf(records: readonly SaidRecord[], owner: string): readonly string[] {
  const own = records.filter(({ name, type }) => type === TYPE.NS && name === owner);
  return [...new Set(own.map(({ text }) => text))];
}

function signersOf({ answers }: Reply, zone: string): readonly Ds[] {
  const own = answers.filter(({ name, type }) => type === TYPE.DS && name === zone);
  return own.map(({ text }) => dsFromText(text));
}

function above(zone: string): string {
  const rest = zone.slice(zone.indexOf(".") + 1);
  return rest === "" ? "." : rest;
}

function unknown(detail: string): ParentReply {
  return { kind: "unknown", detail };
}
