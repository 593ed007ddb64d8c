// TLS as probes use it: what a connection is made with, and what the other side's certificate is
// found to be. Verification is node's (chain, name, dates); here it becomes codes and words.

import { X509Certificate } from "node:crypto";
import type { ConnectionOptions, PeerCertificate, SecureContext, TLSSocket } from "node:tls";
import { checkServerIdentity, createSecureContext } from "node:tls";
import { messageOf } from "../base/errors.ts";
import { familyOf } from "../base/ip.ts";
import type { TlsTerms } from "../config/ask.ts";
import type { ObservationCode } from "../health/observation.ts";
import { ProbeError } from "./errors.ts";
import { FileTexts } from "./file-text.ts";

const DAY_MS = 86_400_000;

/** What a TLS connection is made with. */
export interface TlsSetup {
  readonly terms: TlsTerms;
  /** Offered by ALPN (RFC 7301); nothing is where it is absent. */
  readonly protocol: string | undefined;
}

/** What the other side's certificate is found to be. */
export type PeerIdentity =
  | {
      readonly kind: "accepted";
      /** What is doubtful about it at wall time `wallMs`, if anything. */
      warning(wallMs: number): string | undefined;
    }
  | { readonly kind: "refused"; readonly code: ObservationCode; readonly detail: string };

const files = new FileTexts();
const contexts = new Map<string, { readonly pem: string; readonly context: SecureContext }>();
let publicContext: SecureContext | undefined;

/** Options for `tls.connect`. @throws when the file of authorities cannot be used. */
export function tlsOptions({ terms, protocol }: TlsSetup): ConnectionOptions {
  const isAddress = familyOf(terms.name) !== undefined;
  return {
    // An address is no name for SNI (RFC 6066 section 3).
    servername: isAddress ? "" : terms.name,
    secureContext: contextFor(terms.caFile),
    // The certificate is judged after the handshake, so that what is wrong with it can be said.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
  };
}

/** Judges the certificate of a connection whose handshake is over. */
export function judgePeer(socket: TLSSocket, terms: TlsTerms): PeerIdentity {
  if (terms.isInsecure) return { kind: "accepted", warning: () => undefined };
  const certificate = socket.getPeerCertificate();
  const error: unknown = socket.authorizationError;
  if (error !== undefined && error !== null) return refusal(String(error), certificate);
  const mismatch = checkServerIdentity(terms.name, certificate);
  if (mismatch !== undefined) {
    const names = certificate.subjectaltname ?? certificate.subject?.CN ?? "no name";
    const detail = `the certificate is for ${names}, not for ${terms.name}`;
    return { kind: "refused", code: "tls-name", detail };
  }
  const endMs = Date.parse(certificate.valid_to);
  return { kind: "accepted", warning: (wallMs) => endingSoon(endMs, wallMs, terms.warnDays) };
}

function refusal(error: string, { valid_from, valid_to }: PeerCertificate): PeerIdentity {
  const refused = (code: ObservationCode, detail: string): PeerIdentity => {
    return { kind: "refused", code, detail };
  };
  if (error === "CERT_HAS_EXPIRED") {
    return refused("tls-expired", `the certificate was good until ${dayOf(valid_to)}`);
  }
  if (error === "CERT_NOT_YET_VALID") {
    return refused("tls-expired", `the certificate is good only from ${dayOf(valid_from)} on`);
  }
  const why = error.toLowerCase().replaceAll("_", " ");
  return refused("tls-untrusted", `the certificate is not trusted: ${why}`);
}

function endingSoon(endMs: number, wallMs: number, warnDays: number): string | undefined {
  const days = Math.floor((endMs - wallMs) / DAY_MS);
  if (Number.isNaN(days) || days >= warnDays) return undefined;
  const day = new Date(endMs).toISOString().slice(0, 10);
  const rest = days === 1 ? "1 day" : `${Math.max(0, days)} days`;
  return `the certificate ends in ${rest}, on ${day}`;
}

/** The day of one of OpenSSL's dates, as ISO 8601 writes it. */
function dayOf(date: string): string {
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? date : new Date(ms).toISOString().slice(0, 10);
}

function contextFor(caFile: string | undefined): SecureContext {
  if (caFile === undefined) {
    publicContext ??= createSecureContext();
    return publicContext;
  }
  const pem = files.read(caFile);
  const known = contexts.get(caFile);
  if (known?.pem === pem) return known.context;
  const context = createSecureContext({ ca: certificatesOf(pem, caFile) });
  contexts.set(caFile, { pem, context });
  return context;
}

/** Each certificate by itself: node would silently leave out what it cannot read. */
function certificatesOf(pem: string, caFile: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    const state = `it holds a certificate that cannot be read: ${messageOf(error)}`;
    throw new ProbeError("PROBE_BAD_FILE", `Cannot trust "${caFile}": ${state}`);
  }
  if (blocks.length > 0) return blocks;
  throw new ProbeError("PROBE_BAD_FILE", `Cannot trust "${caFile}": it holds no certificate`);
}
