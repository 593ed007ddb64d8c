// What comes in from outside about targets.

import { Refusal } from "../base/refusal.ts";
import type { Engine } from "./engine.ts";

/** A target's word about itself. */
interface Heartbeat {
  /** As `status` shows it. */
  readonly target: string;
  readonly isGood: boolean;
  readonly detail: string;
}

/** Takes a target's word about itself. @throws Refusal where no target waits for it. */
export function takeHeartbeat(engine: Engine, { target, isGood, detail }: Heartbeat): void {
  for (const [id, { config }] of engine.targets) {
    if (config.display !== target) continue;
    if (engine.heartbeat(id, isGood, detail)) return;
    const state = "its check asks by itself; only targets of kind push report in";
    throw new Refusal("conflict", "NOT_PUSH", `Cannot take a report of ${target}: ${state}`);
  }
  throw new Refusal("absent", "NO_TARGET", `There is no target ${target}`);
}
