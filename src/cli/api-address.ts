// Where a running server's API is asked: at a unix socket, or at a TCP address with a token.

import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from "node:http";
import { request as requestTls } from "node:https";
import { isIP } from "node:net";

/** A server as the command line reaches it. */
export type ApiAddress =
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "tcp";
      /** `https://ns1.example.org:8053`; `http://` of a loopback address only. */
      readonly origin: string;
      readonly token?: string;
      /** PEM of who may have signed its certificate, in place of the authorities that are known. */
      readonly authorityPem?: string;
    };

/** How the server is called in sentences. */
export function placeOf(server: ApiAddress): string {
  return server.kind === "socket" ? server.path : server.origin;
}

/** Begins a request on a connection of its own. A certificate that is not trusted ends it. */
export function openRequest(
  server: ApiAddress,
  sent: {
    readonly method: string;
    readonly path: string;
    readonly headers: OutgoingHttpHeaders;
  },
  taken: (response: IncomingMessage) => void,
): ClientRequest {
  const { method, path } = sent;
  if (server.kind === "socket") {
    const { headers } = sent;
    return request({ socketPath: server.path, method, path, headers, agent: false }, taken);
  }
  const { protocol, hostname, port } = new URL(server.origin);
  const bearer = server.token === undefined ? {} : { authorization: `Bearer ${server.token}` };
  const options = {
    host: unbracketed(hostname),
    ...(port !== "" && { port }),
    ...{ method, path, headers: { ...sent.headers, ...bearer }, agent: false },
  };
  if (protocol === "http:") return request(options, taken);
  const { authorityPem: ca } = server;
  return requestTls({ ...options, ...(ca !== undefined && { ca }) }, taken);
}

/** An origin, or what is wrong with what was written for one. */
export type ServerUrlReading =
  | { readonly kind: "ok"; readonly origin: string }
  | { readonly kind: "bad"; readonly why: string };

/** Reads `https://HOST:PORT`. A token would be read on its way to others by plain HTTP. */
export function readServerUrl(text: string): ServerUrlReading {
  const example = "write one such as https://ns1.example.org:8053";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return { kind: "bad", why: `"${text}" is no address of an API; ${example}` };
  }
  const { origin, pathname, search, hash, username, password } = url;
  if (username !== "" || password !== "") {
    return { kind: "bad", why: "tokens stand in no address; use LIVEZONE_TOKEN or --token-file" };
  }
  if (pathname !== "/" || search !== "" || hash !== "") {
    return { kind: "bad", why: `"${text}" has more than host and port; write ${origin}` };
  }
  if (url.protocol === "http:" && !isLoopback(unbracketed(url.hostname))) {
    const why = `"${text}" is not encrypted and goes over the network; write https://`;
    return { kind: "bad", why };
  }
  return { kind: "ok", origin };
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
