// TSIG keys (RFC 8945 section 6): names, algorithms, secrets. What is done with them is `transfer`'s.

import { type Name, nameFromText } from "./name.ts";

/** The algorithms that are spoken here; sha1 for peers that know no other. */
export type TsigAlgorithm = "hmac-sha1" | "hmac-sha256" | "hmac-sha384" | "hmac-sha512";

/** A key that two servers share. `secret` is never logged, shown or sent. */
export interface TsigKey {
  readonly name: Name;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
}

/** What an algorithm is called on the wire and by the digest library, and its digest's size. */
interface AlgorithmFacts {
  readonly name: Name;
  readonly hash: string;
  /** Octets of a whole digest. */
  readonly octets: number;
}

/** Every algorithm by its name in text. */
export const TSIG_ALGORITHMS: Readonly<Record<TsigAlgorithm, AlgorithmFacts>> = {
  "hmac-sha1": { name: nameFromText("hmac-sha1."), hash: "sha1", octets: 20 },
  "hmac-sha256": { name: nameFromText("hmac-sha256."), hash: "sha256", octets: 32 },
  "hmac-sha384": { name: nameFromText("hmac-sha384."), hash: "sha384", octets: 48 },
  "hmac-sha512": { name: nameFromText("hmac-sha512."), hash: "sha512", octets: 64 },
};

/** The algorithm that a text names, in any case, with or without a final dot. */
export function tsigAlgorithm(text: string): TsigAlgorithm | undefined {
  const wanted = text.toLowerCase().replace(/\.$/, "");
  const names = Object.keys(TSIG_ALGORITHMS) as TsigAlgorithm[];
  return names.find((name) => name === wanted);
}
