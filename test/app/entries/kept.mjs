// Threads of every temper, for the keeper to keep. The words of a pulse: beats, stop, mail.

import { parentPort, workerData } from "node:worker_threads";

const { pulse, temper, life } = workerData;
const words = new Int32Array(pulse);
const beat = () => Atomics.add(words, 0, 1);

if (temper === "stillborn") {
  throw Object.assign(new Error("no address is free"), { code: "SERVER_ADDRESS_IN_USE" });
}

beat();
const beating = temper === "mute" ? undefined : setInterval(beat, 20);

parentPort.on("message", (message) => {
  if (message.kind === "die") throw new Error("a planted defect");
  if (message.kind === "leave" || (message.kind === "stop" && temper !== "deaf")) {
    clearInterval(beating);
    parentPort.close();
  } else {
    parentPort.postMessage({ kind: "echo", message, life });
  }
});
parentPort.postMessage({ kind: "ready", life });

if (temper === "deaf") for (;;) beat();
