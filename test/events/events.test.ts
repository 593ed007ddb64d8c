import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eventsPage } from "../../scripts/write-events-doc.ts";
import { event } from "../../src/events/event.ts";
import { readLine } from "../../src/events/line.ts";

describe("docs/events.md", () => {
  it("is what the schemas say", () => {
    const url = new URL("../../docs/events.md", import.meta.url);
    expect(readFileSync(url, "utf8")).toBe(eventsPage());
  });
});

describe("readLine()", () => {
  const line = {
    level: "info",
    time: "2026-01-02T12:00:00.250Z",
    event: "swap.durable",
    swap: 7,
    delayMs: 300,
    msg: "Swap 7 is stored",
  };

  it("reads what the log writes", () => {
    expect(readLine(JSON.stringify(line))).toEqual({
      atMs: Date.UTC(2026, 0, 2, 12, 0, 0, 250),
      level: "info",
      event: event("swap.durable", "Swap 7 is stored", { swap: 7, delayMs: 300 }),
    });
  });

  it("keeps fields that a later version has added", () => {
    const read = readLine(JSON.stringify({ ...line, later: [1] }));
    expect(read?.event).toMatchObject({ event: "swap.durable", later: [1] });
  });

  it.each([
    ["a line cut short", JSON.stringify(line).slice(0, 40)],
    ["a line for people", "[12:00:00.250] INFO: Swap 7 is stored"],
    ["an event of a later version", JSON.stringify({ ...line, event: "swap.praised" })],
    ["a name that every object has", JSON.stringify({ ...line, event: "toString" })],
    ["a field of another kind", JSON.stringify({ ...line, swap: "seven" })],
    ["a field that is missing", JSON.stringify({ ...line, delayMs: undefined })],
    ["no time", JSON.stringify({ ...line, time: undefined })],
    ["null", "null"],
    ["nothing", ""],
  ])("takes %s for no event", (_what, text) => {
    expect(readLine(text)).toBeUndefined();
  });
});
