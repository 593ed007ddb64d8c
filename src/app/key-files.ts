// TSIG key files, followed while the server runs. Bad ones change nothing: the keys that worked go on.

import { counted } from "../base/count.ts";
import { readKeysAgain } from "../config/keys.ts";
import type { MainConfig, ZoneConfig } from "../config/main.ts";
import type { EventSink } from "../control/ports.ts";
import { equalNames, type Name, nameToDisplay } from "../dns/name.ts";
import type { TsigKey } from "../dns/tsig-key.ts";
import { event } from "../events/event.ts";
import { Files } from "../files/watch.ts";
import { realTime } from "./real-time.ts";

/** The key files of a configuration. */
export class KeyFiles {
  readonly #config: Pick<MainConfig, "keyFiles" | "zones">;
  readonly #emit: EventSink;
  readonly #files = new Files({ time: realTime });
  #use: (keys: readonly TsigKey[]) => void = () => undefined;
  #isRejected = false;

  constructor(config: Pick<MainConfig, "keyFiles" | "zones">, emit: EventSink) {
    this.#config = config;
    this.#emit = emit;
  }

  /** Hands over all keys whenever a file holds something else and all files are good. */
  follow(use: (keys: readonly TsigKey[]) => void): void {
    if (this.#paths.length === 0) return;
    this.#use = use;
    this.#files.watch(this.#paths, (changed) => this.#take(changed));
  }

  /** Looks at them now; those that were bad also where only their mode has changed. */
  rescan(): void {
    if (this.#isRejected) this.#take(this.#paths);
    this.#files.rescan();
  }

  close(): void {
    this.#files.close();
  }

  get #paths(): readonly string[] {
    return this.#config.keyFiles.map(({ path }) => path);
  }

  #take(changed: readonly string[]): void {
    const file = changed.join(", ");
    const read = this.#read();
    this.#isRejected = "detail" in read;
    if ("detail" in read) {
      const msg = `The changed TSIG keys are not taken: ${read.detail}; the old ones go on`;
      this.#emit(event("keys.rejected", msg, { file, detail: read.detail }));
      return;
    }
    this.#use(read.keys);
    const names = read.keys.map(({ name }) => nameToDisplay(name));
    const msg = `${counted(names.length, "TSIG key")} in use, read again from ${file}`;
    this.#emit(event("keys.loaded", msg, { file, names }));
  }

  #read(): { readonly keys: readonly TsigKey[] } | { readonly detail: string } {
    const reading = readKeysAgain(this.#config.keyFiles, {
      fileRefusal: (path, use) => this.#files.refusal(path, use),
      readText: (path) => this.#files.read(path),
    });
    if (reading.kind === "bad") return { detail: reading.sentence };
    const keys = reading.value;
    const missing = this.#config.zones
      .flatMap(namedKeys)
      .find((wanted) => !keys.some(({ name }) => equalNames(name, wanted)));
    if (missing === undefined) return { keys };
    const state = `no key file holds "${nameToDisplay(missing)}" any more, which a zone names`;
    return { detail: `${state}; put it back` };
  }
}

/** The keys that a zone names. */
function namedKeys({ access }: ZoneConfig): readonly Name[] {
  const { allowTransfer, allowNotify, allowUpdate, alsoNotify, primaries } = access;
  const naming = [allowTransfer, allowNotify, allowUpdate, alsoNotify, primaries].flat();
  return naming.map(({ key }) => key).filter((key) => key !== undefined);
}
