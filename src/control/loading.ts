// Loading a zone file in full: from its octets to what differs from the zone that is served. The
// thread that does it for large zones and the one that does it for small ones share this code.

import { diffZones } from "../zone/diff.ts";
import { DigestReader, unchangedFiles } from "./file-digest.ts";
import { loadZone } from "./load-zone.ts";
import type { FileRead, LoadedFile, LoadRequest } from "./ports.ts";

/** Reads, parses, checks and compares one zone file, unless it holds what it held before. */
export function loadFile(request: LoadRequest, read: (path: string) => FileRead): LoadedFile {
  const { origin, file, before, digest, progress } = request;
  const reader = new OnceReader(read);
  const unchanged = unchangedFiles(digest, file, (path) => reader.read(path));
  if (unchanged !== undefined) return { kind: "same", files: unchanged, digest };
  const digested = new DigestReader((path) => reader.take(path));
  const loaded = loadZone(origin, file, (path) => digested.read(path), progress);
  const { files, warnings } = loaded;
  if (loaded.kind === "bad") {
    return { kind: "bad", files, digest: digested.digest, errors: loaded.errors };
  }
  const { zone } = loaded;
  const changes = before === undefined ? [] : diffZones(before, zone);
  return { kind: "good", files, digest: digested.digest, warnings, zone, changes };
}

/** Reads each file once for both looks at it: the digest's and the parser's. */
class OnceReader {
  readonly #read: (path: string) => FileRead;
  readonly #held = new Map<string, FileRead>();

  constructor(read: (path: string) => FileRead) {
    this.#read = read;
  }

  read(path: string): FileRead {
    const read = this.#held.get(path) ?? this.#read(path);
    this.#held.set(path, read);
    return read;
  }

  /** Like `read`, and lets go of the content: it is as large as the zone. */
  take(path: string): FileRead {
    const read = this.read(path);
    this.#held.delete(path);
    return read;
  }
}
