// The API's stream of events (`GET /v1/events`, server-sent events), read from the unix socket.

import { type IncomingMessage, request } from "node:http";
import { messageOf } from "../base/errors.ts";
import { type LoggedEvent, readLine } from "../events/line.ts";
import { SseReader } from "../view/sse.ts";

/** Who follows. */
export interface Follower {
  opened(): void;
  /** @param id of the stream; empty where the event has none. */
  happened(event: LoggedEvent, id: string): void;
  /** Once, also after `opened`; nothing more is told then. */
  ended(why: string): void;
}

/**
 * Follows a server's events, single probes too.
 *
 * @param after the id that was read last; empty: everything that the server still remembers.
 * @returns how to leave.
 */
export function followEvents(socket: string, after: string, follower: Follower): () => void {
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
  const options = { socketPath: socket, path: "/v1/events?level=debug", headers, agent: false };
  const sent = request(options, (response: IncomingMessage) => {
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
  sent.on("error", (error) => end(messageOf(error)));
  sent.end();
  return () => {
    isOver = true;
    sent.destroy();
  };
}
