// Where a redirection leads, as far as a health check follows it: within the same site, on the
// target's own address, over http or https. Pure.

/** Where an HTTP request goes, the address apart. */
export interface Place {
  readonly isSecure: boolean;
  /** The Host header and the certificate's name, without a port. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** The next place, or why it is not gone to. */
export type Hop =
  | { readonly kind: "here"; readonly place: Place }
  | { readonly kind: "elsewhere"; readonly why: string };

/**
 * Resolves a Location against the place that sent it (RFC 9110 section 10.2.2).
 *
 * Another host would say nothing about this target, so it is not followed; the site's own name with
 * or without "www." counts as the same, which is what most redirections are about.
 */
export function nextHop(from: Place, location: string): Hop {
  const scheme = from.isSecure ? "https" : "http";
  const base = `${scheme}://${from.host}:${from.port}${from.path}`;
  if (!URL.canParse(location, base)) return { kind: "elsewhere", why: "that is no URL" };
  const url = new URL(location, base);
  const isSecure = url.protocol === "https:";
  if (!isSecure && url.protocol !== "http:") {
    return { kind: "elsewhere", why: "neither http nor https" };
  }
  if (bare(url.hostname) !== bare(from.host)) return { kind: "elsewhere", why: "another host" };
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const path = `${url.pathname}${url.search}`;
  return { kind: "here", place: { isSecure, host: url.hostname, port, path } };
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^www\.(?=.*\.)/, "");
}
