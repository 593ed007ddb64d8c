// Plays a script: lets things happen to the plane at their time, writes the story down, and holds
// every state against the invariants.

import type { ProbeReports } from "../../src/control/ports.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { drainPromises } from "../support/simulated-time.ts";
import { act } from "./actions.ts";
import type { DiskState } from "./disk.ts";
import { type End, type Invariant, type ProbeNews, View } from "./invariant.ts";
import { allInvariants } from "./invariants.ts";
import { Plane } from "./plane.ts";
import { readMs, readOptions, type Script } from "./script.ts";
import { ownerName, poolsText, type Setup, zoneText } from "./setup.ts";
import { spreadLines } from "./spread-lines.ts";

/** What came of a play. */
export interface Play {
  /** The script's lines, each followed by what was said until the next one. */
  readonly told: readonly (readonly string[])[];
  /** What is wrong, when something is: the invariant and a sentence. */
  readonly broken: string | undefined;
  /** Timers that ran, for the curious. */
  readonly steps: number;
}

/** Even when nothing seems to happen, a look is taken this often. */
const LOOK_MS = 5000;
/** How soon a process that could not start is started again. */
const RETRY_MS = 1000;

/** Plays a script to its end, or until an invariant is broken. */
export async function play(script: Script): Promise<Play> {
  return new Stage(script).play();
}

/** The plane with everything round it. */
export class Stage {
  readonly plane: Plane;
  readonly #script: Script;
  readonly #invariants: readonly Invariant[] = allInvariants();
  // Probes and events are many, and few invariants look at either.
  readonly #probing = this.#invariants.filter((invariant) => invariant.probed !== undefined);
  readonly #hearing = this.#invariants.filter((invariant) => invariant.heard !== undefined);
  readonly #startMs: number;
  readonly #told: string[][] = [[]];
  readonly #owners: readonly string[];
  #setup: Setup;
  #holdUntilMs = 0;
  #awakeMs = 0;
  #isChanged = false;
  #lookAtMs = 0;
  #cancelStart: () => void = () => undefined;
  #wasReady = false;
  #broken: string | undefined;
  #steps = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#setup = script.setup;
    this.#owners = ownersOf(script);
    const [least, most] = script.diskMs;
    this.plane = new Plane({
      zone: zoneText(script.setup),
      pools: poolsText(script.setup) ?? "",
      seed: script.seed,
      anchors: script.anchors,
      watch: script.watch,
      source: script.source,
      diskMs: (random) => least + (most - least) * random.fraction(),
    });
    this.#startMs = this.plane.time.nowMs();
    this.plane.onlooker = {
      event: (event) => this.#hear(event),
      probe: (reports) => this.#spy(reports),
      changed: () => {
        this.#isChanged = true;
      },
    };
  }

  get setup(): Setup {
    return this.#setup;
  }

  async play(): Promise<Play> {
    const reject = (error: unknown): void => {
      this.#broken ??= `nothing is thrown for nobody: ${stackOf(error)}`;
    };
    process.on("unhandledRejection", reject);
    try {
      this.plane.begin();
      for (const { atMs, words, text } of this.#script.lines) {
        await this.#run(this.#startMs + atMs);
        if (this.#broken !== undefined) break;
        this.#told.push([text]);
        for (const line of act(this, words)) this.#tell(line);
        await drainPromises();
        this.#look();
        if (this.#broken !== undefined) break;
      }
    } catch (error) {
      this.#broken ??= `nothing is thrown: ${stackOf(error)}`;
    }
    const broken = this.#broken;
    if (broken !== undefined) this.#tell(`! ${broken}`);
    this.plane.crash();
    await this.plane.disk.close();
    process.off("unhandledRejection", reject);
    return { told: this.#told, broken, steps: this.#steps };
  }

  // --- for actions ------------------------------------------------------------------------------

  /** Writes those of the two files that differ. */
  save(setup: Setup): void {
    const before = this.#setup;
    this.#setup = setup;
    const { files } = this.plane;
    if (zoneText(setup) !== zoneText(before)) files.save("lab.zone", zoneText(setup));
    if (poolsText(setup) !== poolsText(before)) files.save("lab.pools.yaml", poolsText(setup));
  }

  setDisk(state: DiskState): void {
    this.plane.disk.state = state;
  }

  cutProber(isCut: boolean): void {
    this.plane.network.isProberCut = isCut;
  }

  stall(forMs: number): void {
    this.plane.time.stall(forMs);
    this.#awakeMs = this.plane.time.nowMs();
  }

  /** A thread or the process ends as by a defect, and is started again after a while. */
  die(what: "control" | "process", forMs: number): void {
    this.#end(what === "control" ? "control dies" : "process dies");
    if (what === "control") this.plane.crash();
    else this.plane.kill();
    this.#startAfter(forMs);
  }

  /** The process ends in order, and is started again after a while. */
  stop(forMs: number): void {
    this.#cancelStart();
    if (!this.#view().isReady) {
      this.die("process", forMs);
      return;
    }
    this.plane.endOrderly(() => {
      this.#end("process stops");
      this.plane.kill();
      this.#startAfter(forMs);
    });
  }

  /** "www A 192.0.2.10 ttl 15" */
  ask(owner: string, type: string): string {
    if (type === "SOA") return `${owner} SOA serial ${this.plane.client.serial("lab.example.")}`;
    const asked = type === "AAAA" || type === "TXT" || type === "CNAME" ? type : "A";
    const { rcode, data, ttl } = this.#view().reply(ownerName(owner), asked);
    if (data.length === 0) return `${owner} ${type} ${rcode}, no data`;
    return `${owner} ${type} ${data.join(" ")} ttl ${ttl}`;
  }

  /** What dig is told beside an answer. */
  why(owner: string, type: "A" | "AAAA" | "CNAME"): string {
    return `${owner} ${type}: ${this.plane.client.why(`${ownerName(owner)}.`, type) ?? "nothing said"}`;
  }

  /** What an operator sees: each pool and member, each target, the store. */
  statusLines(): string[] {
    const { pools, targets, store, zones } = this.#view().status;
    return [
      ...pools.map((pool) => {
        const serving = pool.serving.join(" ") || "nothing";
        return `${pool.pool} ${pool.type} serves ${serving}, ${pool.code}: ${pool.reason}`;
      }),
      ...pools.flatMap((pool) =>
        pool.members.flatMap(({ address, forced, damping }) => [
          ...(forced === undefined ? [] : [`${address} is forced ${forced.state}`]),
          ...(damping === undefined ? [] : [`${address} has penalty ${damping.penalty}`]),
        ]),
      ),
      ...zones.flatMap(({ delegation }) => {
        if (delegation === undefined) return [];
        const { faults, detail = "as the zone says" } = delegation;
        return faults.length === 0 ? [`delegation: ${detail}`] : faults;
      }),
      ...targets.map((target) => {
        const last = target.lastCode === "" ? "" : `, last ${target.lastCode}`;
        return `${target.target} ${target.belief}: ${target.reason}${last}`;
      }),
      `store ${store.state}, ${store.waiting} waiting`,
    ];
  }

  /** What is known of a swap's propagation, the newest one's by default. */
  spreadLines(swap: number | undefined): string[] {
    return spreadLines(this.plane.swaps.propagation(swap), this.#startMs - this.plane.time.nowMs());
  }

  /** How often each address was probed since this was last asked. */
  probeLines(): string[] {
    const { started } = this.plane.network;
    const lines = [...started].sort().map(([address, count]) => `${address} ${count} probes`);
    started.clear();
    return lines.length === 0 ? ["no probes"] : lines;
  }

  /** An operator's order; what is refused is told. */
  order(
    verb: "force" | "unforce" | "approve" | "failback" | "drill" | "drain" | "undrain",
    [subject = "", ...words]: readonly string[],
  ): void {
    const options = readOptions(words);
    const carriedOut = async (): Promise<unknown> => {
      const { desk } = this.plane;
      if (verb === "approve") return desk.approve(ownerName(subject), "ann");
      if (verb === "failback") {
        const isDry = words[0] === "dry";
        const { pools } = desk.failback(ownerName(subject), { author: "ann", isDry });
        for (const { type, serving, from, to, code } of pools) {
          this.#tell(`${type} from ${from} to ${to}: ${serving.join(" ")}, ${code}`);
        }
        return pools;
      }
      if (verb === "drill") {
        const forMs = readMs(words[0] ?? "60s");
        return desk.drill({ pool: ownerName(subject), author: "ann", forMs });
      }
      if (verb === "drain") {
        const order = { address: subject, author: "ann", reason: "kernel update" };
        const after = options["after"];
        const atWallMs = this.plane.time.wallMs() + readMs(after ?? "0s");
        return desk.drains.drain({ ...order, ...(after !== undefined && { atWallMs }) });
      }
      if (verb === "undrain") return desk.drains.undrain(subject, "ann");
      if (verb === "unforce") return desk.unforce(subject, "ann");
      const forMs = options["for"];
      return desk.force({
        ...{ address: subject, state: words[0] === "up" ? "up" : "down" },
        ...{ author: "ann", reason: "kernel update" },
        ...(forMs !== undefined && { forMs: readMs(forMs) }),
        isFloorIgnored: options["force"] !== undefined,
      });
    };
    carriedOut().catch((error: unknown) => this.#tell(`refused: ${messageOf(error)}`));
  }

  /** Tells a line of what came later of something that happened. */
  tell(line: string): void {
    this.#tell(line);
  }

  /** All faults are over for long: everything must be well again. */
  settle(): void {
    const view = this.#view();
    for (const invariant of this.#invariants) {
      this.#must(invariant, () => invariant.settled?.(view));
    }
  }

  // --- inside -----------------------------------------------------------------------------------

  async #run(untilMs: number): Promise<void> {
    const { time } = this.plane;
    await drainPromises();
    if (this.#isChanged) this.#look();
    while (this.#broken === undefined && (await time.step(untilMs))) {
      this.#steps++;
      if (this.#isChanged || time.nowMs() >= this.#lookAtMs) this.#look();
    }
  }

  #look(): void {
    this.#isChanged = false;
    this.#lookAtMs = this.plane.time.nowMs() + LOOK_MS;
    const { failure, readyMs } = this.plane;
    if (failure !== undefined) {
      this.#tell(`${this.#stamp()} start failed: ${messageOf(failure)}`);
      this.plane.kill();
      this.#startAfter(RETRY_MS);
      return;
    }
    const isStarted = readyMs !== undefined && !this.#wasReady;
    this.#wasReady = readyMs !== undefined;
    const view = this.#view();
    for (const invariant of this.#invariants) {
      if (isStarted) this.#must(invariant, () => invariant.started?.(view));
      this.#must(invariant, () => invariant.check?.(view));
    }
  }

  #end(end: End): void {
    this.#look();
    this.#wasReady = false;
    const view = this.#view();
    for (const invariant of this.#invariants) {
      this.#must(invariant, () => invariant.ending?.(end, view));
    }
  }

  #startAfter(forMs: number): void {
    this.#cancelStart();
    this.#cancelStart = this.plane.time.after(forMs, () => this.plane.begin());
  }

  #hear(event: LivezoneEvent): void {
    if (event.event !== "probe.observed") this.#isChanged = true;
    if (event.event === "clock.jumped") {
      this.#holdUntilMs = this.plane.time.nowMs() + event.holdMs;
    }
    if (this.#isShown(event.event)) this.#tell(`${this.#stamp()} ${event.event}: ${event.msg}`);
    const view = this.#view();
    for (const invariant of this.#hearing) {
      this.#must(invariant, () => invariant.heard?.(event, view));
    }
  }

  /** Single probes and members are told only where they are asked for; a start, unless it is what is looked at. */
  #isShown(name: LivezoneEvent["event"]): boolean {
    const { shows } = this.#script;
    if (name === "probe.observed" || name === "member.changed") return shows.includes(name);
    if (shows.length === 0) return true;
    const isStarting = this.#told.length === 1;
    return !isStarting && shows.some((beginning) => name.startsWith(beginning));
  }

  #spy(reports: ProbeReports): ProbeReports {
    const note = (targetId: string, probe: number, news: ProbeNews): void => {
      const view = this.#view();
      for (const invariant of this.#probing) {
        this.#must(invariant, () => invariant.probed?.(targetId, probe, news, view));
      }
    };
    return {
      started: (targetId, probe, startedMs, purpose) => {
        note(targetId, probe, { kind: "started", purpose });
        reports.started(targetId, probe, startedMs, purpose);
      },
      late: (targetId, probe, nowMs) => reports.late(targetId, probe, nowMs),
      observed: (targetId, probe, observation) => {
        note(targetId, probe, { kind: "observed", observation });
        reports.observed(targetId, probe, observation);
      },
      tripped: (targetId, nowMs) => reports.tripped(targetId, nowMs),
      tripwireLearned: (targetId, state) => reports.tripwireLearned(targetId, state),
    };
  }

  /** Only noted: thrown from inside control, it might be caught there. */
  #must(invariant: Invariant, holds: () => string | undefined): void {
    if (this.#broken !== undefined) return;
    const sentence = holds();
    if (sentence !== undefined) this.#broken = `${invariant.name}: ${sentence}`;
  }

  #view(): View {
    return new View(this.plane, {
      setup: this.#setup,
      holdUntilMs: this.#holdUntilMs,
      awakeMs: this.#awakeMs,
      owners: this.#owners,
    });
  }

  #tell(line: string): void {
    this.#told.at(-1)?.push(line);
  }

  #stamp(): string {
    return `${((this.plane.time.nowMs() - this.#startMs) / 1000).toFixed(3)}`;
  }
}

/** Every name that a script speaks of. */
function ownersOf({ setup, lines }: Script): readonly string[] {
  const owners = new Set([...setup.hosts.keys(), ...setup.pools.keys()]);
  for (const { words } of lines) {
    const [subject, owner = ""] = words;
    if (subject === "pool" || subject === "host") owners.add(owner.replace(/:$/, ""));
  }
  return [...owners].map(ownerName);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
