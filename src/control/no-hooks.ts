// Handovers at their edges: a plane that was given no one to start programs, and a store that may not
// take what it is told.

import type { Cancel, Time } from "../base/clock.ts";
import type { StorePort } from "./ports.ts";
import type { HookEnd, HookPort, HookRun, StoredHandover } from "./ports-hooks.ts";

/** Starts nothing: pools with hooks stay as they are. */
export class NoHooks implements HookPort {
  readonly #time: Time;

  constructor(time: Time) {
    this.#time = time;
  }

  start(_run: HookRun, ended: (end: HookEnd) => void): Cancel {
    const detail = "nobody is there to start programs";
    const end = {
      outcome: "not-started",
      detail,
      output: "",
      isCut: false,
      durationMs: 0,
    } as const;
    return this.#time.after(0, () => ended(end));
  }
}

/** Whether the store has taken a handover. */
export async function noted(store: StorePort, handover: StoredHandover): Promise<boolean> {
  try {
    await store.saveHandover(handover);
    return true;
  } catch {
    // The writer of the journal says that the store fails; it is asked again soon.
    return false;
  }
}
