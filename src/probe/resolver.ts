// Asks a resolver for a name's addresses over UDP. dns2 writes and reads the messages; the socket and
// the deadline are our own, because dns2's client has neither (see kinds/dns.ts).

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isIP } from "node:net";
import type { Packet } from "dns2";
import type { Time } from "../base/clock.ts";
import { canonicalIp, familyOf } from "../base/ip.ts";
import type { AskResolver, Resolution } from "./hosts.ts";

/** Where a resolver listens. */
export interface ResolverPlace {
  readonly address: string;
  readonly port: number;
}

/** Each of at most this many resolvers is asked in turn, as libc does. */
const RESOLVERS_MAX = 3;
const DEADLINE_MS = 2000;
const NXDOMAIN = 3;

type Answer =
  | { readonly kind: "answer"; readonly addresses: readonly string[]; readonly ttl: number }
  | { readonly kind: "nxdomain" }
  | { readonly kind: "failed"; readonly detail: string };

let loaded: typeof Packet | undefined;

function dns2(): typeof Packet {
  loaded ??= (createRequire(import.meta.url)("dns2") as typeof import("dns2").default).Packet;
  return loaded;
}

/** A way to ask these resolvers, one after the other; none: those of /etc/resolv.conf. */
export function askerOf(time: Time, places: readonly ResolverPlace[]): AskResolver {
  const asker = new ResolverAsker(time, () => (places.length > 0 ? places : systemResolvers()));
  return (name, done) => asker.ask(name, done);
}

class ResolverAsker {
  readonly #time: Time;
  readonly #places: () => readonly ResolverPlace[];

  /** @param places read anew for each question. */
  constructor(time: Time, places: () => readonly ResolverPlace[]) {
    this.#time = time;
    this.#places = places;
  }

  /** Asks for the A and AAAA records of a name (absolute, without its final dot). */
  ask(name: string, done: (resolution: Resolution) => void): void {
    this.#askAt(name, this.#places().slice(0, RESOLVERS_MAX), "no resolver is known", done);
  }

  #askAt(
    name: string,
    places: readonly ResolverPlace[],
    why: string,
    done: (resolution: Resolution) => void,
  ): void {
    const [place, ...others] = places;
    if (place === undefined) {
      done({ kind: "failed", detail: why });
      return;
    }
    const answers: Answer[] = [];
    const take = (answer: Answer): void => {
      answers.push(answer);
      if (answers.length < 2) return;
      const resolution = together(answers);
      if (resolution.kind !== "failed") done(resolution);
      else this.#askAt(name, others, `${place.address}: ${resolution.detail}`, done);
    };
    this.#question(place, name, "A", take);
    this.#question(place, name, "AAAA", take);
  }

  #question(
    place: ResolverPlace,
    name: string,
    type: "A" | "AAAA",
    done: (answer: Answer) => void,
  ): void {
    const packet = dns2();
    const query = new packet();
    query.header.id = packet.uuid();
    query.header.rd = 1;
    query.questions.push(new packet.Question(name, packet.TYPE[type], packet.CLASS.IN));
    const socket = createSocket({ type: familyOf(place.address) === 6 ? "udp6" : "udp4" });
    const end = (answer: Answer): void => {
      cancel();
      socket.removeAllListeners();
      // A socket that fails while it is being closed has nobody to tell.
      socket.on("error", () => undefined);
      socket.close();
      done(answer);
    };
    const cancel = this.#time.after(DEADLINE_MS, () => end({ kind: "failed", detail: "no reply" }));
    socket.on("error", (error) => end({ kind: "failed", detail: error.message }));
    socket.on("message", (message) => {
      const answer = answerOf(message, { id: query.header.id, name, type });
      if (answer !== undefined) end(answer);
    });
    socket.on("connect", () => socket.send(query.toBuffer()));
    socket.connect(place.port, place.address);
  }
}

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: "A" | "AAAA";
}

/** `undefined` for what is no reply to this question. */
function answerOf(message: Buffer, { id, name, type }: Question): Answer | undefined {
  const packet = dns2();
  let reply: Packet;
  try {
    reply = packet.parse(message);
  } catch {
    return undefined;
  }
  const [asked] = reply.questions;
  if (reply.header.id !== id || reply.header.qr !== 1) return undefined;
  if (asked?.name.toLowerCase() !== name || asked.type !== packet.TYPE[type]) return undefined;
  if (reply.header.rcode === NXDOMAIN) return { kind: "nxdomain" };
  if (reply.header.rcode !== 0) return { kind: "failed", detail: `rcode ${reply.header.rcode}` };
  const records = reply.answers.filter((record) => record.type === packet.TYPE[type]);
  const addresses = records.flatMap((record) => {
    const address = "address" in record ? canonicalIp(String(record.address)) : undefined;
    return address === undefined ? [] : [address];
  });
  // What did not fit may be the addresses: an empty answer says nothing then.
  if (addresses.length === 0 && reply.header.tc === 1) {
    return { kind: "failed", detail: "the reply is truncated" };
  }
  // Resolvers turn the order: sorted, the same address stays the first.
  return { kind: "answer", addresses: addresses.sort(), ttl: Math.min(...ttlsOf(reply)) };
}

/** Aliases on the way count too. */
function ttlsOf(reply: Packet): readonly number[] {
  return reply.answers.map((record) => Number(record.ttl ?? 0));
}

/** One failed question leaves the other's addresses good; without any, nobody knows. */
function together(answers: readonly Answer[]): Resolution {
  const good = answers.flatMap((each) => (each.kind === "answer" ? [each] : []));
  const addresses = good.flatMap((each) => each.addresses);
  if (addresses.length > 0) {
    const ttls = good.filter((each) => each.addresses.length > 0).map((each) => each.ttl);
    return { kind: "addresses", addresses, ttlSeconds: Math.min(...ttls) };
  }
  const failed = answers.find((each) => each.kind === "failed");
  if (failed !== undefined) return failed;
  const isThere = answers.some((each) => each.kind === "answer");
  return { kind: "missing", detail: isThere ? "it has no address" : "there is no such name" };
}

/** The name servers of /etc/resolv.conf; none where it cannot be read. */
function systemResolvers(): readonly ResolverPlace[] {
  let text = "";
  try {
    text = readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const [word, address = ""] = line.trim().split(/\s+/);
    return word === "nameserver" && isIP(address) !== 0 ? [{ address, port: 53 }] : [];
  });
}
