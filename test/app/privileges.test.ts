// Started as root, the server becomes somebody else: looked at from outside, thread by thread.

import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

/** A low port of an address that nobody else uses. */
const LISTEN = "127.83.0.1:859";
const NOBODY = 65_534;
/** CAP_NET_BIND_SERVICE and CAP_NET_RAW. */
const KEPT = (1n << 10n) | (1n << 13n);

const isRoot = process.getuid?.() === 0;

interface ThreadFacts {
  readonly uids: string;
  readonly gids: string;
  readonly groups: string;
  readonly capabilities: bigint;
}

function threadsOf(pid: number): ThreadFacts[] {
  return readdirSync(`/proc/${pid}/task`).map((id) => {
    const status = readFileSync(`/proc/${pid}/task/${id}/status`, "utf8");
    const field = (name: string): string =>
      new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim().replaceAll("\t", " ") ?? "";
    const capabilities = BigInt(`0x${field("CapEff")}`) | BigInt(`0x${field("CapPrm")}`);
    return { uids: field("Uid"), gids: field("Gid"), groups: field("Groups"), capabilities };
  });
}

describe("user:", () => {
  let box: Sandbox;
  let server: ServerProcess | undefined;

  beforeEach(() => {
    box = sandbox();
    chmodSync(box.path, 0o755);
    box.write(
      "a.example.zone",
      "@ 60 SOA ns a 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\nwww A 127.0.0.1\n",
    );
    // A folder that both users may write to.
    box.write("var/keep", "");
    chmodSync(box.file("var"), 0o777);
    // A program of a check must have nothing that the server keeps for itself.
    const program = '[/usr/bin/grep, -q, "CapEff:\\t0000000000000000", /proc/self/status]';
    box.write(
      "a.example.pools.yaml",
      `checks: { bare: { kind: exec, command: ${program}, interval: 1s } }\n` +
        "pools: { www.a.example: { checks: [bare] } }\n",
    );
  });
  afterEach(async () => {
    await server?.stop();
    box.remove();
  });

  function start(user: string): ServerProcess {
    const config = box.write(
      "livezone.yaml",
      `listen: ["${LISTEN}"]\nstore: { path: var/a.db }\nzones: [{ origin: a.example }]\n${user}`,
    );
    server = new ServerProcess(["serve", config]);
    return server;
  }

  it.skipIf(!isRoot)("takes root from every thread, and gives the store's files away", async () => {
    // What an earlier run as root has left behind must not be in the way.
    const before = start("");
    await before.waitFor("server.ready");
    await before.stop();
    expect(statSync(box.file("var/a.db")).uid).toBe(0);

    const running = start("user: nobody");
    const ready = await running.waitFor("server.ready");
    expect(ready["listen"]).toEqual([LISTEN]);
    for (const thread of threadsOf(running.pid)) {
      const id = `${NOBODY} ${NOBODY} ${NOBODY} ${NOBODY}`;
      expect(thread).toMatchObject({ uids: id, gids: id, groups: `${NOBODY}` });
      expect(thread.capabilities & ~KEPT).toBe(0n);
    }
    const keeping = threadsOf(running.pid).filter(({ capabilities }) => capabilities === KEPT);
    expect(keeping.length).toBeGreaterThanOrEqual(4);
    const files = readdirSync(box.file("var")).filter((name) => name.startsWith("a.db"));
    const owners = files.map((name) => statSync(box.file(`var/${name}`)).uid);
    expect(new Set(owners)).toEqual(new Set([NOBODY]));
    const seen = await running.waitFor("target.up");
    expect(seen["target"]).toContain("bare");
  });

  it.skipIf(!isRoot)("refuses a user that there is not, and serves nothing", async () => {
    const refused = start("user: nobody-of-that-name");
    expect(await refused.exited).toBe(1);
    expect(refused.stderr).toBe(
      'Cannot run as user "nobody-of-that-name": there is no such user; create it by useradd --system\n',
    );
  });
});
