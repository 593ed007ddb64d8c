// The long differential run: `npm run differential -- --seeds 300 [--from 1] [--questions 200]
// [--batch 25] [--main dist/app/main.js]`. Needs a built dist/ and the peers' packages. Prints
// every disagreement; exit status 1 where there is one.

import { parseArgs } from "node:util";
import { findingToText, reportToText } from "../test/interop/differential-report.ts";
import { addReport, emptyReport, runSeeds } from "../test/interop/differential-run.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    questions: { type: "string", default: "200" },
    batch: { type: "string", default: "25" },
    main: { type: "string", default: "dist/app/main.js" },
  },
});

const from = Number(values.from);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => from + i);
const batch = Number(values.batch);
const sum = emptyReport();
for (let at = 0; at < seeds.length; at += batch) {
  const part = await runSeeds({
    seeds: seeds.slice(at, at + batch),
    questionsPerSeed: Number(values.questions),
    main: values.main,
  });
  for (const finding of part.findings) console.log(`${findingToText(finding)}\n`);
  addReport(sum, part);
}
console.log(reportToText(sum));
if (sum.findings.length + sum.longer.length > 0) process.exitCode = 1;
