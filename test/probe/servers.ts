// Real servers on loopback addresses, each with one way of behaving well or badly.

import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { pki } from "./asks.ts";

/** A server that runs; `connections` are the ones that are open now. */
export interface Conduct {
  readonly address: string;
  readonly port: number;
  readonly connections: ReadonlySet<Socket>;
  readonly accepted: () => number;
  readonly close: () => Promise<void>;
}

export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** How a server listens. */
export interface ServeOptions {
  readonly address?: string;
  readonly port?: number;
  readonly halfOpen?: boolean;
  /** The certificate to speak TLS with. */
  readonly certificate?: "good" | "other" | "expired" | "future";
}

/**
 * Listens on a free port of `address`, and gives every connection to `behave`; over TLS together
 * with the TCP connection below.
 */
export async function serve(
  behave: (socket: Socket, tcp: Socket) => void,
  options: ServeOptions = {},
): Promise<Conduct> {
  const { certificate } = options;
  const address = options.address ?? "127.0.0.21";
  const connections = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: options.halfOpen ?? false }, (socket) => {
    accepted++;
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => {});
    if (certificate === undefined) {
      behave(socket, socket);
      return;
    }
    const [cert, key] = [readFileSync(pki(certificate)), readFileSync(pki("key"))];
    const secure = new TLSSocket(socket, {
      isServer: true,
      cert,
      key,
      ALPNProtocols: ["http/1.1"],
    });
    secure.on("error", () => {});
    secure.on("secure", () => behave(secure, socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, address, resolve));
  return {
    address,
    port: portOf(server),
    connections,
    accepted: () => accepted,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
}

/** Answers every chunk with `text`; keeps the connection. */
export const answering =
  (text: string | Uint8Array) =>
  (socket: Socket): void => {
    socket.on("data", () => socket.write(text));
  };

/** A port of `address` on which nobody listens. */
export async function freePort(address: string): Promise<number> {
  const server = await serve(() => {}, { address });
  await server.close();
  return server.port;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
