// Runs the dashboard: events in from a source, keys in from the terminal, pictures out.

import type { LoggedEvent } from "../../events/line.ts";
import { fold } from "../../view/fold.ts";
import { EMPTY_VIEW, type ViewState } from "../../view/state.ts";
import type { Paint } from "../paint.ts";
import { frameOf } from "./frame.ts";
import { FIRST_SCREEN, keysOf, type Order, pressed, type Screen } from "./screen.ts";

/** Where events come from. Polled; it waits for nobody. */
export interface Source {
  /** Events that are due now, and what time it is where they come from. */
  take(): { readonly events: readonly LoggedEvent[]; readonly nowMs: number };
  /** What is to be said of it, such as "live" or "replay ×60". */
  readonly state: { readonly text: string; readonly isWell: boolean };
  order(order: Order): void;
  close(): void;
}

/** A terminal that shows whole pictures. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  show(lines: readonly string[]): void;
  onInput(take: (input: string) => void): void;
  onResize(take: () => void): void;
  close(): void;
}

const TICK_MS = 100;

/** Shows the dashboard until somebody quits. */
export function runDash(source: Source, terminal: Terminal, paint: Paint): Promise<void> {
  return new Promise((resolve) => {
    let state: ViewState = EMPTY_VIEW;
    let screen: Screen = FIRST_SCREEN;
    let nowMs = 0;
    let isOver = false;
    const draw = (): void => {
      if (isOver) return;
      const { text, isWell } = source.state;
      const size = terminal.size();
      const shown = { ...size, state, screen, nowMs, source: text, isSourceWell: isWell };
      terminal.show(frameOf(shown, paint));
    };
    const tick = (): void => {
      const taken = source.take();
      nowMs = taken.nowMs;
      state = fold(state, taken.events);
      draw();
    };
    const timer = setInterval(tick, TICK_MS);
    const quit = (): void => {
      isOver = true;
      clearInterval(timer);
      source.close();
      terminal.close();
      resolve();
    };
    terminal.onResize(draw);
    terminal.onInput((input) => {
      for (const key of keysOf(input)) {
        const next = pressed(screen, key);
        screen = next.screen;
        if (next.order === "quit") return quit();
        if (next.order !== undefined) source.order(next.order);
      }
      tick();
    });
    tick();
  });
}
