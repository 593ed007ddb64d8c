// Does what a step says.

import { execFile } from "node:child_process";
import type { Action } from "./action.ts";
import { blackHole, cutOff, heal, lose, setCable } from "./faults.ts";
import type { Lab } from "./lab.ts";
import { withHostNames } from "./plan.ts";
import { LAB_ENVIRONMENT } from "./run-program.ts";
import { signalHost } from "./service.ts";
import { follow } from "./services/database.ts";
import { addRecord, configFile, livezoneWords } from "./services/livezone.ts";
import {
  BROKEN_DELEGATION,
  goodDelegation,
  reloadParent,
  writeParentZone,
} from "./services/parent.ts";

/** What deeds need beside the lab. */
export interface Hands {
  /** Gives the client a line: see there. */
  order(line: string): void;
  /** Takes a line for the timeline. */
  say(text: string): void;
}

const COMMAND_MAX_MS = 120_000;

/** Does it. Programs are started, not waited for. */
export async function doAction(lab: Lab, action: Action, hands: Hands): Promise<void> {
  const { site } = lab;
  switch (action.kind) {
    case "kill":
      await lab.kill(action.host);
      return;
    case "start":
      lab.launch(action.host);
      return;
    case "stop":
      signalHost(site, action.host, "SIGSTOP");
      return;
    case "continue":
      signalHost(site, action.host, "SIGCONT");
      return;
    case "black-hole":
      blackHole(site, action.host);
      return;
    case "lose":
      lose(site, action.host, action.percent);
      return;
    case "cut":
      cutOff(site, action.host, action.from);
      return;
    case "heal":
      heal(site, action.host);
      return;
    case "unplug":
    case "plug":
      setCable(site, action.host, action.kind === "plug");
      return;
    case "save":
      addRecord(site, action.record);
      return;
    case "delegation":
      writeParentZone(site, action.isBroken ? BROKEN_DELEGATION : goodDelegation(["livezone"]));
      reloadParent(site);
      return;
    case "load":
      hands.order(String(action.perSecond));
      return;
    case "rebuild":
      // Beside the steps: a copy of a database takes its time.
      follow(site, action.host, action.host === "db1" ? "db2" : "db1").then(
        () => hands.say(`${action.host} is a synchronous standby`),
        (error: Error) => hands.say(error.message),
      );
      return;
    case "count":
      hands.order("rows");
      return;
    case "command":
      command(lab, action.words, hands.say);
      return;
    case "end":
      return;
  }
}

/** A verb of livezone's own command line: goes on beside the steps, and says its end. */
function command(lab: Lab, words: readonly string[], say: (text: string) => void): void {
  const filled = words.map((word) => (word === "CONFIG" ? configFile(lab.site) : word));
  const [program = "", ...args] = livezoneWords(...filled);
  execFile(program, args, { env: LAB_ENVIRONMENT, timeout: COMMAND_MAX_MS }, (error, out, err) => {
    const lines = withHostNames(out + err).split("\n");
    for (const line of lines) if (line.trim() !== "") say(line.trimEnd());
    say(`livezone ${words[0]} ended with status ${error === null ? 0 : (error.code ?? 1)}`);
  });
}
