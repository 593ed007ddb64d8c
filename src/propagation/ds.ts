// DS records held against DNSKEY records (RFC 4034 section 5): by key tag, algorithm and digest.

import { createHash } from "node:crypto";

/** A DS record. */
export interface Ds {
  readonly tag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Hexadecimal, in lower case. */
  readonly digest: string;
}

/** A DNSKEY record, as a DS would name it. */
export interface ZoneKey {
  readonly tag: number;
  readonly algorithm: number;
  /** By digest type, hexadecimal in lower case. */
  readonly digests: Readonly<Record<number, string>>;
}

/** By digest type: SHA-1 (RFC 4034), SHA-256 (RFC 4509), SHA-384 (RFC 6605). */
const HASHES: Readonly<Record<number, string>> = { 1: "sha1", 2: "sha256", 4: "sha384" };

/** A key of a zone. @param owner the zone's name on the wire, in lower case. */
export function zoneKeyOf(owner: Uint8Array, dnskey: Uint8Array): ZoneKey {
  // RFC 4034 appendix B.
  let sum = 0;
  for (const [index, octet] of dnskey.entries()) sum += index % 2 === 0 ? octet << 8 : octet;
  const tag = (sum + (sum >>> 16)) & 0xffff;
  const digests = Object.entries(HASHES).map(([type, hash]): readonly [string, string] => {
    return [type, createHash(hash).update(owner).update(dnskey).digest("hex")];
  });
  return { tag, algorithm: dnskey[3] ?? 0, digests: Object.fromEntries(digests) };
}

/** Reads `TAG ALGORITHM TYPE DIGEST`, as RFC 4034 section 5.3 writes it. */
export function dsFromText(text: string): Ds {
  const [tag = "", algorithm = "", digestType = "", ...digest] = text.split(" ");
  return {
    ...{ tag: Number(tag), algorithm: Number(algorithm), digestType: Number(digestType) },
    digest: digest.join("").toLowerCase(),
  };
}

/** Why no DS of a zone names a key of it; undefined: one does, or there is no DS. */
export function dsFault(dss: readonly Ds[], keys: readonly ZoneKey[]): string | undefined {
  if (dss.length === 0 || dss.some((ds) => keys.some((key) => names(ds, key)))) return undefined;
  const tags = dss.map(({ tag }) => tag).join(", ");
  const isAlike = dss.some((ds) => keys.some((key) => isLike(ds, key)));
  const has =
    keys.length === 0
      ? "the zone is not signed"
      : isAlike
        ? "its digest is not that of the zone's key"
        : "no key of the zone is that";
  return `the parent has a DS for key ${tags}, and ${has}`;
}

/** A digest of a type that is not known here cannot be held against the key. */
function names(ds: Ds, key: ZoneKey): boolean {
  const digest = key.digests[ds.digestType];
  return isLike(ds, key) && (digest === undefined || digest === ds.digest);
}

function isLike(ds: Ds, key: ZoneKey): boolean {
  return ds.tag === key.tag && ds.algorithm === key.algorithm;
}
