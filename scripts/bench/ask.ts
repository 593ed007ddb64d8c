// Questions of the bench itself: is the server there, does it say what the others say, and when
// does an answer change.

import { createSocket, type Socket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeMessage, encodeQuery, type Message } from "../../src/dns/message.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";
import { printRdata } from "../../src/dns/rdata.ts";
import { EDNS_OPTION, rcodeToText, TYPE, typeToText } from "../../src/dns/types.ts";

/** A question: an owner with its final dot, and a type. */
export interface Question {
  readonly name: string;
  readonly type: "A" | "AAAA";
  /** With EDNS and a client cookie (RFC 7873). */
  readonly hasCookie?: boolean;
}

const WAIT_MS = 2000;
/** A server that is starting or busy is asked again after so long. */
const ASK_AGAIN_MS = 50;
const CLIENT_COOKIE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** One socket to one server; questions are asked one after the other. */
export class Asker {
  readonly #socket: Socket = createSocket("udp4");
  readonly #port: number;
  #lastId = 0;

  constructor(port: number) {
    this.#port = port;
    // A refused datagram shows as an error here: the server is not there yet.
    this.#socket.on("error", () => undefined);
  }

  /** Opens the socket; ask nothing before. */
  open(): Promise<void> {
    return new Promise((resolve) => this.#socket.connect(this.#port, "127.0.0.1", resolve));
  }

  /** The answer, or undefined when none came within `withinMs`. */
  async ask(question: Question, withinMs = WAIT_MS): Promise<Message | undefined> {
    this.#lastId = (this.#lastId + 1) & 0xffff;
    const id = this.#lastId;
    const options = [{ code: EDNS_OPTION.COOKIE, octets: CLIENT_COOKIE }];
    const packet = encodeQuery({
      id,
      name: nameFromText(question.name),
      type: TYPE[question.type],
      ...(question.hasCookie === true ? { edns: { udpSize: 1232, options } } : {}),
    });
    return await new Promise((resolve) => {
      const end = (message: Message | undefined): void => {
        clearTimeout(timer);
        this.#socket.off("message", take);
        this.#socket.off("error", refuse);
        resolve(message);
      };
      const take = (octets: Buffer): void => {
        if (octets.readUInt16BE(0) === id) end(decodeMessage(octets));
      };
      const refuse = (): void => end(undefined);
      const timer = setTimeout(refuse, withinMs);
      this.#socket.on("message", take);
      this.#socket.on("error", refuse);
      this.#socket.send(packet, () => undefined);
    });
  }

  /**
   * Asks again and again until the answer is as wanted; returns the moment it came.
   *
   * @throws Error when it has not come within `limitMs`, or `isOver` says that it never will.
   */
  async until(
    question: Question,
    isWanted: (message: Message) => boolean,
    options: { readonly limitMs: number; readonly everyMs: number; isOver?: () => boolean },
  ): Promise<number> {
    const endMs = performance.now() + options.limitMs;
    while (performance.now() < endMs && options.isOver?.() !== true) {
      const message = await this.ask(question, ASK_AGAIN_MS);
      if (message !== undefined && isWanted(message)) return performance.now();
      await sleep(options.everyMs);
    }
    throw new Error(`no such answer for "${question.name}" within ${options.limitMs} ms`);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Whether the answer section's first record is this address. */
export function answersAddress(message: Message, address: string): boolean {
  const [first] = message.answers;
  return first !== undefined && printRdata(first.type, first.rdata) === address;
}

/**
 * What must be the same of every server: rcode, AA, answers in any order, the authority's types.
 *
 * @param options.hasTtls false where answers may be good for differing times.
 */
export function essence(message: Message, options: { readonly hasTtls: boolean }): string {
  const answers = message.answers.map(({ owner, type, ttl, rdata }) => {
    const good = options.hasTtls ? `${ttl} ` : "";
    return `${nameToDisplay(owner)} ${good}${typeToText(type)} ${printRdata(type, rdata)}`;
  });
  const authorities = message.authorities.map(({ type }) => typeToText(type));
  const parts = [rcodeToText(message.rcode), message.isAuthoritative ? "aa" : "not aa"];
  return [...parts, ...answers.sort(), "authority", ...authorities.sort()].join("; ");
}

/** Whether the answer carries a server cookie (RFC 7873 section 5.2.3). */
export function hasServerCookie(message: Message): boolean {
  const options = message.edns?.options ?? [];
  return options.some(({ code, octets }) => code === EDNS_OPTION.COOKIE && octets.length >= 16);
}
