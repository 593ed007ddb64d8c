// A loader that does all of its work on the calling thread: what is small, and everything where there
// is no other thread.

import type { FileRefusal } from "../config/checks.ts";
import { type PoolsReading, parsePools } from "../config/pools.ts";
import type { Name } from "../dns/name.ts";
import { compileBase } from "../image/compile.ts";
import type { ImageZone } from "../image/writer.ts";
import { type ReceivedZone, receivedZone } from "../transfer/received-zone.ts";
import { Zone } from "../zone/zone.ts";
import { loadFile } from "./loading.ts";
import type { FilesPort, LoadedFile, LoaderPort, LoadRequest } from "./ports.ts";
import type { PoolsRequest } from "./ports-pools.ts";
import type { ReceiveRequest } from "./ports-primaries.ts";

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
