// The journal against truth, on the real thing: a livezone that is edited, whose pools swap, and that is
// killed at any moment, is followed by IXFR alone, by an asker that takes nothing that does not fit and
// by a livezone of its own. At the end both hold what an AXFR gives, record by record.

import { createSocket } from "node:dgram";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { encodeMessage, type MessageRecord } from "../../src/dns/message.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { canonicalRdata } from "../../src/dns/rdata.ts";
import { compareSerial } from "../../src/dns/serial.ts";
import { CLASS, OPCODE, TYPE } from "../../src/dns/types.ts";
import { Transfers } from "../../src/outbound/transfers.ts";
import { receivedZone } from "../../src/transfer/received-zone.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const PORT = 18_086;
/** Not the asker's address: a transfer to that would count as the second livezone's. */
const SECOND = "127.0.0.2";
const SEED = 20_261_128;
const KILLS = 3;
const ACTIONS_PER_LIFE = 40;
/** After so many actions one difference is waited for. */
const STEP = 5;
const WITHIN_MS = 120_000;
const ORIGIN = nameFromText("followed.example.");
const MEMBERS = [1, 2, 3, 4].map((n) => `192.0.2.${n}`);

const ORDER = { author: "test", reason: "a seeded order", force: true };

const ZONE = `$TTL 300
@ SOA ns admin 100 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
${MEMBERS.map((address) => `www A ${address}\nftp A ${address}`).join("\n")}
${Array.from({ length: 40 }, (_, i) => `host${i} A 198.51.100.${i}`).join("\n")}
`;
const POOLS = `checks:
  up: { kind: push, ttl: 1h }
pools:
  www.followed.example: { policy: all, checks: [up], ttl: { min: 5s, max: 60s } }
  ftp.followed.example: { policy: priority, checks: [up], failback: { mode: auto, hold: 0s } }
`;

/** Follows by IXFR, step by step; a difference that does not fit is a defect of the primary. */
class Follower {
  zone: Zone | undefined;
  differences = 0;
  wholes = 0;
  readonly defects: string[] = [];
  readonly #transfers = new Transfers(realTime);

  /** One question from what it holds; the serial that it has then. */
  async follow(): Promise<number | undefined> {
    const taken = await this.fetch(this.zone);
    if (taken === undefined) return undefined;
    if (taken.form === "difference") this.differences++;
    if (taken.form === "whole" && this.zone !== undefined) this.wholes++;
    this.zone = taken.zone;
    return taken.zone.serial;
  }

  /** What comes to an asker who holds `before`; undefined while nobody answers. */
  async fetch(before: Zone | undefined, address = "127.0.0.1") {
    const outcome = await this.#transfers.fetch(
      { address, port: PORT, key: undefined },
      { id: 7, origin: ORIGIN, since: before?.soa },
    );
    if (outcome.kind === "failed") return undefined;
    if (outcome.kind === "current") {
      if (before !== undefined && compareSerial(outcome.serial, before.serial) !== 0) {
        this.defects.push(`serial ${outcome.serial} was answered, and ${before.serial} is held`);
      }
      return before && { form: "current", zone: before };
    }
    const made = receivedZone(ORIGIN, outcome.transfer, before);
    if (made.kind === "good") return { form: outcome.transfer.form, zone: made.zone };
    this.defects.push(made.why);
    return undefined;
  }

  close(): void {
    this.#transfers.close();
  }
}

/** Every record, as DNSSEC would have it written (RFC 4034 section 6.2), in one order. */
function dump(zone: Zone | undefined): string[] {
  return [...(zone?.rrsets() ?? [])]
    .flatMap(({ owner, type, ttl, rdatas }) => {
      return rdatas.map((rdata) => {
        const octets = Buffer.from(canonicalRdata(type, rdata)).toString("hex");
        return `${nameToText(owner).toLowerCase()} ${ttl} ${type} ${octets}`;
      });
    })
    .sort();
}

describe("a livezone that is followed by IXFR alone", () => {
  const random = seededRandom(SEED);
  const follower = new Follower();
  const udp = createSocket("udp4");
  let box: Sandbox;
  let server: ServerProcess;
  let second: ServerProcess | undefined;

  beforeAll(() => {
    box = sandbox();
    box.write("followed.example.zone", ZONE);
    box.write("pools.yaml", POOLS);
    box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: livezone.db }
zones:
  - origin: followed.example
    source: store
    file: followed.example.zone
    pools: pools.yaml
    allowTransfer: [127.0.0.1]
    allowUpdate: [127.0.0.1]
    alsoNotify: [{ address: ${SECOND}, port: ${PORT} }]
`,
    );
    box.write(
      "second.yaml",
      `listen: ["${SECOND}:${PORT}"]
store: { path: second.db }
zones:
  - origin: followed.example
    primary: { address: 127.0.0.1, port: ${PORT} }
    allowTransfer: [127.0.0.1]
`,
    );
    udp.on("message", () => undefined);
  });
  afterAll(async () => {
    udp.close();
    follower.close();
    await Promise.all([server.stop(), second?.stop()]);
    box.remove();
  });

  function serve(): ServerProcess {
    return new ServerProcess(["serve", box.file("livezone.yaml")]);
  }

  /** One edit or order, on its way; nobody waits for what becomes of it. */
  function act(): void {
    if (random.fraction() < 0.6) return void udp.send(updateOf(random), PORT, "127.0.0.1");
    const address = MEMBERS[below(random, MEMBERS.length)] ?? "";
    const state = random.fraction() < 0.5 ? "down" : "up";
    force(box.file("livezone.db.sock"), address, { ...ORDER, state });
  }

  it(`holds what an AXFR gives, over ${KILLS} kills`, { timeout: WITHIN_MS }, async () => {
    server = serve();
    await server.waitFor("server.ready");
    second = new ServerProcess(["serve", box.file("second.yaml")]);
    await second.waitFor("transfer.received");
    let isOver = false;
    const following = (async () => {
      while (!isOver) {
        await follower.follow();
        await pause(10);
      }
    })();
    let swaps = 0;
    for (let life = 0; life <= KILLS; life++) {
      let followed = follower.differences;
      for (let action = 0; action < ACTIONS_PER_LIFE; action++) {
        act();
        await pause(below(random, 25));
        // However busy the machine is: changes are followed one by one now and then.
        if (action % STEP !== STEP - 1) continue;
        await another(follower, followed);
        followed = follower.differences;
      }
      if (life === KILLS) break;
      act();
      if (random.fraction() < 0.7) await pause(below(random, 8));
      server.signal("SIGKILL");
      await server.exited;
      swaps += server.lines.filter(({ event }) => event === "pool.swapped").length;
      server = serve();
      await server.waitFor("server.ready");
    }
    isOver = true;
    await following;
    const truth = await settled(() => follower.fetch(undefined));
    await untilTrue(async () => (await follower.follow()) === truth.serial);
    expect(follower.defects).toEqual([]);
    expect(dump(follower.zone)).toEqual(dump(truth));
    await untilTrue(async () => {
      return (await follower.fetch(undefined, SECOND))?.zone.serial === truth.serial;
    });
    expect(dump((await follower.fetch(undefined, SECOND))?.zone)).toEqual(dump(truth));
    // Only a change that was seen and lost with the process leaves no way from one to the other.
    expect(follower.wholes).toBeLessThanOrEqual(KILLS);
    const received = second.lines.filter(({ event }) => event === "transfer.received");
    const wholes = received.filter(({ kind }) => kind === "axfr");
    expect(wholes.length).toBeLessThanOrEqual(1 + KILLS);
    expect(follower.differences).toBeGreaterThan(ACTIONS_PER_LIFE / 2);
    expect(swaps).toBeGreaterThan(KILLS);
  });
});

/** An UPDATE that adds or deletes records of a host (RFC 2136 section 2.5). */
function updateOf(random: Random): Uint8Array {
  const owner = nameFromText(`host${below(random, 60)}`, ORIGIN);
  const added = (type: number, rdata: Uint8Array): MessageRecord => {
    return { owner, type, class: CLASS.IN, ttl: 60 + below(random, 3), rdata };
  };
  const address = Uint8Array.of(203, 0, 113, below(random, 256));
  const text = `turn ${below(random, 1000)}`;
  const gone = { owner, type: TYPE.A, class: CLASS.ANY, ttl: 0, rdata: new Uint8Array() };
  const forms: readonly (readonly MessageRecord[])[] = [
    [added(TYPE.A, address)],
    [gone, added(TYPE.A, address)],
    [added(TYPE.TXT, Uint8Array.of(text.length, ...Buffer.from(text)))],
    [gone],
    [{ ...gone, type: TYPE.ANY }],
  ];
  return encodeMessage({
    id: below(random, 0x10000),
    opcode: OPCODE.UPDATE,
    questions: [{ name: ORIGIN, type: TYPE.SOA, class: CLASS.IN }],
    authorities: forms[below(random, forms.length)] ?? [],
  });
}

/** Gives an order; the server may be killed over it. */
function force(socketPath: string, address: string, order: object): void {
  const headers = { "content-type": "application/json" };
  const asked = request({
    ...{ socketPath, method: "PUT", headers, path: `/v1/targets/${address}/forced` },
  });
  asked.on("response", (response) => response.resume());
  asked.on("error", () => undefined);
  asked.end(JSON.stringify(order));
}

/** The zone when nothing has moved for a while. */
async function settled(look: () => Promise<{ zone: Zone } | undefined>): Promise<Zone> {
  for (let before: Zone | undefined; ; ) {
    await pause(700);
    const zone = (await look())?.zone;
    if (zone !== undefined && zone.serial === before?.serial) return zone;
    before = zone;
  }
}

/** Resolves when more differences were followed, or nothing has changed for long. */
async function another(follower: Follower, before: number): Promise<void> {
  for (let tries = 0; tries < 100 && follower.differences === before; tries++) await pause(20);
}

async function untilTrue(claim: () => Promise<boolean>): Promise<void> {
  while (!(await claim())) await pause(20);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
