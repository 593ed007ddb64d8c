// Which suffix of a name decides: searches that find a node and leave it found in the reader.

import type { NameBuffer } from "../image/name-buffer.ts";
import type { ImageReader } from "../image/reader.ts";

/** The label from which on a suffix of the name has a node, which is found; -1 for none. */
export function closestEncloser(reader: ImageReader, name: NameBuffer): number {
  // Deeper suffixes than the deepest name there is need not be looked for.
  for (let label = Math.max(1, name.labels - reader.labelsMax); label <= name.labels; label++) {
    const length = name.suffixLength(label);
    if (reader.find(name, length, name.suffixHash(length))) return label;
  }
  return -1;
}

/** The first label from `label` on whose suffix has a node with one of the flags; -1 for none. */
export function findMarked(
  reader: ImageReader,
  name: NameBuffer,
  label: number,
  flags: number,
): number {
  for (let at = label; at <= name.labels; at++) {
    const length = name.suffixLength(at);
    const isThere = reader.find(name, length, name.suffixHash(length));
    if (isThere && (reader.flags & flags) !== 0) return at;
  }
  return -1;
}
