// Files that checks name: authorities and passwords. Read anew when they change, which a look at
// their inode tells; checks are few, so every one of them is kept.

import { readFileSync, statSync } from "node:fs";

/** Larger than this is no PEM file and no password. */
const FILE_OCTETS_MAX = 1 << 20;

/** Files by their path, as last read. */
export class FileTexts {
  readonly #known = new Map<string, { readonly stamp: string; readonly text: string }>();

  /** The text of a file as it stands now. @throws what the system says, or that it is too large. */
  read(path: string): string {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    const stamp = [mtimeMs, ctimeMs, size, ino].join(" ");
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.text;
    if (size > FILE_OCTETS_MAX) throw new RangeError(`"${path}" is larger than a mebibyte`);
    const text = readFileSync(path, "utf8");
    this.#known.set(path, { stamp, text });
    return text;
  }
}
