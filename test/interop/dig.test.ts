// One table of what dig shows of a running livezone: EDNS, cookies, CH, ANY, truncation and the rest.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const TABLE = "test/data/interop-dig.txt";
const PORT = 18_953;

const large = Array.from({ length: 12 }, (_, i) => `large TXT "${String(i).padStart(80, "x")}"`);
const ZONE = `$TTL 300
@     SOA ns admin 1 3600 600 86400 60
@     NS  ns
ns    A   192.0.2.53
www   A   192.0.2.10
www   AAAA 2001:db8::10
alias CNAME www
live  A   192.0.2.20
live  A   192.0.2.21
${large.join("\n")}
`;

interface Case {
  readonly args: string;
  readonly expected: string;
  readonly line: number;
}

function hasDig(): boolean {
  try {
    execFileSync("dig", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** dig's output without what differs from run to run. */
function shown(args: string): string {
  const shared = ["@127.0.0.1", "-p", String(PORT), "+nostats", "+nocmd", "+tries=1", "+time=2"];
  const output = execFileSync("dig", [...shared, ...args.split(" ")], { encoding: "utf8" });
  return output
    .split("\n")
    .map((line) => line.replace(/, id: \d+/, "").replace(/[0-9a-f]{48} \(good\)/, "… (good)"))
    .filter((line) => line !== "" && !/^;; (Got answer|WARNING|QUESTION)/.test(line))
    .filter((line) => !line.startsWith(";; Connection to"))
    .map((line) => line.replace(/\s+/g, " ").replace(/x{20,}/g, "x…"))
    .map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:]{8}Z/g, "TIME"))
    .join("\n");
}

function readCases(): Case[] {
  const lines = readFileSync(TABLE, "utf8").split("\n");
  const cases: Case[] = [];
  for (const [line, text] of lines.entries()) {
    if (!text.startsWith("> ")) continue;
    let end = line + 1;
    while (end < lines.length && !/^(?:> |# |$)/.test(lines[end] ?? "")) end++;
    cases.push({ args: text.slice(2), expected: lines.slice(line + 1, end).join("\n"), line });
  }
  return cases;
}

describe.skipIf(!hasDig())("dig", () => {
  let box: Sandbox;
  let server: ServerProcess;

  beforeAll(async () => {
    box = sandbox();
    box.write("dig.example.zone", ZONE);
    // Nobody reports in: what is believed of its members stays as it is.
    box.write(
      "dig.example.pools.yaml",
      "checks: { app: { kind: push, ttl: 1h } }\npools: { live.dig.example: { checks: [app], ttl: { min: 5s, max: 60s } } }\n",
    );
    const config = box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: ":memory:" }
zones: [{ origin: dig.example }]
answer: { rotate: false, nsid: ns1, identity: ns1.dig.example }
`,
    );
    server = new ServerProcess(["serve", config]);
    await server.waitFor("server.ready");
  });

  afterAll(async () => {
    if (process.env["UPDATE_EXPECTED"] === "1") update();
    await server.stop();
    box.remove();
  });

  it.each(readCases())("$args", ({ args, expected }) => {
    if (process.env["UPDATE_EXPECTED"] === "1") return;
    expect(shown(args)).toBe(expected);
  });
});

/** Writes what dig shows now; its diff is to be read like code. */
function update(): void {
  const lines = readFileSync(TABLE, "utf8").split("\n");
  for (const { args, expected, line } of readCases().reverse()) {
    const old = expected === "" ? 0 : expected.split("\n").length;
    lines.splice(line + 1, old, ...shown(args).split("\n"));
  }
  writeFileSync(TABLE, lines.join("\n"));
}
