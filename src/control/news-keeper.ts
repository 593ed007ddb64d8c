// Stores what is new in the engine, soon after it is, and gives it back where the store does not take it.

import type { EngineNews } from "./engine.ts";
import type { StorePort } from "./ports.ts";

/** What it is given. */
export interface NewsKeeperPorts {
  readonly store: Pick<StorePort, "saveBeliefs" | "saveDampings" | "saveForced">;
  /** The store took something. */
  readonly taken: () => void;
  /** The store did not take it. */
  readonly putBack: (news: EngineNews) => void;
}

const NOTHING: EngineNews = { beliefs: [], seen: undefined, dampings: [], forced: [] };

/** News on their way to the store. */
export class NewsKeeper {
  readonly #ports: NewsKeeperPorts;
  readonly #underWay = new Set<Promise<boolean>>();

  constructor(ports: NewsKeeperPorts) {
    this.#ports = ports;
  }

  /** @returns whether the store took them. */
  save(news: EngineNews): Promise<boolean> {
    // What is said of all must not be kept where what was said of one before may be lost.
    const { seen } = news;
    const isTooSoon = seen !== undefined && this.#underWay.size > 0;
    if (isTooSoon) this.#ports.putBack({ ...NOTHING, seen });
    const saving = this.#save(isTooSoon ? { ...news, seen: undefined } : news);
    this.#underWay.add(saving);
    void saving.then(() => this.#underWay.delete(saving));
    return saving;
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #save(news: EngineNews): Promise<boolean> {
    const { store, taken, putBack } = this.#ports;
    const { beliefs, seen, dampings, forced } = news;
    const isBeliefs = beliefs.length > 0 || seen !== undefined;
    if (!isBeliefs && dampings.length === 0 && forced.length === 0) return true;
    try {
      await Promise.all([
        isBeliefs && store.saveBeliefs(beliefs, seen),
        dampings.length > 0 && store.saveDampings(dampings),
        forced.length > 0 && store.saveForced(forced),
      ]);
      taken();
      return true;
    } catch {
      putBack(news);
      return false;
    }
  }
}
