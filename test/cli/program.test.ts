import { describe, expect, it } from "vitest";
import type { ServeOptions } from "../../src/cli/serve.ts";
import { readServeConfig } from "../../src/cli/serve-config.ts";
import { nameToText } from "../../src/dns/name.ts";
import { runTable } from "../config/tables.ts";
import { fakeIo, run } from "./world.ts";

describe("runProgram() of the table", () => {
  runTable(new URL("../data/cli-runs.txt", import.meta.url), async (input) => {
    const { args, files } = readInput(input);
    const { status, out, err } = await run(args, files);
    return [...marked("| ", out), ...marked("! ", err), `exit ${status}`];
  });
});

describe("runProgram()", () => {
  it("prints versions", async () => {
    const { status, out } = await run(["version"]);
    expect(out).toBe(`livezone 0.1.0 (Node ${process.versions.node})\n`);
    expect(status).toBe(0);
    expect((await run(["--version"])).out).toBe("0.1.0\n");
  });

  it("gives back the exit status of serve", async () => {
    expect(await run(["serve"])).toMatchObject({ status: 0, out: "", err: "" });
  });
});

describe("serve", () => {
  it("reads the default configuration when nothing is said", async () => {
    expect(await served("")).toEqual({
      config: "zones/livezone.yaml",
      zones: [],
      zonesFolder: undefined,
      pools: undefined,
      overrides: { listen: undefined, storePath: undefined, socket: undefined, workers: undefined },
    });
  });

  it("takes everything from the command line", async () => {
    const options = await served(
      "--zone example.org=a.zone --zone .=root --pools p.yaml --zones z --store :memory: " +
        "--listen 127.0.0.1:0 --listen [::1]:53 --socket x.sock --workers 3",
    );
    expect(options.zones.map((zone) => [nameToText(zone.origin), zone.file])).toEqual([
      ["example.org.", "a.zone"],
      [".", "root"],
    ]);
    expect(options).toMatchObject({
      config: undefined,
      zonesFolder: "z",
      pools: "p.yaml",
      overrides: {
        listen: [
          { address: "127.0.0.1", port: 0 },
          { address: "::1", port: 53 },
        ],
        storePath: ":memory:",
        socket: "x.sock",
        workers: 3,
      },
    });
  });
});

describe("readServeConfig()", () => {
  it("puts the command line above the configuration file", async () => {
    const reading = await read("--listen 127.0.0.2:53 --store /var/x.db", new Map());
    expect(reading).toMatchObject({
      kind: "ok",
      config: {
        listen: [{ address: "127.0.0.2", port: 53 }],
        store: { path: "/var/x.db" },
        admin: {
          socket: "/var/x.db.sock",
          tcp: { listen: [{ address: "127.0.0.1", port: 5380 }], anonymous: ["read"] },
        },
        zones: [{ file: "zones/lab.example.zone" }],
      },
    });
  });

  it("takes every zone of a folder, and names those that cannot be", async () => {
    const files = new Map([
      ["z/b.example.zone", ""],
      ["z/a.example.zone", ""],
      ["z/a.example.pools.yaml", ""],
      ["z/a..b.zone", ""],
    ]);
    const reading = await read(
      "--zones z --zone b.example=b --pools p --listen 127.0.0.1:53",
      files,
    );
    expect(reading).toMatchObject({
      kind: "ok",
      config: {
        store: { path: ":memory:" },
        admin: { socket: undefined, tcp: undefined },
        zones: [
          { file: "b", pools: "p" },
          { file: "z/a.example.zone", pools: undefined, poolsDefault: "z/a.example.pools.yaml" },
        ],
      },
      warnings: [
        'z/a..b.zone:1:1: Cannot name its zone: "a..b" is not a name, it has an empty label; write one such as example.org',
      ],
    });
  });

  it("refuses a folder that is not there, and a bad configuration", async () => {
    const missing = await read("--zones none --listen 127.0.0.1:53", new Map());
    expect(missing).toMatchObject({
      kind: "bad",
      errors: ['Cannot read folder "none": it does not exist'],
    });
    const bad = await read("main.yaml", new Map([["main.yaml", "listen: 1"]]));
    expect(bad).toMatchObject({ kind: "bad" });
  });
});

async function served(args: string): Promise<ServeOptions> {
  const { served } = await run(["serve", ...args.split(" ").filter((arg) => arg !== "")]);
  const [options] = served;
  if (options === undefined) throw new Error("serve was not reached");
  return options;
}

async function read(args: string, files: ReadonlyMap<string, string>) {
  const silent = { out: () => {}, err: () => {} };
  return readServeConfig(fakeIo(files, silent), await served(args));
}

function readInput(input: string): { args: string[]; files: Map<string, string> } {
  const files = new Map<string, string>();
  const [head = "", command = ""] = input.split(/^\$ livezone ?/m);
  for (const block of head.split(/^@ (?=\S+\n)/m).slice(1)) {
    const end = block.indexOf("\n");
    files.set(block.slice(0, end), block.slice(end + 1));
  }
  return {
    args: command
      .trim()
      .split(" ")
      .filter((arg) => arg !== ""),
    files,
  };
}

function marked(mark: string, text: string): readonly string[] {
  return text === ""
    ? []
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => (mark + line).trimEnd());
}
