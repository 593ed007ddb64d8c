// A pool's handover while it runs: notes each stage in the store, starts its hook, and has the pool
// decide when there is news. What to do next is `failover/handover`'s to say.

import type { Cancel, Time } from "../base/clock.ts";
import { nameToDisplay } from "../dns/name.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import type { Decision } from "../failover/decision.ts";
import {
  beginHandover,
  type Handover,
  type HandoverInput,
  type HandoverPlan,
  isUnderWay,
  resumeHandover,
  stepHandover,
} from "../failover/handover.ts";
import type { HookName, Pool } from "../failover/pool.ts";
import type { EventSink } from "./ports.ts";
import type { HookEnd, HookPort, StoredHandover } from "./ports-hooks.ts";

/** A stage that the store has not taken by then is said, or gone on with where hooks may fail. */
const NOTED_WITHIN_MS = 2000;
const NOTE_AGAIN_MS = 1000;

/** What handovers are given. */
export interface HandoversPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly hooks: HookPort;
  /** Durable when it resolves; false when the store would not take it. */
  readonly note: (handover: StoredHandover) => Promise<boolean>;
  /** What was under way before the start; once. */
  readonly stored: () => Handover | undefined;
  /** A hook has ended, or nothing waits for one any more. */
  readonly decide: () => void;
}

/** The handover of one pool, if it has one. */
export class Handovers {
  readonly #ports: HandoversPorts;
  #pool: Pool;
  #current: Handover | undefined;
  #isRestored = false;
  /** Counts what was begun, so that what ends late is known as such. */
  #turn = 0;
  #cancelWork: Cancel = () => undefined;
  #cancelNote: Cancel = () => undefined;
  #startedMs = 0;
  #isResumed = false;

  constructor(pool: Pool, ports: HandoversPorts) {
    this.#pool = pool;
    this.#ports = ports;
  }

  get current(): Handover | undefined {
    return this.#current;
  }

  /** Takes a new definition; what it has no hooks or no member for any more is given up. */
  configure(pool: Pool): void {
    this.#pool = pool;
    if (!this.#isRestored) {
      this.#isRestored = true;
      this.#current = this.#ports.stored();
      if (isUnderWay(this.#current)) this.#resume();
    }
    const { hooks } = pool;
    const current = this.#current;
    if (current === undefined) return;
    const isMember = pool.members.some(({ id }) => id === current.to);
    if (isUnderWay(current) && (hooks === undefined || !isMember)) {
      this.#stopWaiting();
      const failure = "given up: the pools file has no such member or hook any more";
      this.#set({ ...current, stage: "failed", failure });
      this.#tell("handover.failed", failure);
      this.#store();
    } else if (current.stage === "done" && !isMember) {
      // Should it come back, it is not who was promoted last.
      this.#set(undefined);
      this.#store();
    }
  }

  /** A decision was carried out: begins the handover that it wants, or gives one up. */
  follow(decision: Decision): void {
    const current = this.#current;
    if (decision.begins !== undefined) {
      this.#begin(decision.begins);
      return;
    }
    if (current === undefined || decision.code === "handing-over") return;
    if (isUnderWay(current) && !current.isBegun) {
      this.#stopWaiting();
      this.#tell("handover.cancelled", "it is not wanted any more, and nobody was promoted");
      this.#set(undefined);
      this.#store();
      return;
    }
    const isBack = decision.serve[0] === current.from && decision.wanted === undefined;
    if (current.stage !== "failed" || current.isOver || !isBack) return;
    this.#set(current.isPromoteTried ? { ...current, isOver: true } : undefined);
    this.#store();
  }

  /** Kills a hook that runs: a start goes on where this has ended. */
  close(): void {
    this.#stopWaiting();
  }

  #begin(plan: HandoverPlan): void {
    const { hooks } = this.#pool;
    if (hooks === undefined) return;
    this.#stopWaiting();
    this.#startedMs = this.#ports.time.nowMs();
    this.#isResumed = false;
    this.#set(beginHandover(plan, hooks));
    this.#tell("handover.begun", plan.why);
    const stage = hooks.fence === undefined ? "promote" : "fence";
    this.#note(stage);
  }

  #resume(): void {
    const { hooks } = this.#pool;
    if (this.#current === undefined || hooks === undefined) return;
    this.#startedMs = this.#ports.time.nowMs();
    this.#isResumed = true;
    this.#set(resumeHandover(this.#current, hooks));
    this.#tell("handover.resumed", this.#current.why);
    const turn = this.#turn;
    this.#cancelNote = this.#ports.time.after(0, () => this.#step(turn, { kind: "noted" }));
  }

  #step(turn: number, input: HandoverInput): void {
    const { hooks } = this.#pool;
    if (turn !== this.#turn || this.#current === undefined || hooks === undefined) return;
    this.#stopWaiting();
    const { handover, next } = stepHandover(this.#current, input, hooks);
    this.#set(handover);
    if (handover.stage === "done" || handover.stage === "failed") this.#end(handover);
    else if (next === "note") this.#note(handover.stage);
    else this.#run(handover, handover.stage);
  }

  /** Has the stage stored before its hook is started. */
  #note(stage: HookName): void {
    const { time } = this.#ports;
    const turn = this.#turn;
    this.#cancelWork = time.after(NOTED_WITHIN_MS, () => {
      if (this.#pool.hooks?.[stage]?.onFailure === "continue") this.#step(turn, { kind: "noted" });
      else this.#tell("handover.delayed", "the store does not take what it would do");
    });
    this.#store(() => this.#step(turn, { kind: "noted" }));
  }

  /** Tells the store how far it is, again and again until it takes it or that is no longer true. */
  #store(stored: () => void = () => undefined): void {
    const { time, note } = this.#ports;
    const turn = this.#turn;
    void note(this.#storedForm()).then((isNoted) => {
      if (turn !== this.#turn) return;
      if (isNoted) stored();
      else this.#cancelNote = time.after(NOTE_AGAIN_MS, () => this.#store(stored));
    });
  }

  #run(handover: Handover, stage: HookName): void {
    const hook = this.#pool.hooks?.[stage];
    const turn = this.#turn;
    if (hook === undefined) {
      this.#step(turn, { kind: "ended", isGood: true, outcome: "" });
      return;
    }
    const { from, to } = handover;
    const pool = nameToDisplay(this.#pool.owner);
    const fields = { pool, hook: stage, from, to };
    const { command, timeoutMs } = hook;
    const msg = `${pool}: ${stage} is started, ${command.join(" ")}`;
    this.#ports.emit(event("hook.started", msg, { ...fields, command: [...command] }));
    const environment = environmentOf(this.#pool, handover, this.#isResumed);
    this.#cancelWork = this.#ports.hooks.start({ command, timeoutMs, environment }, (end) => {
      if (turn !== this.#turn) return;
      this.#ports.emit(endEvent(end, fields));
      const isGood = end.outcome === "succeeded";
      this.#step(turn, { kind: "ended", isGood, outcome: outcomeOf(end) });
    });
  }

  /** There is nothing more to wait for: it may be served, or has failed. */
  #end(handover: Handover): void {
    if (handover.stage === "failed") this.#tell("handover.failed", handover.failure);
    else this.#tell("handover.done", handover.why);
    this.#store();
    this.#ports.decide();
  }

  #set(handover: Handover | undefined): void {
    this.#turn++;
    this.#current = handover;
  }

  #stopWaiting(): void {
    this.#turn++;
    this.#cancelWork();
    this.#cancelNote();
    this.#cancelWork = () => undefined;
    this.#cancelNote = () => undefined;
  }

  #storedForm(): StoredHandover {
    const { owner } = this.#pool;
    return { owner, handover: this.#current, atWallMs: Math.round(this.#ports.time.wallMs()) };
  }

  /** Says something of the handover there is; `reason` in words. */
  #tell(name: HandoverEvent, reason: string): void {
    const current = this.#current;
    if (current === undefined) return;
    const pool = nameToDisplay(this.#pool.owner);
    const { from, to } = current;
    const durationMs = Math.round(this.#ports.time.nowMs() - this.#startedMs);
    const mend = name === "handover.failed" ? `; "livezone approve ${pool}" tries again` : "";
    const msg = `${pool} ${WORDS[name]} from ${from} to ${to}: ${reason}${mend}`;
    this.#ports.emit(event(name, msg, { pool, from, to, reason, durationMs }));
  }
}

type HandoverEvent = keyof typeof WORDS;

const WORDS = {
  "handover.begun": "begins to hand over",
  "handover.resumed": "goes on handing over",
  "handover.delayed": "waits before handing over",
  "handover.cancelled": "does not hand over",
  "handover.done": "has handed over",
  "handover.failed": "could not hand over",
} as const;

function endEvent(
  end: HookEnd,
  fields: { pool: string; hook: HookName; from: string; to: string },
): LivezoneEvent {
  const { outcome, detail, output, isCut } = end;
  const durationMs = Math.round(end.durationMs);
  const how = detail === "" ? outcome : `${outcome}, ${detail}`;
  const msg = `${fields.pool}: ${fields.hook} ${how} after ${durationMs} ms`;
  const name = outcome === "succeeded" ? "hook.succeeded" : "hook.failed";
  return event(name, msg, { ...fields, outcome, detail, output, isCut, durationMs });
}

/** What hooks are told; documented in docs/hooks.md. */
function environmentOf(
  pool: Pool,
  { stage, from, to, code, why }: Handover,
  isResumed: boolean,
): Readonly<Record<string, string>> {
  const member = (id: string) => pool.members.find((each) => each.id === id);
  return {
    LIVEZONE_POOL: nameToDisplay(pool.owner),
    LIVEZONE_HOOK: stage,
    LIVEZONE_FROM: from,
    LIVEZONE_FROM_V4: member(from)?.v4 ?? "",
    LIVEZONE_FROM_V6: member(from)?.v6 ?? "",
    LIVEZONE_TO: to,
    LIVEZONE_TO_V4: member(to)?.v4 ?? "",
    LIVEZONE_TO_V6: member(to)?.v6 ?? "",
    LIVEZONE_CODE: code,
    LIVEZONE_REASON: why,
    LIVEZONE_RESUMED: isResumed ? "1" : "0",
  };
}

function outcomeOf({ outcome, detail }: HookEnd): string {
  return detail === "" ? outcome : detail;
}
