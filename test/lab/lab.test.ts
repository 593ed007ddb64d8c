// The lab itself, and every scenario in it: network namespaces, real name servers, real faults. Needs
// root and Debian's packages.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../../scripts/labs/lab.ts";
import { inside, makeNetwork, namespacesOf, processesIn } from "../../scripts/labs/network.ts";
import { siteOf, testSiteName } from "../../scripts/labs/plan.ts";
import { attempt, LAB_ENVIRONMENT } from "../../scripts/labs/run-program.ts";
import { runScenario } from "../../scripts/labs/run-scenario.ts";
import { loadScenario, scenarioNames } from "../../scripts/labs/scenario.ts";
import { paintFor } from "../../src/cli/paint.ts";

const PROGRAMS = ["ip", "knotd", "named", "nft", "nsd", "postgres", "unbound"];
const isThere = (program: string): boolean =>
  spawnSync("which", [program], { env: LAB_ENVIRONMENT }).status === 0;
const CAN_RUN = process.getuid?.() === 0 && PROGRAMS.every(isThere);
/** Tests run beside others on two cores: what is to be seen may take so many times as long. */
const PATIENCE = 4;

/** Scenarios wait most of the time: so many play side by side, each in a lab of its own. */
const LABS = 3;

describe.skipIf(!CAN_RUN)("the lab (root, network namespaces)", () => {
  const sites = Array.from({ length: LABS }, (_, index) => siteOf(`${testSiteName()}n${index}`));
  const free: Lab[] = [];
  const waiting: ((lab: Lab) => void)[] = [];

  beforeAll(async () => {
    for (const site of sites) free.push(await Lab.make(site));
  }, 60_000);
  afterAll(async () => {
    for (const site of sites) await Lab.down(site);
  }, 60_000);

  async function withLab<T>(use: (lab: Lab) => Promise<T>): Promise<T> {
    const lab = free.pop() ?? (await new Promise<Lab>((resolve) => waiting.push(resolve)));
    try {
      return await use(lab);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free.push(lab);
      else next(lab);
    }
  }

  it.concurrent.each(scenarioNames())(
    "plays %s as it is written",
    (name) =>
      withLab(async (lab) => {
        const told: string[] = [];
        const telling = { paint: paintFor(false), patience: PATIENCE };
        const print = (line: string): void => void told.push(line);
        const isGood = await runScenario(lab, loadScenario(name), { ...telling, print });
        expect(isGood, told.join("\n")).toBe(true);
      }),
    400_000,
  );

  it("lets no packet out: there is no way to anywhere else", () => {
    const [site = siteOf("")] = sites;
    const { text } = attempt(inside(site, "client", ["ip", "route"]));
    expect(text.trim().split("\n")).toEqual([
      "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.100",
    ]);
  });
});

describe.skipIf(!CAN_RUN)("what a crashed lab leaves (root, network namespaces)", () => {
  const site = siteOf(`${testSiteName()}x`);

  afterAll(() => Lab.down(site));

  it("is taken away by down, programs included, as often as it is called", async () => {
    makeNetwork(site);
    const [program = "", ...args] = inside(site, "web1", ["sleep", "600"]);
    const left = spawn(program, args, { stdio: "ignore", env: LAB_ENVIRONMENT });
    const ended = new Promise((resolve) => left.once("exit", resolve));
    while (processesIn(site.namespace("web1")).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(Lab.isUp(site)).toBe(true);
    await Lab.down(site);
    await ended;
    await Lab.down(site);
    expect(namespacesOf(site)).toEqual([]);
    expect(existsSync(site.folder)).toBe(false);
  });

  it("is no hindrance to another one", async () => {
    attempt(["ip", "netns", "add", site.namespace("web2")]);
    await Lab.make(site);
    expect(Lab.isUp(site)).toBe(true);
  });
});
