// Server-sent events as text in pieces → messages. For the command line and the browser alike.

/** A message of the stream. */
export interface SseMessage {
  /** "message" where the stream names no other. */
  readonly event: string;
  readonly data: string;
  /** Empty where the message has none. */
  readonly id: string;
}

/** A message longer than this is dropped. */
const MESSAGE_MAX = 4 * 1024 * 1024;

/** Reads a stream as it comes in pieces (WHATWG HTML, section 9.2.6). */
export class SseReader {
  readonly #heard: (message: SseMessage) => void;
  #rest = "";
  #data: string[] = [];
  #length = 0;
  #id = "";
  #event = "";

  constructor(heard: (message: SseMessage) => void) {
    this.#heard = heard;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?=[\s\S])/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === "") {
      this.#end();
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") {
      this.#length += value.length;
      if (this.#length <= MESSAGE_MAX) this.#data.push(value);
    } else if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
  }

  #end(): void {
    const data = this.#data.join("\n");
    const message = { event: this.#event || "message", data, id: this.#id };
    const isWhole = this.#data.length > 0 && this.#length <= MESSAGE_MAX;
    this.#data = [];
    this.#length = 0;
    this.#id = "";
    this.#event = "";
    if (isWhole) this.#heard(message);
  }
}
