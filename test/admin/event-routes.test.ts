import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventFeed } from "../../src/admin/event-feed.ts";
import { type AdminServer, openAdmin } from "../../src/admin/server.ts";
import { event } from "../../src/events/event.ts";
import { REFUSING } from "../support/admin.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const RUN = 1_700_000_000_000;

describe("GET /v1/events", () => {
  let folder = "";
  let admin: AdminServer;
  let feed: EventFeed;
  let time: SimulatedTime;
  let number = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lz-"));
    feed = new EventFeed();
    time = new SimulatedTime();
    number = 0;
    admin = await openAdmin({ ...REFUSING, feed, time, socket: join(folder, "x.sock") });
  });
  afterEach(async () => {
    await admin.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const happen = (cause: string): void => {
    const stopping = event("server.stopping", cause, { cause });
    feed.add({ run: RUN, number: ++number, wallMs: RUN, event: stopping });
  };

  it("streams what was and what comes, from the place that is named", async () => {
    happen("one");
    happen("two");
    const stream = await open({ "last-event-id": `${RUN}-1` });
    expect(stream.response.headers["content-type"]).toContain("text/event-stream");
    await stream.until(`id: ${RUN}-2`);
    happen("three");
    await stream.until(`id: ${RUN}-3`);
    expect(stream.text()).not.toContain('"one"');
    await time.advance(15_000);
    await stream.until(": still here");
    stream.response.destroy();
  });

  it("drops a reader that does not read, and keeps nothing of it", async () => {
    const stream = await open({});
    stream.response.pause();
    const large = "x".repeat(500_000);
    for (let count = 0; count < 100 && feed.readers > 0; count++) {
      happen(large);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(feed.readers).toBe(0);
    stream.response.destroy();
  });

  it("ends when the API is closed", async () => {
    const stream = await open({});
    const ended = new Promise((resolve) => stream.response.once("close", resolve));
    stream.response.resume();
    stream.response.once("error", () => undefined);
    await admin.close();
    await ended;
    expect(feed.readers).toBe(0);
  });

  function open(headers: Record<string, string>) {
    const socketPath = join(folder, "x.sock");
    return new Promise<{
      response: IncomingMessage;
      text: () => string;
      until: (wanted: string) => Promise<void>;
    }>((resolve, reject) => {
      const options = { socketPath, path: "/v1/events", headers, agent: false };
      const sent = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        const until = async (wanted: string): Promise<void> => {
          while (!text.includes(wanted)) {
            await new Promise((again) => response.once("data", again));
          }
        };
        resolve({ response, text: () => text, until });
      });
      sent.once("error", reject).end();
    });
  }
});
