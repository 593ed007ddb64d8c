// An answer thread as the application starts it.

import { parentPort, workerData } from "node:worker_threads";
import { built } from "./built.mjs";

const { runAnswerThread } = await built("server/answer-thread");
await runAnswerThread(workerData, parentPort, { nowMs: () => performance.now(), wallMs: Date.now });
