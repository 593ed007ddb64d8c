// A stream thread as the application starts it.

import { parentPort, workerData } from "node:worker_threads";
import { built } from "./built.mjs";

const { runStreamThread } = await built("server/stream-thread");
await runStreamThread(workerData, parentPort, {
  nowMs: () => performance.now(),
  wallMs: Date.now,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});
