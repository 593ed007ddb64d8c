// What a zone's files held when its records were last taken from them: a restart that finds them so
// still need not read a million records to learn that nothing has changed.

import type { FileRead } from "./ports.ts";

/** Raised whenever the same files may mean other records than before. */
const LOADER_VERSION = 1;

/** A file that was read, and the hash of its content; "" where it could not be read. */
type FileHash = readonly [path: string, sha256: string];

/** Notes every file that is read through it. */
export class DigestReader {
  readonly #read: (path: string) => FileRead;
  readonly #hashes = new Map<string, string>();

  constructor(read: (path: string) => FileRead) {
    this.#read = read;
  }

  read(path: string): FileRead {
    const read = this.#read(path);
    this.#hashes.set(path, hashOf(read));
    return read;
  }

  /** One text for all that was read: equal texts, equal files. */
  get digest(): string {
    return JSON.stringify([LOADER_VERSION, [...this.#hashes]]);
  }
}

/**
 * The files of a digest when every one of them still holds what it says and `file` is the first;
 * `undefined` when the zone has to be loaded.
 */
export function unchangedFiles(
  digest: string,
  file: string,
  read: (path: string) => FileRead,
): readonly string[] | undefined {
  const hashes = hashesIn(digest);
  if (hashes[0]?.[0] !== file) return undefined;
  const isUnchanged = hashes.every(([path, hash]) => hash !== "" && hashOf(read(path)) === hash);
  return isUnchanged ? hashes.map(([path]) => path) : undefined;
}

/** The files that a digest tells of, the zone file first; none for "". */
export function filesOf(digest: string): readonly string[] {
  return hashesIn(digest).map(([path]) => path);
}

function hashOf(read: FileRead): string {
  return read.kind === "read" ? read.sha256 : "";
}

/** Nothing where the digest is of another version, or "": of records that are not from files. */
function hashesIn(digest: string): readonly FileHash[] {
  if (!digest.startsWith(`[${LOADER_VERSION},`)) return [];
  const [, hashes] = JSON.parse(digest) as [number, FileHash[]];
  return hashes;
}
