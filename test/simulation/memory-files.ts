// Files that exist only in a test; saving one reports it as the real watcher would.

import type { FileRead, FilesPort } from "../../src/control/ports.ts";

/** A `FilesPort` over a map of contents. */
export class MemoryFiles implements FilesPort {
  readonly #contents = new Map<string, string>();
  /** What `read` returned last. */
  readonly #read = new Map<string, string | undefined>();
  #watched: readonly string[] = [];
  #changed: (paths: readonly string[]) => void = () => undefined;

  read(path: string): FileRead {
    const content = this.#contents.get(path);
    this.#read.set(path, content);
    if (content === undefined) {
      const message = `Cannot read "${path}": it does not exist`;
      return { kind: "failed", code: "ENOENT", message };
    }
    return { kind: "read", bytes: new TextEncoder().encode(content), sha256: content };
  }

  /** Writes a file (`undefined` deletes it) and tells whoever watches it. */
  save(path: string, content: string | undefined): void {
    if (content === undefined) this.#contents.delete(path);
    else this.#contents.set(path, content);
    if (this.#watched.includes(path)) queueMicrotask(() => this.#changed([path]));
  }

  watch(paths: readonly string[], changed: (paths: readonly string[]) => void): void {
    this.#watched = paths;
    this.#changed = changed;
    const missed = paths.filter((path) => this.#read.get(path) !== this.#contents.get(path));
    if (missed.length > 0) queueMicrotask(() => this.#changed(missed));
  }

  rescan(): void {
    queueMicrotask(() => this.#changed(this.#watched));
  }

  /** Nobody reads them but through here. */
  refusal(): string | undefined {
    return undefined;
  }

  noted(): void {}

  close(): void {
    this.#watched = [];
  }
}
