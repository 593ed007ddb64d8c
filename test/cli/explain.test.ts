// `livezone explain` against a simulated control plane: the text of each case is kept whole.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AdminServer, openAdmin } from "../../src/admin/server.ts";
import { PLANE_SETTLES_MS, Plane } from "../simulation/plane.ts";
import { REFUSING } from "../support/admin.ts";
import { run } from "./world.ts";

const EXPECTED = new URL("../data/cli-explain.txt", import.meta.url);
const GUARDED = `checks:
  web: { kind: http, port: 8080, path: /healthz }
pools:
  www.lab.example:
    policy: priority
    checks: [web]
    guards: { spacing: 5m, budget: { swaps: 4, window: 1h } }
`;

let folder = "";
let plane = new Plane();
let admin: AdminServer;

async function open(pools?: string): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), "lz-"));
  plane = new Plane(pools === undefined ? {} : { pools });
  await plane.start();
  await plane.time.advance(PLANE_SETTLES_MS);
  admin = await openAdmin({ ...REFUSING, socket: join(folder, "x.sock"), operators: plane.desk });
}

beforeEach(() => open());

afterEach(async () => {
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});

async function explain(...args: readonly string[]): Promise<string> {
  const socket = ["--socket", join(folder, "x.sock")];
  const { status, out, err } = await run(["explain", ...args, ...socket]);
  return status === 0 ? out : `status ${status}\n${out}${err}`;
}

describe("explain", () => {
  it("tells the chain of each situation", async () => {
    const said: string[] = [];
    const tell = async (title: string, ...args: readonly string[]): Promise<void> => {
      said.push(`# ${title}`, await explain(...args));
    };
    await tell("all is well, in both families", "www.lab.example");
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(4000);
    await tell("the primary was refused three times", "www.lab.example", "a");
    plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await plane.time.advance(20_000);
    await tell("it is back, and its hold is waited for", "www.lab.example.", "A");
    await plane.desk.force({
      ...{ address: "192.0.2.10", state: "down", author: "ann", reason: "kernel" },
      forMs: 600_000,
    });
    await tell("an operator took it out", "www.lab.example", "A");
    await admin.close();
    await open(GUARDED);
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(4000);
    plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await plane.time.advance(100_000);
    await tell("guards hold the failback back", "www.lab.example", "A");
    const text = said.join("\n");
    if (process.env.UPDATE_EXPECTED === "1") writeFileSync(EXPECTED, text);
    expect(text).toBe(readFileSync(EXPECTED, "utf8"));
  });

  it("gives programs the same as JSON", async () => {
    const report = JSON.parse(await explain("www.lab.example", "AAAA", "--json"));
    expect(report.families).toMatchObject([{ type: "AAAA", serving: ["2001:db8::10"] }]);
    expect(report.families[0].candidates[0].targets[0].observations[0].code).toBe("ok");
  });

  it("says what there is where there is no such pool, and what a type is", async () => {
    expect(await explain("web.lab.example")).toBe(
      "status 1\nThere is no pool web.lab.example: there are www.lab.example\n",
    );
    expect(await explain("www.lab.example", "MX")).toContain("status 2");
  });
});
