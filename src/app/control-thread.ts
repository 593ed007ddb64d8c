// Entry of the control thread: hands the real world to the control plane.

import { parentPort, workerData } from "node:worker_threads";
import { Changes } from "../admin/changes.ts";
import { EventFeed } from "../admin/event-feed.ts";
import { Metrics } from "../admin/metrics.ts";
import { present } from "../base/assert.ts";
import { beatRegularly, Pulse } from "../base/pulse.ts";
import type { ZoneConfig } from "../config/main.ts";
import { Controller } from "../control/controller.ts";
import { InlineLoader } from "../control/inline-loader.ts";
import type { EventSink } from "../control/ports.ts";
import { wayEvent } from "../control/target-events.ts";
import type { ZoneSource } from "../control/zones.ts";
import type { LivezoneEvent } from "../events/event.ts";
import { levelOf } from "../events/level.ts";
import { Files } from "../files/watch.ts";
import { ImageWriter } from "../image/writer.ts";
import { CurrentKeys } from "../outbound/current-keys.ts";
import { Hooks } from "../outbound/hooks.ts";
import { Questions } from "../outbound/questions.ts";
import { Servers } from "../outbound/servers.ts";
import { Transfers } from "../outbound/transfers.ts";
import { Prober } from "../probe/prober.ts";
import { connectStore } from "../store/client.ts";
import type { ThreadStatus } from "../view/status.ts";
import { countersOf, openDoors, storeOctets, timed } from "./admin-doors.ts";
import { openCalendar, openPoolCalendar } from "./calendar.ts";
import { collectGarbage } from "./collect.ts";
import type { ControlData, ControlReady, FromControl, ToControl } from "./messages.ts";
import { openNotifications } from "./notifications.ts";
import { Outbox } from "./outbox.ts";
import { realRandom, realTime } from "./real-time.ts";
import { standBack, standingEvent } from "./standing.ts";
import { StateTeller } from "./tell-state.ts";
import { ThreadLoader } from "./thread-loader.ts";
import { ownAddresses, zonePrimaries, zoneServers } from "./zone-servers.ts";

const BEAT_MS = 250;

const port = present(parentPort, "a parent of this thread");
const data = workerData as ControlData;
const { config } = data;
const send = (message: FromControl): void => port.postMessage(message);
const outbox = new Outbox<LivezoneEvent>((events) => send({ kind: "events", events }));
// A defect ends this thread: what led to it is to be in the log.
process.on("uncaughtExceptionMonitor", () => outbox.flush());
const feed = new EventFeed();
for (const happened of data.recent) feed.add(happened);
const isVerbose = config.log.level === "debug" || config.log.level === "trace";
const emit: EventSink = (happened) => {
  const isDebug = levelOf(happened.event) === "debug";
  // With ten thousand targets there are as many of these a second: only a log that shows them pays.
  if (!isDebug || isVerbose) outbox.put(happened);
  teller.heard(happened.event);
  metrics.heard(happened);
  // What is numbered comes back from the supervisor, in the order of the log.
  if (!isDebug || !feed.isDebugWanted) return;
  feed.add({ run: 0, number: 0, wallMs: realTime.wallMs(), event: happened });
};
const refused = standBack();
const stopBeating = beatRegularly(new Pulse(data.pulse), realTime, BEAT_MS);

let threads: readonly ThreadStatus[] = [];
const teller = new StateTeller({ timers: realTime, emit, status: () => status() });
const changes = new Changes(realTime, emit);
const metrics = new Metrics({
  status: () => status(),
  counters: () => countersOf(data.counters),
  storeOctets: () => storeOctets(config.store.path),
  readers: () => feed.readers,
});
const connected = connectStore(data.storePort);
const store = timed(connected, (operation, tookMs) => metrics.committed(operation, tookMs));
const files = new Files({ time: realTime });
const keys = new CurrentKeys(config.keys);
const notifications = openNotifications(config.notify, data.recent, { files, emit });
const loader = new ThreadLoader({
  url: new URL("./loader-thread.js", import.meta.url),
  inline: new InlineLoader(files),
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
    servers: new Servers(realTime, keys),
    zones: zoneServers(config),
    own: ownAddresses(),
    primaries: { transfers: new Transfers(realTime, { keys }), zones: zonePrimaries(config) },
  },
  watch: { questions: new Questions(realTime), settings: config.watch },
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
  } else if (message.kind === "happened") {
    for (const happened of message.happened) {
      feed.add(happened);
      notifications.heard(happened);
    }
  } else if (message.kind === "session") {
    const { id, ask } = message.ask;
    void controller.session(ask).then((reply) => send({ kind: "session", reply: { id, reply } }));
  } else if (message.kind === "rescan") rescan();
  else if (message.kind === "keys") keys.set(message.keys);
  else if (message.kind === "store-port") connected.reconnect(message.port);
  else void stop();
});

if (refused !== undefined) emit(standingEvent(refused));
const opened = await controller.start(config.zones.map(sourceOf));
const doors = await openDoors(
  config.admin,
  { feed, changes, status, version: data.version, metrics: () => metrics.text() },
  { controller, emit },
);
const closeCalendar = openCalendar(config.schedule, {
  ...{ store, clock: realTime, emit },
  propagationsMs: config.ledger.keepMs,
});
const closeDrills = openPoolCalendar(controller.desk.drills, realTime);
const closeMaintenance = openPoolCalendar(controller.desk.maintenance, realTime);
const ready: ControlReady = { kind: "ready", ...opened };
port.postMessage(ready);
teller.begin();

function rescan(): void {
  controller.rescan();
  doors.rescan();
}

async function stop(): Promise<void> {
  teller.close();
  notifications.close();
  closeCalendar();
  closeDrills();
  closeMaintenance();
  await doors.close();
  await controller.stop();
  await loader.close();
  await store.close();
  stopBeating();
  outbox.flush();
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
