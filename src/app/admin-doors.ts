// The API as it is offered: on the socket and at TCP addresses, with control and the metrics behind
// it. It is a convenience: where it cannot be offered the server answers all the same.

import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AdminHandlers, type AdminServer, openAdmin, openAdminTcp } from "../admin/server.ts";
import { readCounters } from "../answer/counters.ts";
import { messageOf } from "../base/errors.ts";
import type { AdminConfig } from "../config/admin.ts";
import type { Controller } from "../control/controller.ts";
import type { EventSink, StorePort } from "../control/ports.ts";
import { event } from "../events/event.ts";
import type { StatusReport } from "../view/status.ts";
import { realTime } from "./real-time.ts";
import { TlsFiles } from "./tls-files.ts";

/** The doors that are open. */
export interface AdminDoors {
  /** Looks at the certificate's files now. */
  rescan(): void;
  close(): Promise<void>;
}

/** What belongs to the API and is not control's. */
export type AdminOwn = Pick<AdminHandlers, "feed" | "changes" | "metrics" | "version"> & {
  readonly status: () => StatusReport;
};

/** Opens what the configuration asks for; what cannot be opened is said once. */
export async function openDoors(
  config: AdminConfig,
  own: AdminOwn,
  { controller, emit }: { readonly controller: Controller; readonly emit: EventSink },
): Promise<AdminDoors> {
  const handlers: AdminHandlers = {
    ...own,
    time: realTime,
    operators: controller.desk,
    zones: controller.records,
    swaps: controller.swaps,
    heartbeat: (target, isGood, detail) => controller.heartbeat(target, isGood, detail),
    reload: () => controller.rescan(),
    unready: () => unready(own.status()),
    webFolder: fileURLToPath(new URL("../admin/web", import.meta.url)),
  };
  const { socket, tcp } = config;
  const opened: AdminServer[] = [];
  let tls: TlsFiles | undefined;
  const attempt = async (missing: string, open: () => Promise<AdminServer>): Promise<void> => {
    try {
      opened.push(await open());
    } catch (error) {
      const instead = opened.length === 0 ? "no API and no status" : "the API on the socket alone";
      emit(event("server.degraded", messageOf(error), { missing, instead }));
    }
  };
  if (socket !== undefined) await attempt(socket, () => openAdmin({ ...handlers, socket }));
  if (tcp !== undefined) {
    await attempt("the API's TCP address", async () => {
      if (tcp.tls !== undefined) tls = new TlsFiles({ ...tcp.tls, listen: tcp.listen }, emit);
      const server = await openAdminTcp(handlers, tcp, tls?.listeners().identity);
      tls?.follow((identity) => server.setIdentity(identity));
      const scheme = tls === undefined ? "http" : "https";
      const addresses = [...server.at];
      emit(event("api.open", `The API is at ${addresses.join(", ")}`, { addresses, scheme }));
      return server;
    });
  }
  return {
    rescan: () => tls?.rescan(),
    close: async () => {
      tls?.close();
      await Promise.all(opened.map((server) => server.close()));
    },
  };
}

/** A store whose commits are timed; all else is the store's own. */
export function timed<S extends StorePort>(
  store: S,
  committed: (operation: string, durationMs: number) => void,
): S {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (key !== "commitZone" && key !== "commitSwaps") return value.bind(target);
      return (...args: unknown[]): unknown => {
        const startedMs = realTime.nowMs();
        const done = (): void => committed(key, realTime.nowMs() - startedMs);
        const result = value.apply(target, args) as Promise<unknown>;
        result.then(done, done);
        return result;
      };
    },
  });
}

/** Octets of the database and what belongs to it. */
export function storeOctets(path: string): number {
  if (path === ":memory:") return 0;
  let octets = 0;
  for (const file of [path, `${path}-wal`]) {
    octets += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return octets;
}

/** The counts of all answer threads. */
export function countersOf(memory: SharedArrayBuffer): Readonly<Record<string, number>> {
  return readCounters(memory);
}

function unready({ threads, zones }: StatusReport): string | undefined {
  const answering = threads.filter(({ kind }) => kind === "answer");
  if (!answering.some(({ isAlive }) => isAlive)) return "no thread answers yet";
  return zones.length === 0 ? "no zone is loaded" : undefined;
}
