import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metricsPage } from "../../scripts/write-metrics-doc.ts";
import { type MetricSources, Metrics } from "../../src/admin/metrics.ts";
import { Counters, createCounters, readCounters } from "../../src/answer/counters.ts";
import { event } from "../../src/events/event.ts";
import type { PoolStatus, StatusReport, TargetStatus } from "../../src/view/status.ts";

const HAS_PROMTOOL = spawnSync("promtool", ["--version"]).status === 0;
const RULES = "docs/prometheus/livezone.rules.yaml";

const POOL: PoolStatus = {
  ...{ pool: "www.example.org", type: "A", policy: "priority", serving: ["192.0.2.20"] },
  ...{ code: "primary-down", reason: "192.0.2.10 is down", sinceWallMs: 0, swap: 42 },
  ...{ ttlSeconds: 15, isFailOpen: false },
  members: [
    {
      ...{ member: "192.0.2.10", address: "192.0.2.10", belief: "down", sinceWallMs: 0 },
      ...{
        isServed: false,
        reason: "down",
        targets: ["web@192.0.2.10"],
        damping: { penalty: 998 },
      },
    },
    {
      ...{ member: "192.0.2.20", address: "192.0.2.20", belief: "up", sinceWallMs: 0 },
      ...{ isServed: true, reason: "up", targets: ["web@192.0.2.20"] },
    },
  ],
};

function target(name: string, belief: TargetStatus["belief"]): TargetStatus {
  return {
    ...{ target: name, belief, sinceWallMs: 0, reason: "", lastCode: "", lastObservedWallMs: 0 },
    ...{ usualMs: 0, tripwire: "off", intervalMs: 5000 },
  } as TargetStatus;
}

function metrics(changes: Partial<StatusReport> = {}) {
  const memory = createCounters(2);
  const status = {
    ...{ version: "1.0.0", startedWallMs: 1_000, nowWallMs: 2_000, transport: "batched" as const },
    ...{ listen: [], threads: [{ kind: "answer" as const, index: 0, isAlive: true, deaths: 1 }] },
    store: { path: "x.db", state: "ok" as const, waiting: 0 },
    zones: [],
    pools: [POOL],
    targets: [target("web@192.0.2.10", "down"), target("web@192.0.2.20", "up")],
    ...changes,
  };
  const sources: MetricSources = {
    status: () => status,
    counters: () => readCounters(memory),
    storeOctets: () => 4096,
    readers: () => 0,
  };
  return { metrics: new Metrics(sources), memory, status };
}

const SWAP = event("pool.swapped", "Swap 42", {
  ...{ swap: 42, pool: "www.example.org", type: "A", zone: "example.org", code: "primary-down" },
  ...{ reason: "down", before: [], after: [], serial: 7, ttl: 15, durable: true },
  ...{ detectMs: 120, publishMs: 0.5 },
});
const observed = (name: string, code: string) =>
  event("probe.observed", "", { target: name, code, hard: true, durationMs: 20, detail: "" });

describe("Metrics", () => {
  it("says what was seen of others: holders of old answers, resolvers, parents", async () => {
    const spread = { open: 2, oldestWallMs: 500, overdue: 1 };
    const resolver = { resolver: "quad9", state: "failing" as const, names: 1, behind: 0 };
    const zone = { zone: "example.org", serial: 1, records: 3, source: "file", rejected: [] };
    const delegation = { parent: "org.", faults: ["the parent names no server for it"] };
    const primary = { servers: ["192.0.2.53"], state: "failing" as const, expiresWallMs: 62_000 };
    const zones = [{ ...zone, publishedWallMs: 0, delegation, primary }];
    const { metrics: all } = metrics({ spread, resolvers: [resolver], zones });
    const { text } = await all.text();
    for (const line of [
      "livezone_propagation_open_swaps 2",
      "livezone_propagation_oldest_open_swap_seconds 1.5",
      "livezone_propagation_overdue_resolvers 1",
      'livezone_resolver_failing{resolver="quad9"} 1',
      'livezone_zone_delegation_broken{zone="example.org"} 1',
      'livezone_zone_primary_failing{zone="example.org"} 1',
      'livezone_zone_expires_seconds{zone="example.org"} 60',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  it("says what the shared counters and the status report say", async () => {
    const { metrics: all, memory } = metrics();
    const row = new Counters(memory, 1);
    row.addTransport(0);
    row.addType(28);
    row.addRcode(3);
    const { text } = await all.text();
    for (const line of [
      'livezone_queries_total{transport="udp"} 1',
      'livezone_queries_by_type_total{type="AAAA"} 1',
      'livezone_responses_total{rcode="NXDOMAIN"} 1',
      'livezone_pool_members_up{pool="www.example.org",type="A"} 1',
      'livezone_pool_last_swap{pool="www.example.org",type="A"} 42',
      'livezone_target_belief{target="web@192.0.2.10",belief="down"} 1',
      'livezone_address_penalty{address="192.0.2.10"} 998',
      'livezone_thread_deaths_total{thread="answer",index="0"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it("says how large batches are, and how long those took that were timed", async () => {
    const { metrics: all, memory } = metrics();
    const rows = [new Counters(memory, 0), new Counters(memory, 1)];
    const timed = rows.map((row) => Array.from({ length: 32 }, () => row.addBatch(3)));
    expect(timed.map((row) => row.filter(Boolean).length)).toEqual([2, 2]);
    for (const tookMs of [0.03125, 0.0625, 0.25, 0.5, 1, 2.5, 5, 10, 64, 256]) {
      rows[1]?.addBatchTime(tookMs);
    }
    const bounds = ["0.00005", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005"];
    const lines = (await all.text()).text.split("\n");
    const name = "livezone_answer_batch_duration_seconds";
    expect(lines.filter((line) => line.startsWith("livezone_answer_batch"))).toEqual([
      "livezone_answer_batches_total 64",
      "livezone_answer_batch_packets_total 192",
      ...[...bounds, "0.01", "0.1"].map((le, i) => `${name}_bucket{le="${le}"} ${i + 1}`),
      `${name}_bucket{le="+Inf"} 10`,
      `${name}_sum 0.33934375`,
      `${name}_count 10`,
    ]);
  });

  it("counts what only events tell, and forgets targets that are gone", async () => {
    const { metrics: all } = metrics();
    all.heard(SWAP);
    all.heard(observed("web@192.0.2.10", "connect-refused"));
    all.heard(observed("web@192.0.2.99", "connect-refused"));
    const { text } = await all.text();
    const pool = 'pool="www.example.org",type="A"';
    expect(text).toContain(`livezone_pool_swaps_total{${pool},code="primary-down"} 1`);
    expect(text).toContain(`livezone_pool_last_swap_rto_seconds{${pool}} 0.1205`);
    expect(text).toContain(
      'livezone_target_check_duration_seconds_count{target="web@192.0.2.10"} 1',
    );
    expect(text).not.toContain("192.0.2.99");
  });

  it.skipIf(!HAS_PROMTOOL)("is what Prometheus wants, by its own tool", async () => {
    const { metrics: all } = metrics();
    all.heard(SWAP);
    all.heard(observed("web@192.0.2.10", "connect-refused"));
    all.committed("commitZone", 3);
    const { text } = await all.text();
    const own = text.split("\n\n").filter((family) => family.includes("# HELP livezone_"));
    const checked = spawnSync("promtool", ["check", "metrics"], { input: `${own.join("\n")}\n` });
    expect(`${checked.stdout}${checked.stderr}`).toBe("");
    expect(checked.status).toBe(0);
  });

  it.skipIf(!HAS_PROMTOOL)("has alert rules that Prometheus takes", () => {
    const checked = spawnSync("promtool", ["check", "rules", RULES], { encoding: "utf8" });
    expect(checked.stdout).toContain("12 rules found");
    expect(checked.status).toBe(0);
  });

  it("has every metric that rules and dashboard ask for", async () => {
    const { metrics: all } = metrics();
    const known = new Set((await all.families()).map(({ name }) => name));
    for (const file of [RULES, "docs/grafana/livezone.json"]) {
      for (const [name = ""] of readFileSync(file, "utf8").matchAll(/\blivezone_\w+/g)) {
        expect([...known], `${file}: ${name}`).toContain(name.replace(/_bucket$/, ""));
      }
    }
  });
});

describe("docs/metrics.md", () => {
  it("is what the metrics say", async () => {
    expect(readFileSync("docs/metrics.md", "utf8")).toBe(await metricsPage());
  });
});
