// Plays seeds of the simulated control plane: `npm run simulate:test -- --seeds N [--seed K]`. The
// seeds are K, K + 1, ... (1 by default). Exit status 1 when one broke an invariant; its story is
// printed, in the form of a scenario.

import { compiledSeeds } from "../test/simulation/compiled-seeds.ts";

const STORIES_MAX = 3;

const options = new Map<string, number>();
for (let i = 2; i < process.argv.length; i += 2) {
  const value = Number(process.argv[i + 1]);
  if (Number.isInteger(value)) options.set(process.argv[i] ?? "", value);
}
const first = options.get("--seed") ?? 1;
const count = options.get("--seeds") ?? (options.has("--seed") ? 1 : 1000);

const { playSeed } = await compiledSeeds();
const startedMs = performance.now();
let broken = 0;
for (let seed = first; seed < first + count; seed++) {
  const result = await playSeed(seed);
  if (result === undefined) continue;
  broken++;
  if (broken <= STORIES_MAX) console.log(`${result.story}\n`);
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
console.log(`${count} seeds from ${first} in ${seconds} s: ${broken} broke an invariant`);
if (broken > 0) process.exitCode = 1;
