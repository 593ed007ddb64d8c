// An answer thread: the batched loop with its mail. It never returns to its event loop until the end.

import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { Pulse } from "../base/pulse.ts";
import { event } from "../events/event.ts";
import { runBatched } from "./batched.ts";
import { loadLibc } from "./libc.ts";
import { ReaderContext } from "./reader-context.ts";
import { askForShortSlice } from "./slice.ts";
import type { AnswerThreadData, FromReaderThread, ThreadMail, ThreadReady } from "./thread-mail.ts";

/**
 * Answers on the sockets it was lent until its pulse asks for the end.
 *
 * @param port the worker's port to its keeper, with no listener on it.
 */
export async function runAnswerThread(
  data: AnswerThreadData,
  port: MessagePort,
  clock: Clock,
): Promise<void> {
  const load = await loadLibc();
  assert(load.kind === "loaded", "a C library in a thread whose sockets were opened through it");
  const context = new ReaderContext(data, clock);
  const slice = await askForShortSlice();
  if (slice.kind === "refused") {
    const { why: reason } = slice;
    const msg = `An answer thread could not ask to be let in sooner: ${reason}`;
    const told = event("thread.scheduling", msg, { thread: "answer", reason });
    port.postMessage({ kind: "event", event: told } satisfies FromReaderThread);
  }
  const ready: ThreadReady = { kind: "ready" };
  port.postMessage(ready);
  runBatched({
    libc: load.libc,
    sockets: data.sockets,
    context,
    pulse: new Pulse(data.pulse),
    handOver: (letter) => {
      const handed: FromReaderThread = { kind: "letter", letter };
      port.postMessage(handed);
    },
    takeMail: () => {
      for (let mail = receiveMessageOnPort(port); mail; mail = receiveMessageOnPort(port)) {
        obey(context, mail.message);
      }
    },
  });
}

function obey(context: ReaderContext, mail: ThreadMail): void {
  switch (mail.kind) {
    case "adopt":
      context.adopt(mail.set);
      break;
    case "settings":
      context.applySettings(mail.settings);
      break;
    default:
      // Certificates are the stream thread's; the end comes by the pulse.
      break;
  }
}
