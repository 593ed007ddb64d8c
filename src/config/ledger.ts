// What an operator sets of the ledger: who holds which answer until when.

import type { z } from "zod";
import { count, duration, word } from "./fields.ts";
import { section } from "./yaml.ts";

/** The ledger's settings, defaults filled in. */
export interface LedgerConfig {
  /** Askers that each answering thread remembers. */
  readonly askersMax: number;
  /** How askers are shown: by their /24 or /48, or in full. */
  readonly addresses: "prefix" | "full";
  /** How long the story of a swap's propagation is kept. */
  readonly keepMs: number;
}

const DAY_MS = 86_400_000;

/** What applies where the configuration says nothing. */
export const LEDGER_DEFAULTS: LedgerConfig = {
  askersMax: 65_536,
  addresses: "prefix",
  keepMs: 30 * DAY_MS,
};

/** The section "ledger" of the main configuration. */
export const ledgerSection = section({
  askers: count({ min: 1024, max: 1_048_576 }).optional(),
  addresses: word(["prefix", "full"]).optional(),
  keep: duration({ minMs: DAY_MS, maxMs: 3650 * DAY_MS }).optional(),
});

/** The section with its defaults. */
export function ledgerOf(raw: z.infer<typeof ledgerSection> | undefined): LedgerConfig {
  return {
    askersMax: raw?.askers ?? LEDGER_DEFAULTS.askersMax,
    addresses: raw?.addresses ?? LEDGER_DEFAULTS.addresses,
    keepMs: raw?.keep ?? LEDGER_DEFAULTS.keepMs,
  };
}
