// Entry of the control thread: hands the real world to the control plane.

import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { EventFeed } from "../admin/event-feed.ts";
import { type AdminServer, openAdmin } from "../admin/server.ts";
import { present } from "../base/assert.ts";
import { messageOf } from "../base/errors.ts";
import { beatRegularly, Pulse } from "../base/pulse.ts";
import type { ZoneConfig } from "../config/main.ts";
import { Controller } from "../control/controller.ts";
import { InlineLoader } from "../control/loading.ts";
import type { EventSink } from "../control/ports.ts";
import { wayEvent } from "../control/target-events.ts";
import type { ZoneSource } from "../control/zones.ts";
import { event, levelOf } from "../events/event.ts";
import { Files } from "../files/watch.ts";
import { ImageWriter } from "../image/writer.ts";
import { Hooks } from "../outbound/hooks.ts";
import { Servers } from "../outbound/servers.ts";
import { Prober } from "../probe/prober.ts";
import { connectStore } from "../store/client.ts";
import type { ThreadStatus } from "../view/status.ts";
import { openCalendar, openDrillCalendar } from "./calendar.ts";
import { collectGarbage } from "./collect.ts";
import type { ControlData, ControlReady, FromControl, ToControl } from "./messages.ts";
import { realRandom, realTime } from "./real-time.ts";
import { StateTeller } from "./tell-state.ts";
import { ThreadLoader } from "./thread-loader.ts";
import { ownAddresses, zoneServers } from "./zone-servers.ts";

const BEAT_MS = 250;

const port = present(parentPort, "a parent of this thread");
const data = workerData as ControlData;
const { config } = data;
const send = (message: FromControl): void => port.postMessage(message);
const feed = new EventFeed();
for (const happened of data.recent) feed.add(happened);
const emit: EventSink = (happened) => {
  send({ kind: "event", event: happened });
  teller.heard(happened.event);
  // What is numbered comes back from the supervisor, in the order of the log.
  if (levelOf(happened.event) !== "debug") return;
  feed.add({ run: 0, number: 0, wallMs: realTime.wallMs(), event: happened });
};
const stopBeating = beatRegularly(new Pulse(data.pulse), realTime, BEAT_MS);

let threads: readonly ThreadStatus[] = [];
const teller = new StateTeller({ timers: realTime, emit, status: () => status() });
const store = connectStore(data.storePort);
const files = new Files({ time: realTime });
const loader = new ThreadLoader({
  url: new URL("./loader-thread.js", import.meta.url),
  inline: new InlineLoader((path) => files.read(path)),
  time: realTime,
  noted: (looks) => files.noted(looks),
  rested: collectGarbage,
});
const controller = new Controller({
  time: realTime,
  random: realRandom,
  emit,
  store,
  files,
  loader,
  hooks: new Hooks(realTime),
  image: new ImageWriter(data.memory),
  prober: (reports) =>
    new Prober({
      time: realTime,
      reports,
      version: data.version,
      usesWay,
      resolvers: config.resolvers,
    }),
  sendSet: (set) => send({ kind: "set", set }),
  keepImage: (snapshot) => send({ kind: "snapshot", snapshot }),
  settings: { damping: config.damping, anchors: config.anchors },
  neighbours: {
    servers: new Servers(realTime),
    zones: zoneServers(config),
    own: ownAddresses(),
  },
  ledger: { memory: data.ledger, addresses: config.ledger.addresses },
  ...(data.resumed === undefined ? {} : { resumed: data.resumed }),
});

function usesWay(kind: string, way: string, isPoor: boolean): void {
  emit(wayEvent(kind, way, isPoor));
}

const status = () =>
  controller.status({
    version: data.version,
    startedWallMs: data.startedWallMs,
    transport: data.transport,
    listen: data.listen,
    threads,
    storePath: config.store.path,
  });

// Listened to from the start: a store may be replaced while zones are being opened.
port.on("message", (message: ToControl) => {
  if (message.kind === "threads") {
    const isFirst = threads.length < message.threads.length;
    threads = message.threads;
    if (isFirst) {
      teller.soon();
      controller.answering();
    }
  } else if (message.kind === "happened") feed.add(message.happened);
  else if (message.kind === "session") {
    const { id, ask } = message.ask;
    void controller.session(ask).then((reply) => send({ kind: "session", reply: { id, reply } }));
  } else if (message.kind === "rescan") controller.rescan();
  else if (message.kind === "store-port") store.reconnect(message.port);
  else void stop();
});

const opened = await controller.start(config.zones.map(sourceOf));
const admin = await openSocket();
const closeCalendar = openCalendar(config.schedule, {
  ...{ store, clock: realTime, emit },
  propagationsMs: config.ledger.keepMs,
});
const closeDrills = openDrillCalendar(controller.desk.drills, realTime);
const ready: ControlReady = { kind: "ready", ...opened };
port.postMessage(ready);
teller.begin();

/** The API is a convenience: without its socket the server answers all the same. */
async function openSocket(): Promise<AdminServer | undefined> {
  const { socket } = config.admin;
  if (socket === undefined) return undefined;
  try {
    return await openAdmin({
      ...{ socket, status, feed, timers: realTime },
      reload: () => controller.rescan(),
      operators: controller.desk,
      swaps: controller.swaps,
      webFolder: fileURLToPath(new URL("../admin/web", import.meta.url)),
    });
  } catch (error) {
    const instead = "no API and no status";
    emit(event("server.degraded", messageOf(error), { missing: socket, instead }));
    return undefined;
  }
}

async function stop(): Promise<void> {
  teller.close();
  closeCalendar();
  closeDrills();
  await admin?.close();
  await controller.stop();
  await loader.close();
  await store.close();
  stopBeating();
  port.close();
}

function sourceOf(zone: ZoneConfig): ZoneSource {
  return {
    origin: zone.origin,
    file: zone.file,
    pools: zone.pools ?? zone.poolsDefault,
    isPoolsRequired: zone.pools !== undefined,
    source: zone.source,
  };
}
