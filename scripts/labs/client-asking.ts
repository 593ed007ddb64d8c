// One lane of the client: the same question twenty times a second, and word of every other answer.

import { createSocket, type Socket } from "node:dgram";
import packet from "dns-packet";
import type { Lane, Say } from "./seen.ts";

const EVERY_MS = 50;
/** A resolver that has said nothing for so long counts as silent. */
const SILENT_MS = 1500;

/** Asks until the process ends. */
export class Asking {
  /** The last answer: an address, or in words why there is none. */
  answer = "nothing yet";
  readonly #lane: Lane;
  readonly #owner: string;
  readonly #say: Say;
  readonly #socket: Socket;
  #sent = 0;
  /** Of the questions that were answered, the last one; earlier ones' answers are of no interest. */
  #newest = 0;
  #heardMs = Date.now();

  constructor(lane: Lane, owner: string, say: Say) {
    this.#lane = lane;
    this.#owner = owner;
    this.#say = say;
    this.#socket = createSocket("udp4");
    this.#socket.on("message", (message) => this.#take(message));
    this.#socket.on("error", () => undefined);
    setInterval(() => this.#ask(), EVERY_MS);
  }

  #ask(): void {
    if (Date.now() - this.#heardMs > SILENT_MS) this.#tell("no answer", undefined);
    this.#sent = (this.#sent % 0xffff) + 1;
    if (this.#sent === 1) this.#newest = 0;
    this.#socket.send(encode(this.#sent, this.#owner), 53, this.#lane.address);
  }

  #take(message: Buffer): void {
    const { id, rcode, data, ttl } = decode(message);
    if (id <= this.#newest) return;
    this.#newest = id;
    this.#heardMs = Date.now();
    const empty = rcode === "NOERROR" ? "no address" : rcode;
    this.#tell(data.length === 0 ? empty : data.join(" "), ttl);
  }

  #tell(answer: string, ttl: number | undefined): void {
    if (answer === this.answer) return;
    this.answer = answer;
    this.#say({ kind: "answer", lane: this.#lane.name, atMs: Date.now(), answer, ttl });
  }
}

/** A question for addresses; with recursion desired, as every client asks. */
export function encode(id: number, name: string): Buffer {
  const questions = [{ type: "A", class: "IN", name }] as const;
  return packet.encode({
    type: "query",
    id,
    flags: packet.RECURSION_DESIRED,
    questions: [...questions],
  });
}

/** What of an answer the client looks at. */
export function decode(message: Buffer): {
  readonly id: number;
  readonly rcode: string;
  readonly data: readonly string[];
  readonly ttl: number | undefined;
} {
  const full = packet.decode(message);
  const records = (full.answers ?? []).flatMap((each) => (each.type === "A" ? [each] : []));
  const { rcode } = full as unknown as { readonly rcode: string };
  return { id: full.id ?? 0, rcode, data: records.map((each) => each.data), ttl: records[0]?.ttl };
}
