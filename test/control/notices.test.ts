import { describe, expect, it } from "vitest";
import { noticeOf } from "../../src/control/notices.ts";
import { event, type LivezoneEvent } from "../../src/events/event.ts";

/** What somebody who is not looking is told of an event. */
function told(happened: LivezoneEvent): string {
  const notice = noticeOf({ run: 1, number: 7, wallMs: 0, event: happened });
  return notice === undefined ? "nothing" : `${notice.kind} ${notice.severity} ${notice.key}`;
}

const zone = "lab.example";
const server = "192.0.2.53";

describe("noticeOf()", () => {
  it("opens what is wrong between the servers of a zone, and closes it by the same key", () => {
    const expired = event("zone.expired", "", { zone, serial: 1, confirmedWallMs: 0 });
    const revived = event("zone.revived", "", { zone, serial: 1 });
    const failing = event("primary.failing", "", { zone, reason: "no answer" });
    const recovered = event("primary.recovered", "", { zone, server, durationMs: 1 });
    const deaf = event("secondary.deaf", "", { zone, server, reason: "no answer", tries: 3 });
    const hears = event("secondary.hears", "", { zone, server });
    expect([expired, revived, failing, recovered, deaf, hears].map(told)).toEqual([
      "opened critical expiry lab.example",
      "closed critical expiry lab.example",
      "opened warning primary lab.example",
      "closed warning primary lab.example",
      "opened warning secondary 192.0.2.53 lab.example",
      "closed warning secondary 192.0.2.53 lab.example",
    ]);
  });

  it("tells nobody of a transfer, or of what no log has numbered", () => {
    const fields = { zone, server, serial: 1, records: 3, octets: 99, messages: 1, durationMs: 1 };
    expect(told(event("transfer.received", "", { ...fields, kind: "axfr" }))).toBe("nothing");
    const failing = event("primary.failing", "", { zone, reason: "no answer" });
    expect(noticeOf({ run: 0, number: 0, wallMs: 0, event: failing })).toBeUndefined();
  });
});
