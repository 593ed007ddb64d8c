// Entry of an answer thread.

import { parentPort, workerData } from "node:worker_threads";
import { present } from "../base/assert.ts";
import { runAnswerThread } from "../server/answer-thread.ts";
import type { AnswerThreadData } from "../server/thread-mail.ts";
import { realTime } from "./real-time.ts";

const port = present(parentPort, "a parent of this thread");
await runAnswerThread(workerData as AnswerThreadData, port, realTime);
// The loop has ended because it was asked to; an open port alone would keep the thread alive.
port.close();
