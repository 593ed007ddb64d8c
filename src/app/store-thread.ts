// Entry of the store thread: the only one that waits for the disk.

import { parentPort, workerData } from "node:worker_threads";
import { present } from "../base/assert.ts";
import { beatRegularly, Pulse } from "../base/pulse.ts";
import { openStore } from "../store/open.ts";
import { runStoreThread, type StoreThread } from "../store/thread.ts";
import type { StoreData, StoreReady, ToStore } from "./messages.ts";
import { realTime } from "./real-time.ts";
import { standBack } from "./standing.ts";

const BEAT_MS = 250;
/** A thread that just died may hold its lock for a moment longer. */
const LOCK_WAIT_MS = 2000;

const port = present(parentPort, "a parent of this thread");
const data = workerData as StoreData;
const isReplacement = data.port !== undefined;
const store = openStore(data.path, { lockWaitMs: isReplacement ? LOCK_WAIT_MS : 0 });
standBack();
const stopBeating = beatRegularly(new Pulse(data.pulse), realTime, BEAT_MS);
const served = new Set<StoreThread>();
if (data.port !== undefined) served.add(runStoreThread(data.port, { store }));

port.on("message", (message: ToStore) => {
  if (message.kind === "serve") served.add(runStoreThread(message.port, { store }));
  else void stop();
});

const ready: StoreReady = {
  kind: "ready",
  version: store.version,
  octets: store.octets,
  migratedFrom: store.migratedFrom,
  zones: store.readState().zones,
};
port.postMessage(ready);

async function stop(): Promise<void> {
  await store.close();
  stopBeating();
  port.close();
  // Ports of a control thread that is gone without hanging up would keep this one alive.
  process.exit(0);
}
