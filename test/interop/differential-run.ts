// One run: the zones of some seeds at every server, their questions asked of all, the answers
// compared.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import {
  ASPECTS,
  type Aspect,
  brokenForm,
  compare,
  hasAllOf,
  nothing,
  type Reading,
  readAnswer,
} from "./differential-answers.ts";
import { Asker } from "./differential-asker.ts";
import { isExcepted, readExceptions } from "./differential-exceptions.ts";
import {
  PEERS,
  type PeerName,
  type RunningServer,
  startServer,
  UDP_SIZE_MAX,
  writeZones,
} from "./differential-peers.ts";
import { generateQuestions, packetOf, type Question, sizeMaxOf } from "./differential-questions.ts";
import { type GeneratedZone, generateZones } from "./differential-zones.ts";

/** What to run. */
export interface RunOptions {
  readonly seeds: readonly number[];
  readonly questionsPerSeed: number;
  /** livezone's program. */
  readonly main: string;
}

/** A question that livezone answers unlike all of its peers, who agree. */
export interface Finding {
  readonly seed: number;
  readonly zones: readonly GeneratedZone[];
  readonly question: Question;
  readonly aspects: readonly Aspect[];
  readonly peers: ReadonlyMap<PeerName, Reading>;
  readonly ours: Reading;
  /** The peers' answers are truncated, and livezone's is what Knot says over TCP. */
  readonly isWhole: boolean;
}

/** Sums of a run. */
export interface RunReport {
  questions: number;
  /** Questions of which the peers agree on everything. */
  agreed: number;
  /** Questions by the aspect that the peers agree on. */
  readonly agreedOn: Record<Aspect, number>;
  /** Questions for which one peer alone differs from the others, by that peer. */
  readonly alone: Record<PeerName, number>;
  readonly findings: Finding[];
  /** Disagreements that test/data/differential-exceptions.txt allows. */
  excepted: number;
  /** Answers with the same content as Knot's that are longer. */
  readonly longer: LongerAnswer[];
  /** Answers whose length was compared with Knot's. */
  measured: number;
}

/** An answer that takes more octets than Knot's of the same content. */
export interface LongerAnswer {
  readonly seed: number;
  readonly question: Question;
  readonly octets: number;
  readonly knotOctets: number;
}

interface Server extends RunningServer {
  readonly asker: Asker;
}

/** Questions in flight at every server. */
const IN_FLIGHT = 24;
const EXCEPTIONS = readExceptions();
const APEX_QUESTION = { type: TYPE.SOA, isTcp: false, isRecursionDesired: false };
const NONE: ReadonlySet<string> = new Set();
const READY_WITHIN_MS = 30_000;

/** Starts all servers over the zones of all seeds, asks, and ends them. */
export async function runSeeds(options: RunOptions): Promise<RunReport> {
  const seeds = options.seeds.map((seed) => ({ seed, zones: generateZones(seed) }));
  const zones = seeds.flatMap((each) => each.zones);
  const folder = mkdtempSync(join(tmpdir(), "livezone-differential-"));
  const servers: Server[] = [];
  try {
    writeZones(folder, zones);
    for (const name of [...PEERS, "livezone"] as const) {
      const server = await startServer(name, { folder, zones, main: options.main });
      servers.push({ ...server, asker: new Asker(server.port) });
    }
    await Promise.all(servers.map((server) => waitUntilReady(server, zones)));
    const report = emptyReport();
    for (const { seed, zones } of seeds) {
      const questions = generateQuestions(seed, zones, options.questionsPerSeed);
      await askAll(servers, questions, async ({ question, packet }, answers) => {
        const finding = judge(report, { seed, zones, question, packet }, answers);
        if (finding !== undefined) await note(report, finding, packet, servers);
      });
    }
    return report;
  } finally {
    for (const { asker } of servers) asker.close();
    await Promise.all(servers.map(({ child }) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A report of nothing, and the sums of two. */
export function emptyReport(): RunReport {
  return {
    ...{ questions: 0, agreed: 0, measured: 0, excepted: 0, findings: [], longer: [] },
    agreedOn: { status: 0, truncation: 0, answer: 0, authority: 0, additional: 0, flags: 0 },
    alone: { nsd: 0, knot: 0, named: 0, pdns: 0 },
  };
}

/** Adds the second report to the first. */
export function addReport(sum: RunReport, part: RunReport): void {
  sum.questions += part.questions;
  sum.agreed += part.agreed;
  sum.measured += part.measured;
  sum.excepted += part.excepted;
  sum.findings.push(...part.findings);
  sum.longer.push(...part.longer);
  for (const aspect of ASPECTS) sum.agreedOn[aspect] += part.agreedOn[aspect];
  for (const peer of PEERS) sum.alone[peer] += part.alone[peer];
}

/** Waits until a server answers for every zone with authority, and over TCP. */
async function waitUntilReady(server: Server, zones: readonly GeneratedZone[]): Promise<void> {
  const { asker, child, name } = server;
  const deadline = performance.now() + READY_WITHIN_MS;
  const apexes = zones.map(({ origin }) => nameFromText(origin));
  const questions: Question[] = [
    ...apexes.map((apex) => ({ ...APEX_QUESTION, name: apex })),
    ...apexes.slice(0, 1).map((apex) => ({ ...APEX_QUESTION, name: apex, isTcp: true })),
  ];
  for (const [id, question] of questions.entries()) {
    const packet = packetOf(question, id);
    for (;;) {
      const answer = question.isTcp ? await asker.tcp(packet) : await asker.udp(packet, 1, 250);
      const { status } = readAnswer(name, answer, NONE);
      if (status === "NOERROR aa") break;
      if (child.hasExited || performance.now() > deadline) {
        const zone = nameToText(question.name);
        throw new Error(`Cannot run ${name}: zone ${zone} gets ${status}\n${child.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

type Asked = Pick<Finding, "seed" | "zones" | "question"> & { readonly packet: Uint8Array };
type Answers = ReadonlyMap<RunningServer["name"], Uint8Array | undefined>;

/** Asks every server every question, some at a time, and hands each question's answers on. */
async function askAll(
  servers: readonly Server[],
  questions: readonly Question[],
  take: (asked: { question: Question; packet: Uint8Array }, answers: Answers) => Promise<void>,
): Promise<void> {
  const left = questions.entries();
  const work = async (): Promise<void> => {
    for (const [id, question] of left) {
      const packet = packetOf(question, id);
      const answers = await Promise.all(
        servers.map(async ({ name, asker }) => {
          const answer = question.isTcp ? asker.tcp(packet) : asker.udp(packet);
          return [name, await answer] as const;
        }),
      );
      await take({ question, packet }, new Map(answers));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

/** Counts one question; what livezone says differently is returned. */
function judge(report: RunReport, asked: Asked, answers: Answers): Finding | undefined {
  const { seed, zones, question, packet } = asked;
  const origins = originsOf(zones);
  const read = (name: RunningServer["name"]): Reading =>
    readAnswer(name, answers.get(name), origins);
  const peers = new Map(PEERS.map((name) => [name, read(name)]));
  const sizeMax = sizeMaxOf(question, UDP_SIZE_MAX);
  const broken = brokenForm(packet, answers.get("livezone"), sizeMax);
  const ours = broken === undefined ? read("livezone") : nothing(`(${broken})`);
  const { agreed, differing } = compare(ours, [...peers.values()]);
  report.questions++;
  if (agreed.length === ASPECTS.length) report.agreed++;
  else for (const peer of PEERS) if (standsAlone(peer, peers)) report.alone[peer]++;
  for (const aspect of agreed) report.agreedOn[aspect]++;
  const aspects = broken === undefined ? differing : (["status"] as const);
  measure(report, asked, { ours, knot: peers.get("knot"), answers });
  if (aspects.length === 0) return undefined;
  return { seed, zones, question, aspects, peers, ours, isWhole: false };
}

/** Notes a finding, or counts it where the list allows it. */
async function note(
  report: RunReport,
  finding: Finding,
  packet: Uint8Array,
  servers: readonly Server[],
): Promise<void> {
  const { ours, aspects, zones } = finding;
  const knot = servers.find(({ name }) => name === "knot");
  let isWhole = false;
  if (aspects.includes("truncation") && ours.truncation === "" && knot !== undefined) {
    const whole = readAnswer("knot", await knot.asker.tcp(packet), originsOf(zones));
    isWhole = hasAllOf(ours, whole);
  }
  const complete = { ...finding, isWhole };
  if (isExcepted(EXCEPTIONS, complete)) report.excepted++;
  else report.findings.push(complete);
}

function originsOf(zones: readonly GeneratedZone[]): ReadonlySet<string> {
  return new Set(zones.map(({ origin }) => origin));
}

/** Whether all but one peer agree on everything. */
function standsAlone(peer: PeerName, peers: ReadonlyMap<PeerName, Reading>): boolean {
  const others = [...peers].filter(([name]) => name !== peer).map(([, reading]) => reading);
  const [first, ...rest] = others;
  if (first === undefined) return false;
  return compare(first, rest).differing.length === 0 && compare(first, rest).agreed.length === 6;
}

function measure(
  report: RunReport,
  { seed, question }: Pick<Finding, "seed" | "question">,
  answered: { ours: Reading; knot: Reading | undefined; answers: Answers },
): void {
  const { ours, knot, answers } = answered;
  if (knot === undefined || ASPECTS.some((aspect) => ours[aspect] !== knot[aspect])) return;
  const octets = answers.get("livezone")?.length ?? 0;
  const knotOctets = answers.get("knot")?.length ?? 0;
  report.measured++;
  if (octets > knotOctets) report.longer.push({ seed, question, octets, knotOctets });
}
