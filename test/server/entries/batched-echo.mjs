// An answer thread with the test double in the responder's place.

import { parentPort, workerData } from "node:worker_threads";
import { built } from "./built.mjs";
import { echoContext } from "./echo.mjs";

const { Exchange } = await built("answer/exchange");
const { Pulse } = await built("base/pulse");
const { loadLibc } = await built("server/libc");
const { runBatched } = await built("server/batched");

const { libc } = await loadLibc();
const { sockets, pulse } = workerData;
parentPort.postMessage({ kind: "ready" });
runBatched({
  libc,
  sockets,
  context: echoContext(new Exchange()),
  pulse: new Pulse(pulse),
  takeMail: () => undefined,
});
