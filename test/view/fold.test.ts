// The reducer against tables: lines of a log, and what a dashboard knows afterwards.

import { describe, expect, it } from "vitest";
import { type LoggedEvent, readLine } from "../../src/events/line.ts";
import { fold } from "../../src/view/fold.ts";
import { EMPTY_VIEW, LIMITS, type ViewState } from "../../src/view/state.ts";
import { runTable } from "../config/tables.ts";
import { readEvents } from "./lines.ts";

describe("fold()", () => {
  runTable(new URL("../data/view-fold.txt", import.meta.url), (input) => {
    const events = readEvents(input);
    const state = fold(EMPTY_VIEW, events);
    // However a log is cut into batches, the state is the same.
    const oneByOne = events.reduce((before, each) => fold(before, [each]), EMPTY_VIEW);
    expect(oneByOne).toEqual(state);
    return told(state);
  });

  it("takes a live event and its line in the log for the same", () => {
    const text = `12:00:00 swap.durable {"swap":1,"delayMs":3}`;
    const [live] = readEvents(text);
    const line = JSON.stringify({ level: "info", time: "2026-01-02T12:00:00Z", ...live?.event });
    expect(readLine(line)).toEqual(live);
  });

  it("forgets the oldest first, and keeps every history within its bound", () => {
    const lines: string[] = [];
    for (let i = 0; i < LIMITS.log + 100; i++) {
      const fields = { swap: i, pool: "www", type: "A", zone: "z", code: "c", reason: "r" };
      const answers = { before: ["a"], after: [i % 2 === 0 ? "a" : "b"] };
      const rest = { serial: i, ttl: 5, durable: true, publishMs: 1 };
      lines.push(`12:00:00 pool.swapped ${JSON.stringify({ ...fields, ...answers, ...rest })}`);
    }
    const state = fold(EMPTY_VIEW, readEvents(lines.join("\n")));
    expect(state.log).toHaveLength(LIMITS.log);
    expect(state.swaps.size).toBe(LIMITS.swaps);
    expect([...state.swaps.keys()].at(-1)).toBe(LIMITS.log + 99);
    expect(state.pools.get("www A")?.history).toHaveLength(LIMITS.answers);
  });

  it("keeps the newest changes, within their bound", () => {
    const lines = Array.from({ length: LIMITS.changes + 5 }, (_, i) => {
      const change = {
        action: "force",
        object: `o${i}`,
        author: "ann",
        reason: "r",
        via: "socket",
      };
      return `12:00:00 api.changed ${JSON.stringify(change)}`;
    });
    const { changes } = fold(EMPTY_VIEW, readEvents(lines.join("\n")));
    expect(changes).toHaveLength(LIMITS.changes);
    expect(changes.at(-1)?.object).toBe(`o${LIMITS.changes + 4}`);
  });

  it("changes nothing of the state that it was given", () => {
    const first = readEvents('12:00:00 target.up {"target":"t","before":"down","reason":"r"}');
    const state: ViewState = fold(EMPTY_VIEW, first);
    const text = JSON.stringify([...state.targets]);
    const next: LoggedEvent[] = readEvents(
      '12:00:01 probe.observed {"target":"t","code":"ok","hard":false,"durationMs":2,"detail":""}',
    );
    expect(fold(state, next).targets).not.toBe(state.targets);
    expect(JSON.stringify([...state.targets])).toBe(text);
    expect(EMPTY_VIEW.targets.size).toBe(0);
  });
});

/** What a dashboard would show, in lines. */
function told(state: ViewState): string[] {
  const { server } = state;
  const time = (ms: number): string => (ms === 0 ? "-" : new Date(ms).toISOString().slice(11, 19));
  const threads = [...server.threads].map(([id, { state: is, deaths }]) => `${id} ${is} ${deaths}`);
  const fault = server.fault === undefined ? "" : `, prober: ${server.fault.detail}`;
  const brake = server.brake === undefined ? "" : `, brake: ${server.brake.reason}`;
  return [
    `server ${server.phase}, store ${server.store.state} ${server.store.waiting}${brake}${fault}`,
    ...threads.map((thread) => `thread ${thread}`),
    ...[...state.zones.values()].map(({ zone, serial, records, rejected, edits }) => {
      const told = edits.map((edit) => `${edit.cause} +${edit.added} -${edit.removed}`);
      const refused = rejected.map((sentence) => `, refused: ${sentence}`).join("");
      return `zone ${zone} ${serial}, ${records} records, edits: ${told.join(", ")}${refused}`;
    }),
    ...[...state.pools.values()].flatMap((pool) => [
      `pool ${pool.pool} ${pool.type} serves ${pool.serving.join(" ")} since ${time(pool.sinceMs)}, ` +
        `${pool.code}: ${pool.reason}${pool.isFailOpen ? ", FAIL-OPEN" : ""}` +
        `${pool.wanted === undefined ? "" : `, wanted ${pool.wanted.join(" ")}`}`,
      ...pool.members.map(({ member, belief, isServed, reason, sinceMs }) => {
        const is = `${belief} since ${time(sinceMs)}${isServed ? ", served" : ""}`;
        return `  ${member} ${is}: ${reason}`;
      }),
      ...pool.history.map((span) => {
        const open = span.isFailOpen ? " open" : "";
        return `  from ${time(span.atMs)} ${span.serving.join(" ")}${open}`;
      }),
    ]),
    ...[...state.targets.values()].map((target) => {
      const notes = `${target.isStale ? ", stale" : ""}${target.warning ?? ""}`;
      const past = target.history.map(({ atMs, belief }) => `${belief} ${time(atMs)}`).join(", ");
      const seen = target.observations.map(({ code }) => code).join(" ");
      return `target ${target.target} ${target.belief}: ${target.reason}${notes} [${past}] ${seen}`;
    }),
    ...[...state.addresses.values()].map(({ address, forced, damping, drain }) => {
      const force = forced && `forced ${forced.state} by ${forced.author}, ${forced.reason}`;
      const against = forced?.isAgainstProbes === true ? ", against its probes" : "";
      const damp = damping && `penalty ${damping.penalty} until ${time(damping.reusableMs ?? 0)}`;
      const held = drain?.held === undefined ? "" : `, held: ${drain.held}`;
      const moves = `leaves ${time(drain?.moveWallMs ?? 0)}, gone ${time(drain?.drainedWallMs ?? 0)}`;
      const move = drain && `${drain.stage} by ${drain.author}, ${drain.reason}, ${moves}${held}`;
      return `address ${address} ${[force, damp, move].filter(Boolean).join("; ")}${against}`;
    }),
    ...state.changes.map(({ atMs, author, action, object, reason, via, serial, detail }) => {
      const more = [serial, detail].filter((each) => each !== undefined).join(", ");
      return `change ${time(atMs)} ${author} ${action} ${object} by ${via}: ${reason}; ${more}`;
    }),
    ...[...state.swaps.values()].map((swap) => {
      const is = swap.isDurable ? "durable" : "not durable";
      const goal = swap.goalMs === undefined ? "" : `, goal ${swap.goalMs}`;
      const { spread } = swap;
      const points = spread?.points.map(({ atMs, percent }) => `${time(atMs)} ${percent} %`);
      const late = spread?.overdue.map(({ resolver, detail }) => `, ${resolver} ${detail}`) ?? [];
      const told =
        spread === undefined
          ? ""
          : `, ${spread.holding} of ${spread.holders} hold it until ${time(spread.lastExpiryMs)}, ` +
            `drained ${time(spread.drainedMs ?? 0)}, ${points?.join(", ")}${late.join("")}`;
      return `swap ${swap.swap} detect ${swap.detectMs} publish ${swap.publishMs}${goal}, ${is}${told}`;
    }),
    ...[...state.drills.values()].map((drill) => `drill ${drill.drill} ${drill.hasPassed}`),
    `log: ${state.log.map(({ event }) => event).join(" ")}`,
  ];
}
