// Entry of the loader thread: the work that grows with a zone's size. It lives for as long as there
// is such work and a little longer, and keeps nothing: what it made lies in shared memory.

import { type MessagePort, parentPort } from "node:worker_threads";
import { present, unreachable } from "../base/assert.ts";
import { codeOf, messageOf } from "../base/errors.ts";
import { loadFile } from "../control/loading.ts";
import type { FileLook, FileRead, LoadedFile } from "../control/ports.ts";
import { lookAt, lookOf, readWhole } from "../files/read.ts";
import { fileRefusal } from "../files/refusal.ts";
import { compileBase } from "../image/compile.ts";
import { receivedZone } from "../transfer/received-zone.ts";
import { packChanges, type RRsetChange } from "../zone/change.ts";
import { packRRsets } from "../zone/pack.ts";
import { receiveZone, sendZone } from "../zone/sent-zone.ts";
import { Zone } from "../zone/zone.ts";
import type {
  FromLoader,
  LoaderCall,
  SentChange,
  SentFile,
  SentReceived,
  ToLoader,
} from "./loader-protocol.ts";
import { realTime } from "./real-time.ts";

const TELL_MS = 250;

const port: MessagePort = present(parentPort, "a parent of this thread");

port.on("message", (message: ToLoader) => {
  const { id } = message;
  answer(id, message).catch((error: unknown) => {
    tell({ id, kind: "failed", code: codeOf(error) ?? "LOADER_FAILED", message: messageOf(error) });
  });
});

async function answer(id: number, call: LoaderCall): Promise<void> {
  switch (call.op) {
    case "load":
      tell({ id, kind: "loaded", ...load(id, call) });
      return;
    case "pools": {
      const { text, file, zone, ...against } = call;
      const context = { ...against, zone: receiveZone(zone), fileRefusal };
      // Starts do not wait for what few of them need.
      const { parsePools } = await import("../config/pools.ts");
      tell({ id, kind: "pools", reading: parsePools(text, file, context) });
      return;
    }
    case "receive":
      tell({ id, kind: "received", received: receive(call) });
      return;
    case "unpack":
      tell({ id, kind: "unpacked", zone: sendZone(Zone.unpack(call.origin, call.packed)) });
      return;
    case "compile": {
      const zones = call.zones.map(({ zone, live }) => ({ zone: receiveZone(zone), live }));
      tell({ id, kind: "compiled", base: compileBase(zones) });
      return;
    }
    default:
      unreachable(call);
  }
}

function load(
  id: number,
  call: Extract<LoaderCall, { readonly op: "load" }>,
): { readonly file: SentFile; readonly looks: readonly FileLook[] } {
  const { origin, file, digest, changesMax } = call;
  const before = call.before === undefined ? undefined : receiveZone(call.before);
  const looks: FileLook[] = [];
  const read = (path: string): FileRead => {
    const outside = lookAt(path);
    const content = readWhole(path);
    looks.push(lookOf(path, outside, content, realTime.wallMs()));
    return content;
  };
  let toldMs = realTime.nowMs();
  const progress = (percent: number): void => {
    const nowMs = realTime.nowMs();
    if (nowMs - toldMs < TELL_MS) return;
    toldMs = nowMs;
    tell({ id, kind: "progress", percent });
  };
  const loaded = loadFile({ origin, file, before, digest, progress }, read);
  return { file: sent(loaded, before === undefined ? 0 : changesMax), looks };
}

function sent(loaded: LoadedFile, changesMax: number): SentFile {
  if (loaded.kind !== "good") return loaded;
  const { zone, changes, ...rest } = loaded;
  return { ...rest, ...sentChange(zone, changes, changesMax) };
}

function receive(call: Extract<LoaderCall, { readonly op: "receive" }>): SentReceived {
  const before = call.before === undefined ? undefined : receiveZone(call.before);
  const received = receivedZone(call.origin, call.transfer, before);
  if (received.kind !== "good") return received;
  const { zone, changes, ...rest } = received;
  return { ...rest, ...sentChange(zone, changes, before === undefined ? 0 : call.changesMax) };
}

function sentChange(zone: Zone, changes: readonly RRsetChange[], changesMax: number): SentChange {
  const isWhole = changes.length >= changesMax;
  return {
    changes: packChanges(changes),
    soa: packRRsets([zone.soa]),
    zone: isWhole ? sendZone(zone) : undefined,
  };
}

function tell(message: FromLoader): void {
  port.postMessage(message);
}
