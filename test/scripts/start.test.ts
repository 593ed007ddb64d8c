// The quick start of the README, played in a copy of the repository.

import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const runs = (command: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const hasDig = runs("dig", "-v");
/** A network of one's own, where no other server has the ports; else the machine's. */
const OWN_NETWORK = ["unshare", "--map-root-user", "--net"];
const prefix = runs("unshare", ...OWN_NETWORK.slice(1), "ip", "link", "set", "lo", "up")
  ? OWN_NETWORK
  : [];

describe("scripts/start", () => {
  let copy = "";

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "livezone-start-"));
    for (const path of ["scripts/start", "scripts/target", "scripts/sample-target.mjs", "zones"]) {
      cpSync(path, join(copy, path), { recursive: true });
    }
    cpSync("package.json", join(copy, "package.json"));
    symlinkSync(resolve("dist"), join(copy, "dist"));
    // What it would install and build is there already.
    writeFileSync(join(copy, "scripts/setup"), "#!/bin/sh\n", { mode: 0o755 });
    const pools = join(copy, "zones/lab.example.pools.yaml");
    writeFileSync(pools, readFileSync(pools, "utf8").replace("hold: 10s", "hold: 1s"));
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.skipIf(!hasDig)(
    "does what the README says, when it is followed (dig)",
    async () => {
      const [command = "bash", ...args] = [
        ...prefix,
        "bash",
        resolve("test/scripts/quick-start.sh"),
      ];
      const { stdout } = await promisify(execFile)(command, args, { cwd: copy, timeout: 60_000 });
      expect(stdout).toBe(readFileSync("test/data/scripts-start.txt", "utf8"));
    },
    60_000,
  );
});
