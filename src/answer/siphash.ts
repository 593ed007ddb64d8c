// SipHash-2-4 with a 64-bit result (Aumasson and Bernstein), in 32-bit halves and without
// allocation: what RFC 9018 makes server cookies with.

/**
 * Hashes the first `octets` octets of `words` (little-endian, the rest of the last word zero).
 *
 * @param words room for `octets` rounded up to 8, and 8 more, which are overwritten.
 * @param key 4 words, the 128-bit secret in its order.
 * @param out gets 2 words: the result's 8 octets in their order.
 */
export function sipHash(words: Int32Array, octets: number, key: Int32Array, out: Int32Array): void {
  const k0 = key[0] as number;
  const k1 = key[1] as number;
  const k2 = key[2] as number;
  const k3 = key[3] as number;
  // Each of the four 64-bit states is a low and a high half.
  let al = k0 ^ 0x70736575;
  let ah = k1 ^ 0x736f6d65;
  let bl = k2 ^ 0x6e646f6d;
  let bh = k3 ^ 0x646f7261;
  let cl = k0 ^ 0x6e657261;
  let ch = k1 ^ 0x6c796765;
  let dl = k2 ^ 0x79746573;
  let dh = k3 ^ 0x74656462;
  const blocks = octets >> 3;
  endWithLength(words, octets);
  for (let block = 0; block <= blocks + 1; block++) {
    const isEnd = block > blocks;
    const ml = isEnd ? 0 : (words[block * 2] as number);
    const mh = isEnd ? 0 : (words[block * 2 + 1] as number);
    if (isEnd) cl ^= 0xff;
    dl ^= ml;
    dh ^= mh;
    // The carry of a 64-bit sum is the majority of both upper bits and the sum's complement.
    for (let round = isEnd ? 4 : 2; round > 0; round--) {
      let sum = (al + bl) | 0;
      ah = (ah + bh + (((al & bl) | ((al | bl) & ~sum)) >>> 31)) | 0;
      al = sum;
      let low = (bl << 13) | (bh >>> 19);
      bh = ((bh << 13) | (bl >>> 19)) ^ ah;
      bl = low ^ al;
      low = al;
      al = ah;
      ah = low;
      sum = (cl + dl) | 0;
      ch = (ch + dh + (((cl & dl) | ((cl | dl) & ~sum)) >>> 31)) | 0;
      cl = sum;
      low = (dl << 16) | (dh >>> 16);
      dh = ((dh << 16) | (dl >>> 16)) ^ ch;
      dl = low ^ cl;
      sum = (al + dl) | 0;
      ah = (ah + dh + (((al & dl) | ((al | dl) & ~sum)) >>> 31)) | 0;
      al = sum;
      low = (dl << 21) | (dh >>> 11);
      dh = ((dh << 21) | (dl >>> 11)) ^ ah;
      dl = low ^ al;
      sum = (cl + bl) | 0;
      ch = (ch + bh + (((cl & bl) | ((cl | bl) & ~sum)) >>> 31)) | 0;
      cl = sum;
      low = (bl << 17) | (bh >>> 15);
      bh = ((bh << 17) | (bl >>> 15)) ^ ch;
      bl = low ^ cl;
      low = cl;
      cl = ch;
      ch = low;
    }
    al ^= ml;
    ah ^= mh;
  }
  out[0] = al ^ bl ^ cl ^ dl;
  out[1] = ah ^ bh ^ ch ^ dh;
}

/** Completes the last block: zeros, and the length in its last octet. */
function endWithLength(words: Int32Array, octets: number): void {
  const last = (octets >> 3) * 2;
  if ((octets & 7) <= 4 && (octets & 7) > 0) words[last + 1] = 0;
  if ((octets & 7) === 0) {
    words[last] = 0;
    words[last + 1] = 0;
  }
  words[last + 1] = ((words[last + 1] as number) & 0x00ff_ffff) | (octets << 24);
}
