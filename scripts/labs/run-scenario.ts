// Plays a scenario in a lab that is up: does the steps, watches livezone's log and the client, and
// tells what it sees as it goes.

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Paint } from "../../src/cli/paint.ts";
import { tellAction } from "./action.ts";
import { doAction } from "./deeds.ts";
import { drawEntry, drawLanes, drawMissing, drawResult, drawTallies, drawTitle } from "./draw.ts";
import { isMet, isSight, Judge } from "./judge.ts";
import type { Lab } from "./lab.ts";
import { LogReader } from "./log-reader.ts";
import { inside } from "./network.ts";
import { HOSTS, RESOLVERS, SQL_PORT, WEB_PORT } from "./plan.ts";
import { LAB_ENVIRONMENT, LabError } from "./run-program.ts";
import type { Scenario, Sight, Step } from "./scenario.ts";
import type { ClientOrder, Seen } from "./seen.ts";
import { logOf } from "./service.ts";
import { type Entry, entryOfLog, Watch } from "./timeline.ts";

/** How a scenario is told. */
export interface Telling {
  readonly print: (line: string) => void;
  readonly paint: Paint;
  /** Upper ends of windows are so many times later: for machines that do other things too. */
  readonly patience: number;
}

const LOOK_MS = 20;
/** A request is told when it has ended, in the place of its beginning: others are told so much later. */
const SORT_MS = 1300;
/** Everything answers, every target is known, every tripwire is armed. */
const SETTLE_MS = 2500;
const SETTLE_MAX_MS = 20_000;
const WHEN_MAX_MS = 60_000;

/** Plays it; resolves with whether everything was as expected. */
export async function runScenario(
  lab: Lab,
  scenario: Scenario,
  telling: Telling,
): Promise<boolean> {
  const { print, paint } = telling;
  for (const line of drawTitle(scenario.title, scenario.about, paint)) print(line);
  await lab.reset(scenario.settings);
  const run = new ScenarioRun(lab, scenario, telling);
  try {
    return await run.play();
  } finally {
    run.close();
  }
}

class ScenarioRun {
  readonly #lab: Lab;
  readonly #scenario: Scenario;
  readonly #telling: Telling;
  readonly #judge: Judge;
  readonly #log: LogReader;
  readonly #client: ChildProcess;
  readonly #ticker: NodeJS.Timeout;
  /** Times are counted from here; until the first step, from the client's start. */
  #zeroMs = Date.now();
  #watch = new Watch(this.#zeroMs);
  #hasBegun = false;
  /** Lanes that have answered, and whose first request was good. */
  readonly #steady = new Set<string>();
  /** Seen, but not yet told. */
  #waiting: Entry[] = [];
  /** Everything seen so far, for steps that wait for something. */
  readonly #entries: Entry[] = [];

  constructor(lab: Lab, scenario: Scenario, telling: Telling) {
    this.#lab = lab;
    this.#scenario = scenario;
    this.#telling = telling;
    this.#judge = new Judge(telling.patience);
    this.#log = new LogReader(logOf(lab.site, "livezone"));
    this.#client = this.#startClient();
    this.#ticker = setInterval(() => this.#look(), LOOK_MS);
  }

  async play(): Promise<boolean> {
    await this.#settle();
    this.#begin();
    let stepMs = 0;
    for (const step of this.#scenario.steps) {
      stepMs = await this.#untilMoment(step, stepMs);
      if (step.action.kind === "end") break;
      this.#judge.expect(step.expected, stepMs);
      this.#add({
        atMs: stepMs,
        source: "lab",
        tone: "deed",
        event: "",
        text: tellAction(step.action),
      });
      await doAction(this.#lab, step.action, {
        order: (line) => this.#client.stdin?.write(`${line}\n`),
        say: (text) => this.#add({ ...this.#now(), source: "lab", tone: "plain", text }),
      });
    }
    await sleep(SORT_MS);
    this.#look();
    this.#tell(Number.POSITIVE_INFINITY);
    return this.#conclude(stepMs);
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#client.stdin?.end();
    this.#client.kill("SIGKILL");
  }

  #startClient(): ChildProcess {
    const { lanes, owner, settings } = this.#scenario;
    const isDatabase = settings.hosts.includes("db1");
    const order: ClientOrder = {
      owner,
      port: isDatabase ? SQL_PORT : WEB_PORT,
      wants: isDatabase ? "rows" : "pages",
      lanes: lanes.map((name) => ({
        name,
        address: HOSTS[name].address,
        isRequested: RESOLVERS.includes(name),
      })),
    };
    const script = resolve("scripts/labs/client.ts");
    const tsx = ["--import", "tsx", script, JSON.stringify(order)];
    const words = inside(this.#lab.site, "client", [process.execPath, ...tsx]);
    const [program = "", ...args] = words;
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: LAB_ENVIRONMENT,
    });
    child.stdin?.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const seen = JSON.parse(line) as Seen;
      if (seen.kind === "request" && seen.page !== undefined) this.#steady.add(seen.lane);
      if (seen.kind === "answer" && /^[\d.]/.test(seen.answer)) this.#steady.add(`${seen.lane}?`);
      for (const entry of this.#watch.take(seen)) this.#add(entry);
    });
    return child;
  }

  /** Waits until every lane answers, and pages come through those that request them. */
  async #settle(): Promise<void> {
    const deadlineMs = Date.now() + SETTLE_MAX_MS;
    const { lanes } = this.#scenario;
    const isSteady = (): boolean => lanes.every((lane) => this.#steady.has(`${lane}?`));
    while (!isSteady()) {
      if (Date.now() > deadlineMs) {
        const missing = lanes.filter((lane) => !this.#steady.has(`${lane}?`));
        throw new LabError(`Cannot begin: no answer from ${missing.join(", ")}`);
      }
      await sleep(LOOK_MS);
    }
    await sleep(SETTLE_MS);
  }

  /** Time begins; what was before is only kept as what was there. */
  #begin(): void {
    this.#look();
    this.#waiting = [];
    this.#zeroMs = Date.now();
    const before = this.#watch;
    this.#watch = before.from(this.#zeroMs);
    this.#hasBegun = true;
  }

  async #untilMoment({ moment }: Step, lastMs: number): Promise<number> {
    if (moment.kind === "when") return this.#untilSight(moment.sight, lastMs);
    const atMs = moment.kind === "at" ? moment.ms : lastMs + moment.ms;
    await sleep(Math.max(0, this.#zeroMs + atMs - Date.now()));
    return this.#now().atMs;
  }

  async #untilSight(sight: Sight, lastMs: number): Promise<number> {
    const deadlineMs = Date.now() + WHEN_MAX_MS;
    const isNew = (entry: Entry): boolean => entry.atMs >= lastMs && isSight(sight, entry);
    while (!this.#entries.some(isNew)) {
      if (Date.now() > deadlineMs) {
        throw new LabError(`Cannot go on: never seen: ${sight.source} ${sight.phrases.join(", ")}`);
      }
      await sleep(2);
      this.#look();
    }
    return this.#now().atMs;
  }

  #now(): { readonly atMs: number; readonly event: string } {
    return { atMs: Date.now() - this.#zeroMs, event: "" };
  }

  #look(): void {
    for (const line of this.#log.read()) {
      const entry = entryOfLog(line, this.#zeroMs);
      if (entry !== undefined) this.#add(entry);
    }
    if (this.#hasBegun) this.#tell(this.#now().atMs - SORT_MS);
  }

  #add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#entries.push(entry);
  }

  /** Tells what was seen until then, in the order of its times. */
  #tell(untilMs: number): void {
    const due = this.#waiting.filter(({ atMs }) => atMs <= untilMs);
    this.#waiting = this.#waiting.filter(({ atMs }) => atMs > untilMs);
    for (const entry of due.sort((a, b) => a.atMs - b.atMs)) {
      const verdicts = this.#judge.take(entry);
      for (const line of drawEntry(entry, verdicts, this.#telling.paint)) this.#telling.print(line);
    }
  }

  #conclude(durationMs: number): boolean {
    const { print, paint } = this.#telling;
    const { verdicts } = this.#judge;
    const lanes = this.#scenario.lanes.map((name) => ({ name, tally: this.#watch.tally(name) }));
    const deeds = this.#entries.filter(({ tone, atMs }) => tone === "deed" && atMs >= 0);
    const lines = [
      ...drawLanes({ durationMs, lanes, deeds }, paint),
      ...drawTallies(lanes, paint),
      ...drawMissing(verdicts, paint),
      drawResult(this.#scenario.name, verdicts, paint),
    ];
    for (const line of lines) print(line);
    return verdicts.every(isMet);
  }
}
