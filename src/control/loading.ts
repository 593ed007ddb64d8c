// Loading a zone file in full: from its octets to what differs from the zone that is served. The
// thread that does it for large zones and the one that does it for small ones share this code.

import type { FileRefusal } from "../config/checks.ts";
import { type PoolsReading, parsePools } from "../config/pools.ts";
import type { Name } from "../dns/name.ts";
import { compileBase } from "../image/compile.ts";
import type { ImageZone } from "../image/writer.ts";
import { type ReceivedZone, receivedZone } from "../transfer/received-zone.ts";
import { diffZones } from "../zone/diff.ts";
import { Zone } from "../zone/zone.ts";
import { DigestReader, unchangedFiles } from "./file-digest.ts";
import { loadZone } from "./load-zone.ts";
import type { FileRead, FilesPort, LoadedFile, LoaderPort, LoadRequest } from "./ports.ts";
import type { PoolsRequest } from "./ports-pools.ts";
import type { ReceiveRequest } from "./ports-primaries.ts";

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

/** Parses a pools file, on the calling thread. */
export function readPools(
  { text, file, ...against }: PoolsRequest,
  files: Pick<FilesPort, "refusal">,
): PoolsReading {
  const fileRefusal: FileRefusal = (path, use) => files.refusal(path, use);
  return parsePools(text, file, { ...against, fileRefusal });
}

/** A loader that does everything at once, on the calling thread. */
export class InlineLoader implements LoaderPort {
  readonly #files: Pick<FilesPort, "read" | "refusal">;

  constructor(files: Pick<FilesPort, "read" | "refusal">) {
    this.#files = files;
  }

  async load(request: LoadRequest): Promise<LoadedFile> {
    return loadFile(request, (path) => this.#files.read(path));
  }

  async pools(request: PoolsRequest): Promise<PoolsReading> {
    return readPools(request, this.#files);
  }

  async receive({ origin, transfer, before }: ReceiveRequest): Promise<ReceivedZone> {
    return receivedZone(origin, transfer, before);
  }

  async unpack(origin: Name, packed: Uint8Array): Promise<Zone> {
    return Zone.unpack(origin, packed);
  }

  async compile(zones: readonly ImageZone[]): Promise<SharedArrayBuffer> {
    return compileBase(zones);
  }
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
