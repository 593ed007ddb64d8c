// What every transport must do alike, run against each of them with a responder that shows what it
// was given (test/server/entries/echo.mjs).

import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { ipToBytes } from "../../src/base/ip.ts";
import type { ListenAddress } from "../../src/server/listen.ts";
import type { Client } from "./clients.ts";
import { ACT } from "./entries/echo.mjs";

/** A transport under test. */
export interface Transport {
  readonly name: string;
  /** `Exchange.transport` as the responder must see it. */
  readonly number: number;
  serve(listen: readonly ListenAddress[]): Promise<Serving>;
  ask(to: ListenAddress): Promise<Client>;
}

/** A transport that listens. */
export interface Serving {
  readonly addresses: readonly ListenAddress[];
  stop(): Promise<void>;
}

/** Questions in flight at once: what the smallest socket buffers hold. */
const WINDOW = 64;

export const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

/** A packet of a header and one act, for the echoing responder. */
export function packet(id: number, act: number = ACT.echo, octets = 17): Buffer {
  const query = Buffer.alloc(Math.max(octets, 13));
  query.writeUInt16BE(id);
  query[12] = act;
  return query;
}

/** What the echoing responder answers to `query`. */
export function echoed(query: Buffer, transport: number, source: string, port: number): Buffer {
  const address = ipToBytes(source) ?? new Uint8Array();
  const tail = Buffer.from([transport, address.length, ...address, port >> 8, port & 255, 7]);
  const answer = Buffer.concat([query, tail]);
  answer[2] = (query[2] ?? 0) | 0x80;
  return answer;
}

export function conformance(transport: Transport): void {
  describe(`transport ${transport.name}`, () => {
    const closing: (() => unknown)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });

    async function serve(...addresses: string[]): Promise<Serving> {
      const serving = await transport.serve(addresses.map((address) => ({ address, port: 0 })));
      closing.push(() => serving.stop());
      return serving;
    }

    async function ask(to: ListenAddress | undefined): Promise<Client> {
      if (to === undefined) throw new Error("the transport listens nowhere");
      const client = await transport.ask(to);
      closing.push(() => client.close());
      return client;
    }

    it("hands the responder the packet, its source and the time, and sends what it writes", async () => {
      const { addresses } = await serve("127.0.0.1");
      const client = await ask(addresses[0]);
      const query = packet(1, ACT.echo, 100);
      client.send(query);
      const [answer] = await client.take(1);
      expect(answer).toEqual(echoed(query, transport.number, "127.0.0.1", client.port));
    });

    it.skipIf(!hasIpv6)("serves IPv6", async () => {
      const { addresses } = await serve("::1");
      const client = await ask(addresses[0]);
      const query = packet(2);
      client.send(query);
      const [answer] = await client.take(1);
      expect(answer).toEqual(echoed(query, transport.number, "::1", client.port));
    });

    it("answers each of 1,000 pipelined questions once", async () => {
      const { addresses } = await serve("127.0.0.1");
      const client = await ask(addresses[0]);
      const ids: number[] = [];
      for (let id = 0; id < 1000; id += WINDOW) {
        const count = Math.min(WINDOW, 1000 - id);
        for (let i = 0; i < count; i++) client.send(packet(id + i));
        for (const answer of await client.take(count)) ids.push(answer.readUInt16BE());
      }
      expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, id) => id));
    });

    it("gives silence where the responder does, and the rest of the batch its answers", async () => {
      const { addresses } = await serve("127.0.0.1");
      const client = await ask(addresses[0]);
      const response = packet(0);
      response[2] = 0x80;
      for (let id = 1; id <= 20; id++) {
        client.send(packet(1000 + id, ACT.silent));
        client.send(response);
        client.send(packet(id));
      }
      const ids = (await client.take(20)).map((answer) => answer.readUInt16BE());
      expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    });

    it("answers on each of several addresses, whoever asks in what order", async () => {
      const names = ["127.0.0.1", "127.0.0.2", ...(hasIpv6 ? ["::1"] : []), "127.0.0.3"];
      const { addresses } = await serve(...names);
      expect(addresses.map(({ address }) => address)).toEqual(names);
      const clients = await Promise.all(addresses.map((address) => ask(address)));
      for (let round = 0; round < 5; round++) {
        for (const client of clients) client.send(packet(round));
        for (const [i, client] of clients.entries()) {
          const [answer] = await client.take(1);
          expect(answer?.readUInt16BE()).toBe(round);
          expect(client.answeredFrom).toBe(names[i]);
        }
      }
    });

    it("refuses a port in use with a sentence that says so", async () => {
      const { addresses } = await serve("127.0.0.1");
      const again = transport.serve(addresses);
      await expect(again).rejects.toMatchObject({ code: "SERVER_ADDRESS_IN_USE" });
      const text = new RegExp(
        `:${addresses[0]?.port} \\((UDP|TCP|TLS)\\): another program uses it;`,
      );
      await expect(transport.serve(addresses)).rejects.toThrow(text);
    });

    it("refuses an address that this machine does not have", async () => {
      const absent = transport.serve([{ address: "192.0.2.77", port: 0 }]);
      await expect(absent).rejects.toMatchObject({ code: "SERVER_ADDRESS_MISSING" });
    });
  });
}
