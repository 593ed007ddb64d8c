// The status report in words and columns, for people.

import type {
  AnchorStatus,
  MemberStatus,
  PoolStatus,
  ResolverStatus,
  StatusReport,
  TargetStatus,
  ZoneStatus,
} from "../view/status.ts";
import { drainWords, formatAgo } from "../view/words.ts";
import type { Paint } from "./paint.ts";
import { formatTable } from "./table.ts";
import { counted } from "./verb.ts";

export { formatAgo };

const NEVER = "–";
const NOTHING = "nothing";
const THREAD_KINDS = ["answer", "stream", "control", "store"] as const;

/** The report as lines without their ends. */
export function statusText(report: StatusReport, paint: Paint): readonly string[] {
  const blocks = [
    serverLines(report, paint),
    zoneLines(report, paint),
    ...report.pools.map((pool) => poolLines(pool, report, paint)),
    targetLines(report, paint),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, i) => (i === 0 ? block : ["", ...block]));
}

function serverLines(report: StatusReport, paint: Paint): readonly string[] {
  const { store, nowWallMs, startedWallMs } = report;
  const up = formatAgo(nowWallMs - startedWallMs);
  const storeState =
    store.state === "ok"
      ? paint.green("ok")
      : paint.red(`failing, ${counted(store.waiting, "write")} waiting; answers and swaps go on`);
  const listen = report.listen.length === 0 ? NEVER : report.listen.join(" ");
  return [
    `${paint.bold(`livezone ${report.version}`)}, up ${up}`,
    ...formatTable(
      [
        [paint.dim("listen"), `${listen} (${report.transport})`],
        [paint.dim("store"), `${store.path} (${storeState})`],
        [paint.dim("threads"), threadsText(report, paint)],
        ...(report.anchors ?? []).map((anchor) => [paint.dim("anchor"), anchorText(anchor, paint)]),
        ...(report.resolvers ?? []).map((resolver) => [
          paint.dim("resolver"),
          resolverText(resolver, report, paint),
        ]),
        ...(report.brake === undefined ? [] : [[paint.dim("brake"), brakeText(report, paint)]]),
        ...(report.fault === undefined ? [] : [[paint.dim("prober"), faultText(report, paint)]]),
      ],
      { indent: "  " },
    ),
  ];
}

function anchorText({ anchor, belief, reason }: AnchorStatus, paint: Paint): string {
  const shown = belief === "down" ? paint.red(belief) : belief;
  return `${anchor} (${shown}: ${reason})`;
}

function resolverText(resolver: ResolverStatus, report: StatusReport, paint: Paint): string {
  const { state, names, behind, detail = "", lengthensMs, lastWallMs } = resolver;
  const asked = state === "unknown" ? "not asked yet" : `asked ${since(lastWallMs ?? 0, report)}`;
  const facts = [
    state === "failing" ? paint.red(`failing: ${detail}`) : asked,
    ...(behind > 0 ? [paint.yellow(`${behind} of ${names} not at the newest answer`)] : []),
    ...(lengthensMs !== undefined ? [paint.red("keeps answers longer than their TTL")] : []),
  ];
  return `${resolver.resolver} (${facts.join(", ")})`;
}

function faultText(report: StatusReport, paint: Paint): string {
  const { sinceWallMs = 0, detail } = report.fault ?? {};
  return paint.red(`fails since ${since(sinceWallMs, report)}, no target is blamed: ${detail}`);
}

function brakeText({ brake, nowWallMs }: StatusReport, paint: Paint): string {
  if (brake === undefined) return NEVER;
  const leftMs = Math.max(0, brake.untilWallMs - nowWallMs);
  const limit = `at most another ${formatAgo(leftMs)}`;
  return paint.yellow(`on, ${limit}: nothing is believed down (${brake.reason})`);
}

/** `2 answer, 1 stream, 1 control, 1 store`, with what is dead or was replaced. */
function threadsText(report: StatusReport, paint: Paint): string {
  const texts = THREAD_KINDS.flatMap((kind) => {
    const threads = report.threads.filter((thread) => thread.kind === kind);
    if (threads.length === 0) return [];
    const dead = threads.filter((thread) => !thread.isAlive).length;
    const deaths = threads.reduce((sum, thread) => sum + thread.deaths, 0);
    const notes = [
      ...(dead > 0 ? [paint.red(`${dead} dead`)] : []),
      ...(deaths > 0
        ? [paint.yellow(`replaced ${deaths === 1 ? "once" : `${deaths} times`}`)]
        : []),
    ];
    return `${threads.length} ${kind}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
  });
  return texts.length === 0 ? NEVER : texts.join(", ");
}

function zoneLines(report: StatusReport, paint: Paint): readonly string[] {
  if (report.zones.length === 0) return ["No zone is served."];
  const rows = report.zones.map((zone: ZoneStatus) => [
    paint.bold(zone.zone),
    String(zone.serial),
    String(zone.records),
    zone.source,
    since(zone.publishedWallMs, report),
  ]);
  const head = heads(["ZONE", "SERIAL", "RECORDS", "SOURCE", "PUBLISHED"], paint);
  const refused = report.zones.flatMap((zone) =>
    zone.rejected.map((sentence) => indented(`${paint.red("refused")} ${sentence}`, "  ")),
  );
  const others = report.zones.flatMap((zone) => [
    ...primaryRow(zone, report, paint),
    ...secondaryRows(zone, paint),
    ...delegationRows(zone, report, paint),
  ]);
  const followed = others.length === 0 ? [] : ["", ...formatTable(others, { indent: "  " })];
  return [...formatTable([head, ...rows], { right: [1, 2] }), ...refused, ...followed];
}

/** A row for what a zone is copied from: how the copy stands, and when it is looked at again. */
function primaryRow({ zone, primary }: ZoneStatus, report: StatusReport, paint: Paint): string[][] {
  if (primary === undefined) return [];
  const { state, serial, nextWallMs, expiresWallMs } = primary;
  const left = (wallMs: number): string => formatAgo(Math.max(0, wallMs - report.nowWallMs));
  const shown = state === "current" ? paint.green(state) : paint.red(state);
  const facts = [
    nextWallMs === undefined ? "is asked now" : `is asked in ${left(nextWallMs)}`,
    ...(expiresWallMs !== undefined && state !== "expired"
      ? [`expires in ${left(expiresWallMs)}`]
      : []),
    ...(primary.reason === undefined ? [] : [paint.yellow(primary.reason)]),
  ];
  const held = serial === undefined ? "" : ` at ${serial}`;
  return [
    [paint.dim("primary"), primary.servers.join(" "), zone, `${shown}${held}`, facts.join(", ")],
  ];
}

/** A row for each secondary of a zone: where it stands against the zone. */
function secondaryRows({ zone, serial, secondaries = [] }: ZoneStatus, paint: Paint): string[][] {
  return secondaries.map((secondary) => {
    const has = secondary.serial === undefined ? "has shown no serial" : `at ${secondary.serial}`;
    const behind = secondary.serial === undefined ? has : `${has}, behind ${serial}`;
    const state = secondary.isCurrent ? paint.green(has) : paint.yellow(behind);
    const troubles = [
      ...(secondary.isGone === true ? ["gone: nothing was heard for the zone's expire"] : []),
      ...(secondary.isDeaf ? ["answers no NOTIFY"] : []),
    ];
    const trouble = troubles.length === 0 ? "" : paint.red(troubles.join(", "));
    return [paint.dim("secondary"), secondary.server, zone, state, trouble];
  });
}

/** A row where a zone's parent does not say what the zone does, or cannot be asked. */
function delegationRows(
  { zone, delegation }: ZoneStatus,
  report: StatusReport,
  paint: Paint,
): string[][] {
  if (delegation === undefined) return [];
  const { parent, faults, checkedWallMs, detail } = delegation;
  const above = parent === "." ? "the root" : parent.replace(/\.$/, "");
  const row = (state: string): string[] => [paint.dim("delegation"), above || NEVER, zone, state];
  if (faults.length > 0) return faults.map((fault) => row(paint.red(fault)));
  if (checkedWallMs === undefined) return detail === undefined ? [] : [row(paint.yellow(detail))];
  return [row(`${paint.green("as the zone says")}, ${since(checkedWallMs, report)}`)];
}

function poolLines(pool: PoolStatus, report: StatusReport, paint: Paint): readonly string[] {
  const facts = [
    pool.policy,
    ...(pool.mode === undefined ? [] : [`mode ${pool.mode}`]),
    `TTL ${pool.ttlSeconds}s`,
    ...(pool.sinceWallMs > 0 ? [`since ${since(pool.sinceWallMs, report)}`] : []),
    ...(pool.swap > 0 ? [`swap ${pool.swap}`] : []),
  ].join(", ");
  const alarm = alarmsOf(pool)
    .map((word) => ` ${paint.red(word)}`)
    .join("");
  const served = new Set(pool.serving);
  const rows = pool.members.map((member: MemberStatus) => [
    member.isServed || served.has(member.member) ? paint.green("●") : paint.dim("○"),
    member.address === "" ? member.member : member.address,
    beliefText(member.belief, paint),
    since(member.sinceWallMs, report),
    [member.reason, ...notesOf(member, report)].join("; "),
  ]);
  const wanted = pool.wanted === undefined ? [] : [`  wanted: ${pool.wanted.join(" ") || NOTHING}`];
  return [
    `${paint.bold(`${pool.pool} ${pool.type}`)}${alarm}  ${paint.dim(facts)}`,
    `  ${pool.reason === "" ? "No decision yet" : `${pool.code}: ${pool.reason}`}`,
    ...wanted.map((line) => paint.yellow(line)),
    ...formatTable([heads(["", "MEMBER", "BELIEF", "SINCE", "WHY"], paint), ...rows], {
      indent: "  ",
    }),
  ];
}

/** What must not be overlooked. */
function alarmsOf(pool: PoolStatus): readonly string[] {
  const against = pool.members.some((member) => member.forced?.isAgainstProbes === true);
  return [
    ...(pool.isFailOpen ? ["FAIL-OPEN"] : []),
    ...(against ? ["FORCED UP AGAINST ITS PROBES"] : []),
  ];
}

/** What else counts of a member: its weight, until when it is forced, how much it flapped. */
function notesOf(member: MemberStatus, report: StatusReport): readonly string[] {
  const { forced, damping, drain, weight } = member;
  const notes = weight === undefined ? [] : [`weight ${weight}`];
  if (forced?.untilWallMs !== undefined) notes.push(`until ${moment(forced.untilWallMs, report)}`);
  if (drain !== undefined) notes.push(drainWords(drain, report.nowWallMs));
  if (damping === undefined) return notes;
  const reusable = damping.reusableWallMs;
  const until = reusable === undefined ? "" : `, reusable at ${moment(reusable, report)}`;
  return [...notes, `penalty ${damping.penalty}${until}`];
}

function targetLines(report: StatusReport, paint: Paint): readonly string[] {
  if (report.targets.length === 0) return [];
  const rows = report.targets.map((target: TargetStatus) => [
    target.target,
    beliefText(target.belief, paint),
    since(target.sinceWallMs, report),
    since(target.lastObservedWallMs, report),
    target.usualMs === 0 ? NEVER : `${Number(target.usualMs.toPrecision(3))} ms`,
    target.tripwire,
    target.reason,
  ]);
  const head = heads(["TARGET", "BELIEF", "SINCE", "ASKED", "USUAL", "TRIPWIRE", "WHY"], paint);
  return formatTable([head, ...rows], { right: [4] });
}

function heads(words: readonly string[], paint: Paint): readonly string[] {
  return words.map((word) => paint.dim(word));
}

/** A belief in its colour. */
export function beliefText(belief: "up" | "down" | "unknown", paint: Paint): string {
  switch (belief) {
    case "up":
      return paint.green("up");
    case "down":
      return paint.red("down");
    case "unknown":
      return paint.yellow("unknown");
  }
}

/** `12:00:03Z (3m10s)`: the moment for the log, the distance for the eye. A dash for never. */
function since(wallMs: number, report: StatusReport): string {
  return wallMs <= 0 ? NEVER : moment(wallMs, report);
}

/** The same for any moment: `12:00:03Z (in 30s)` for one to come. */
export function moment(wallMs: number, report: Pick<StatusReport, "nowWallMs">): string {
  const { nowWallMs } = report;
  const stamp = new Date(wallMs).toISOString();
  const isToday = stamp.slice(0, 10) === new Date(nowWallMs).toISOString().slice(0, 10);
  const time = isToday ? stamp.slice(11, 19) : stamp.slice(0, 16).replace("T", " ");
  const isToCome = wallMs >= nowWallMs + 1000;
  const distance = formatAgo(Math.abs(nowWallMs - wallMs));
  return `${time}Z (${isToCome ? `in ${distance}` : distance})`;
}

function indented(text: string, indent: string): string {
  return text
    .split("\n")
    .map((line) => indent + line)
    .join("\n");
}
