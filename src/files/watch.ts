// Zone and configuration files: reads them, and notices when their content differs. Hints come from
// the system (a watcher per folder, because one per file misses atomic renames), from a poll of
// every file's outside (because hints get lost), and from SIGHUP; the content's hash alone decides.

import { basename, dirname } from "node:path";
import type { Cancel, Time } from "../base/clock.ts";
import type { FileLook, FileRead, FilesPort, FileUse } from "../control/ports.ts";
import { Folders } from "./folders.ts";
import { isLink, lookAt, lookOf, readWhole } from "./read.ts";
import { fileRefusal } from "./refusal.ts";

/** Files whose outside is looked at in one go, so that ten thousand zones do not stop the loop. */
const POLL_BATCH = 256;

/**
 * Larger files are not read here, so that the loop does not stand still: they count as changed when
 * their outside differs, and whoever loads them elsewhere tells what they held (`noted`).
 */
const LARGE_OCTETS = 0x10_0000;

/** How patiently files are watched; all in milliseconds. */
export interface FilesOptions {
  readonly time: Time;
  /** How often every file's outside is looked at; default 2000. */
  readonly pollMs?: number;
  /**
   * How long a changed file must stay as it is before it is read; default 100. It is read up to as
   * long again later where other files still stir, so that files saved together are told together.
   */
  readonly quietMs?: number;
  /** A file that never is quiet is read nevertheless after this; default 10,000. */
  readonly restlessMaxMs?: number;
}

/** A file that may have changed, until it has been quiet for long enough to be read. */
interface Suspect {
  readonly signature: string;
  /** Monotonic milliseconds: when it was first suspected, and since when nothing has stirred. */
  readonly sinceMs: number;
  readonly quietSinceMs: number;
}

/** The watched files of one folder. */
interface FolderFiles {
  readonly byName: Map<string, string[]>;
  /** Files that are links: they change when any other entry does, as in a mounted ConfigMap. */
  readonly links: string[];
}

/** The files of this machine. `changed` is called from a timer, never from inside a call. */
export class Files implements FilesPort {
  readonly #time: Time;
  readonly #pollMs: number;
  readonly #quietMs: number;
  readonly #restlessMaxMs: number;
  readonly #folders = new Folders((folder, name) => this.#hint(folder, name));
  readonly #known = new Map<string, FileLook>();
  readonly #suspects = new Map<string, Suspect>();
  #paths: readonly string[] = [];
  #byFolder = new Map<string, FolderFiles>();
  #changed: (paths: readonly string[]) => void = () => {};
  #cancelPoll: Cancel = () => {};
  #cancelSettle: Cancel | undefined;

  constructor(options: FilesOptions) {
    this.#time = options.time;
    this.#pollMs = options.pollMs ?? 2000;
    this.#quietMs = options.quietMs ?? 100;
    this.#restlessMaxMs = options.restlessMaxMs ?? 10_000;
  }

  read(path: string): FileRead {
    // The outside first: what is written between the two looks is then seen as a change.
    const outside = lookAt(path);
    const read = readWhole(path);
    this.#known.set(path, lookOf(path, outside, read, this.#time.wallMs()));
    return read;
  }

  refusal(path: string, use: FileUse): string | undefined {
    return fileRefusal(path, use);
  }

  noted(looks: readonly FileLook[]): void {
    for (const look of looks) this.#known.set(look.path, look);
  }

  watch(paths: readonly string[], changed: (paths: readonly string[]) => void): void {
    const wanted = new Set(paths);
    for (const path of [...this.#known.keys(), ...this.#suspects.keys()]) {
      if (wanted.has(path)) continue;
      this.#known.delete(path);
      this.#suspects.delete(path);
    }
    for (const path of wanted) {
      if (!this.#known.has(path) && this.#hasMoved(path) === undefined) this.read(path);
    }
    this.#changed = changed;
    this.#paths = [...wanted];
    this.#byFolder = groupByFolder(this.#paths);
    this.#folders.follow(new Set(this.#byFolder.keys()));
    // At once: between a file's reading and this call nobody was looking.
    this.#pollFrom(0, 0);
  }

  rescan(): void {
    for (const path of this.#paths) this.#suspect(path);
  }

  close(): void {
    this.#folders.close();
    this.#cancelPoll();
    this.#cancelSettle?.();
    this.#paths = [];
    this.#suspects.clear();
  }

  /** Looks at the files from the `first` on after `delayMs`, a batch at a time, round and round. */
  #pollFrom(first: number, delayMs: number): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#time.after(delayMs, () => {
      if (first === 0) this.#folders.follow(new Set(this.#byFolder.keys()));
      for (const path of this.#paths.slice(first, first + POLL_BATCH)) {
        const known = this.#known.get(path);
        if (known?.isFresh === true || known?.signature !== lookAt(path).signature) {
          this.#suspect(path);
        }
      }
      const batches = Math.max(1, Math.ceil(this.#paths.length / POLL_BATCH));
      const next = first + POLL_BATCH;
      this.#pollFrom(next < this.#paths.length ? next : 0, this.#pollMs / batches);
    });
  }

  #hint(folder: string, name: string | undefined): void {
    const files = this.#byFolder.get(folder);
    if (files === undefined) return;
    const named = name === undefined ? [...files.byName.values()].flat() : files.byName.get(name);
    for (const path of named ?? []) this.#suspect(path);
    for (const path of files.links) {
      if (this.#known.get(path)?.signature !== lookAt(path).signature) this.#suspect(path);
    }
  }

  #suspect(path: string): void {
    const nowMs = this.#time.nowMs();
    const sinceMs = this.#suspects.get(path)?.sinceMs ?? nowMs;
    const { signature } = lookAt(path);
    this.#suspects.set(path, { signature, sinceMs, quietSinceMs: nowMs });
    this.#cancelSettle ??= this.#time.after(this.#quietMs, () => this.#settle());
  }

  /** Reads the suspects that are quiet, tells what differs, and waits for the others. */
  #settle(): void {
    const nowMs = this.#time.nowMs();
    const due: string[] = [];
    let dueSinceMs = Number.POSITIVE_INFINITY;
    let lastMs = 0;
    for (const [path, suspect] of this.#suspects) {
      const { signature } = lookAt(path);
      const quietSinceMs = signature === suspect.signature ? suspect.quietSinceMs : nowMs;
      const readsAtMs = Math.min(
        quietSinceMs + this.#quietMs,
        suspect.sinceMs + this.#restlessMaxMs,
      );
      this.#suspects.set(path, { ...suspect, signature, quietSinceMs });
      lastMs = Math.max(lastMs, readsAtMs);
      if (nowMs < readsAtMs) continue;
      due.push(path);
      dueSinceMs = Math.min(dueSinceMs, readsAtMs);
    }
    // Files saved together stir a moment apart, and are told in one call: one that is due waits
    // for those that still stir, but never longer than for another quiet time.
    const waitsUntilMs = dueSinceMs + this.#quietMs;
    const isWaiting = nowMs < lastMs && nowMs < waitsUntilMs;
    const changed = isWaiting ? [] : this.#readDue(due);
    const looksAtMs = isWaiting ? Math.min(lastMs, waitsUntilMs) : lastMs;
    // Timers may be early by a fraction of a millisecond; one whole one keeps this from spinning.
    const delayMs = Math.max(1, looksAtMs - nowMs);
    this.#cancelSettle =
      this.#suspects.size === 0 ? undefined : this.#time.after(delayMs, () => this.#settle());
    if (changed.length > 0) this.#changed(changed);
  }

  /** Reads files that are suspected no longer, and returns those that differ. */
  #readDue(due: readonly string[]): string[] {
    return due.filter((path) => {
      this.#suspects.delete(path);
      return this.#differs(path);
    });
  }

  /** Reads a file anew, and says whether it holds something else than at its last reading. */
  #differs(path: string): boolean {
    const before = this.#known.get(path);
    const hasMoved = this.#hasMoved(path);
    if (hasMoved !== undefined) return hasMoved;
    this.read(path);
    return this.#known.get(path)?.identity !== before?.identity;
  }

  /**
   * Whether a large file looks different than at its last reading, or was read so shortly after it
   * was written that its look says nothing; `undefined` for one that is not large.
   */
  #hasMoved(path: string): boolean | undefined {
    const outside = lookAt(path);
    if (outside.octets <= LARGE_OCTETS) return undefined;
    const before = this.#known.get(path);
    const { signature } = outside;
    this.#known.set(path, { path, identity: before?.identity ?? "", signature, isFresh: false });
    return before?.signature !== signature || before.isFresh;
  }
}

function groupByFolder(paths: readonly string[]): Map<string, FolderFiles> {
  const folders = new Map<string, FolderFiles>();
  for (const path of paths) {
    const folder = dirname(path);
    const files = folders.get(folder) ?? { byName: new Map<string, string[]>(), links: [] };
    folders.set(folder, files);
    const name = basename(path);
    files.byName.set(name, [...(files.byName.get(name) ?? []), path]);
    if (isLink(path)) files.links.push(path);
  }
  return folders;
}
