// News of the engine on their way to a store that takes its time.

import { describe, expect, it } from "vitest";
import type { EngineNews } from "../../src/control/engine.ts";
import { NewsKeeper } from "../../src/control/news-keeper.ts";
import { belief, damping, seen } from "../store/fixtures.ts";

const NOTHING: EngineNews = { beliefs: [], seen: undefined, dampings: [], forced: [] };

describe("NewsKeeper", () => {
  it("stores what is new, and says that the store took it", async () => {
    const { keeper, told, store } = world();
    const news = { ...NOTHING, beliefs: [belief("a")], seen: seen(1000, 5) };
    const saved = keeper.save({ ...news, dampings: [damping("192.0.2.1")] });
    store.take();
    expect(await saved).toBe(true);
    expect(told).toEqual(["beliefs a, seen at 1000", "dampings 192.0.2.1", "taken"]);
  });

  it("asks the store nothing where nothing is new", async () => {
    const { keeper, told } = world();
    expect(await keeper.save(NOTHING)).toBe(true);
    expect(told).toEqual([]);
  });

  it("says of all when they were seen only when what was said of one is stored", async () => {
    const { keeper, told, store } = world();
    const first = keeper.save({ ...NOTHING, beliefs: [belief("a")] });
    const second = keeper.save({ ...NOTHING, beliefs: [belief("b")], seen: seen(1000) });
    const third = keeper.save({ ...NOTHING, seen: seen(1500) });
    expect(await third).toBe(true);
    expect(told.splice(0)).toEqual([
      "beliefs a",
      "put back: seen at 1000",
      "beliefs b",
      "put back: seen at 1500",
    ]);
    store.take();
    await Promise.all([first, second]);
    void keeper.save({ ...NOTHING, seen: seen(2000) });
    expect(told).toEqual(["taken", "taken", "beliefs, seen at 2000"]);
  });

  it("gives back what the store does not take, before anything else is stored", async () => {
    const { keeper, told, store } = world();
    const news = { ...NOTHING, beliefs: [belief("a")], seen: seen(1000) };
    const saved = keeper.save(news).then((isTaken) => told.push(`saved: ${isTaken}`));
    store.refuse();
    await saved;
    expect(told).toEqual(["beliefs a, seen at 1000", "put back: a, seen at 1000", "saved: false"]);
  });

  it("knows when nothing is on its way", async () => {
    const { keeper, told, store } = world();
    void keeper.save({ ...NOTHING, beliefs: [belief("a")] });
    const settled = keeper.settled().then(() => told.push("settled"));
    await Promise.resolve();
    expect(told).toEqual(["beliefs a"]);
    store.take();
    await settled;
    expect(told).toEqual(["beliefs a", "taken", "settled"]);
  });
});

/** A keeper, what it has told, and a store that answers when it is told to. */
function world(): {
  readonly keeper: NewsKeeper;
  readonly told: string[];
  readonly store: { take(): void; refuse(): void };
} {
  const told: string[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const asked = (what: string): Promise<void> => {
    told.push(what);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  const shown = ({ beliefs, seen }: Pick<EngineNews, "beliefs" | "seen">): string => {
    const ids = beliefs.map(({ targetId }) => targetId);
    return [...ids, ...(seen === undefined ? [] : [`seen at ${seen.wallMs}`])].join(", ");
  };
  const keeper = new NewsKeeper({
    store: {
      saveBeliefs: (beliefs, at) => {
        const what = shown({ beliefs, seen: at });
        return asked(beliefs.length === 0 ? `beliefs, ${what}` : `beliefs ${what}`);
      },
      saveDampings: (all) => asked(`dampings ${all.map(({ address }) => address).join(", ")}`),
      saveForced: (all) => asked(`forced ${all.map(({ address }) => address).join(", ")}`),
    },
    taken: () => told.push("taken"),
    putBack: (news) => told.push(`put back: ${shown(news)}`),
  });
  const store = {
    take: (): void => {
      for (const { resolve } of waiting.splice(0)) resolve();
    },
    refuse: (): void => {
      for (const { reject } of waiting.splice(0)) reject(new Error("full"));
    },
  };
  return { keeper, told, store };
}
