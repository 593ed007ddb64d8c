// What is special to datagrams: sources, sizes, and the sockets that answer threads are lent.

import { execFile, execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "../../src/base/assert.ts";
import { errnoName, LINUX, type Libc } from "../../src/server/libc.ts";
import type { ListenAddress } from "../../src/server/listen.ts";
import { openUdpSockets, type UdpSockets } from "../../src/server/sockets.ts";
import { type Client, udpClient } from "./clients.ts";
import { echoed, hasIpv6, packet, type Transport } from "./conformance.ts";
import { ACT } from "./entries/echo.mjs";
import { batched, libcForTests, portable } from "./transports.ts";

const LOOPBACK: ListenAddress = { address: "127.0.0.1", port: 0 };
const isRoot = process.getuid?.() === 0;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(transport: Transport, address: string): Promise<number> {
  const serving = await transport.serve([{ address, port: 0 }]);
  closing.push(() => serving.stop());
  return serving.addresses[0]?.port ?? 0;
}

async function ask(address: string, port: number): Promise<Client> {
  const client = await udpClient({ address, port });
  closing.push(() => client.close());
  return client;
}

for (const transport of [batched, portable]) {
  describe(`datagrams to transport ${transport.name}`, () => {
    it("says FORMERR to a query longer than any EDNS size that can be offered", async () => {
      const port = await serve(transport, "127.0.0.1");
      const client = await ask("127.0.0.1", port);
      const longest = packet(1, ACT.echo, 4000);
      client.send(longest);
      expect(await client.take(1)).toEqual([echoed(longest, 0, "127.0.0.1", client.port)]);
      client.send(packet(0x0a0b, ACT.echo, 4097));
      expect(await client.take(1)).toEqual([Buffer.from("0a0b80010000000000000000", "hex")]);
    });

    it("answers nothing to what is no query, whatever its octets", async () => {
      const port = await serve(transport, "127.0.0.1");
      const client = await ask("127.0.0.1", port);
      for (let octets = 0; octets < 12; octets++) client.send(Buffer.alloc(octets));
      const response = packet(1, ACT.echo, 5000);
      response[2] = 0x80;
      client.send(response);
      client.send(packet(77));
      const [answer] = await client.take(1);
      expect(answer?.readUInt16BE()).toBe(77);
    });

    it.skipIf(!isRoot)("gives silence to source port 0 (raw socket: root only)", async () => {
      const port = await serve(transport, "127.0.0.1");
      const client = await ask("127.0.0.1", port);
      await sendFromPortZero(port, [packet(1), packet(2), packet(3)]);
      client.send(packet(4));
      expect(await client.take(1)).toEqual([echoed(packet(4), 0, "127.0.0.1", client.port)]);
    });
  });
}

describe("a wildcard listener, batched", () => {
  it("replies from the IPv4 address that was asked", async () => {
    const port = await serve(batched, "0.0.0.0");
    for (const address of ["127.0.0.5", "127.0.0.1", "127.8.8.8"]) {
      const client = await ask(address, port);
      client.send(packet(1));
      await client.take(1);
      expect(client.answeredFrom).toBe(address);
    }
  });

  it.skipIf(!hasIpv6)("replies over IPv6", async () => {
    const port = await serve(batched, "::");
    const client = await ask("::1", port);
    client.send(packet(1));
    await client.take(1);
    expect(client.answeredFrom).toBe("::1");
  });
});

describe("openUdpSockets()", () => {
  async function open(
    listen: readonly ListenAddress[],
    workers = 1,
  ): Promise<UdpSockets & { libc: Libc }> {
    const libc = await libcForTests();
    const sockets = openUdpSockets(libc, { listen, workers });
    closing.push(() => sockets.close());
    return { ...sockets, libc };
  }

  it("gives every worker a socket of its own on the one port that it chose", async () => {
    const listen = [LOOPBACK, { address: "127.0.0.2", port: 0 }];
    const { addresses, workers } = await open(listen, 3);
    expect(addresses.every(({ port }) => port > 0)).toBe(true);
    expect(workers.map((sockets) => sockets.length)).toEqual([2, 2, 2]);
    const descriptors = workers.flat().map(({ fd }) => fd);
    expect(new Set(descriptors).size).toBe(6);
    const links = descriptors.map((fd) => `/proc/${process.pid}/fdinfo/${fd}`);
    // Octal flag 02000000 is O_CLOEXEC: programs that are started must not inherit the socket.
    const flags = execFileSync("grep", ["-h", "flags", ...links], { encoding: "utf8" });
    expect(
      flags
        .trim()
        .split("\n")
        .every((line) => /2\d{6}$/.test(line)),
    ).toBe(true);
  });

  it("finds a port in use although its user also shares it", async () => {
    const { addresses, libc } = await open([LOOPBACK], 2);
    const [{ port } = LOOPBACK] = addresses;
    const again = () =>
      openUdpSockets(libc, { listen: [{ address: "127.0.0.1", port }], workers: 1 });
    const said = `Cannot listen on 127.0.0.1:${port} (UDP): another program uses it;`;
    const message = expect.stringContaining(said);
    expect(again).toThrow(expect.objectContaining({ code: "SERVER_ADDRESS_IN_USE", message }));
  });

  it("finds a port that is taken for TCP alone, before anything is opened", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const bound = other.address();
    const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
    const opening = open([{ address: "127.0.0.1", port }], 1);
    await expect(opening).rejects.toThrow(`127.0.0.1:${port} (TCP): another program uses it`);
    other.close();
  });

  it("keeps its port for TCP from everybody but who listens there", async () => {
    const { addresses, libc } = await open([LOOPBACK]);
    const { port } = present(addresses[0], "an address");
    const other = libc.socket(LINUX.AF_INET, LINUX.SOCK_STREAM, 0);
    const loopback = Uint8Array.of(LINUX.AF_INET, 0, port >> 8, port & 255, 127, 0, 0, 1);
    const address = new Uint8Array(16);
    address.set(loopback);
    expect(libc.bind(other, address, address.length)).toBe(-1);
    expect(errnoName(libc.errno())).toBe("EADDRINUSE");
    libc.close(other);
    const stream = createServer();
    await new Promise<void>((resolve) => stream.listen(port, "127.0.0.1", resolve));
    stream.close();
  });

  it("leaves nothing open when one of several addresses cannot be had", async () => {
    const libc = await libcForTests();
    const listen = await listenWithLastTaken(libc, ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    expect(() => openUdpSockets(libc, { listen, workers: 2 })).toThrow("127.0.0.3");
    const free = openUdpSockets(libc, { listen: listen.slice(0, 2), workers: 1 });
    free.close();
  });

  it("refuses what is no address", async () => {
    const libc = await libcForTests();
    const listen = [{ address: "localhost", port: 53 }];
    expect(() => openUdpSockets(libc, { listen, workers: 1 })).toThrow(
      expect.objectContaining({
        code: "SERVER_ADDRESS_INVALID",
        message: 'Cannot listen on localhost:53: "localhost" is no IP address',
      }),
    );
  });
});

/** The addresses with one port, which is taken at the last and free at all others. */
async function listenWithLastTaken(libc: Libc, addresses: readonly string[]) {
  for (let tries = 0; tries < 20; tries++) {
    const taken = createSocket("udp4").bind(0, addresses.at(-1));
    closing.push(() => taken.close());
    await once(taken, "listening");
    const { port } = taken.address();
    const listen = addresses.map((address) => ({ address, port }));
    try {
      openUdpSockets(libc, { listen: listen.slice(0, -1), workers: 1 }).close();
      return listen;
    } catch {
      // Another program has that port at one of the others.
    }
  }
  throw new Error("no port is free");
}

/** Sends datagrams whose source port is 0, which needs a raw socket. */
async function sendFromPortZero(port: number, packets: readonly Buffer[]): Promise<void> {
  const script = [
    "import socket, struct, sys",
    "raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)",
    "port = int(sys.argv[1])",
    "for text in sys.argv[2:]:",
    "    body = bytes.fromhex(text)",
    "    header = struct.pack('>HHHH', 0, port, 8 + len(body), 0)",
    "    raw.sendto(header + body, ('127.0.0.1', 0))",
  ].join("\n");
  const octets = packets.map((query) => query.toString("hex"));
  await promisify(execFile)("python3", ["-c", script, String(port), ...octets]);
}
