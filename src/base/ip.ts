// IP addresses as the control plane holds them: canonical text (RFC 5952 for IPv6), bytes on demand.

/** Address family by its DNS type: 4 answers A questions, 6 answers AAAA questions. */
export type Family = 4 | 6;

const IPV4_OCTET = /^(?:0|[1-9]\d{0,2})$/;

/** The family of an address in text form, or `undefined` where `text` is not an address. */
export function familyOf(text: string): Family | undefined {
  const bytes = ipToBytes(text);
  return bytes === undefined ? undefined : bytes.length === 4 ? 4 : 6;
}

/** Network-order octets of an address in text form (4 or 16), or `undefined` where it is none. */
export function ipToBytes(text: string): Uint8Array | undefined {
  return text.includes(":") ? ipv6ToBytes(text) : ipv4ToBytes(text);
}

/** Canonical text of 4 or 16 network-order octets; IPv6 as RFC 5952 section 4 writes it. */
export function ipToText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(":");
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

/** The one spelling under which an address is kept and compared, or `undefined` for a non-address. */
export function canonicalIp(text: string): string | undefined {
  const bytes = ipToBytes(text);
  return bytes === undefined ? undefined : ipToText(bytes);
}

function ipv4ToBytes(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!IPV4_OCTET.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function ipv6ToBytes(text: string): Uint8Array | undefined {
  let source = text;
  const lastColon = source.lastIndexOf(":");
  if (source.includes(".")) {
    // An IPv4 tail (RFC 4291 section 2.2, form 3) stands for the last two groups.
    const tail = ipv4ToBytes(source.slice(lastColon + 1));
    if (tail === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = tail;
    const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16));
    source = `${source.slice(0, lastColon + 1)}${groups.join(":")}`;
  }
  const halves = source.split("::");
  if (halves.length > 2) return undefined;
  const head = splitGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? splitGroups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  for (const [i, group] of groups.entries()) {
    bytes[i * 2] = group >> 8;
    bytes[i * 2 + 1] = group & 255;
  }
  return bytes;
}

function splitGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  for (const group of text.split(":")) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    groups.push(Number.parseInt(group, 16));
  }
  return groups;
}

/** The first longest run of zero groups: RFC 5952 section 4.2.3 shortens that one. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}
