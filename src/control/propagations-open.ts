// How propagations begin in a new life of control.

import type { LedgerMemory } from "../answer/ledger-memory.ts";
import type { Time } from "../base/clock.ts";
import { nameKey } from "../dns/name.ts";
import type { EventSink, StoredState, StorePort, SwapRecord } from "./ports.ts";
import type { PropagationPorts } from "./propagation-ports.ts";
import { Propagations } from "./propagations.ts";

/** The ledger, and how it is shown. */
export interface LedgerPorts {
  readonly memory: LedgerMemory;
  /** Whether resolvers are shown by their /24 and /48 or in full. */
  readonly addresses: "prefix" | "full";
}

/** Propagations that a start reads. */
const READ_MAX = 500;

/** Propagations that go on where earlier lives have left them; none where there is no ledger. */
export async function openPropagations(
  ports: {
    readonly time: Time;
    readonly emit: EventSink;
    readonly store: StorePort;
    readonly ledger?: LedgerPorts;
  },
  state: StoredState,
  followed: {
    readonly swaps: readonly SwapRecord[];
    /** A swap has moved the answer of this key. */
    readonly moved: (key: string) => void;
    readonly others: PropagationPorts["others"];
  },
): Promise<Propagations | undefined> {
  const { time, emit, store, ledger } = ports;
  if (ledger === undefined) return undefined;
  const stored = await store.readPropagations(READ_MAX);
  const servedBefore = new Set(state.zones.map(({ origin }) => nameKey(origin)));
  const { memory, addresses } = ledger;
  const { moved, others } = followed;
  const given = { time, emit, store, ledger: memory, addresses, servedBefore, moved, others };
  const propagations = new Propagations(given);
  propagations.restore(stored, followed.swaps);
  return propagations;
}
