// The image on disk, beside the database: what a restart answers from before anything is loaded.
//
//   STORE.image   the base, written once for each base
//   STORE.live    the edits since and the live answers, written again whenever they have changed, and
//                 what all of it stands for: the zones and their serials
//
// Each file is a line of JSON, zeros up to 4096 octets, and the octets themselves. Whatever is wrong
// with them costs time only: the image is then made from the store, as without them.

import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { z } from "zod";
import type { StoredZone } from "../control/ports.ts";
import type { ImageStamp } from "../control/snapshots.ts";
import { nameKey } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import type { ImageMemory } from "../image/memory.ts";
import { restoreImage, SNAPSHOT_VERSION, setSerials } from "../image/snapshot.ts";
import { joinOctets } from "../zone/pack.ts";

/** What is kept. */
export interface ImageCopy {
  /** Tells bases apart within this process. */
  readonly setId: number;
  readonly base: SharedArrayBuffer;
  readonly edits: Uint8Array;
  readonly slots: Uint8Array;
  readonly stamp: ImageStamp;
}

/** What was found on disk, whole and of this build. */
export type KeptImage = Omit<ImageCopy, "setId">;

const HEAD_OCTETS = 4096;
/** So much is written in one go, so that a slow disk is waited for between two writes. */
const CHUNK_OCTETS = 0x40_0000;

const headSchema = z.object({
  version: z.literal(SNAPSHOT_VERSION),
  build: z.string(),
  octets: z.number().int().min(0),
  crc: z.number().int(),
});
const liveSchema = headSchema.extend({
  /** The base they belong to. */
  baseCrc: z.number().int(),
  /** Octets of the edits; the live answers lie behind them. */
  editsOctets: z.number().int().min(0),
  stamp: z.array(z.object({ zone: z.string(), serial: z.number().int() })),
  bindings: z.array(z.string()),
});
type Head = z.infer<typeof headSchema>;

/** Keeps the newest image on disk; writes one thing at a time, and the newest of what waits. */
export class ImageFiles {
  readonly #base: string;
  readonly #live: string;
  readonly #build: string;
  #waiting: ImageCopy | undefined;
  #work: Promise<void> | undefined;
  #written: { readonly setId: number; readonly crc: number } | undefined;
  #kept: KeptImage | undefined;

  /**
   * @param store path of the database.
   * @param build version of the program: another one may have compiled other octets.
   */
  constructor(store: string, build: string) {
    this.#base = `${store}.image`;
    this.#live = `${store}.live`;
    this.#build = build;
  }

  /**
   * Reads the kept image, for `take` to hand it out; false where there is none, or none that is whole
   * and of this build.
   *
   * @param setId of the set whose base it becomes.
   */
  read(setId: number): boolean {
    try {
      const live = readFile(this.#live, liveSchema, ownBuffer);
      const base = readFile(this.#base, headSchema, sharedBuffer);
      const isPair = live.head.baseCrc === base.head.crc;
      if (!isPair || live.head.build !== this.#build || base.head.build !== this.#build) {
        return false;
      }
      this.#written = { setId, crc: base.head.crc };
      const { stamp: zones, bindings, editsOctets } = live.head;
      const edits = new Uint8Array(live.buffer, 0, editsOctets);
      const slots = new Uint8Array(live.buffer, editsOctets);
      this.#kept = { base: base.buffer, edits, slots, stamp: { zones, bindings } };
      return true;
    } catch {
      return false;
    }
  }

  /** What was read, once: it is as large as the zones, and nobody else is to hold on to it. */
  take(): KeptImage | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  /** Deletes what is kept: the store knows better, and it must never be believed again. */
  discard(): void {
    rmSync(this.#live, { force: true });
  }

  /** Writes `copy` behind the caller's back; one that fails is as if it had never been asked for. */
  save(copy: ImageCopy): void {
    this.#waiting = copy;
    this.#work ??= this.#writeAll();
  }

  /** Resolves when all that was asked for is on disk, or cannot be. */
  async flush(): Promise<void> {
    await this.#work;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting !== undefined) {
      const copy = this.#waiting;
      this.#waiting = undefined;
      // What cannot be written is missing at the next start, which then takes longer: no more than that.
      await this.#write(copy).catch(() => rm(this.#live, { force: true }).catch(() => undefined));
    }
    this.#work = undefined;
  }

  async #write(copy: ImageCopy): Promise<void> {
    if (this.#written?.setId !== copy.setId) {
      const octets = new Uint8Array(copy.base);
      const head = this.#head(octets);
      await writeFile(this.#base, head, octets);
      this.#written = { setId: copy.setId, crc: head.crc };
    }
    const { zones, bindings } = copy.stamp;
    const octets = joinOctets([copy.edits, copy.slots]);
    const live = { ...this.#head(octets), baseCrc: this.#written.crc };
    const editsOctets = copy.edits.length;
    await writeFile(this.#live, { ...live, editsOctets, stamp: zones, bindings }, octets);
  }

  #head(octets: Uint8Array): Head {
    const { length } = octets;
    return { version: SNAPSHOT_VERSION, build: this.#build, octets: length, crc: crc32(octets) };
  }
}

/**
 * A memory that shows the kept image, made of one that nobody uses yet. Serials may have been seen up
 * to the reserved ones if the last run ended without order: none lower is shown again.
 */
export function resumeImage(
  memory: ImageMemory,
  kept: KeptImage,
  stored: readonly Pick<StoredZone, "origin" | "serial" | "reservedSerial">[],
): ImageMemory | undefined {
  const resumed = restoreImage(memory, kept);
  const ahead = stored.filter(({ serial, reservedSerial }) => {
    return compareSerial(reservedSerial, serial) === 1;
  });
  const serials = new Map(ahead.map((zone) => [nameKey(zone.origin), zone.reservedSerial]));
  if (resumed !== undefined) setSerials(resumed.slots, (zone) => serials.get(zone));
  return resumed;
}

const ownBuffer = (octets: number): ArrayBuffer => new ArrayBuffer(octets);
const sharedBuffer = (octets: number): SharedArrayBuffer => new SharedArrayBuffer(octets);

/** @throws Error for anything that is not exactly what was written. */
function readFile<H extends Head, B extends ArrayBufferLike>(
  path: string,
  schema: z.ZodType<H>,
  buffer: (octets: number) => B,
): { readonly head: H; readonly buffer: B } {
  const descriptor = openSync(path, "r");
  try {
    const size = fstatSync(descriptor).size;
    const headOctets = new Uint8Array(4);
    readWhole(descriptor, headOctets, 0);
    const length = new DataView(headOctets.buffer).getUint32(0, true);
    const text = new Uint8Array(Math.min(length, size));
    readWhole(descriptor, text, 4);
    const head = schema.parse(JSON.parse(new TextDecoder().decode(text)));
    const content = buffer(head.octets);
    const octets = new Uint8Array(content);
    readWhole(descriptor, octets, contentAt(length));
    if (crc32(octets) !== head.crc) throw new Error("its checksum differs");
    return { head, buffer: content };
  } finally {
    closeSync(descriptor);
  }
}

function readWhole(descriptor: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const count = readSync(descriptor, into, at, into.length - at, position + at);
    if (count === 0) throw new Error("it is cut off");
    at += count;
  }
}

/** Written beside and renamed: a file of this name is whole, whenever the machine stops. */
async function writeFile(path: string, head: object, octets: Uint8Array): Promise<void> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await write(file, new Uint8Array(Uint32Array.of(text.length).buffer), 0);
    await write(file, text, 4);
    const start = contentAt(text.length);
    for (let at = 0; at < octets.length; at += CHUNK_OCTETS) {
      await write(file, octets.subarray(at, at + CHUNK_OCTETS), start + at);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function write(file: FileHandle, octets: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < octets.length; ) {
    const { bytesWritten } = await file.write(octets, at, octets.length - at, position + at);
    at += bytesWritten;
  }
}

/** Where the octets begin behind a head of so many: at a whole page. */
function contentAt(headOctets: number): number {
  return Math.ceil((4 + headOctets) / HEAD_OCTETS) * HEAD_OCTETS;
}
