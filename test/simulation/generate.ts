// From a seed to a script: a server, and what befalls it. Faults overlap as they like; at the end all
// of them are over, and after a calm everything must be well.

import { formatDuration } from "../../src/base/duration.ts";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import {
  type CalendarWorld,
  calendarWorld,
  calmByCalendarMs,
  checkByCalendar,
  lineByCalendar,
  windowLines,
  windowOption,
} from "./generate-calendar.ts";
import { aliasOptions, checkOptions, draw, isTogether, poolOptions } from "./generate-options.ts";
import { addressesOf } from "./setup.ts";

const V4 = ["192.0.2.10", "192.0.2.20", "192.0.2.30"];
const ANCHOR = "192.0.2.254";
const V6 = ["2001:db8::10", "2001:db8::20"];
/** The pool of host names, which no pool of addresses can become. */
const ALIAS = "cdn";
/** Apart from what else is drawn, so that seeds without such a pool keep their scripts. */
const HOSTS_STREAM = 3_000_000;
const DRAINS_STREAM = 4_000_000;
const HOSTS = ["web1.example.net", "web2.example.net", "web3.example.net"];

interface World {
  readonly random: Random;
  readonly pools: readonly { readonly owner: string; readonly members: string[] }[];
  readonly options: ReadonlyMap<string, string>;
  readonly calendar: CalendarWorld;
  readonly lines: { readonly atMs: number; readonly text: string }[];
  readonly endMs: number;
}

/** The lines of one seed's script; the same ones on every machine. */
export function generateScript(seed: number): readonly string[] {
  const random = seededRandom(seed);
  const endMs = 60_000 + below(random, 6) * 60_000;
  const apart = [{ owner: "www", members: membersOf(random) }];
  if (random.fraction() < 0.4) apart.push({ owner: "api", members: membersOf(random) });
  const options = new Map(apart.map(({ owner }) => [owner, poolOptions(random)]));
  const pools = apart.map(({ owner, members }) => {
    return { owner, members: isTogether(options.get(owner)) ? paired(members) : members };
  });
  const ofHosts = seededRandom(seed + HOSTS_STREAM);
  if (ofHosts.fraction() < 0.3) {
    pools.push({ owner: ALIAS, members: membersOf(ofHosts, ALIAS) });
    options.set(ALIAS, aliasOptions(ofHosts));
  }
  const calendar = calendarWorld(seed, pools);
  const world: World = { random, pools, options, calendar, lines: [], endMs };
  const faults = 1 + below(random, 7);
  for (let i = 0; i < faults; i++) draw(random, FAULTS)(world);
  const ofDrains = seededRandom(seed + DRAINS_STREAM);
  if (ofDrains.fraction() < 0.4) drainAndBack({ ...world, random: ofDrains });
  world.lines.push(...windowLines(calendar, endMs));
  const calmMs = 150_000 + calmByCalendarMs(calendar, world.lines);
  const head = [
    `seed ${seed}`,
    ...(random.fraction() < 0.6 ? [`anchors ${ANCHOR}`] : []),
    ...(random.fraction() < 0.8 ? [`disk 0ms..${draw(random, ["2ms", "20ms", "300ms"])}`] : []),
    `check web ${checkByCalendar(calendar, checkOptions(random))}`.trimEnd(),
    ...pools.map(({ owner, members }) => poolLine(world, owner, members)),
  ];
  const body = world.lines.map((line) => lineByCalendar(calendar, line));
  body.sort((a, b) => a.atMs - b.atMs);
  return [
    ...head,
    ...body.map(({ atMs, text }) => `${formatDuration(atMs)} ${text}`),
    `${formatDuration(endMs + calmMs)} settled`,
  ];
}

type Fault = (world: World) => void;

/** One entry for each unit of likelihood. */
const FAULTS: readonly Fault[] = [
  targetFault,
  targetFault,
  targetFault,
  targetFault,
  targetFault,
  outage,
  proberCut,
  proberDeaf,
  proberDeaf,
  anchorFault,
  clockStep,
  stall,
  disk,
  disk,
  death,
  death,
  death,
  stop,
  drill,
  failback,
  zoneEdit,
  zoneEdit,
  zoneSlip,
  editOnSlowDisk,
  poolEdit,
  poolSlip,
  checkEdit,
  hookFault,
  hookFault,
];

/** Hooks that take long, fail or hang; operators who say yes now and then. */
function hookFault(world: World): void {
  const { random } = world;
  const hook = draw(random, ["fence", "promote"]);
  const fault = draw(random, ["good 5s", "good 15s", "fails 1s", "fails 10s", "hangs"]);
  during(world, `hook ${hook} ${fault}`, `hook ${hook} good 1s`);
  if (random.fraction() < 0.3)
    add(world, moment(world), `approve ${draw(random, world.pools).owner}`);
}

function targetFault(world: World): void {
  const { random } = world;
  const address = anyAddress(world);
  const condition = draw(random, [
    "refuses",
    "refuses",
    "silent",
    "status",
    "loses 40%",
    "loses 1%",
    ...(HOSTS.includes(address) ? ["nameless", "nameless", "unresolved"] : []),
    `answers ${draw(random, ["300ms", "900ms", "1500ms", "3s"])}`,
    `flaps ${draw(random, ["1s", "4s", "7s", "20s", "45s"])} ${draw(random, ["refuses", "silent"])}`,
  ]);
  during(world, `${address} ${condition}`, `${address} answers`);
}

function outage(world: World): void {
  const condition = draw(world.random, ["refuses", "silent", "status"]);
  const [startMs, endMs] = span(world);
  for (const address of new Set(world.pools.flatMap(({ members }) => addressesOf(members)))) {
    add(world, startMs, `${address} ${condition}`);
    add(world, endMs, `${address} answers`);
  }
}

function proberCut(world: World): void {
  during(world, "prober cut", "prober mended");
}

/** No answer comes back; only an anchor tells it from the end of everything. */
function proberDeaf(world: World): void {
  during(world, "prober deaf", "prober hears");
}

/** Alone, or along with whatever else is lost. */
function anchorFault(world: World): void {
  const condition = draw(world.random, ["silent", "refuses", "flaps 6s silent", "loses 40%"]);
  during(world, `${ANCHOR} ${condition}`, `${ANCHOR} answers`);
}

function clockStep(world: World): void {
  const by = draw(world.random, ["10s", "5m", "1h", "2d"]);
  add(world, moment(world), `clock ${draw(world.random, ["+", "-"])}${by}`);
}

function stall(world: World): void {
  add(world, moment(world), `stall ${draw(world.random, ["1s", "2s", "5s", "30s"])}`);
}

function disk(world: World): void {
  during(world, `disk ${draw(world.random, ["full", "hangs"])}`, "disk mended");
}

function death(world: World): void {
  const what = draw(world.random, ["control dies", "control dies", "process dies"]);
  add(world, moment(world), `${what} ${draw(world.random, ["10ms", "50ms", "1s", "20s"])}`);
}

function stop(world: World): void {
  add(world, moment(world), `process stops ${draw(world.random, ["300ms", "5s", "40s"])}`);
}

/** Refused where the standby is not ready: that is no breach. */
function drill(world: World): void {
  const { owner } = draw(world.random, world.pools);
  add(world, moment(world), `drill ${owner} ${draw(world.random, ["1s", "20s", "60s"])}`);
}

/**
 * A planned move under the eyes of resolvers, at once or at a time to come, and back; refused where a
 * pool would be left with too few. It is taken back once more in the end, when control surely lives.
 */
function drainAndBack(world: World): void {
  const { random, endMs } = world;
  const { owner, members } = draw(random, world.pools);
  for (let host = 1; host <= 3; host++) {
    const every = draw(random, ["300ms", "2s", "7s", "20s"]);
    add(world, below(random, 20_000), `resolver 198.51.100.${host} asks ${owner} every=${every}`);
  }
  const address = draw(random, addressesOf(members));
  const after = draw(random, ["", "", " after=20s", " after=2m"]);
  const startMs = moment(world);
  add(world, startMs, `drain ${address}${after}`);
  add(world, startMs + below(random, endMs), `undrain ${address}`);
  add(world, endMs + 60_000, `undrain ${address}`);
}

/** Refused where nobody has recovered: that is no breach either. */
function failback(world: World): void {
  const { owner } = draw(world.random, world.pools);
  for (let times = 0; times < 3; times++) add(world, moment(world), `failback ${owner}`);
}

function zoneEdit(world: World): void {
  const { random } = world;
  const serial = 101 + below(random, 3) * 1000;
  const what = random.fraction() < 0.7 ? `txt=w${below(random, 1000)}` : `serial=${serial}`;
  add(world, moment(world), `zone ${what}`);
}

function zoneSlip(world: World): void {
  during(world, "zone broken", "zone mended");
}

/** An edit that hangs while a target dies: what becomes visible first must be told first. */
function editOnSlowDisk(world: World): void {
  const { random } = world;
  const address = anyAddress(world);
  const atMs = Math.min(moment(world), world.endMs - 5000);
  add(world, atMs, "disk hangs");
  add(world, atMs + 100, `zone txt=w${below(random, 1000)}`);
  add(world, atMs + 500, `${address} refuses`);
  add(world, atMs + 2000, "disk mended");
  add(world, atMs + 4000, `${address} answers`);
}

/** Other members for a while, or no pool at all. */
function poolEdit(world: World): void {
  const { random } = world;
  const { owner, members } = draw(random, world.pools);
  // A pair is refused where the zone file has no address of one family: the edit would be none.
  const isGone =
    random.fraction() < 0.3 || (owner !== ALIAS && isTogether(world.options.get(owner)));
  const other = isGone ? "gone" : membersOf(random, owner).join(" ");
  const edited = other === "gone" ? `pool ${owner} gone` : poolLine(world, owner, [other]);
  during(world, edited, poolLine(world, owner, members));
}

function poolSlip(world: World): void {
  during(world, draw(world.random, ["pools broken", "pools deleted"]), "pools mended");
}

function checkEdit(world: World): void {
  const interval = draw(world.random, ["1s", "2s", "5s", "10s"]);
  add(world, moment(world), `check web interval=${interval} timeout=1s`);
}

/** Host names for the alias, else addresses of one family or both. */
function membersOf(random: Random, owner = ""): string[] {
  if (owner === ALIAS) {
    return rotated(HOSTS, below(random, HOSTS.length)).slice(0, 1 + below(random, HOSTS.length));
  }
  const v4 = rotated(V4, below(random, V4.length)).slice(0, 1 + below(random, V4.length));
  const v6 = rotated(V6, below(random, V6.length)).slice(0, below(random, V6.length + 1));
  return [...v4, ...v6];
}

function rotated<T>(values: readonly T[], by: number): T[] {
  return [...values.slice(by), ...values.slice(0, by)];
}

/** One host for each address, as far as there are some of both families. */
function paired(members: readonly string[]): string[] {
  const v6 = members.filter((member) => member.includes(":"));
  const v4 = members.filter((member) => !member.includes(":"));
  const hosts = v4.map((address, i) => (v6[i] === undefined ? address : `${address}+${v6[i]}`));
  return [...hosts, ...v6.slice(v4.length)];
}

function poolLine(world: World, owner: string, members: readonly string[]): string {
  const options = (world.options.get(owner) ?? "") + windowOption(world.calendar, owner, members);
  return `pool ${owner}: ${members.join(" ")} ${options}`.trimEnd();
}

function anyAddress(world: World): string {
  const { members } = draw(world.random, world.pools);
  return draw(world.random, addressesOf(members));
}

function during(world: World, start: string, end: string): void {
  const [startMs, endMs] = span(world);
  add(world, startMs, start);
  add(world, endMs, end);
}

function span(world: World): readonly [number, number] {
  const startMs = moment(world);
  const shortMs = draw(world.random, [200, 3000, 20_000, 90_000]);
  const endMs = startMs + Math.round(shortMs * (0.5 + world.random.fraction()));
  return [startMs, Math.min(world.endMs, endMs)];
}

/** Whole seconds now and then, so that things happen at the same moment. */
function moment({ random, endMs }: World): number {
  const atMs = below(random, endMs);
  return random.fraction() < 0.2 ? Math.floor(atMs / 1000) * 1000 : atMs;
}

function add(world: World, atMs: number, text: string): void {
  world.lines.push({ atMs, text });
}
