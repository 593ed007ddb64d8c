// Writes docs/metrics.md from the metrics themselves; a test holds the page to them.

import { writeFileSync } from "node:fs";
import { Metrics } from "../src/admin/metrics.ts";

const HEAD = `# Metrics

\`GET /metrics\` answers the text format of Prometheus: on the API's unix socket, and at its TCP addresses for tokens
with the scope \`read\`. Everything is collected when it is asked for, from the counters in shared memory that answer
threads keep anyway and from the state that \`livezone status\` shows: metrics cost queries nothing.

- \`up\` alone says little: a control plane that is down is not a name server that is down. \`/healthz\` says whether the
  control plane lives, \`/readyz\` whether questions are answered and zones are loaded (503 with the reason if not).
- The age of a failover is in \`livezone_pool_last_swap_rto_seconds\`: from the first fault seen to the new answer in memory.
- Latency of single queries is not measured: it would cost each of them two looks at the clock. What is timed is one
  batch in 16, from received to sent (\`livezone_answer_batch_duration_seconds\`): every query of a batch waits that long
  at most, beside its time in the socket's queue. Batches that grow (\`livezone_answer_batch_packets_total\` over
  \`livezone_answer_batches_total\`, 64 at most) are a queue that grows; full ones say that packets may be lost soon.
- Alert rules are in [prometheus/livezone.rules.yaml](prometheus/livezone.rules.yaml), a dashboard for Grafana in
  [grafana/livezone.json](grafana/livezone.json).

This page is written by \`npm run docs:metrics\`.

| metric | kind | what it says |
|---|---|---|
`;

const NOTHING = {
  status: () => ({
    version: "",
    startedWallMs: 0,
    nowWallMs: 0,
    transport: "batched" as const,
    listen: [],
    threads: [],
    store: { path: "", state: "ok" as const, waiting: 0 },
    zones: [],
    pools: [],
    targets: [],
  }),
  counters: () => ({}),
  storeOctets: () => 0,
  readers: () => 0,
};

/** The page. */
export async function metricsPage(): Promise<string> {
  const families = await new Metrics(NOTHING).families();
  const own = families.filter(({ name }) => name.startsWith("livezone_"));
  const others = families.length - own.length;
  const rows = own.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`);
  const rest = `\nBeside these there are ${others} of Node's own (\`process_*\`, \`nodejs_*\`), of the control thread.\n${LOOP_LAG}`;
  return `${HEAD}${rows.join("\n")}\n${rest}`;
}

/** What its figures are of is not what their names say. */
const LOOP_LAG = `Of the loop's lag the least, greatest, mean and quantiles (\`nodejs_eventloop_lag_min_seconds\` and so on) are
of the whole time from one look to the next, which are to be 0.1 s apart: only what is above that is lag.\n`;

if (process.argv[1]?.endsWith("write-metrics-doc.ts") === true) {
  writeFileSync("docs/metrics.md", await metricsPage());
}
