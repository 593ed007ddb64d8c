// The completion scripts, asked through the shells themselves.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliPage } from "../../scripts/write-cli-doc.ts";
import { run } from "./world.ts";

const hasShell = (shell: string): boolean => {
  try {
    execFileSync(shell, ["-c", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe("livezone completion", () => {
  let folder = "";
  /** With our function as zsh finds it. */
  let zshFolder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "livezone-completion-"));
    for (const shell of ["bash", "zsh", "fish"]) {
      const { status, out } = await run(["completion", shell]);
      expect(status).toBe(0);
      writeFileSync(join(folder, shell), out);
    }
    writeFileSync(join(folder, "pools.yaml"), "");
    zshFolder = mkdtempSync(join(tmpdir(), "livezone-zsh-"));
    mkdirSync(join(zshFolder, "functions"));
    copyFileSync(join(folder, "zsh"), join(zshFolder, "functions", "_livezone"));
    writeFileSync(join(zshFolder, "pools.yaml"), "");
  });
  afterAll(() => {
    for (const each of [folder, zshFolder]) rmSync(each, { recursive: true, force: true });
  });

  /** What bash offers for the last of these words. */
  function offered(line: string): string[] {
    const script = [
      'source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _livezone',
      `for offer in "\${COMPREPLY[@]}"; do echo "$offer"; done`,
    ].join("; ");
    const args = ["-c", script, "bash", ...line.split(" ")];
    const out = execFileSync("bash", args, { cwd: folder, encoding: "utf8" });
    return out.split("\n").filter((word) => word !== "");
  }

  it.each([
    ["livezone st", ["status"]],
    ["livezone dr", ["drain", "drains", "drill", "drills"]],
    ["livezone status --j", ["--json"]],
    ["livezone --v", ["--version"]],
    ["livezone check --format ", ["text", "json", "github"]],
    ["livezone check --format g", ["github"]],
    [
      "livezone import ",
      ["gdnsd", "powerdns", "-h", "--help", "bash", "fish", "pools.yaml", "zsh"],
    ],
    ["livezone import powerdns --or", ["--origin"]],
    ["livezone completion f", ["fish", "fish"]],
    ["livezone serve p", ["pools.yaml"]],
    ["livezone simulate lab.example --with po", ["pools.yaml"]],
    // An option's value is not a verb, and what is no verb leads nowhere.
    ["livezone serve --store status --po", ["--pools"]],
    ["livezone nothing --j", []],
  ])("in bash offers for %j: %j", (line, expected) => {
    expect(offered(line).sort()).toEqual([...expected].sort());
  });

  it.skipIf(!hasShell("fish"))("is taken by fish, which offers the same", () => {
    const ask = (line: string): string[] => {
      const script = `source fish; complete -C "${line}"`;
      const out = execFileSync("fish", ["--no-config", "-c", script], {
        cwd: folder,
        encoding: "utf8",
      });
      return out.split("\n").flatMap((offer) => (offer === "" ? [] : [offer.split("\t")[0] ?? ""]));
    };
    expect(ask("livezone st")).toEqual(["status"]);
    expect(ask("livezone status --j")).toEqual(["--json"]);
    expect(ask("livezone check --format ").sort()).toEqual(["github", "json", "text"]);
    expect(ask("livezone import ").sort()).toEqual(["gdnsd", "powerdns"]);
    expect(ask("livezone import powerdns --or")).toEqual(["--origin"]);
    expect(ask("livezone serve p")).toEqual(["pools.yaml"]);
  });

  /** What zsh's own completion offers, pressed Tab after this line at a terminal. */
  function offeredByZsh(line: string): string[] {
    const scripts = [resolve("test/cli/zsh/ask.zsh"), resolve("test/cli/zsh/child.zsh")];
    const options = { cwd: zshFolder, encoding: "utf8", timeout: 30_000 } as const;
    const out = execFileSync("zsh", ["-f", ...scripts, line], options);
    return [...out.matchAll(/<offer>(.*?)<\/offer>/g)].map(([, offer = ""]) => offer);
  }

  it.skipIf(!hasShell("zsh")).each([
    ["livezone st", ["status"]],
    ["livezone dr", ["drain", "drains", "drill", "drills"]],
    ["livezone status --j", ["--json"]],
    ["livezone check --format ", ["text", "json", "github"]],
    ["livezone check --format g", ["github"]],
    ["livezone import ", ["gdnsd", "powerdns", "-h", "--help", "functions", "pools.yaml"]],
    ["livezone import powerdns --or", ["--origin"]],
    ["livezone serve p", ["pools.yaml"]],
    ["livezone simulate lab.example --with po", ["pools.yaml"]],
    ["livezone serve --store status --po", ["--pools"]],
    ["livezone nothing --j", []],
  ])("in zsh offers for %j: %j", (line, expected) => {
    expect(offeredByZsh(line).sort()).toEqual([...expected].sort());
  });

  it("is refused for other shells, with those that there are", async () => {
    const { status, err } = await run(["completion", "csh"]);
    expect([status, err]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
  });
});

describe("docs/cli.md", () => {
  it("says what the verbs say (npm run docs:cli writes it)", () => {
    expect(readFileSync("docs/cli.md", "utf8")).toBe(cliPage());
  });
});
