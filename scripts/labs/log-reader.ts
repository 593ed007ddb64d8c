// A growing log file, read line by line.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const CHUNK = 1 << 20;

/** Reads what was added since it last looked. */
export class LogReader {
  readonly #path: string;
  #offset = 0;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Whole lines that are new. */
  read(): readonly string[] {
    const file = openSync(this.#path, "r");
    try {
      const size = fstatSync(file).size;
      const buffer = Buffer.alloc(Math.min(CHUNK, size - this.#offset));
      if (buffer.length <= 0) return [];
      this.#offset += readSync(file, buffer, 0, buffer.length, this.#offset);
      const lines = (this.#rest + buffer.toString()).split("\n");
      this.#rest = lines.pop() ?? "";
      return lines;
    } finally {
      closeSync(file);
    }
  }
}
