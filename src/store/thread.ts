// The serving side: takes requests from a MessagePort, asks the store, answers.

import type { MessagePort } from "node:worker_threads";
import { unreachable } from "../base/assert.ts";
import { messageOf } from "../base/errors.ts";
import { StoreError } from "./errors.ts";
import type { StoreOperations } from "./operations.ts";
import type { StoreCall, StoreReply, StoreRequest } from "./protocol.ts";

/** What a thread serves. */
export interface StoreThreadOptions {
  /** An open store. It stays its owner's to close, since one store may serve several ports. */
  readonly store: StoreOperations;
}

/** A served port. */
export interface StoreThread {
  /** Resolves when the client has hung up or its thread is gone; nothing runs for it any more. */
  readonly ended: Promise<void>;
}

/**
 * Serves a store to a port until the client hangs up. Requests are carried out in their order and
 * one at a time, but for backups and pruning, which go on in slices beside those that follow.
 */
export function runStoreThread(port: MessagePort, options: StoreThreadOptions): StoreThread {
  const { store } = options;
  const running = new Set<Promise<void>>();
  const answer = (reply: StoreReply, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(reply, transfer);
  };
  const serve = async (id: number, call: StoreCall): Promise<void> => {
    try {
      // Awaiting only what waits: a synchronous result is answered before the next is begun.
      const outcome = perform(store, call);
      const value = outcome instanceof Promise ? await outcome : outcome;
      answer({ id, kind: "done", value }, buffersOf(value));
    } catch (error) {
      const { code, message } = asStoreError(error);
      answer({ id, kind: "failed", code, message });
    }
  };
  port.on("message", (request: StoreRequest) => {
    if (request.kind === "call") {
      const work = serve(request.id, request.call);
      running.add(work);
      void work.finally(() => running.delete(work));
      return;
    }
    void Promise.allSettled(running).then(() => {
      answer({ id: request.id, kind: "done", value: undefined });
      port.close();
    });
  });
  const ended = new Promise<void>((resolve) => {
    port.once("close", () => void Promise.allSettled(running).then(() => resolve()));
  });
  return { ended };
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = `Cannot use the store: ${messageOf(error)}`;
  return new StoreError("STORE_FAILED", message, { cause: error });
}

/** A zone's octets move to the client instead of being copied once more. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return [];
  // A view of something larger is not the store's to give away.
  return value.length === value.buffer.byteLength ? [value.buffer] : [];
}

function perform(store: StoreOperations, call: StoreCall): unknown {
  switch (call.op) {
    case "readState":
      return store.readState();
    case "readZone":
      return store.readZone(...call.args);
    case "commitZone":
      return store.commitZone(...call.args);
    case "commitSwaps":
      return store.commitSwaps(...call.args);
    case "reserveSerials":
      return store.reserveSerials(...call.args);
    case "dropZone":
      return store.dropZone(...call.args);
    case "saveBeliefs":
      return store.saveBeliefs(...call.args);
    case "saveServings":
      return store.saveServings(...call.args);
    case "saveDampings":
      return store.saveDampings(...call.args);
    case "saveForced":
      return store.saveForced(...call.args);
    case "saveHandover":
      return store.saveHandover(...call.args);
    case "addRollups":
      return store.addRollups(...call.args);
    case "readSwaps":
      return store.readSwaps(...call.args);
    case "saveTold":
      return store.saveTold(...call.args);
    case "saveCopy":
      return store.saveCopy(...call.args);
    case "saveDrain":
      return store.saveDrain(...call.args);
    case "readDrains":
      return store.readDrains(...call.args);
    case "saveDrill":
      return store.saveDrill(...call.args);
    case "readDrills":
      return store.readDrills(...call.args);
    case "readJournal":
      return store.readJournal(...call.args);
    case "savePropagations":
      return store.savePropagations(...call.args);
    case "readPropagations":
      return store.readPropagations(...call.args);
    case "backup":
      return store.backup(...call.args);
    case "prune":
      return store.prune(...call.args);
    default:
      return unreachable(call);
  }
}
