import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Sandbox, sandbox } from "../support/server-process.ts";

/** What a stranger has after `npm install livezone-X.tgz`: the package, and what it says it needs. */
describe("the package of npm pack", () => {
  let box: Sandbox;
  const npx = (...args: readonly string[]): string =>
    execFileSync("npx", ["--offline", "--no", "livezone", ...args], {
      cwd: box.path,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });

  beforeAll(() => {
    box = sandbox();
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", box.path];
    const file = execFileSync("npm", pack, { encoding: "utf8" }).trim();
    const modules = box.file("node_modules");
    mkdirSync(join(modules, ".bin"), { recursive: true });
    execFileSync("tar", ["-xzf", box.file(file), "-C", modules]);
    execFileSync("mv", [join(modules, "package"), join(modules, "livezone")]);
    symlinkSync("../livezone/dist/app/main.js", join(modules, ".bin", "livezone"));
    box.write("package.json", "{}");
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync("package.json", "utf8"),
    ) as Record<string, Record<string, string>>;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(resolve("node_modules", name), join(modules, name));
    }
  });

  afterAll(() => box.remove());

  it("holds what is needed, and nothing of the workshop", () => {
    const held = readdirSync(box.file("node_modules/livezone")).sort();
    expect(held).toEqual([
      ...["CHANGELOG.md", "LICENSE", "README.md", "dist", "docs", "package.json", "zones"],
    ]);
    expect(readdirSync(box.file("node_modules/livezone/dist")).sort()).toEqual(["admin", "app"]);
  });

  it("runs by npx", () => {
    expect(npx("version")).toMatch(/^livezone \d+\.\d+\.\d+ \(Node /);
    expect(npx("check", "node_modules/livezone/zones/livezone.yaml")).toContain("good: no errors");
  });

  it("answers questions", async () => {
    const zone = "lab.example=node_modules/livezone/zones/lab.example.zone";
    const args = ["serve", "--zone", zone, "--listen", "127.0.0.1:0", "--store", ":memory:"];
    const main = box.file("node_modules/.bin/livezone");
    const server = spawn(main, args, { cwd: box.path, stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((done) => server.once("exit", done));
    onTestFinished(() => void server.kill("SIGKILL"));
    let port: string | undefined;
    for await (const line of createInterface({ input: server.stdout })) {
      const said = JSON.parse(line) as { event: string; listen: readonly string[] };
      if (said.event !== "server.ready") continue;
      port = said.listen[0]?.split(":").at(-1);
      break;
    }
    server.stdout.resume();
    const dig = ["@127.0.0.1", "-p", port ?? "", "lab.example", "SOA", "+short"];
    expect(execFileSync("dig", dig, { encoding: "utf8" })).toContain("ns1.lab.example.");
    server.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});
