// kill -9 at any moment: whatever was confirmed is there, the journal has no hole, and no serial
// is ever given to two changes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { below, seededRandom } from "../../src/base/random.ts";
import { openStore } from "../../src/store/open.ts";
import { Folder, ORIGIN, readable } from "./fixtures.ts";

const CHILD = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
const KILLS = 20;
const SEED = 20;
const LIFE_MS_MAX = 120;

const folder = new Folder();
afterAll(() => folder.remove());

it(`keeps a whole journal through ${KILLS} kills (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  const random = seededRandom(SEED);
  const confirmed: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    confirmed.push(...(await serialsOfOneLife(below(random, LIFE_MS_MAX))));
  }
  expect(new Set(confirmed).size).toBe(confirmed.length);
  expect(confirmed).toEqual([...confirmed].sort((a, b) => a - b));

  const store = openStore(folder.file(), { lockWaitMs: 5000 });
  const { zones, lastSwapId, servings } = store.readState();
  const entries = store.readJournal(ORIGIN, 1) ?? [];
  let reached = 1;
  for (const { serialBefore, serialAfter } of entries) {
    expect(serialBefore).toBe(reached);
    reached = serialAfter;
  }
  expect(zones[0]?.serial).toBe(reached);
  const stored = new Set(entries.map((entry) => entry.serialAfter)).add(1);
  expect(confirmed.filter((serial) => !stored.has(serial))).toEqual([]);

  const swapped = entries.filter((entry) => entry.cause === "swap").length;
  expect([lastSwapId, servings[0]?.swapId]).toEqual([swapped, swapped]);
  expect(store.readSwaps(1_000_000)).toHaveLength(swapped);
  expect(readable(store.readZone(ORIGIN)).length).toBeGreaterThan(3);
  expect(confirmed.length).toBeGreaterThan(KILLS * 2);
  await store.close();
});

/** Starts the child, kills it `lifeMs` after its first word, and returns what it had confirmed. */
async function serialsOfOneLife(lifeMs: number): Promise<number[]> {
  const args = ["--import", "tsx", CHILD, folder.file()];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (said === "") setTimeout(() => child.kill("SIGKILL"), lifeMs);
    said += chunk.toString();
  });
  const [code, signal] = await once(child, "close");
  expect([code, signal]).toEqual([null, "SIGKILL"]);
  // A line that was cut off was not said.
  return said.split("\n").slice(0, -1).map(Number);
}
