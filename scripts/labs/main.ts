// `scripts/lab`: the lab's command line.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Paint, paintFor } from "../../src/cli/paint.ts";
import { formatTable } from "../../src/cli/table.ts";
import { ScenarioError } from "./action.ts";
import { DEFAULT_LAB, Lab } from "./lab.ts";
import { inside } from "./network.ts";
import { HOST_NAMES, HOSTS, isHostName, type Site, siteOf } from "./plan.ts";
import { LAB_ENVIRONMENT, LabError } from "./run-program.ts";
import { runScenario } from "./run-scenario.ts";
import { loadScenario, scenarioNames } from "./scenario.ts";
import { isRunning } from "./service.ts";
import { configFile } from "./services/livezone.ts";

const USAGE = `usage: scripts/lab VERB

  up                     make the lab and start everything in it
  status                 what is there, and what runs
  list                   the scenarios, and what each shows
  run SCENARIO...        play scenarios, or "all": each begins with everything new
  in HOST COMMAND...     run a command on one of its hosts
  down                   end everything and leave nothing behind

  --patience N           upper ends of expected windows are N times later, for busy machines
  --name NAME            another lab beside the usual one`;

const isTerminal = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
const paint: Paint = paintFor(isTerminal);
const print = (line: string): void => console.log(line);

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof LabError || error instanceof ScenarioError)) throw error;
  console.error(error.message);
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    // What follows `in HOST` is another command's.
    args: ownArguments(process.argv.slice(2)),
    options: {
      name: { type: "string", default: "lab" },
      patience: { type: "string", default: "1" },
    },
  });
  const [verb = "help", ...words] = positionals;
  if (!/^[a-z][a-z0-9]{0,15}$/.test(values.name)) {
    throw new LabError(`Cannot name a lab "${values.name}": write letters and digits`);
  }
  const site = siteOf(values.name);
  switch (verb) {
    case "up":
      return up(site);
    case "status":
      return status(site);
    case "list":
      return list();
    case "run":
      return play(site, words, Number(values.patience));
    case "in":
      return runIn(site, process.argv.slice(process.argv.indexOf("in") + 1));
    case "down":
      await Lab.down(site);
      print("The lab is down.");
      return 0;
    default:
      print(USAGE);
      return verb === "help" ? 0 : 2;
  }
}

function ownArguments(args: readonly string[]): string[] {
  const at = args.indexOf("in");
  return at < 0 ? [...args] : args.slice(0, at + 1);
}

async function up(site: Site): Promise<number> {
  const lab = await Lab.make(site);
  await lab.reset(DEFAULT_LAB);
  const config = configFile(site).replace(`${process.cwd()}/`, "");
  status(site);
  print(`
  ${paint.bold("Try, as root:")}

    scripts/lab run primary-killed                        a failover, as clients see it
    scripts/lab list                                      what else can be seen
    scripts/lab in client dig @${HOSTS.unbound.address} www.lab.example   ask through a resolver
    npx livezone status ${config}        what is served, and why
    tail -f var/lab/log/livezone.log                      its log
    scripts/lab down                                      leave nothing behind
`);
  return 0;
}

function status(site: Site): number {
  if (!Lab.isUp(site)) {
    print("The lab is not up. To make it: scripts/lab up");
    return 1;
  }
  const rows = HOST_NAMES.map((name) => {
    const isUp = isRunning(site, name);
    const { address, role } = HOSTS[name];
    return [isUp ? paint.green("runs") : paint.dim("-"), paint.bold(name), address, role];
  });
  for (const line of formatTable(rows, { indent: "  " })) print(line);
  return 0;
}

function list(): number {
  const rows = scenarioNames().map((name) => {
    const { title, steps } = loadScenario(name);
    const last = steps.at(-1)?.moment;
    const length = last?.kind === "at" ? `${last.ms / 1000} s` : "";
    return [paint.bold(name), paint.dim(length), title];
  });
  for (const line of formatTable(rows, { indent: "  ", right: [1] })) print(line);
  return 0;
}

/** Plays scenarios in the lab that is up, or in one that is there only as long as they are played. */
async function play(site: Site, words: readonly string[], patience: number): Promise<number> {
  const names = words.includes("all") ? scenarioNames() : words;
  if (names.length === 0) throw new LabError("Cannot play nothing: name a scenario, or all");
  if (!existsSync("dist/app/main.js")) throw new LabError("Cannot play: livezone is not built");
  const scenarios = names.map(loadScenario);
  const isOwn = !Lab.isUp(site);
  const end = (): void => void (isOwn ? Lab.down(site) : undefined);
  process.once("SIGINT", () => Promise.resolve(end()).finally(() => process.exit(130)));
  const lab = isOwn ? await Lab.make(site) : new Lab(site);
  let bad = 0;
  try {
    for (const scenario of scenarios) {
      if (!(await runScenario(lab, scenario, { print, paint, patience }))) bad++;
    }
  } finally {
    if (isOwn) await Lab.down(site);
  }
  return bad === 0 ? 0 : 1;
}

function runIn(site: Site, [host = "", ...command]: readonly string[]): number {
  if (!isHostName(host)) {
    throw new LabError(`Cannot run on "${host}": there are ${HOST_NAMES.join(", ")}`);
  }
  const [program = "", ...args] = inside(site, host, command);
  return spawnSync(program, args, { stdio: "inherit", env: LAB_ENVIRONMENT }).status ?? 1;
}
