// The TSIG keys of today: what is said to other servers is signed with what the key files hold now.

import type { OtherServer } from "../control/ports-secondaries.ts";
import { equalNames } from "../dns/name.ts";
import type { TsigKey } from "../dns/tsig-key.ts";

/** Keys by name; what a server was given at the start counts where nothing newer has its name. */
export class CurrentKeys {
  #keys: readonly TsigKey[];

  constructor(keys: readonly TsigKey[] = []) {
    this.#keys = keys;
  }

  set(keys: readonly TsigKey[]): void {
    this.#keys = keys;
  }

  /** What messages to a server are signed with. */
  of({ key }: OtherServer): TsigKey | undefined {
    if (key === undefined) return undefined;
    return this.#keys.find(({ name }) => equalNames(name, key.name)) ?? key;
  }
}
