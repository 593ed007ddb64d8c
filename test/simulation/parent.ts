// The zone above the simulated one, as resolvers and its own server tell of it.

import type { AskedPlace, PlainQuestion, Said, SaidRecord } from "../../src/control/ports-watch.ts";
import { TYPE } from "../../src/dns/types.ts";

type Reply = Extract<Said, { kind: "reply" }>;

const ADDRESS = "192.0.2.1";
const ZONE = "lab.example.";
const ABOVE = "example.";
const SERVER = "ns.example.";

/** What may be the matter with it. */
const STATES = ["good", "wrong", "gone", "silent", "signed"] as const;
export type ParentState = (typeof STATES)[number];

export function isParentState(word: string): word is ParentState {
  return STATES.some((state) => state === word);
}

/** The parent. */
export class Parent {
  state: ParentState = "good";

  /** Its own answers, and what resolvers have of it; undefined: the question is about something else. */
  said({ address }: AskedPlace, { name, type }: PlainQuestion): Said | undefined {
    const asked = `${name.replace(/\.$/, "")}.`;
    if (type === TYPE.SOA && asked === ABOVE) return reply({ answers: [record(ABOVE, type, "")] });
    if (type === TYPE.NS && asked === ABOVE)
      return reply({ answers: [record(ABOVE, type, SERVER)] });
    if (type === TYPE.A && asked === SERVER) {
      return reply({ answers: [record(SERVER, type, ADDRESS)] });
    }
    if (address !== ADDRESS) return undefined;
    if (this.state === "silent") return { kind: "failed", detail: "no reply" };
    if (this.state === "gone") return { ...reply({}), rcode: 3 };
    if (type === TYPE.NS && asked === ZONE) {
      const glue = this.state === "wrong" ? "192.0.2.99" : "192.0.2.53";
      return reply({
        authorities: [record(ZONE, type, `ns.${ZONE}`)],
        additionals: [record(`ns.${ZONE}`, TYPE.A, glue)],
      });
    }
    const ds = this.state === "signed" ? [record(ZONE, TYPE.DS, "4711 13 2 00")] : [];
    return type === TYPE.DS && asked === ZONE ? reply({ answers: ds }) : undefined;
  }
}

function record(name: string, type: number, text: string): SaidRecord {
  return { name, type, ttlSeconds: 60, text };
}

function reply(sections: Partial<Reply>): Reply {
  const nothing = { rcode: 0, answers: [], authorities: [], additionals: [] };
  return { kind: "reply", ...nothing, ...sections };
}
