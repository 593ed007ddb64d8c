// What can happen to the simulated server, one line each: to its targets, its prober's network, its
// clock, its disk, its threads and its files.

import { messageOf } from "../../src/base/errors.ts";
import type { Condition } from "../../src/rehearsal/network.ts";
import type { RecordChange } from "../../src/view/records.ts";
import { isParentState } from "./parent.ts";
import { readMs, readOptions, readPool, withCheck, withPool } from "./script.ts";
import { APEX, ownerName, type Setup } from "./setup.ts";
import type { Stage } from "./stage.ts";

/** The least time between the death of a thread and its replacement. */
const REPLACED_AFTER_MS = 50;
const STARTED_AFTER_MS = 500;

/** "web1.example.net" */
const HOST_NAME = /^[a-z][\w-]*(?:\.[a-z][\w-]*)+$/;

/**
 * Lets one line happen.
 *
 *   ADDRESS answers [AFTER] | refuses | silent | status | loses 40% | flaps PERIOD CONDITION
 *   HOST the same | nameless (it has no address) | unresolved (no resolver says)
 *   prober cut | prober mended | prober deaf | prober hears   cut: its kernel says so; deaf: nobody does
 *   parent good | wrong | gone | silent | signed   what the zone above says of the zone
 *   clock +1h | clock -1h | stall 30s
 *   disk full | disk hangs | disk mended
 *   control dies [FOR]      its thread alone: answers go on, and so does the store
 *   process dies [FOR]      everything but what is on the disk
 *   process stops [FOR]     in order
 *   zone txt=WORD | zone serial=N | zone broken | zone mended
 *   host NAME: ADDRESS ...  what the zone file holds for a name; nothing deletes it
 *   pool NAME: ADDRESS ... KEY=VALUE ... | pool NAME gone | check NAME KEY=VALUE ...
 *   pools broken | pools mended | pools deleted
 *   force ADDRESS up|down [for=FOR] [force=yes] | unforce ADDRESS | approve NAME
 *   failback NAME [dry]
 *   drain ADDRESS [after=TIME] | undrain ADDRESS
 *   window NAME             the calendar begins what the pool has under "maintenance"
 *   drill NAME [FOR]        the member that is answered is taken out
 *   resolver ADDRESS asks NAME every=TIME [keeps=TIME]   its clients ask so often
 *   resolvers | spread [SWAP]        what resolvers answer, and what is known of that
 *   record replace|add|remove|delete NAME TYPE [DATA ...] [ttl=N] [if=SERIAL] [force=yes]
 *   hook fence|promote good [AFTER] | fails [AFTER] | hangs
 *   why NAME TYPE          what dig is told beside the answer
 *   rescan | ask NAME TYPE | status | probes (how many since they were last counted)
 *   settled                 all faults are over for long: everything must be well again
 *
 * @returns lines to tell, for those that ask.
 * @throws Error on a line that is none of these.
 */
export function act(stage: Stage, words: readonly string[]): readonly string[] {
  const [subject = "", verb = "", ...rest] = words;
  const isAddress = /^[0-9a-f]*[.:][0-9a-f.:]*$/i.test(subject) || HOST_NAME.test(subject);
  if (isAddress) return actOnTarget(stage, subject, [verb, ...rest]);
  const act = ACTIONS[`${subject} ${verb}`] ?? ACTIONS[subject];
  if (act === undefined) throw new Error(`Cannot play "${words.join(" ")}": nothing is called so`);
  const isPair = ACTIONS[`${subject} ${verb}`] !== undefined;
  return act(stage, isPair ? rest : [verb, ...rest].filter((word) => word !== "")) ?? [];
}

type Act = (stage: Stage, words: readonly string[]) => readonly string[] | undefined;

const ACTIONS: Readonly<Record<string, Act>> = {
  "prober cut": silent((stage) => stage.cutProber(true)),
  "prober mended": silent((stage) => stage.cutProber(false)),
  "prober deaf": silent(({ plane }) => {
    plane.network.isProberDeaf = true;
  }),
  "prober hears": silent(({ plane }) => {
    plane.network.isProberDeaf = false;
  }),
  parent: silent((stage, [state = ""]) => {
    if (!isParentState(state)) throw new Error(`Cannot play "parent ${state}": it is never so`);
    stage.plane.parent.state = state;
  }),
  clock: silent((stage, [by = ""]) => {
    const sign = by.startsWith("-") ? -1 : 1;
    stage.plane.time.stepWall(sign * readMs(by.slice(1)));
  }),
  stall: silent((stage, [forTime = ""]) => stage.stall(readMs(forTime))),
  "disk full": silent((stage) => stage.setDisk("full")),
  "disk hangs": silent((stage) => stage.setDisk("hangs")),
  "disk mended": silent((stage) => stage.setDisk("ok")),
  "control dies": silent((stage, [forTime]) => {
    stage.die("control", forTime === undefined ? REPLACED_AFTER_MS : readMs(forTime));
  }),
  "process dies": silent((stage, [forTime]) => {
    stage.die("process", forTime === undefined ? STARTED_AFTER_MS : readMs(forTime));
  }),
  "process stops": silent((stage, [forTime]) => {
    stage.stop(forTime === undefined ? STARTED_AFTER_MS : readMs(forTime));
  }),
  "zone broken": silent((stage) => edit(stage, { isZoneBroken: true })),
  "zone mended": silent((stage) => edit(stage, { isZoneBroken: false })),
  zone: silent((stage, [word = ""]) => {
    const [key, value = ""] = word.split("=");
    if (key === "txt") edit(stage, { txt: value });
    else if (key === "serial") edit(stage, { serial: Number(value) });
    else throw new Error(`Cannot play "zone ${word}": nothing is called so`);
  }),
  host: silent((stage, words) => {
    const [owner, { members }] = readPool(words);
    const hosts = new Map([...stage.setup.hosts, [owner, members]]);
    if (members.length === 0) hosts.delete(owner);
    edit(stage, { hosts });
  }),
  pool: silent((stage, words) => {
    const [owner, pool] = readPool(words);
    if (pool.members[0] !== "gone") {
      stage.save(withPool(stage.setup, owner, pool));
      return;
    }
    const pools = new Map(stage.setup.pools);
    pools.delete(owner);
    edit(stage, { pools });
  }),
  check: silent((stage, words) => stage.save(withCheck(stage.setup, words))),
  "pools broken": silent((stage) => edit(stage, { arePoolsBroken: true })),
  "pools mended": silent((stage) => edit(stage, { arePoolsBroken: false, arePoolsDeleted: false })),
  "pools deleted": silent((stage) => edit(stage, { arePoolsDeleted: true })),
  force: silent((stage, words) => stage.order("force", words)),
  unforce: silent((stage, words) => stage.order("unforce", words)),
  approve: silent((stage, words) => stage.order("approve", words)),
  failback: silent((stage, words) => stage.order("failback", words)),
  drain: silent((stage, words) => stage.order("drain", words)),
  undrain: silent((stage, words) => stage.order("undrain", words)),
  window: silent(({ plane }, [owner = ""]) => {
    // While control is not there, no calendar runs.
    if (plane.readyMs === undefined) return;
    const { maintenance } = plane.desk;
    const due = maintenance.planned().filter(({ pool }) => pool === ownerName(owner));
    for (const window of due) maintenance.startPlanned(window);
  }),
  drill: silent((stage, words) => stage.order("drill", words)),
  resolver: silent((stage, [address = "", , owner = "", ...words]) => {
    const { every = "1s", keeps = "0s" } = readOptions(words);
    const habits = { everyMs: readMs(every), keepsMs: readMs(keeps) };
    stage.plane.resolvers.begin(address, ownerName(owner), habits);
  }),
  resolvers: (stage) => stage.plane.resolvers.lines(),
  spread: (stage, [swap]) => stage.spreadLines(swap === undefined ? undefined : Number(swap)),
  record: silent(editRecord),
  hook: silent((stage, [hook = "", kind = "", after = "100ms"]) => {
    const condition = { kind: kind === "good" ? kind : "fails", afterMs: readMs(after) } as const;
    stage.plane.hooks.set(hook, kind === "hangs" ? { kind } : condition);
  }),
  rescan: silent((stage) => stage.plane.rescan()),
  ask: (stage, [owner = "", type = ""]) => [stage.ask(owner, type)],
  why: (stage, [owner = "", type]) => {
    return [stage.why(owner, type === "AAAA" || type === "CNAME" ? type : "A")];
  },
  status: (stage) => stage.statusLines(),
  probes: (stage) => stage.probeLines(),
  settled: silent((stage) => stage.settle()),
};

function actOnTarget(stage: Stage, address: string, words: readonly string[]): readonly string[] {
  const [verb, ...rest] = words;
  const { network } = stage.plane;
  if (verb === "flaps") {
    const [period = "", ...bad] = rest;
    network.flap(address, readCondition(bad.length === 0 ? ["refuses"] : bad), readMs(period));
  } else network.set(address, readCondition(words));
  return [];
}

function readCondition([verb, value]: readonly string[]): Condition {
  switch (verb) {
    case "answers":
      return { kind: "answers", afterMs: value === undefined ? 2 : readMs(value) };
    case "refuses":
    case "silent":
      return { kind: verb };
    case "status":
      return { kind: "status", afterMs: 2 };
    case "nameless":
      return { kind: "recorded", at: () => ({ afterMs: 1, code: "host-missing" }) };
    case "unresolved":
      return { kind: "recorded", at: () => ({ afterMs: 1, code: "prober-resolver" }) };
    case "loses":
      return { kind: "lossy", afterMs: 0, lossFraction: Number.parseFloat(value ?? "") / 100 };
    default:
      throw new Error(`Cannot play "${verb}": no target is so`);
  }
}

/** An edit of one RRset through the API; what becomes of it is told. */
function editRecord(
  stage: Stage,
  [action = "", owner = "", type = "", ...words]: readonly string[],
): void {
  const options = readOptions(words);
  const rdata = words.filter((word) => !/^\w+=/.test(word));
  const change = { action, name: ownerName(owner), type, ttl: Number(options["ttl"] ?? 60), rdata };
  const ifSerial = options["if"] === undefined ? "any" : Number(options["if"]);
  const said = { author: "ann", reason: "moved", isFloorIgnored: options["force"] === "yes" };
  const changes = [change as RecordChange];
  stage.plane.records.edit(APEX, { changes, ifSerial, ...said }).then(
    ({ serial, notes }) => stage.tell([`edited: serial ${serial}`, ...notes].join("; ")),
    (error: unknown) => stage.tell(`refused: ${messageOf(error)}`),
  );
}

function edit(stage: Stage, changes: Partial<Setup>): void {
  stage.save({ ...stage.setup, ...changes });
}

function silent(run: (stage: Stage, words: readonly string[]) => void): Act {
  return (stage, words) => {
    run(stage, words);
    return undefined;
  };
}
