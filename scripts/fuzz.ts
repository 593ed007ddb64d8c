// `npm run fuzz -- [packets] [--cases N] [--seed N]` sends mutated packets to a running server;
// `npm run fuzz -- codecs|files` runs the codecs' or the master-file parser's fuzz tests for longer.
// Needs a built dist/. Exit status 1 when something crashed, hung or went unanswered.

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { packetStorm } from "../test/endurance/packet-storm.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: "string" }, seed: { type: "string" } },
});
const [what = "packets"] = positionals;
const cases = values.cases ?? "1000000";
const seed = values.seed ?? "1";

const SUITES: Readonly<Record<string, { readonly file: string; readonly prefix: string }>> = {
  codecs: { file: "test/dns/fuzz.test.ts", prefix: "DNS_FUZZ" },
  files: { file: "test/zonefile/properties.test.ts", prefix: "FUZZ" },
};

if (what === "packets") {
  const report = await packetStorm(Number(cases), Number(seed));
  console.log(report);
  const isGood = report.isAlive && report.deaths === 0 && report.goodAnswered === report.goodAsked;
  if (!isGood) process.exitCode = 1;
} else {
  const suite = SUITES[what];
  if (suite === undefined) {
    console.error("usage: fuzz.ts [packets|codecs|files] [--cases N] [--seed N]");
    process.exitCode = 2;
  } else {
    const env = {
      ...process.env,
      [`${suite.prefix}_CASES`]: cases,
      [`${suite.prefix}_SEED`]: seed,
    };
    const args = ["vitest", "run", suite.file, "--testTimeout=3600000"];
    process.exitCode = spawnSync("npx", args, { env, stdio: "inherit" }).status ?? 1;
  }
}
