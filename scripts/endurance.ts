// The long runs: `npm run endurance -- crash 50 [SEED]` and `npm run endurance -- stream 10000 60`.
// Needs a built dist/. Exit status 1 when a promise was broken.

import { crashLoop } from "../test/endurance/crash-loop.ts";
import { steadyStream } from "../test/endurance/steady-stream.ts";

const [what, first, second] = process.argv.slice(2);

if (what === "crash") {
  const report = await crashLoop(Number(first ?? 50), Number(second ?? 1));
  console.log(report);
  if (report.broken.length > 0) process.exitCode = 1;
} else if (what === "stream") {
  const report = await steadyStream(Number(first ?? 10_000), Number(second ?? 60));
  console.log(report);
  const isWhole = report.answered === report.asked && report.servfail + report.mixed === 0;
  if (!isWhole) process.exitCode = 1;
} else {
  console.error("usage: endurance.ts crash [TIMES] [SEED] | stream [PER_SECOND] [SECONDS]");
  process.exitCode = 2;
}
