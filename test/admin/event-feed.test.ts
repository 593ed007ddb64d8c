import { describe, expect, it } from "vitest";
import { EventFeed, type FeedReader, placeOf } from "../../src/admin/event-feed.ts";
import { event } from "../../src/events/event.ts";
import type { Happened } from "../../src/events/happened.ts";

const RUN = 1_700_000_000_000;

function happened(number: number, cause = `${number}`): Happened {
  const wallMs = RUN + number;
  return { run: RUN, number, wallMs, event: event("server.stopping", `Stop ${cause}`, { cause }) };
}

interface Taking extends FeedReader {
  text: string;
  isEnded: boolean;
}

function reader(options: { debug?: boolean; room?: number } = {}): Taking {
  const { debug = false, room = Number.POSITIVE_INFINITY } = options;
  return {
    text: "",
    isEnded: false,
    isDebugWanted: debug,
    take(frame) {
      this.text += frame;
      return this.text.length <= room;
    },
    end() {
      this.isEnded = true;
    },
  };
}

/** The numbers of the events in a stream, and "gap N" where one is told. */
function seen({ text }: Taking): string {
  const words = [];
  for (const frame of text.split("\n\n")) {
    const id = /^id: \d+-(\d+)$/m.exec(frame)?.[1];
    const gap = /^event: gap\ndata: (.*)$/m.exec(frame)?.[1];
    if (gap !== undefined) words.push(`gap ${JSON.parse(gap).lost}`);
    if (id !== undefined) words.push(id);
  }
  return words.join(" ");
}

function feedOf(count: number): EventFeed {
  const feed = new EventFeed();
  for (let number = 1; number <= count; number++) feed.add(happened(number));
  return feed;
}

describe("EventFeed", () => {
  it("replays what it keeps and goes on with what happens, each as the line of the log", () => {
    const feed = feedOf(2);
    const one = reader();
    feed.follow(one, undefined);
    feed.add(happened(3));
    expect(seen(one)).toBe("1 2 3");
    const [frame] = one.text.split("\n\n");
    expect(frame).toBe(
      `id: ${RUN}-1\ndata: {"level":"info","time":"2023-11-14T22:13:20.001Z",` +
        '"event":"server.stopping","cause":"1","msg":"Stop 1"}',
    );
  });

  it("continues after the event that a reader saw last", () => {
    const one = reader();
    feedOf(4).follow(one, { run: RUN, number: 2 });
    expect(seen(one)).toBe("3 4");
  });

  it("says how much is lost where it no longer reaches back", () => {
    const feed = feedOf(3000);
    const one = reader();
    feed.follow(one, { run: RUN, number: 2 });
    expect(seen(one).split(" ").slice(0, 3)).toEqual(["gap", "950", "953"]);
    expect(seen(one).endsWith(" 3000")).toBe(true);
  });

  it("starts over, and says so, for a reader of another run", () => {
    const one = reader();
    feedOf(2).follow(one, { run: RUN - 1, number: 900 });
    expect(one.text).toContain('data: {"lost":0,"isThisRun":false}');
    expect(seen(one)).toBe("gap 0 1 2");
  });

  it("keeps no more octets than its bound, whatever the events are like", () => {
    const feed = new EventFeed();
    for (let number = 1; number <= 40; number++) feed.add(happened(number, "x".repeat(100_000)));
    const one = reader();
    feed.follow(one, undefined);
    expect(one.text.length).toBeLessThan(2.1 * 1024 * 1024);
    expect(seen(one).endsWith(" 40")).toBe(true);
  });

  it("takes the same event once, however often it is told", () => {
    const feed = feedOf(3);
    feed.add(happened(3));
    feed.add(happened(2));
    const one = reader();
    feed.follow(one, undefined);
    expect(seen(one)).toBe("1 2 3");
  });

  it("drops a reader that takes no more, and leaves the others alone", () => {
    const feed = feedOf(1);
    const slow = reader({ room: 300 });
    const quick = reader();
    feed.follow(slow, undefined);
    feed.follow(quick, undefined);
    for (let number = 2; number <= 5; number++) feed.add(happened(number));
    expect(slow.isEnded).toBe(true);
    expect(feed.readers).toBe(1);
    expect(seen(quick)).toBe("1 2 3 4 5");
  });

  it("shows debug events to who asked for them, live and without a number", () => {
    const feed = feedOf(0);
    const plain = reader();
    const curious = reader({ debug: true });
    feed.follow(plain, undefined);
    feed.follow(curious, undefined);
    feed.add(happened(0, "debug"));
    expect(plain.text).toBe("");
    expect(curious.text).toMatch(/^data: .*"cause":"debug"/);
    const later = reader({ debug: true });
    feed.follow(later, undefined);
    expect(later.text).toBe("");
  });

  it("refuses more readers than its bound, and takes them when others leave", () => {
    const feed = feedOf(0);
    const leave = feed.follow(reader(), undefined);
    for (let count = 1; count < 64; count++) feed.follow(reader(), undefined);
    expect(feed.follow(reader(), undefined)).toBeUndefined();
    leave?.();
    expect(feed.follow(reader(), undefined)).toBeDefined();
  });

  it("ends everybody when it is closed, and beats for everybody before", () => {
    const feed = feedOf(0);
    const one = reader();
    feed.follow(one, undefined);
    feed.beat();
    feed.close();
    expect(one).toMatchObject({ text: ": still here\n\n", isEnded: true });
  });
});

describe("placeOf()", () => {
  it("reads what a frame's id says, and nothing else", () => {
    expect(placeOf(`${RUN}-12`)).toEqual({ run: RUN, number: 12 });
    for (const other of [undefined, "", "12", "a-1", `${RUN}-`, `${RUN}-1-1`, `${RUN}-1e3`]) {
      expect(placeOf(other)).toBeUndefined();
    }
  });
});
