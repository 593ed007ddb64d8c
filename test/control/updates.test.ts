// Updates in the simulated plane: beside swaps, over crashes, on a disk that hangs; and a secondary that
// follows by differences alone.

import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import type { SessionReply } from "../../src/control/ports-sessions.ts";
import type { UpdateRule } from "../../src/dns/access.ts";
import { encodeMessage, type MessageRecord } from "../../src/dns/message.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { CLASS, OPCODE, RCODE, TYPE } from "../../src/dns/types.ts";
import { receiveView } from "../../src/transfer/transfer-stream.ts";
import { PLANE_SETTLES_MS, Plane } from "../simulation/plane.ts";
import { lineOf, SimulatedSecondary, transferred } from "../simulation/secondary.ts";

const ORIGIN = nameFromText("lab.example.");
const SECONDARY = { address: "192.0.2.99", port: 53, key: undefined };
const ANYBODY: readonly UpdateRule[] = [{}];

function world(seed = 1, diskMs = 0): { plane: Plane; secondary: SimulatedSecondary } {
  let plane: Plane | undefined;
  const secondary = new SimulatedSecondary(ORIGIN, async (since) => {
    return (await plane?.session({ kind: "view", origin: ORIGIN, since })) ?? { kind: "unready" };
  });
  const zones = [{ origin: ORIGIN, isNotifying: true, alsoNotify: [SECONDARY] }];
  const neighbours = { servers: secondary, zones, own: new Set<string>() };
  plane = new Plane({ seed, source: "store", diskMs: () => diskMs, neighbours });
  return { plane, secondary };
}

/** Adds an A record, where the name holds none if `isNew`. */
function adding(name: string, last: number, isNew = false): Uint8Array {
  const owner = nameFromText(name, ORIGIN);
  const record = { owner, type: TYPE.A, class: CLASS.IN, ttl: 60 };
  const none = { owner, type: TYPE.ANY, class: CLASS.NONE, ttl: 0, rdata: new Uint8Array() };
  const added = { ...record, rdata: Uint8Array.of(192, 0, 2, last) };
  return updateOf(isNew ? [none] : [], [added]);
}

/** Deletes all that a name holds. */
function deleting(name: string): Uint8Array {
  const owner = nameFromText(name, ORIGIN);
  const any = { owner, type: TYPE.ANY, class: CLASS.ANY, ttl: 0, rdata: new Uint8Array() };
  return updateOf([], [any]);
}

function updateOf(answers: MessageRecord[], authorities: MessageRecord[]): Uint8Array {
  const questions = [{ name: ORIGIN, type: TYPE.SOA, class: CLASS.IN }];
  return encodeMessage({ id: 9, opcode: OPCODE.UPDATE, questions, answers, authorities });
}

function send(plane: Plane, message: Uint8Array): Promise<SessionReply> {
  return plane.session({ kind: "update", origin: ORIGIN, message, rules: ANYBODY });
}

async function lines(plane: Plane): Promise<string[]> {
  const reply = await plane.session({ kind: "view", origin: ORIGIN, since: undefined });
  if (reply.kind !== "view") throw new Error(reply.kind);
  const [soa, ...records] = transferred(ORIGIN, receiveView(reply.view), "whole").map(lineOf);
  return [soa ?? "", ...records.slice(0, -1).sort()];
}

describe("an update of the simulated plane", () => {
  it("is one serial, and is refused where a prerequisite fails or a pool owns it", async () => {
    const { plane } = world();
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    const first = await send(plane, adding("new", 1, true));
    const second = await send(plane, adding("new", 2));
    expect(first).toMatchObject({ kind: "updated", added: 1, removed: 0 });
    expect(second).toMatchObject({ kind: "updated", added: 2, removed: 1 });
    if (first.kind !== "updated" || second.kind !== "updated") return;
    expect(second.serial).toBe(first.serial + 1);
    expect(await send(plane, adding("new", 2))).toEqual({
      ...{ kind: "updated", serial: second.serial, added: 0, removed: 0 },
    });
    expect(await send(plane, adding("new", 3, true))).toMatchObject({ rcode: RCODE.YXDOMAIN });
    const pooled = { rcode: RCODE.REFUSED, reason: "www.lab.example A belongs to a pool" };
    expect(await send(plane, deleting("www"))).toMatchObject(pooled);
    expect((await lines(plane)).filter((line) => /^new\./.test(line))).toEqual([
      "new.lab.example. 60 A 192.0.2.1",
      "new.lab.example. 60 A 192.0.2.2",
    ]);
  });

  it("is judged after the one before it, whatever the disk takes", async () => {
    const { plane } = world(1, 50);
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    const both = Promise.all([
      send(plane, adding("once", 1, true)),
      send(plane, adding("once", 2, true)),
    ]);
    await plane.time.advance(1000);
    const [first, second] = await both;
    expect(first).toMatchObject({ kind: "updated", added: 1 });
    expect(second).toMatchObject({ kind: "refused", rcode: RCODE.YXDOMAIN });
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "leaves a secondary that follows by differences where it is itself (seed %i)",
    async (seed) => {
      const { plane, secondary } = world(seed, seed % 3 === 0 ? 20 : 0);
      const random = seededRandom(seed);
      const promised = new Map<string, number>();
      await plane.start();
      await plane.time.advance(PLANE_SETTLES_MS);
      for (let turn = 0; turn < 25; turn++) await act(plane, random, promised);
      await plane.time.advance(90_000);
      const truth = await lines(plane);
      const held = secondary.soa === undefined ? "" : lineOf(secondary.soa);
      expect(secondary.misfits).toEqual([]);
      expect([held, ...[...secondary.records].sort()]).toEqual(truth);
      // What was acknowledged is there, whatever crashed behind it.
      for (const [name, last] of promised) {
        const line = `${name}.lab.example. 60 A 192.0.2.${last}`;
        expect(truth).toContain(line);
      }
    },
  );
});

/** One thing that happens; what an update has promised is written down. */
async function act(plane: Plane, random: Random, promised: Map<string, number>): Promise<void> {
  const target = below(random, 2) === 0 ? "192.0.2.10" : "192.0.2.20";
  const choice = below(random, 9);
  if (choice < 2) plane.network.set(target, { kind: "refuses" });
  else if (choice < 4) plane.network.set(target, { kind: "answers", afterMs: 2 });
  else if (choice < 8) {
    const name = `n${below(random, 4)}`;
    const isGone = below(random, 3) === 0;
    const last = 1 + below(random, 2);
    const reply = send(plane, isGone ? deleting(name) : adding(name, last));
    await plane.time.advance(200);
    if ((await reply).kind !== "updated") return;
    if (isGone) promised.delete(name);
    else promised.set(name, last);
  } else {
    if (below(random, 2) === 0) plane.kill();
    else plane.crash();
    await plane.start();
  }
  await plane.time.advance(below(random, 4000));
}
