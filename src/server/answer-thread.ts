// An answer thread: the batched loop with its mail. It never returns to its event loop until the end.

import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { Pulse } from "../base/pulse.ts";
import { event } from "../events/event.ts";
import { runBatched } from "./batched.ts";
import { loadLibc } from "./libc.ts";
import { Precedence } from "./precedence.ts";
import { ReaderContext } from "./reader-context.ts";
import { loadScheduling } from "./scheduling.ts";
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
  const { precedence, refusals } = await openPrecedence(clock, data.coreShare);
  for (const [what, reason] of refusals) {
    const msg = `An answer thread could not ask to ${what}: ${reason}`;
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
    ...(precedence && { precedence }),
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

/** What the thread can have of both, and what it could not. */
async function openPrecedence(
  clock: Clock,
  coreShare: number,
): Promise<{
  readonly precedence?: Precedence;
  readonly refusals: readonly (readonly [what: string, why: string])[];
}> {
  const load = await loadScheduling();
  if (load.kind === "refused") return { refusals: [["be let in sooner", load.why]] };
  const { scheduling } = load;
  const refusals: [string, string][] = [];
  const slice = scheduling.takeTurns();
  if (slice.kind === "refused") refusals.push(["be let in sooner", slice.why]);
  const precedence = new Precedence(scheduling, { nowMs: clock.nowMs(), coreShare });
  const why = precedence.begin();
  if (why === undefined) return { precedence, refusals };
  return { refusals: [...refusals, ["go first", why]] };
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
