// Who is asked how far an answer has spread: the section "watch" of the main configuration.

import type { z } from "zod";
import { duration, flag } from "./fields.ts";
import { type ResolverAddress, readResolvers, resolversKey } from "./resolvers.ts";
import { section, type YamlReader } from "./yaml.ts";

/** The section, defaults filled in. */
export interface WatchConfig {
  /** Recursive resolvers that are asked what they answer. */
  readonly resolvers: readonly ResolverAddress[];
  /** How often they are asked between swaps. */
  readonly sweepMs: number;
  /** Whether zones are held against what their parents say of them. */
  readonly isDelegationWatched: boolean;
}

/** What applies where the configuration says nothing: nobody is asked. */
export const WATCH_DEFAULTS: WatchConfig = {
  resolvers: [],
  sweepMs: 300_000,
  isDelegationWatched: true,
};

/** The section "watch" of the main configuration. */
export const watchSection = section({
  resolvers: resolversKey,
  sweep: duration({ minMs: 1000, maxMs: 86_400_000 }).optional(),
  delegation: flag.optional(),
});

/** Reads the section. */
export function readWatch(
  reader: YamlReader,
  raw: z.infer<typeof watchSection> | undefined,
): WatchConfig {
  const place = { path: ["watch", "resolvers"], instead: "ask nobody" };
  return {
    resolvers: readResolvers(reader, raw?.resolvers, place),
    sweepMs: raw?.sweep ?? WATCH_DEFAULTS.sweepMs,
    isDelegationWatched: raw?.delegation ?? WATCH_DEFAULTS.isDelegationWatched,
  };
}
