// An explanation in words and columns, for people: from the answer down to the observations, and
// then what would change it.

import { formatDuration } from "../base/duration.ts";
import type {
  CandidateExplanation,
  ExplanationReport,
  FamilyExplanation,
  NextExplanation,
  TargetExplanation,
} from "../view/explanation.ts";
import { drainWords } from "../view/words.ts";
import type { Paint } from "./paint.ts";
import { beliefText, formatAgo, moment } from "./status-text.ts";
import { formatTable } from "./table.ts";
import { counted } from "./verb.ts";

/** Observations shown of a target, the newest first. */
const OBSERVATIONS_SHOWN = 3;
const NOTHING = "nothing";

/** The explanation as lines without their ends. */
export function explanationText(report: ExplanationReport, paint: Paint): readonly string[] {
  const { brake } = report;
  const braked =
    brake === undefined
      ? []
      : [
          paint.yellow(
            `The brake is on until ${moment(brake.untilWallMs, report)}, nothing is believed down: ${brake.reason}`,
          ),
        ];
  const families = report.families.map((family) => familyLines(family, report, paint));
  return [...braked, ...families.flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]))];
}

function familyLines(
  family: FamilyExplanation,
  report: ExplanationReport,
  paint: Paint,
): readonly string[] {
  const answer = family.serving.join(" ") || NOTHING;
  const facts = [
    family.policy,
    `TTL ${family.ttlSeconds}s`,
    ...(family.sinceWallMs > 0 ? [`since ${moment(family.sinceWallMs, report)}`] : []),
    ...(family.swap > 0 ? [`swap ${family.swap}`] : []),
  ].join(", ");
  const wanted =
    family.wanted === undefined ? [] : [`  wanted: ${family.wanted.join(" ") || NOTHING}`];
  const title = `${paint.bold(`${family.pool} ${family.type}`)} answers ${paint.green(answer)}`;
  return [
    `${title}  ${paint.dim(facts)}`,
    `  ${family.reason === "" ? "No decision yet" : `${family.code}: ${family.reason}`}`,
    ...wanted.map((line) => paint.yellow(line)),
    paint.dim("  CANDIDATES"),
    ...family.candidates.flatMap((candidate) => candidateLines(candidate, report, paint)),
    paint.dim("  GUARDS"),
    ...guardLines(family, report, paint),
    paint.dim("  WHAT WOULD CHANGE IT"),
    ...nextLines(family.next, report, paint),
  ];
}

function candidateLines(
  candidate: CandidateExplanation,
  report: ExplanationReport,
  paint: Paint,
): readonly string[] {
  const { isServed, member, address, standing, reason, forced, damping, drain, gate } = candidate;
  const dot = isServed ? paint.green("●") : paint.dim("○");
  const name = address === "" ? member : address;
  const word = standing === "usable" ? paint.green(standing) : paint.yellow(standing);
  const until = forced?.untilWallMs;
  const reusable = damping?.reusableWallMs;
  const notes = [
    reason,
    // A closed gate that keeps it out is the reason already.
    ...(gate === undefined || standing === "gated" ? [] : [gateText(gate)]),
    ...(until === undefined ? [] : [`until ${moment(until, report)}`]),
    ...(drain === undefined ? [] : [drainWords(drain, report.nowWallMs)]),
    ...(damping === undefined ? [] : [`penalty ${damping.penalty}`]),
    ...(reusable === undefined ? [] : [`reusable at ${moment(reusable, report)}`]),
  ];
  // "down: down (3 failures …)" would say it twice.
  const said = reason.startsWith(standing) ? "" : `${word}: `;
  return [
    `  ${dot} ${name}  ${said}${notes.join("; ")}`,
    ...candidate.targets.flatMap((target) => targetLines(target, report, paint)),
  ];
}

function gateText({ isOpen, reason }: NonNullable<CandidateExplanation["gate"]>): string {
  return isOpen ? "gate open" : `gate closed (${reason})`;
}

function targetLines(
  target: TargetExplanation,
  report: ExplanationReport,
  paint: Paint,
): readonly string[] {
  const rules = target.rules.map(({ counted, needed, of }) => `${counted} of ${needed} ${of}`);
  const newest = target.observations.slice(-OBSERVATIONS_SHOWN).reverse();
  const seen = newest.map(({ code, durationMs, endedWallMs, detail }) => {
    const ago = formatAgo(report.nowWallMs - endedWallMs);
    const words = detail === "" || detail === code ? code : `${code} (${detail})`;
    return `${words} in ${durationMs} ms, ${ago === "now" ? ago : `${ago} ago`}`;
  });
  const rows = [
    [paint.dim("seen"), seen.length === 0 ? "nothing yet" : seen.join("; ")],
    [paint.dim("rules"), rules.join("; ")],
    [paint.dim("probes"), cadenceOf(target, report)],
  ];
  return [
    `    ${target.target} is ${beliefText(target.belief, paint)}: ${target.reason}`,
    ...formatTable(rows, { indent: "      " }),
  ];
}

/** "every 5s, timeout 2s, usually 2 ms, breaker closed, tripwire armed, next in 3s". */
function cadenceOf(target: TargetExplanation, report: ExplanationReport): string {
  const { nextProbeWallMs, running, heldUntilWallMs, schedule, intervalMs } = target;
  const nextMs = nextProbeWallMs === undefined ? undefined : nextProbeWallMs - report.nowWallMs;
  return [
    schedule === undefined
      ? `every ${formatDuration(intervalMs)}`
      : `by schedule ${schedule} (UTC; at most ${formatDuration(intervalMs)} apart)`,
    `timeout ${formatDuration(target.timeoutMs)}`,
    ...(target.usualMs > 0 ? [`usually ${Number(target.usualMs.toPrecision(3))} ms`] : []),
    `breaker ${target.breaker}`,
    ...(target.tripwire === "off" ? [] : [`tripwire ${target.tripwire}`]),
    ...(running > 0 ? [`${counted(running, "probe")} under way`] : []),
    ...(nextMs === undefined ? [] : [`next ${nextText(nextMs, target, report)}`]),
    ...(heldUntilWallMs === undefined
      ? []
      : [`watched only until ${moment(heldUntilWallMs, report)}`]),
  ].join(", ");
}

/** The moment itself where a schedule names it. */
function nextText(nextMs: number, target: TargetExplanation, report: ExplanationReport): string {
  const { schedule, nextProbeWallMs = 0 } = target;
  return schedule === undefined || nextMs < 1000 ? soon(nextMs) : moment(nextProbeWallMs, report);
}

function guardLines(
  { guards }: FamilyExplanation,
  report: ExplanationReport,
  paint: Paint,
): readonly string[] {
  const rows = guards.map(({ guard, setting, state, untilWallMs }) => {
    const until = untilWallMs === undefined ? "" : `until ${moment(untilWallMs, report)}`;
    const words = [state, until].filter((word) => word !== "").join(" ");
    return [guard, setting, words === "" ? "" : paint.yellow(words)];
  });
  return formatTable(rows, { indent: "    " });
}

function nextLines(
  next: readonly NextExplanation[],
  report: ExplanationReport,
  paint: Paint,
): readonly string[] {
  if (next.length === 0) return ["    Nothing that happens to one member alone"];
  const rows = next.map((prospect) => [
    causeOf(prospect, report),
    `${paint.bold(prospect.serve.join(" ") || NOTHING)} ${delayOf(prospect)}`.trimEnd(),
    `${prospect.code}: ${prospect.reason}`,
  ]);
  return formatTable(rows, { indent: "    " });
}

function causeOf(prospect: NextExplanation, report: ExplanationReport): string {
  switch (prospect.cause) {
    case "time":
      return `at ${moment(prospect.atWallMs ?? report.nowWallMs, report)}`;
    case "approved":
      return "livezone approve";
    default:
      return `${prospect.member} ${prospect.cause}`;
  }
}

/** How long after its cause: time has said its moment already. */
function delayOf({ cause, afterMs }: NextExplanation): string {
  if (cause === "time") return "";
  return afterMs < 1
    ? "at once"
    : `after ${formatDuration(Math.max(1000, Math.round(afterMs / 1000) * 1000))}`;
}

function soon(inMs: number): string {
  return inMs < 1000 ? "now" : `in ${formatAgo(inMs)}`;
}
