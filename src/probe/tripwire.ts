// Tripwires: one idle connection per address and port, whose end is a hard failure's first sign. It
// owns those connections and what is learned about who is behind them, and it must never hurt a
// target: one that serves a single connection at a time is found out before it is kept waiting.

import type { Ask } from "../config/ask.ts";
import type { TripwireState } from "../control/ports.ts";
import type { Connection } from "./connection.ts";
import type { Finding } from "./kind.ts";
import { type DropProbe, keyOf, newPost, type Patience, type Post } from "./post.ts";

/** Trials in a row that must look serial: a single one may be a pause, of the target or of ours. */
const SERIAL_TRIALS = 2;

/** Closes of a healthy target that are a habit, unless `QUIET_RUN` replacements came between. */
const HABIT_CLOSES = 3;
const QUIET_RUN = 10;

/** A connection replaced sooner than this has shown nothing about habits. */
const QUIET_MS = 1000;

/** A server closes this much before the idle time it announces, at the earliest. */
const ANNOUNCED_SLACK_MS = 1000;

/** Octets that may arrive unasked on an idle connection, such as a farewell. */
const UNASKED_OCTETS_MAX = 4096;

/** What tripwires need of the prober. */
export interface TripwireHost {
  nowMs(): number;
  /** Whether probes wait for the caps: then nobody's first one waits for a trial of ours. */
  isCrowded(): boolean;
  tripped(targetId: string, nowMs: number): void;
  learned(targetId: string, state: TripwireState): void;
  /** Runs a probe that is reported to nobody else and keeps its connection. */
  probe(ask: Ask, patience: Patience, hear: Hearing): DropProbe;
}

/** Who hears of a tripwire's own probe: `late` at most once, then `ended` once. */
interface Hearing {
  late(): void;
  ended(finding: Finding): void;
}

/** A planned probe's success, for `Tripwires.succeeded`. */
export interface Success {
  readonly ask: Ask;
  readonly patience: Patience;
  readonly finding: Finding;
}

/** All tripwires of a prober. It tells its host only from inside `succeeded` and its own events. */
export class Tripwires {
  readonly #host: TripwireHost;
  readonly #posts = new Map<string, Post>();
  #heldMax: number;
  #heldCount = 0;

  /** @param heldMax idle connections at most; further targets go without. */
  constructor(host: TripwireHost, heldMax: number) {
    this.#host = host;
    this.#heldMax = heldMax;
  }

  /** A target wants a tripwire; `learned` is what was once learned about it. */
  join(targetId: string, ask: Ask, learned: TripwireState | undefined): void {
    const key = keyOf(ask);
    const post = this.#posts.get(key) ?? newPost(ask);
    this.#posts.set(key, post);
    post.told.set(targetId, learned);
    if (learned === "closes-idle" && post.state !== "serial") post.state = learned;
    if (learned === "serial") {
      post.state = learned;
      this.#release(post);
    }
  }

  /** A target wants none any more; the last one's leaving closes the connection. */
  leave(targetId: string, ask: Ask): void {
    const post = this.#posts.get(keyOf(ask));
    if (post === undefined || !post.told.delete(targetId) || post.told.size > 0) return;
    post.drop();
    this.#release(post);
    this.#posts.delete(keyOf(ask));
  }

  close(): void {
    for (const post of this.#posts.values()) {
      post.drop();
      this.#release(post);
    }
    this.#posts.clear();
  }

  /** Whether a probe with this ask should leave its connection open when it succeeds. */
  wants(ask: Ask): boolean {
    if (!ask.tripwire) return false;
    const post = this.#posts.get(keyOf(ask));
    if (post === undefined || post.isTrying || post.state === "serial") return false;
    if (post.held !== undefined) return true;
    return this.#heldCount < this.#heldMax && !this.#host.isCrowded();
  }

  /** A planned probe has succeeded; its connection, if it left one, becomes the tripwire. */
  succeeded({ ask, patience, finding }: Success): void {
    const post = ask.tripwire ? this.#posts.get(keyOf(ask)) : undefined;
    if (post === undefined) {
      finding.connection?.close();
      return;
    }
    if (post.isDoubted) this.#countClose(post);
    if (post.wasTurnedAway) this.#looksSerial(post);
    post.wasTurnedAway = false;
    post.mayRearm = true;
    post.ask = ask;
    post.patience = patience;
    this.#hold(post, finding);
    this.#tell(post);
  }

  /** A probe is late or has failed: whatever is behind it must not be kept busy by us. */
  troubled(ask: Ask): void {
    const post = this.#posts.get(keyOf(ask));
    if (post === undefined) return;
    post.isDoubted = false;
    post.closes = 0;
    post.wasTurnedAway = false;
    this.#release(post);
    this.#setState(post, "idle");
  }

  /** This host has run out of descriptors: half of what is held is given back, for good. */
  relieve(): void {
    if (this.#heldCount === 0) return;
    this.#heldMax = Math.floor(this.#heldCount / 2);
    for (const post of this.#posts.values()) {
      if (this.#heldCount <= this.#heldMax) return;
      this.#release(post);
      this.#setState(post, "idle");
    }
  }

  // --- the idle connection ----------------------------------------------------------------------

  #replace(post: Post, connection: Connection, idleMs = Number.POSITIVE_INFINITY): void {
    if (post.held === undefined && this.#heldCount >= this.#heldMax) {
      connection.close();
      return;
    }
    const wasQuiet = post.held !== undefined && this.#host.nowMs() - post.heldSinceMs >= QUIET_MS;
    post.held?.close();
    if (post.held === undefined) this.#heldCount++;
    if (wasQuiet && ++post.quietRun >= QUIET_RUN) post.closes = 0;
    post.held = connection;
    post.heldSinceMs = this.#host.nowMs();
    post.announcedIdleMs = idleMs;
    let unasked = 0;
    const closed = (isSilent: boolean): void => {
      if (this.#isHabit(post) && !isSilent) this.#rearm(post);
      else this.#cut(post);
    };
    connection.giveTo({
      received: (chunk) => {
        unasked += chunk.length;
        if (unasked > UNASKED_OCTETS_MAX) this.#release(post);
      },
      ended: () => closed(false),
      // Keepalive without an answer is no habit of any server.
      failed: (fault) => closed(fault.code === "response-timeout"),
    });
    connection.keepAlive();
  }

  /** Closes from our side. The next one is tested anew: much may have changed by then. */
  #release(post: Post): void {
    if (post.held === undefined) return;
    post.held.close();
    post.held = undefined;
    post.isTested = false;
    this.#heldCount--;
  }

  /** The other side, or the kernel on its behalf, has closed: the sign that it is there for. */
  #cut(post: Post): void {
    this.#release(post);
    post.isDoubted = true;
    this.#setState(post, "idle");
    this.#trip(post);
  }

  #isHabit(post: Post): boolean {
    const ageMs = this.#host.nowMs() - post.heldSinceMs;
    return post.state === "closes-idle" || ageMs >= post.announcedIdleMs - ANNOUNCED_SLACK_MS;
  }

  /** Replaces what was closed out of habit, without a word unless nobody is there any more. */
  #rearm(post: Post): void {
    const wasTested = post.isTested;
    this.#release(post);
    if (!wasTested || !post.mayRearm || post.isTrying) return;
    post.mayRearm = false;
    this.#probe(post, {
      late: () => this.#trip(post),
      ended: (finding) => {
        if (finding.isHard) this.#trip(post);
        if (finding.connection === undefined) return;
        this.#replace(post, finding.connection, finding.idleMs);
        post.isTested = post.held !== undefined;
      },
    });
  }

  #trip(post: Post): void {
    const nowMs = this.#host.nowMs();
    for (const targetId of [...post.told.keys()]) this.#host.tripped(targetId, nowMs);
  }

  // --- what is learned --------------------------------------------------------------------------

  /**
   * Sends a probe beside the idle connection.
   *
   *   beside it       then, without it   verdict
   *   ok in time      -                  armed
   *   late            the same one ok    serial, when it happens twice in a row
   *   failed          the next one ok    the same: it turns away what it cannot serve
   *   late or failed  failed             none: the target itself is in trouble
   */
  #try(post: Post): void {
    let isReleased = false;
    this.#probe(post, {
      late: () => {
        isReleased = true;
        this.#release(post);
      },
      ended: (finding) => {
        const isGood = finding.code === "ok";
        if (isGood && !isReleased) {
          finding.connection?.close();
          post.serialTrials = 0;
          post.isTested = post.held !== undefined;
          if (post.isTested) this.#setState(post, "armed");
        } else if (isGood) {
          this.#looksSerial(post);
          this.#hold(post, finding);
        } else {
          post.wasTurnedAway = !isReleased && post.held !== undefined;
          this.#release(post);
        }
      },
    });
  }

  #looksSerial(post: Post): void {
    if (++post.serialTrials >= SERIAL_TRIALS) this.#setState(post, "serial");
  }

  /** Holds a success's connection, and tests it where that was not done yet. */
  #hold(post: Post, finding: Finding): void {
    if (finding.connection === undefined || post.isTrying || post.state === "serial") {
      finding.connection?.close();
      return;
    }
    this.#replace(post, finding.connection, finding.idleMs);
    if (post.isTested) this.#setState(post, "armed");
    else if (post.held !== undefined) this.#try(post);
  }

  #probe(post: Post, hear: Hearing): void {
    post.isTrying = true;
    let hasEnded = false;
    const drop = this.#host.probe(post.ask, post.patience, {
      late: hear.late,
      ended: (finding) => {
        hasEnded = true;
        post.isTrying = false;
        hear.ended(finding);
      },
    });
    if (!hasEnded) post.drop = drop;
  }

  /** A close turned out to be no failure: is it becoming a habit? */
  #countClose(post: Post): void {
    post.isDoubted = false;
    post.quietRun = 0;
    if (++post.closes >= HABIT_CLOSES) this.#setState(post, "closes-idle");
  }

  /** What was learned for good is not replaced by what is merely so at the moment. */
  #setState(post: Post, state: TripwireState): void {
    const isForGood = post.state === "serial" || post.state === "closes-idle";
    if (isForGood && (state === "armed" || state === "idle")) return;
    post.state = state;
    this.#tell(post);
  }

  #tell(post: Post): void {
    for (const [targetId, told] of [...post.told]) {
      if (told === post.state) continue;
      post.told.set(targetId, post.state);
      this.#host.learned(targetId, post.state);
    }
  }
}
