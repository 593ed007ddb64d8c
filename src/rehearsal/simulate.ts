// Several settings in the same world, one after the other.

import type { SimulationReport } from "../view/simulation.ts";
import { rehearse, type Settings } from "./rehearse.ts";
import { generatedWorld, type RecordedProbe, recordedWorld } from "./world.ts";

/** What is asked for. */
export interface SimulationOrder {
  readonly seed: number;
  readonly settings: readonly (Settings & { readonly name: string })[];
  readonly world:
    | { readonly kind: "generated"; readonly lengthMs: number }
    | {
        readonly kind: "recorded";
        readonly title: string;
        readonly probes: readonly RecordedProbe[];
      };
}

/** Plays the world once for each settings; `progress` is told the share that is done, 0 to 1. */
export function simulate(
  { seed, settings, world }: SimulationOrder,
  progress: (share: number) => void,
): SimulationReport {
  const made =
    world.kind === "generated"
      ? generatedWorld(seed, world.lengthMs)
      : recordedWorld(world.title, world.probes);
  const runs = settings.map((one, i) => {
    const tell = (share: number): void => progress((i + share) / settings.length);
    return { settings: one.name, tally: rehearse(one, made, seed, tell) };
  });
  return { world: made.title, lengthMs: made.lengthMs, runs };
}
