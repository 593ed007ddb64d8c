// Names of a message under construction that later names can point to. Made for messages with a
// thousand records: no strings, no objects, and a table that forgets rather than grows.

/** A pointer has 14 bits (RFC 1035 section 4.1.4). */
const POINTER_MAX = 0x3fff;
const SLOTS = 4096;
const LABELS_MAX = 127;

/** Compresses names into one message after the other. */
export class NameTable {
  /** Where in the message a name begins whose hash leads here. A later name takes the place over. */
  readonly #offsets = new Uint16Array(SLOTS);
  /** The message in which that was. */
  readonly #messages = new Uint32Array(SLOTS);
  /** In the octets that the name is read from, which may be a whole zone. */
  readonly #starts = new Uint32Array(LABELS_MAX + 1);
  readonly #hashes = new Uint32Array(LABELS_MAX + 1);
  #message = 0;
  /** The name behind the first label of the name written last, where a pointer can find it. */
  readonly #parent = new Uint8Array(256);
  /** Over that name, and what other names have left behind it. */
  readonly parentView = new DataView(this.#parent.buffer);
  #parentOctets = 0;
  #parentAt = 0;

  /** Octets of the parent; 0 while there is none. */
  get parentOctets(): number {
    return this.#parentOctets;
  }

  /** Where in the message the parent was written. */
  get parentAt(): number {
    return this.#parentAt;
  }

  /** Forgets all names: another message begins. */
  begin(): void {
    this.#message++;
    this.#parentOctets = 0;
  }

  /**
   * Writes the name that lies at `start` in `bytes`, as labels and a pointer where any end of it was
   * written before with the same letter case.
   *
   * @param out holds the message from its first octet on, with room for the whole name at `at`.
   * @returns where it ends.
   */
  write(out: Uint8Array, at: number, bytes: Uint8Array, start: number): number {
    const end = this.#writeSibling(out, at, bytes, start);
    return end > 0 ? end : this.#writeAny(out, at, bytes, start);
  }

  /** Most owners differ from the one before in their first label alone; 0 where this one does not. */
  #writeSibling(out: Uint8Array, at: number, bytes: Uint8Array, start: number): number {
    const size = bytes[start] as number;
    const rest = start + size + 1;
    const octets = this.#parentOctets;
    if (octets === 0 || size === 0) return 0;
    for (let i = 0; i < octets; i++) if (bytes[rest + i] !== this.#parent[i]) return 0;
    for (let i = 0; i <= size; i++) out[at + i] = bytes[start + i] as number;
    const end = at + size + 1;
    out[end] = 0xc0 | (this.#parentAt >>> 8);
    out[end + 1] = this.#parentAt;
    return end + 2;
  }

  #keepParent(bytes: Uint8Array, start: number, at: number): void {
    let end = start;
    while (bytes[end] !== 0) end += (bytes[end] as number) + 1;
    if (end === start || at > POINTER_MAX) return;
    this.#parentOctets = end + 1 - start;
    for (let i = 0; i < this.#parentOctets; i++) this.#parent[i] = bytes[start + i] as number;
    this.#parentAt = at;
  }

  #writeAny(out: Uint8Array, at: number, bytes: Uint8Array, start: number): number {
    const labels = this.#split(bytes, start);
    let end = at;
    for (let label = 0; label < labels; label++) {
      const from = this.#starts[label] as number;
      const slot = (this.#hashes[label] as number) & (SLOTS - 1);
      if (this.#messages[slot] === this.#message) {
        const known = this.#offsets[slot] as number;
        // This very name is not whole yet: what lies behind it in the buffer is of another message.
        if (known < at && isNameAt(out, known, bytes, from)) {
          out[end] = 0xc0 | (known >>> 8);
          out[end + 1] = known;
          if (label === 1) this.#keepParent(bytes, from, known);
          return end + 2;
        }
      }
      if (end <= POINTER_MAX) {
        this.#messages[slot] = this.#message;
        this.#offsets[slot] = end;
      }
      const size = bytes[from] as number;
      for (let i = 0; i <= size; i++) out[end + i] = bytes[from + i] as number;
      end += size + 1;
    }
    out[end] = 0;
    if (labels > 1)
      this.#keepParent(bytes, this.#starts[1] as number, at + 1 + (bytes[start] as number));
    return end + 1;
  }

  /** Finds where the labels begin, and a hash of the name from each of them on; returns how many. */
  #split(bytes: Uint8Array, start: number): number {
    let labels = 0;
    let at = start;
    for (let size = bytes[at] as number; size !== 0; size = bytes[at] as number) {
      this.#starts[labels++] = at;
      at += size + 1;
    }
    let hash = 0x811c_9dc5;
    for (let label = labels - 1, end = at; label >= 0; label--) {
      const from = this.#starts[label] as number;
      for (let i = from; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x0100_0193);
      this.#hashes[label] = (hash ^ (hash >>> 15)) >>> 0;
      end = from;
    }
    return labels;
  }
}

/** Whether the name written at `known`, which may end in a pointer, has the octets of the other. */
function isNameAt(out: Uint8Array, known: number, bytes: Uint8Array, start: number): boolean {
  let a = known;
  let b = start;
  for (;;) {
    let size = out[a] as number;
    // Pointers lead backwards to names that were written here, so this ends.
    while (size >= 0xc0) {
      a = ((size & 0x3f) << 8) | (out[a + 1] as number);
      size = out[a] as number;
    }
    if (size !== bytes[b]) return false;
    if (size === 0) return true;
    for (let i = 1; i <= size; i++) if (out[a + i] !== bytes[b + i]) return false;
    a += size + 1;
    b += size + 1;
  }
}
