import { describe, expect, it } from "vitest";
import { type HostFinding, Hosts, type Resolution } from "../../src/probe/hosts.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const TWO: Resolution = {
  kind: "addresses",
  addresses: ["192.0.2.1", "192.0.2.2"],
  ttlSeconds: 60,
};
const FAILED: Resolution = { kind: "failed", detail: "no reply" };
const MISSING: Resolution = { kind: "missing", detail: "there is no such name" };

describe("Hosts.find()", () => {
  it("waits for the first answer, and asks again when its TTL has run out", async () => {
    const world = new World([TWO, TWO]);
    const first = world.find();
    expect(first).toEqual([]);
    world.reply();
    expect(first).toEqual([{ kind: "address", address: "192.0.2.1" }]);
    await world.time.advance(59_000);
    expect(world.find()).toHaveLength(1);
    expect(world.asked).toBe(1);
    await world.time.advance(1000);
    expect(world.find()).toHaveLength(1);
    expect(world.asked).toBe(2);
  });

  it("keeps what is known while no resolver says anything", async () => {
    const world = new World([TWO, FAILED]);
    world.find();
    world.reply();
    await world.time.advance(60_000);
    world.find();
    world.reply();
    expect(world.find()).toEqual([{ kind: "address", address: "192.0.2.1" }]);
  });

  it("believes a resolver that says that the name is gone, and asks anew for each probe", async () => {
    const world = new World([TWO, MISSING, MISSING, TWO]);
    world.find();
    world.reply();
    await world.time.advance(60_000);
    world.find();
    world.reply();
    for (const expected of [MISSING, { kind: "address", address: "192.0.2.1" }]) {
      const heard = world.find();
      expect(heard).toEqual([]);
      world.reply();
      expect(heard).toEqual([expected]);
    }
    expect(world.asked).toBe(4);
  });

  it("goes to the next address after a failure", async () => {
    const world = new World([TWO]);
    world.find();
    world.reply();
    world.hosts.failed("web.example.net");
    expect(world.find()).toEqual([{ kind: "address", address: "192.0.2.2" }]);
  });

  it("says nothing to who has taken the question back", async () => {
    const world = new World([FAILED]);
    const heard: HostFinding[] = [];
    world.hosts.find("web.example.net", (finding) => heard.push(finding))();
    world.reply();
    expect(heard).toEqual([]);
  });
});

class World {
  readonly time = new SimulatedTime();
  readonly hosts: Hosts;
  asked = 0;
  readonly #replies: Resolution[];
  #done: (resolution: Resolution) => void = () => undefined;

  constructor(replies: readonly Resolution[]) {
    this.#replies = [...replies];
    this.hosts = new Hosts(this.time, (_name, done) => {
      this.asked++;
      this.#done = done;
    });
  }

  find(): HostFinding[] {
    const heard: HostFinding[] = [];
    this.hosts.find("web.example.net", (finding) => heard.push(finding));
    return heard;
  }

  reply(): void {
    this.#done(this.#replies.shift() ?? FAILED);
  }
}
