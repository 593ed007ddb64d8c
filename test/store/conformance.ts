// What every implementation of `StorePort` does, as one suite that is run against each.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StorePort } from "../../src/control/ports.ts";
import { NOBODY_MS } from "../../src/control/ports-beliefs.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import type { HandoverPlan } from "../../src/failover/handover.ts";
import { openStore } from "../../src/store/open.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import {
  belief,
  changing,
  damping,
  Folder,
  forced,
  importing,
  journal,
  ORIGIN,
  OTHER,
  readable,
  rrsetsOf,
  seen,
  serving,
  swap,
  swapping,
} from "./fixtures.ts";

/** A store under test. `close` ends what lies behind the port, too. */
export interface TestedStore {
  readonly port: StorePort;
  close(): Promise<void>;
}

const UPPER = nameFromText("EXAMPLE.Org.");

/** Declares the suite for one implementation; `open` makes an empty store. */
export function testStoreConformance(name: string, open: (folder: Folder) => TestedStore): void {
  describe(name, () => {
    let folder: Folder;
    let tested: TestedStore;
    let store: StorePort;
    beforeEach(() => {
      folder = new Folder();
      tested = open(folder);
      store = tested.port;
    });
    afterEach(async () => {
      await tested.close();
      folder.remove();
    });

    it("holds nothing at first", async () => {
      const empty = {
        zones: [],
        beliefs: [],
        life: 1,
        servings: [],
        dampings: [],
        forced: [],
        handovers: [],
        lastSwapId: 0,
      };
      expect(await store.readState()).toEqual(empty);
      expect(await store.readSwaps(10)).toEqual([]);
      expect(await store.readJournal(ORIGIN, 1)).toBeUndefined();
    });

    it("keeps a pool's handover until there is none any more", async () => {
      const plan = {
        from: "192.0.2.10",
        to: "192.0.2.20",
        code: "primary-down",
        why: "it is down",
      };
      const handover = {
        ...(plan as HandoverPlan),
        ...{ stage: "promote" as const, isBegun: true, isPromoteTried: true },
        ...{ failure: "", isOver: false },
      };
      const first = {
        owner: ORIGIN,
        handover: { ...handover, stage: "fence" as const },
        atWallMs: 1,
      };
      await store.saveHandover(first);
      await store.saveHandover({ owner: ORIGIN, handover, atWallMs: 2 });
      expect((await store.readState()).handovers).toEqual([
        { owner: ORIGIN, handover, atWallMs: 2 },
      ]);
      await store.saveHandover({ owner: ORIGIN, handover: undefined, atWallMs: 3 });
      expect((await store.readState()).handovers).toEqual([]);
    });

    it("keeps an imported zone, its spelling and its order", async () => {
      await store.commitZone(importing(7, "b 300 A 192.0.2.2", "b 300 A 192.0.2.1", "A 60 TXT x"));
      expect(readable(await store.readZone(UPPER)).slice(3)).toEqual([
        "b.example.org. 300 A 192.0.2.2",
        "b.example.org. 300 A 192.0.2.1",
        'A.example.org. 60 TXT "x"',
      ]);
      const { zones } = await store.readState();
      expect(zones.map(({ origin }) => nameToText(origin))).toEqual(["example.org."]);
      expect(zones[0]).toMatchObject({ serial: 7, fileSerial: 7, reservedSerial: 7 });
    });

    it("keeps what the files of a zone held until a commit says otherwise", async () => {
      const digest = async () => (await store.readState()).zones[0]?.fileDigest;
      await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
      expect(await digest()).toBeUndefined();
      await store.commitZone({ ...changing(1, 2, "a 300 A 192.0.2.2"), fileDigest: "second" });
      await store.commitZone(changing(2, 3, "a 300 A 192.0.2.3"));
      expect(await digest()).toBe("second");
      await store.commitZone({ ...changing(3, 4, "a 300 A 192.0.2.4"), fileDigest: "" });
      expect(await digest()).toBe("");
    });

    it("sets, adds and deletes RRsets, which keep their places", async () => {
      await store.commitZone(importing(1, "a 300 A 192.0.2.1", "b 300 A 192.0.2.2", "c 300 TXT x"));
      await store.commitZone(changing(1, 2, "new 300 A 192.0.2.9", "delete b A"));
      await store.commitZone(changing(2, 3, "A 60 A 192.0.2.8", "A 60 A 192.0.2.7"));
      await store.commitZone(changing(3, 4, "delete new A", "newer 1 TXT y", "c 300 TXT z"));
      expect(readable(await store.readZone(ORIGIN)).slice(3)).toEqual([
        "A.example.org. 60 A 192.0.2.8",
        "A.example.org. 60 A 192.0.2.7",
        'c.example.org. 300 TXT "z"',
        'newer.example.org. 1 TXT "y"',
      ]);
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 4, fileSerial: 4 });
    });

    it("replaces a zone whole, changed RRsets and all", async () => {
      await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
      await store.commitZone(changing(1, 2, "b 300 A 192.0.2.2"));
      const whole = { ...importing(3, "c 300 A 192.0.2.3"), journal: journal(2, 3) };
      await store.commitZone(whole);
      const owners = readable(await store.readZone(ORIGIN)).slice(3);
      expect(owners).toEqual(["c.example.org. 300 A 192.0.2.3"]);
    });

    it("keeps zones apart and drops one whole", async () => {
      await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
      const other = importing(5);
      await store.commitZone({ ...other, journal: { ...other.journal, origin: OTHER } });
      await store.dropZone(ORIGIN);
      await store.dropZone(ORIGIN);
      const { zones } = await store.readState();
      expect(zones.map((zone) => [nameToText(zone.origin), zone.serial])).toEqual([
        ["other.example.", 5],
      ]);
      await expect(store.readZone(ORIGIN)).rejects.toMatchObject({ code: "STORE_NO_ZONE" });
      await store.commitZone(importing(1));
      expect(await store.readJournal(ORIGIN, 1)).toHaveLength(0);
    });

    it("takes a zone of many parts", async () => {
      const lines = Array.from({ length: 9000 }, (_, i) => `h${i} 300 TXT ${"t".repeat(60)}${i}`);
      const commit = importing(1, ...lines);
      expect(commit.rrsets.length).toBeGreaterThan(0x8_0000);
      await store.commitZone(commit);
      expect(Buffer.compare(await store.readZone(ORIGIN), commit.rrsets)).toBe(0);
    });

    it("takes the same commit twice for one", async () => {
      const first = importing(1, "a 300 A 192.0.2.1");
      const second = changing(1, 2, "a 300 A 192.0.2.2");
      const third = changing(2, 3, "a 300 A 192.0.2.3");
      for (const commit of [first, second, third, first, second, third]) {
        await store.commitZone(commit);
      }
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 3 });
      expect(readable(await store.readZone(ORIGIN)).at(-1)).toBe("a.example.org. 300 A 192.0.2.3");
      expect(serials(await store.readJournal(ORIGIN, 1))).toEqual([
        [1, 2],
        [2, 3],
      ]);
    });

    it("refuses another change under a serial that was used, and writes nothing of it", async () => {
      await store.commitZone(importing(1));
      await store.commitZone(changing(1, 2, "a 300 A 192.0.2.1"));
      const reused = changing(1, 2, "a 300 A 192.0.2.66");
      const conflict = { ...reused, journal: { ...reused.journal, wallMs: 5 } };
      await expect(store.commitZone(conflict)).rejects.toMatchObject({
        code: "STORE_CONFLICT",
        message:
          'Cannot store a change of zone "example.org": serial 2 was used before, by a change of cause "file"',
      });
      expect(readable(await store.readZone(ORIGIN)).at(-1)).toContain("192.0.2.1");
    });

    it("takes a commit that leaves the serial as it is", async () => {
      await store.commitZone(importing(5));
      await store.commitZone(changing(5, 6, "a 300 A 192.0.2.1"));
      const lowered = { ...changing(6, 6), fileSerial: 2 };
      await store.commitZone(lowered);
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 6, fileSerial: 2 });
    });

    it("reserves serials, and gives back what an orderly stop has not used", async () => {
      await store.commitZone(importing(1));
      await store.reserveSerials(UPPER, 1001);
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 1, reservedSerial: 1001 });
      await store.commitZone(changing(1, 2, "a 300 A 192.0.2.1"));
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 2, reservedSerial: 1001 });
      await store.reserveSerials(ORIGIN, 2);
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 2, reservedSerial: 2 });
      await store.commitZone(changing(2, 9, "a 300 A 192.0.2.2"));
      expect((await store.readState()).zones[0]).toMatchObject({ serial: 9, reservedSerial: 9 });
      await expect(store.reserveSerials(OTHER, 5)).rejects.toMatchObject({ code: "STORE_NO_ZONE" });
    });

    it("keeps swaps with their journal, and what is served", async () => {
      await store.commitZone(importing(1));
      const timed = swap(2, { firstFaultWallMs: 5.5, detectedWallMs: 6.5 });
      const commits = [swapping(1, 1, 2), { ...swapping(2, 2, 3), swap: timed }];
      await store.commitSwaps(commits, [serving(2)]);
      await store.commitSwaps(commits, [serving(2)]);
      expect(await store.readSwaps(10)).toEqual([timed, swap(1)]);
      expect(await store.readSwaps(1)).toEqual([timed]);
      const state = await store.readState();
      expect(state).toMatchObject({ lastSwapId: 2, zones: [{ serial: 3, fileSerial: 1 }] });
      expect(state.servings).toEqual([serving(2)]);
      expect(serials(await store.readJournal(ORIGIN, 1))).toHaveLength(2);
    });

    it("keeps what secondaries were told of pools, until the name or the zone is given back", async () => {
      const told = async () => (await store.readState()).zones[0]?.told ?? [];
      const [www] = rrsetsOf("www 5 A 192.0.2.20");
      const [other] = rrsetsOf("other 5 A 192.0.2.1");
      if (www === undefined || other === undefined) throw new Error("no records");
      const { owner, type } = other;
      const answer = (ttl: number) => ({ owner, type, packed: packRRsets([{ ...other, ttl }]) });
      await store.commitZone(importing(1));
      expect(await told()).toEqual([]);
      await store.saveTold(UPPER, [answer(5)]);
      expect(await told()).toEqual([other]);
      await store.commitZone({ ...changing(1, 2), told: [answer(7)] });
      expect(await told()).toEqual([{ ...other, ttl: 7 }]);
      const swaps = [www, { ...www, rdatas: [] }].map((after, i) => {
        const row = journal(2 + i, 3 + i, { cause: "swap", added: [after] });
        return { swap: swap(1 + i), journal: row };
      });
      await store.commitSwaps(swaps, [serving(2)]);
      expect(await told()).toEqual([
        { ...www, rdatas: [] },
        { ...other, ttl: 7 },
      ]);
      await store.commitZone({ ...changing(4, 5), told: [{ owner, type, packed: undefined }] });
      expect(await told()).toEqual([{ ...www, rdatas: [] }]);
      await expect(store.saveTold(OTHER, [answer(5)])).rejects.toMatchObject({
        code: "STORE_NO_ZONE",
      });
      await store.dropZone(ORIGIN);
      await store.commitZone(importing(1));
      expect(await told()).toEqual([]);
    });

    it("writes all swaps of a call or none", async () => {
      await store.commitZone(importing(1));
      await store.commitZone(changing(1, 2, "a 300 A 192.0.2.1"));
      const reused = [swapping(1, 2, 3), swapping(2, 1, 2)];
      await expect(store.commitSwaps(reused, [serving(2)])).rejects.toMatchObject({
        code: "STORE_CONFLICT",
      });
      expect(await store.readSwaps(10)).toEqual([]);
      expect(await store.readState()).toMatchObject({ lastSwapId: 0, servings: [] });
    });

    it("keeps when a copy was confirmed, until the zone is a copy no more", async () => {
      await store.commitZone(importing(1));
      expect((await store.readState()).zones[0]).not.toHaveProperty("confirmedWallMs");
      await store.saveCopy(ORIGIN, 5.5);
      expect(await store.readState()).toMatchObject({ zones: [{ confirmedWallMs: 5.5 }] });
      await store.saveCopy(ORIGIN, undefined);
      expect((await store.readState()).zones[0]).not.toHaveProperty("confirmedWallMs");
    });

    it("keeps planned moves, each with its newest stage, until they have ended", async () => {
      const drain = {
        ...{ address: "192.0.2.10", author: "ann", reason: "update" },
        ...{ orderedWallMs: 5.5, atWallMs: 9 },
      };
      const other = { ...drain, address: "192.0.2.20", stage: "planned" as const };
      await store.saveDrain({ ...drain, stage: "planned" });
      await store.saveDrain(other);
      const lowering = { ...drain, stage: "lowering" as const, boundWallMs: 70 };
      await store.saveDrain(lowering);
      expect(await store.readDrains()).toEqual([lowering, other]);
      await store.saveDrain({ ...drain, stage: "ended" });
      expect(await store.readDrains()).toEqual([other]);
    });

    it("keeps drills, each with its newest outcome", async () => {
      const drill = { id: 1, pool: "www.example.org", member: "192.0.2.10", author: "ann" };
      const running = { ...drill, forMs: 60_000, startedWallMs: 5.5, outcome: "running" as const };
      await store.saveDrill({ ...running, reason: "" });
      await store.saveDrill({ ...running, id: 2, reason: "" });
      const passed = { ...running, outcome: "passed" as const, reason: "moved", movedMs: 1.5 };
      await store.saveDrill({ ...passed, backMs: 60_000 });
      const one = { ...passed, backMs: 60_000 };
      expect(await store.readDrills(10)).toEqual([{ ...running, id: 2, reason: "" }, one]);
      expect(await store.readDrills(1)).toHaveLength(1);
    });

    it("keeps a swap of a zone that is gone", async () => {
      await store.commitSwaps([swapping(4, 1, 2)], []);
      expect(await store.readSwaps(10)).toEqual([swap(4)]);
      expect((await store.readState()).zones).toEqual([]);
    });

    it("replaces what an owner serves, per type and without regard to case", async () => {
      await store.saveServings([serving(1), serving(1, { type: 28 })]);
      const lower = nameFromText("www", ORIGIN);
      const later = serving(0, { owner: lower, memberIds: [] });
      await store.saveServings([later]);
      const { servings, lastSwapId } = await store.readState();
      expect(servings).toEqual([later, serving(1, { type: 28 })]);
      expect(lastSwapId).toBe(1);
    });

    it("reads the journal from any serial it still reaches back to", async () => {
      await store.commitZone(importing(1));
      const added = rrsetsOf("a 300 A 192.0.2.1");
      const removed = rrsetsOf("WwW 300 A 192.0.2.1", "WwW 300 A 192.0.2.2");
      const commit = changing(1, 5, "a 300 A 192.0.2.1");
      await store.commitZone({ ...commit, journal: journal(1, 5, { added, removed }) });
      await store.commitSwaps([swapping(1, 5, 6)], []);
      expect(serials(await store.readJournal(UPPER, 1))).toEqual([
        [1, 5],
        [5, 6],
      ]);
      expect(serials(await store.readJournal(ORIGIN, 5))).toEqual([[5, 6]]);
      expect(await store.readJournal(ORIGIN, 6)).toEqual([]);
      expect(await store.readJournal(ORIGIN, 3)).toBeUndefined();
      const [entry] = (await store.readJournal(ORIGIN, 1)) ?? [];
      expect(entry).toMatchObject({ cause: "file", added, removed });
      expect(nameToText(entry?.removed[0]?.owner ?? ORIGIN)).toBe("WwW.example.org.");
    });

    it("reads no journal across a change that was too large to keep, or a gap", async () => {
      await store.commitZone(importing(1));
      const rdatas = Array.from({ length: 150 }, () => new Uint8Array(60_000));
      const large = rrsetsOf("a 300 A 192.0.2.1").map((rrset) => ({ ...rrset, rdatas }));
      await store.commitZone({ ...changing(1, 2), journal: journal(1, 2, { added: large }) });
      await store.commitZone(changing(2, 3));
      await store.commitZone(changing(4, 5));
      await store.commitZone(changing(5, 6));
      expect(await store.readJournal(ORIGIN, 1)).toBeUndefined();
      expect(await store.readJournal(ORIGIN, 2)).toBeUndefined();
      expect(serials(await store.readJournal(ORIGIN, 4))).toHaveLength(2);
    });

    it("keeps the last belief of each target", async () => {
      await store.saveBeliefs([belief("a"), belief("b", { belief: "unknown" })]);
      const down = belief("a", { belief: "down", code: "timeout", tripwire: "serial" });
      await store.saveBeliefs([down]);
      const { beliefs } = await store.readState();
      expect(beliefs).toEqual([down, belief("b", { belief: "unknown" })]);
    });

    it("knows of those that are watched when their life saw them last", async () => {
      const watched = belief("watched", { observedWallMs: 1000, watch: { life: 1, place: 1 } });
      const later = belief("later", { observedWallMs: 9990, watch: { life: 1, place: 0 } });
      const other = belief("of another life", { watch: { life: 2, place: 1 } });
      await store.saveBeliefs([watched, later, other, belief("left")], seen(9000, 0, 500));
      await store.saveBeliefs([], seen(10_000, 700, 1500));
      const observed = async (): Promise<unknown> => {
        const { beliefs } = await store.readState();
        return Object.fromEntries(beliefs.map((one) => [one.targetId, one.observedWallMs]));
      };
      const others = { "of another life": 2000.5, left: 2000.5 };
      expect(await observed()).toEqual({ watched: 8500, later: 9990, ...others });
      // One that is let go stays as it is, whoever has its place then.
      await store.saveBeliefs([belief("watched", { observedWallMs: 9950 })]);
      await store.saveBeliefs([], seen(20_000, NOBODY_MS, 0));
      expect(await observed()).toEqual({ watched: 9950, later: 9990, ...others });
      await store.saveBeliefs([], seen(30_000, 10_000));
      expect(await observed()).toEqual({ watched: 9950, later: 20_000, ...others });
    });

    it("gives each life a number that no belief that is kept has", async () => {
      expect(await store.readState()).toMatchObject({ life: 1 });
      await store.saveBeliefs([belief("a", { watch: { life: 1, place: 0 } })]);
      expect(await store.readState()).toMatchObject({ life: 2 });
      await store.saveBeliefs([], { ...seen(1), life: 7 });
      expect(await store.readState()).toMatchObject({ life: 8 });
    });

    it("prunes nothing that was seen lately or that the newest life watches", async () => {
      const watched = belief("watched", { watch: { life: 1, place: 0 } });
      await store.saveBeliefs([watched, belief("left")], seen(200_000, 1500));
      const bounds = { observationsBefore: 100_000, journalRowsMax: 3 };
      const kept = async (bound: number): Promise<unknown> => {
        await store.prune({ ...bounds, observationsBefore: bound });
        return (await store.readState()).beliefs;
      };
      const old = belief("watched", { observedWallMs: 198_500 });
      expect(await kept(100_000)).toEqual([old]);
      expect(await kept(200_000)).toEqual([old]);
      const other = belief("of the next life", { watch: { life: 2, place: 0 } });
      await store.saveBeliefs([other]);
      expect(await kept(100_000)).toEqual([old, belief("of the next life")]);
      expect(await kept(200_000)).toEqual([belief("of the next life")]);
    });

    it("forgets lives that watch nothing any more", async () => {
      await store.saveBeliefs([belief("left")], seen(200_000, 1500));
      await store.prune({ observationsBefore: 100_000, journalRowsMax: 3 });
      expect(await store.readState()).toMatchObject({ beliefs: [], life: 1 });
    });

    it("keeps the last damping of each address", async () => {
      await store.saveDampings([damping("192.0.2.1"), damping("2001:db8::1", { penalty: 0.5 })]);
      const more = damping("192.0.2.1", { penalty: 3000.25, isSuppressed: true });
      await store.saveDampings([more]);
      const { dampings } = await store.readState();
      expect(dampings).toEqual([more, damping("2001:db8::1", { penalty: 0.5 })]);
    });

    it("keeps the last forced state of each address, with an end or without", async () => {
      const endless = forced("192.0.2.1");
      await store.saveForced([endless, forced("192.0.2.2", { state: "up", untilWallMs: 5000 })]);
      const ended = forced("192.0.2.2", { state: "drain", untilWallMs: 4000.5, author: "ben" });
      await store.saveForced([ended]);
      expect((await store.readState()).forced).toEqual([endless, ended]);
    });

    it("prunes dampings and forced states that ended long ago", async () => {
      await store.saveDampings([damping("a"), damping("b", { atWallMs: 200_000 })]);
      const untils = [100, 200_000];
      await store.saveForced([
        forced("endless"),
        ...untils.map((untilWallMs) => forced(`until ${untilWallMs}`, { untilWallMs })),
      ]);
      await store.prune({ observationsBefore: 100_000, journalRowsMax: 3 });
      const { dampings, forced: kept } = await store.readState();
      expect(dampings.map(({ address }) => address)).toEqual(["b"]);
      expect(kept.map(({ address }) => address)).toEqual(["endless", "until 200000"]);
    });

    it("prunes old roll-ups, beliefs and journal rows, and keeps the rest", async () => {
      await store.commitZone(importing(1));
      for (let serial = 1; serial < 8; serial++)
        await store.commitZone(changing(serial, serial + 1));
      await store.saveBeliefs([belief("old"), belief("new", { observedWallMs: 200_000 })]);
      const rollups = [0, 60_000, 120_000].map((minuteWallMs) => rollup("old", minuteWallMs));
      await store.addRollups(rollups);
      await store.addRollups(rollups);
      const options = { observationsBefore: 100_000, journalRowsMax: 3 };
      expect(await store.prune(options)).toEqual({ rollups: 2, journalRows: 5 });
      expect(await store.prune(options)).toEqual({ rollups: 0, journalRows: 0 });
      expect(await store.readJournal(ORIGIN, 4)).toBeUndefined();
      expect(serials(await store.readJournal(ORIGIN, 5))).toHaveLength(3);
      const { beliefs } = await store.readState();
      expect(beliefs.map(({ targetId }) => targetId)).toEqual(["new"]);
    });

    it("keeps how swaps have spread, replaces a story, and prunes old ones", async () => {
      const story = (swapId: number, more = {}) => {
        return { swapId, openedWallMs: swapId * 1000.5, story: `{"swap":${swapId}}`, ...more };
      };
      await store.savePropagations([story(1), story(2), story(3)]);
      await store.savePropagations([story(2, { drainedWallMs: 9000 })]);
      const newest = [story(3), story(2, { drainedWallMs: 9000 })];
      expect(await store.readPropagations(2)).toEqual(newest);
      const bounds = { observationsBefore: 0, journalRowsMax: 3 };
      await store.prune({ ...bounds, propagationsBefore: 1500 });
      expect(await store.readPropagations(9)).toEqual(newest);
    });

    it("writes a whole copy of itself while it is in use", async () => {
      await store.commitZone(importing(1, "a 300 A 192.0.2.1"));
      await store.saveBeliefs([belief("a")]);
      const [{ octets }] = await Promise.all([
        store.backup(folder.file("copy.db")),
        store.commitZone(changing(1, 2, "a 300 A 192.0.2.2")),
      ]);
      const copy = openStore(folder.file("copy.db"));
      expect(copy.octets).toBe(octets);
      expect(copy.readState().beliefs).toEqual([belief("a")]);
      expect(readable(copy.readZone(ORIGIN)).at(-1)).toContain("a.example.org. 300 A 192.0.2.");
      await copy.close();
    });

    it("says why it cannot write a copy, and goes on", async () => {
      const path = folder.file("nowhere/copy.db");
      await expect(store.backup(path)).rejects.toMatchObject({
        code: "STORE_BACKUP",
        message: expect.stringContaining(`Cannot back up store to "${path}": `),
      });
      await store.commitZone(importing(1));
    });

    it("answers nothing once it is closed", async () => {
      await store.close();
      const closed = { code: "STORE_CLOSED" };
      await expect(store.readState()).rejects.toMatchObject(closed);
      await expect(store.commitZone(importing(1))).rejects.toMatchObject(closed);
      await expect(store.backup(folder.file("copy.db"))).rejects.toMatchObject(closed);
      await store.close();
    });

    it("is not disturbed by what callers do with their octets afterwards", async () => {
      const commit = importing(1, "a 300 A 192.0.2.1");
      const written = store.commitZone(commit);
      commit.rrsets.fill(0);
      await written;
      expect(readable(await store.readZone(ORIGIN)).at(-1)).toBe("a.example.org. 300 A 192.0.2.1");
    });
  });
}

function rollup(targetId: string, minuteWallMs: number) {
  const durations = { durationMeanMs: 1.5, durationMaxMs: 3.5 };
  return { targetId, minuteWallMs, count: 12, failures: 2, ...durations, lastCode: "timeout" };
}

function serials(
  entries: readonly { readonly serialBefore: number; readonly serialAfter: number }[] | undefined,
): number[][] {
  return (entries ?? []).map(({ serialBefore, serialAfter }) => [serialBefore, serialAfter]);
}
