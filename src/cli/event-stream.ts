// The API's stream of events (`GET /v1/events`, server-sent events).

import type { IncomingMessage } from "node:http";
import { messageOf } from "../base/errors.ts";
import { type LoggedEvent, readLine } from "../events/line.ts";
import { SseReader } from "../view/sse.ts";
import { type ApiAddress, openRequest } from "./api-address.ts";

/** Who follows. */
export interface Follower {
  opened(): void;
  /** @param id of the stream; empty where the event has none. */
  happened(event: LoggedEvent, id: string): void;
  /** Once, also after `opened`; nothing more is told then. */
  ended(why: string): void;
}

/** The server says every 15 s that it is still there; a connection this silent leads nowhere. */
const SILENT_MS = 45_000;

/**
 * Follows a server's events, single probes too.
 *
 * @param after the id that was read last; empty: everything that the server still remembers.
 * @returns how to leave.
 */
export function followEvents(server: ApiAddress, after: string, follower: Follower): () => void {
  let isOver = false;
  const end = (why: string): void => {
    if (isOver) return;
    isOver = true;
    follower.ended(why);
  };
  const headers = {
    accept: "text/event-stream",
    ...(after === "" ? {} : { "last-event-id": after }),
  };
  const asked = { method: "GET", path: "/v1/events?level=debug", headers };
  const sent = openRequest(server, asked, (response: IncomingMessage) => {
    if (response.statusCode !== 200) {
      response.resume();
      end(`the server answers with status ${response.statusCode}`);
      return;
    }
    follower.opened();
    const reader = new SseReader(({ data, id }) => {
      const event = readLine(data);
      if (event !== undefined && !isOver) follower.happened(event, id);
    });
    response.setEncoding("utf8");
    response.on("data", (text: string) => reader.take(text));
    response.on("error", (error) => end(messageOf(error)));
    response.on("close", () => end("the server closed the connection"));
  });
  sent.setTimeout(SILENT_MS, () => {
    sent.destroy(new Error(`nothing was heard for ${SILENT_MS / 1000} s`));
  });
  sent.on("error", (error) => end(messageOf(error)));
  sent.end();
  return () => {
    isOver = true;
    sent.destroy();
  };
}
