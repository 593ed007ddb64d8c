// Asks what others answer, over UDP. dns2 writes and reads the messages; the socket and the deadline
// are our own, because dns2's client has neither.

import { createSocket } from "node:dgram";
import { createRequire } from "node:module";
import type { Packet } from "dns2";
import type { Time } from "../base/clock.ts";
import { canonicalIp, familyOf } from "../base/ip.ts";
import type {
  AskedPlace,
  PlainQuestion,
  QuestionsPort,
  Said,
  SaidRecord,
} from "../control/ports-watch.ts";
import { TYPE } from "../dns/types.ts";

const DEADLINE_MS = 2000;
/** Questions at the same time; one more is not asked. */
const ASKED_MAX = 256;

let loaded: typeof Packet | undefined;

function dns2(): typeof Packet {
  loaded ??= (createRequire(import.meta.url)("dns2") as typeof import("dns2").default).Packet;
  return loaded;
}

/** The real network. */
export class Questions implements QuestionsPort {
  readonly #time: Time;
  readonly #running = new Set<() => void>();

  constructor(time: Time) {
    this.#time = time;
  }

  ask(place: AskedPlace, { name, type, isRecursive }: PlainQuestion): Promise<Said> {
    if (this.#running.size >= ASKED_MAX) {
      return Promise.resolve({ kind: "failed", detail: "too many questions are under way" });
    }
    const packet = dns2();
    const query = new packet();
    query.header.id = packet.uuid();
    query.header.rd = isRecursive ? 1 : 0;
    query.questions.push(new packet.Question(name, type, packet.CLASS.IN));
    const socket = createSocket({ type: familyOf(place.address) === 6 ? "udp6" : "udp4" });
    return new Promise((resolve) => {
      const end = (said: Said): void => {
        if (!this.#running.delete(giveUp)) return;
        cancel();
        socket.removeAllListeners();
        // A socket that fails while it is being closed has nobody to tell.
        socket.on("error", () => undefined);
        socket.close();
        resolve(said);
      };
      const giveUp = (): void => end({ kind: "failed", detail: "no reply" });
      const cancel = this.#time.after(DEADLINE_MS, giveUp);
      this.#running.add(giveUp);
      socket.on("error", ({ message }) => end({ kind: "failed", detail: message }));
      socket.on("message", (message) => {
        const said = saidBy(message, { id: query.header.id, name, type });
        if (said !== undefined) end(said);
      });
      // Connected: only what comes from there is taken.
      socket.on("connect", () => socket.send(query.toBuffer()));
      socket.connect(place.port, place.address);
    });
  }

  close(): void {
    for (const giveUp of this.#running) giveUp();
  }
}

/** `undefined` for what is no reply to this question. */
function saidBy(
  message: Buffer,
  asked: { readonly id: number; readonly name: string; readonly type: number },
): Said | undefined {
  let reply: Packet;
  try {
    reply = dns2().parse(message);
  } catch {
    return undefined;
  }
  const [question] = reply.questions;
  if (reply.header.id !== asked.id || reply.header.qr !== 1) return undefined;
  if (question === undefined || question.type !== asked.type) return undefined;
  if (plain(question.name) !== plain(asked.name)) return undefined;
  if (reply.header.tc === 1 && reply.answers.length === 0 && reply.authorities.length === 0) {
    return { kind: "failed", detail: "the reply is truncated" };
  }
  return {
    kind: "reply",
    rcode: reply.header.rcode,
    answers: recordsOf(reply.answers),
    authorities: recordsOf(reply.authorities),
    additionals: recordsOf(reply.additionals),
  };
}

function recordsOf(resources: Packet["answers"]): readonly SaidRecord[] {
  return resources.map((resource) => {
    const fields: Readonly<Record<string, unknown>> = { ...resource };
    const type = Number(fields["type"]);
    const name = plain(String(fields["name"] ?? ""));
    return { name, type, ttlSeconds: Number(fields["ttl"] ?? 0), text: textOf(type, fields) };
  });
}

function textOf(type: number, fields: Readonly<Record<string, unknown>>): string {
  switch (type) {
    case TYPE.A:
    case TYPE.AAAA:
      return canonicalIp(String(fields["address"])) ?? "";
    case TYPE.NS:
      return plain(String(fields["ns"]));
    case TYPE.CNAME:
      return plain(String(fields["domain"]));
    case TYPE.DS: {
      const { data } = fields;
      return Buffer.isBuffer(data) ? dsText(data) : "";
    }
    default:
      return "";
  }
}

/** "TAG ALGORITHM DIGEST-TYPE HEX" */
function dsText(data: Buffer): string {
  if (data.length < 5) return "";
  const digest = data.subarray(4).toString("hex");
  return `${data.readUInt16BE(0)} ${data.readUInt8(2)} ${data.readUInt8(3)} ${digest}`;
}

/** In lower case, with a final dot. */
function plain(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}
