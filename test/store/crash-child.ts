// A process that edits and swaps as fast as it can until it is killed. It says each serial on
// standard output as soon as the store has confirmed it, and begins as a server begins: above
// everything that may have been seen.

import { writeSync } from "node:fs";
import { advanceSerial } from "../../src/dns/serial.ts";
import { packEntry } from "../../src/store/journal-rows.ts";
import { openStore } from "../../src/store/open.ts";
import { changing, importing, journal, ORIGIN, serving, swapping } from "./fixtures.ts";

const SERIALS_AHEAD = 50;
const SWAPS_A_TURN = 3;

const store = openStore(process.argv[2] ?? "", { lockWaitMs: 5000 });
const state = store.readState();
const [zone] = state.zones;
let swapId = state.lastSwapId;
let serial = 1;
let reserved = 0;

if (zone === undefined) {
  store.commitZone(packed(importing(1)));
} else {
  serial = advanceSerial(zone.reservedSerial);
  store.commitZone({ ...packed(changing(zone.serial, serial)), replacesAll: false });
}
confirm(serial);

for (let turn = 0; ; turn++) {
  if (serial + 1 + SWAPS_A_TURN >= reserved) {
    reserved = serial + SERIALS_AHEAD;
    store.reserveSerials(ORIGIN, reserved);
  }
  const lines = [`a${turn % 7} ${turn % 1000} TXT t${turn}`, `b 60 A 192.0.2.${turn % 256}`];
  store.commitZone(packed(changing(serial, serial + 1, ...lines)));
  confirm(++serial);
  const commits = [];
  for (let i = 0; i < SWAPS_A_TURN; i++) commits.push(swapping(++swapId, serial, ++serial));
  const packedSwaps = commits.map((commit) => ({ ...commit, journal: packEntry(commit.journal) }));
  store.commitSwaps(packedSwaps, [serving(swapId)]);
  for (const commit of commits) confirm(commit.journal.serialAfter);
}

function packed(commit: ReturnType<typeof importing>) {
  const entry = { ...journal(0, 0), ...commit.journal, wallMs: Date.now() };
  return { ...commit, journal: packEntry(entry) };
}

/** Written at once: what stays in a buffer dies with the process. */
function confirm(confirmed: number): void {
  writeSync(1, `${confirmed}\n`);
}
