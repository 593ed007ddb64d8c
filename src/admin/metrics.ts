// The metrics, collected when somebody asks: from the shared counters of the answer threads and from
// the status report. Only what neither of them holds is counted here, from the events.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { LivezoneEvent } from "../events/event.ts";
import type { EventLevel } from "../events/kind.ts";
import { levelOf } from "../events/level.ts";
import type { MemberStatus, StatusReport } from "../view/status.ts";
import { BATCHES, BatchTimes } from "./batch-metrics.ts";
import { CheckTimes } from "./check-times.ts";
import {
  type Family,
  type Labels,
  type Moment,
  OTHERS_SEEN,
  type Sample,
} from "./metric-families.ts";

/** Where the numbers come from. */
export interface MetricSources {
  readonly status: () => StatusReport;
  /** Sums over all answer threads since the start of the process. */
  readonly counters: () => Readonly<Record<string, number>>;
  /** Octets of the database's files; 0 where it has none. */
  readonly storeOctets: () => number;
  /** How many follow the events. */
  readonly readers: () => number;
}

/**
 * How often Node looks how late its loop is. By default it does so each 10 ms, which was two thirds of
 * what this thread did where nobody asked anything.
 */
const LOOP_LOOK_MS = 100;
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const TRANSPORTS = ["udp", "tcp", "tls"];
const TYPES = [
  ...["A", "NS", "CNAME", "SOA", "PTR", "MX", "TXT", "AAAA", "SRV", "DS", "HTTPS", "ANY"],
  ...["otherType", "noType"],
];
const RCODES = [
  ...["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN"],
  ...["BADVERS", "BADCOOKIE", "otherRcode"],
];
const OTHERS: Readonly<Record<string, string>> = {
  otherType: "other",
  noType: "none",
  otherRcode: "other",
};

/** Counters of the answer threads, by the name that they have there. */
const COUNTERS: readonly Family[] = [
  ["queries_total", "Queries received", ["transport"], counted(TRANSPORTS, "transport")],
  ["queries_by_type_total", "Queries by the type asked for", ["type"], counted(TYPES, "type")],
  ["responses_total", "Answers sent, by their code", ["rcode"], counted(RCODES, "rcode")],
  ["queries_edns_total", "Queries with EDNS", [], one("edns")],
  ["queries_with_valid_cookie_total", "Queries that proved their address", [], one("cookieValid")],
  ["queries_malformed_total", "Queries that could not be read", [], one("malformed")],
  ["queries_unanswered_total", "Packets that got no answer", [], one("silent")],
  ["responses_truncated_total", "Answers that did not fit", [], one("truncated")],
  ["responses_live_total", "Answers that follow health", [], one("live")],
  [
    "responses_rate_limited_total",
    "Answers held back by the rate limit: cut short, or not sent",
    ["action"],
    ({ counters }) => [
      [{ action: "slipped" }, counters["rateSlipped"] ?? 0],
      [{ action: "dropped" }, counters["rateDropped"] ?? 0],
    ],
  ],
  [
    "thread_deaths_total",
    "Deaths of a thread; each was replaced",
    ["thread", "index"],
    ({ status }) => status.threads.map((t) => [{ thread: t.kind, index: t.index }, t.deaths]),
  ],
];

const SERVER: readonly Family[] = [
  [
    "build_info",
    "What runs",
    ["version", "transport"],
    ({ status: { version, transport } }) => [[{ version, transport }, 1]],
  ],
  [
    "start_time_seconds",
    "When it started",
    [],
    ({ status }) => [[{}, status.startedWallMs / 1000]],
  ],
  [
    "thread_up",
    "Whether a thread is alive",
    ["thread", "index"],
    ({ status }) =>
      status.threads.map((t) => [{ thread: t.kind, index: t.index }, Number(t.isAlive)]),
  ],
  ["event_readers", "Who follows the events", [], ({ readers }) => [[{}, readers]]],
  [
    "store_failing",
    "Whether writes to the database fail or hang",
    [],
    ({ status }) => [[{}, Number(status.store.state === "failing")]],
  ],
  [
    "store_waiting_writes",
    "Writes that wait for the database",
    [],
    ({ status }) => [[{}, status.store.waiting]],
  ],
  ["store_size_bytes", "Size of the database", [], ({ storeOctets }) => [[{}, storeOctets]]],
  ["zone_serial", "Serial last published", ["zone"], zones((zone) => zone.serial)],
  ["zone_records", "Records of a zone", ["zone"], zones((zone) => zone.records)],
  [
    "zone_rejected",
    "Whether the last save of a zone was refused",
    ["zone"],
    zones((zone) => Number(zone.rejected.length > 0)),
  ],
];

const POOL = ["pool", "type"];
const POOLS: readonly Family[] = [
  ["pool_members", "Members of a pool", POOL, pools((pool) => pool.members.length)],
  [
    "pool_members_up",
    "Members that are believed up",
    POOL,
    pools((pool) => pool.members.filter(({ belief }) => belief === "up").length),
  ],
  ["pool_members_served", "Members that are answered", POOL, pools((pool) => pool.serving.length)],
  [
    "pool_fail_open",
    "Whether a pool serves what is not believed up, as nothing is",
    POOL,
    pools((pool) => Number(pool.isFailOpen)),
  ],
  [
    "pool_held_back",
    "Whether a guard, a mode or an operator holds another answer back",
    POOL,
    pools((pool) => Number(pool.wanted !== undefined)),
  ],
  ["pool_last_swap", "Id of the last swap", POOL, pools((pool) => pool.swap)],
  ["pool_ttl_seconds", "TTL that is answered", POOL, pools((pool) => pool.ttlSeconds)],
  [
    "target_belief",
    "1 for what is believed of a target",
    ["target", "belief"],
    ({ status }) =>
      status.targets.flatMap(({ target, belief }) =>
        ["up", "down", "unknown"].map((word): Sample => {
          return [{ target, belief: word }, Number(word === belief)];
        }),
      ),
  ],
  [
    "address_penalty",
    "How much an address has flapped",
    ["address"],
    members((member) => member.damping?.penalty),
  ],
  [
    "address_forced",
    "1 for what an operator says an address is",
    ["address", "state"],
    members(
      (member) => member.forced && 1,
      (member) => ({ state: member.forced?.state ?? "" }),
    ),
  ],
];

/** The registry of one server. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #sources: MetricSources;
  readonly #gauges: { readonly gauge: Gauge; readonly family: Family }[] = [];
  readonly #counters: { readonly counter: Counter; readonly family: Family }[] = [];
  readonly #checks = new CheckTimes(SECONDS);
  readonly #checkFailures: Counter;
  readonly #swaps: Counter;
  readonly #rto: Gauge;
  readonly #events: Counter;
  /** Of the events so far: told when somebody asks. */
  readonly #levels = new Map<EventLevel, number>();
  readonly #commits: Histogram;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_LOOK_MS });
    const options = ([name, help, labelNames]: Family) => {
      return { name: `livezone_${name}`, help, labelNames: [...labelNames], registers };
    };
    for (const family of [...COUNTERS, ...BATCHES]) {
      this.#counters.push({ counter: new Counter(options(family)), family });
    }
    this.#registry.registerMetric(new BatchTimes(() => sources.counters()));
    for (const family of [...SERVER, ...OTHERS_SEEN, ...POOLS]) {
      this.#gauges.push({ gauge: new Gauge(options(family)), family });
    }
    const own = (name: string, help: string, labelNames: readonly string[]) => {
      return { name: `livezone_${name}`, help, labelNames: [...labelNames], registers };
    };
    this.#registry.registerMetric(this.#checks);
    this.#checkFailures = new Counter(
      own("target_check_failures_total", "Checks of a target that failed", ["target", "code"]),
    );
    this.#swaps = new Counter(
      own("pool_swaps_total", "Swaps of a pool's answer", [...POOL, "code"]),
    );
    this.#rto = new Gauge(
      own("pool_last_swap_rto_seconds", "From the first fault to the new answer, last time", POOL),
    );
    this.#events = new Counter(own("events_total", "Events by how loud they are", ["level"]));
    this.#commits = new Histogram({
      ...own("store_commit_duration_seconds", "How long commits took", ["operation"]),
      buckets: SECONDS,
    });
  }

  /** Counts what only the events tell. */
  heard(happened: LivezoneEvent): void {
    const level = levelOf(happened.event);
    this.#levels.set(level, (this.#levels.get(level) ?? 0) + 1);
    if (happened.event === "probe.observed") {
      const { target, code, durationMs } = happened;
      this.#checks.note(target, durationMs / 1000);
      if (code !== "ok") this.#checkFailures.inc({ target, code });
    } else if (happened.event === "pool.swapped") {
      const { pool, type, code, detectMs, publishMs } = happened;
      this.#swaps.inc({ pool, type, code });
      if (detectMs !== undefined) this.#rto.set({ pool, type }, (detectMs + publishMs) / 1000);
    }
  }

  /** Notes a commit of the store, also one that failed. */
  committed(operation: string, durationMs: number): void {
    this.#commits.observe({ operation }, durationMs / 1000);
  }

  /** The metrics as they are now, in the text format of Prometheus. */
  async text(): Promise<{ readonly type: string; readonly text: string }> {
    const { status, counters, storeOctets, readers } = this.#sources;
    const moment: Moment = {
      status: status(),
      counters: counters(),
      storeOctets: storeOctets(),
      readers: readers(),
    };
    this.#forget(moment.status);
    this.#events.reset();
    for (const [level, count] of this.#levels) this.#events.inc({ level }, count);
    for (const { gauge, family } of this.#gauges) {
      gauge.reset();
      for (const [labels, value] of family[3](moment)) gauge.set({ ...labels }, value);
    }
    for (const { counter, family } of this.#counters) {
      counter.reset();
      for (const [labels, value] of family[3](moment)) counter.inc({ ...labels }, value);
    }
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** Every family with its kind and help, as the documentation lists them. */
  async families(): Promise<{ name: string; type: string; help: string }[]> {
    const all = await this.#registry.getMetricsAsJSON();
    return all.map(({ name, type, help }) => ({ name, type: String(type), help }));
  }

  /** Targets that are gone leave no series behind. */
  #forget({ targets }: StatusReport): void {
    const known = new Set(targets.map(({ target }) => target));
    this.#checks.keep(known);
    for (const labels of labelsOf(this.#checkFailures)) {
      if (labels["target"] !== undefined && !known.has(labels["target"])) {
        this.#checkFailures.remove(labels);
      }
    }
  }
}

/** The label sets that a metric holds series for. */
function labelsOf(metric: Counter): Record<string, string>[] {
  const { hashMap } = metric as unknown as {
    readonly hashMap: Readonly<Record<string, { readonly labels?: Record<string, string> }>>;
  };
  return Object.values(hashMap).map(({ labels }) => labels ?? {});
}

function one(name: string): (moment: Moment) => readonly Sample[] {
  return ({ counters }) => [[{}, counters[name] ?? 0]];
}

function counted(names: readonly string[], label: string): (moment: Moment) => readonly Sample[] {
  return ({ counters }) =>
    names.map((name) => [{ [label]: OTHERS[name] ?? name }, counters[name] ?? 0]);
}

function zones(
  value: (zone: StatusReport["zones"][number]) => number,
): (moment: Moment) => readonly Sample[] {
  return ({ status }) => status.zones.map((zone) => [{ zone: zone.zone }, value(zone)]);
}

function pools(
  value: (pool: StatusReport["pools"][number]) => number,
): (moment: Moment) => readonly Sample[] {
  return ({ status }) =>
    status.pools.map((pool) => [{ pool: pool.pool, type: pool.type }, value(pool)]);
}

/** One sample for each address that has a value, however many pools it is in. */
function members(
  value: (member: MemberStatus) => number | undefined,
  more: (member: MemberStatus) => Labels = () => ({}),
): (moment: Moment) => readonly Sample[] {
  return ({ status }) => {
    const samples = new Map<string, Sample>();
    for (const member of status.pools.flatMap((pool) => pool.members)) {
      const found = value(member);
      if (found === undefined) continue;
      samples.set(member.address, [{ address: member.address, ...more(member) }, found]);
    }
    return [...samples.values()];
  };
}
