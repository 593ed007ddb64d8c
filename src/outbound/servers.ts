// Speaks with other name servers over UDP: one datagram out, the answer to it in, signed where a key
// is given. A socket lives as long as one question.

import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import type { Time } from "../base/clock.ts";
import { canonicalIp } from "../base/ip.ts";
import type { OtherServer, ServersPort } from "../control/ports-secondaries.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { signRequest, type TsigChain, verifyAnswer } from "../transfer/tsig.ts";
import { CurrentKeys } from "./current-keys.ts";

/** Questions at the same time; one more has no answer. */
const ASKED_MAX = 256;
const LOOKUP_TIMEOUT_MS = 2000;

/** The real servers. */
export class Servers implements ServersPort {
  readonly #time: Time;
  readonly #keys: CurrentKeys;
  readonly #running = new Set<() => void>();

  constructor(time: Time, keys = new CurrentKeys()) {
    this.#time = time;
    this.#keys = keys;
  }

  ask(
    server: OtherServer,
    message: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array | undefined> {
    if (this.#running.size >= ASKED_MAX) return Promise.resolve(undefined);
    const { port } = server;
    const key = this.#keys.of(server);
    const signed = key === undefined ? undefined : signRequest(message, key, this.#nowSeconds());
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    return new Promise((resolve) => {
      const settle = (answer: Uint8Array | undefined): void => {
        if (!this.#running.delete(giveUp)) return;
        cancel();
        socket.close();
        resolve(answer);
      };
      const giveUp = (): void => settle(undefined);
      const cancel = this.#time.after(timeoutMs, giveUp);
      this.#running.add(giveUp);
      // Refused ports come back as errors; whatever it is, there is no answer.
      socket.on("error", giveUp);
      socket.on("message", (packet) => {
        const answer = this.#taken(new Uint8Array(packet), message, signed?.chain);
        if (answer !== undefined) settle(answer);
      });
      // Connected: only what comes from there is taken. A callback of `connect` would be called in
      // either case; the event comes when it is, and an error where there is no way to the server.
      socket.on("connect", () => socket.send(signed?.octets ?? message));
      socket.connect(port, server.address);
    });
  }

  async addressesOf(host: Name): Promise<readonly string[]> {
    const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 2 });
    const name = nameToDisplay(host);
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const texts = found.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    return texts.map(canonicalIp).filter((address) => address !== undefined);
  }

  close(): void {
    for (const giveUp of this.#running) giveUp();
  }

  /** An answer with the id of what was asked and a good signature; a forged one is passed over. */
  #taken(
    packet: Uint8Array,
    asked: Uint8Array,
    chain: TsigChain | undefined,
  ): Uint8Array | undefined {
    if (packet.length < 12 || packet[0] !== asked[0] || packet[1] !== asked[1]) return undefined;
    if (chain === undefined) return packet;
    const verified = verifyAnswer(packet, chain, this.#nowSeconds());
    return verified.kind === "good" ? verified.message : undefined;
  }

  #nowSeconds(): number {
    return Math.floor(this.#time.wallMs() / 1000);
  }
}
