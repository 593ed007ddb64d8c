// Events as a test writes them: `12:00:00 name {fields}`, on the second of January 2026.

import { type LoggedEvent, readLine } from "../../src/events/line.ts";

/** Reads one event of each line; throws where a line is none. */
export function readEvents(text: string): LoggedEvent[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, time, event, json] = /^(\S+) (\S+) ?(.*)$/.exec(line) ?? [];
      const fields = JSON.parse(json === "" ? "{}" : (json ?? "{}")) as object;
      const written = { time: `2026-01-02T${time}Z`, event, msg: event, ...fields };
      const read = readLine(JSON.stringify(written));
      if (read === undefined) throw new Error(`"${line}" is no event`);
      return read;
    });
}
