// Entry of the stream thread.

import { parentPort, workerData } from "node:worker_threads";
import { present } from "../base/assert.ts";
import { runStreamThread } from "../server/stream-thread.ts";
import type { StreamThreadData } from "../server/thread-mail.ts";
import { realTime } from "./real-time.ts";

const port = present(parentPort, "a parent of this thread");
await runStreamThread(workerData as StreamThreadData, port, realTime);
