// Hints from the operating system that something in a folder has changed. Hints only: a folder may
// be missing, replaced or on a file system that tells nothing, so nothing here is relied upon.

import { type FSWatcher, statSync, watch } from "node:fs";

interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Which folder is watched: another one may have taken its name since. */
  readonly identity: string;
}

/** Watches folders, each with one watcher of the system; renewed by calling `follow` again. */
export class Folders {
  readonly #hint: (folder: string, name: string | undefined) => void;
  readonly #watched = new Map<string, WatchedFolder>();

  /** @param hint called with the folder and, where the system knows it, the entry's name. */
  constructor(hint: (folder: string, name: string | undefined) => void) {
    this.#hint = hint;
  }

  /**
   * Watches exactly these folders: new ones and those that were replaced are taken up, the others
   * left alone. What cannot be watched now is tried again at the next call.
   *
   * @returns the folders that were taken up in this call: changes before it were not seen.
   */
  follow(folders: ReadonlySet<string>): readonly string[] {
    const taken: string[] = [];
    for (const folder of [...this.#watched.keys()]) {
      if (!folders.has(folder)) this.#leave(folder);
    }
    for (const folder of folders) {
      const identity = identityOf(folder);
      const known = this.#watched.get(folder);
      if (known !== undefined && known.identity === identity) continue;
      this.#leave(folder);
      if (identity !== undefined && this.#take(folder, identity)) taken.push(folder);
    }
    return taken;
  }

  close(): void {
    this.follow(new Set());
  }

  #take(folder: string, identity: string): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) =>
        this.#hint(folder, name ?? undefined),
      );
      watcher.on("error", () => this.#leave(folder));
      this.#watched.set(folder, { watcher, identity });
      return true;
    } catch {
      // No watcher left in the system, or the folder went this moment: the poll sees to it.
      return false;
    }
  }

  #leave(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}

function identityOf(folder: string): string | undefined {
  try {
    const stat = statSync(folder, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : `${stat.dev} ${stat.ino}`;
  } catch {
    return undefined;
  }
}
