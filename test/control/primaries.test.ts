// Zones that are copied from a primary, in the simulated plane: taken, renewed, expired, kept over a
// crash, and with pools laid over them.

import { describe, expect, it } from "vitest";
import { loadZone } from "../../src/control/load-zone.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { PLANE_SETTLES_MS, Plane, POOLS, POOLS_TEXT } from "../simulation/plane.ts";
import { SimulatedPrimary } from "../simulation/primary.ts";

const ORIGIN = nameFromText("lab.example.");
const SERVER = { address: "192.0.2.99", port: 53, key: undefined };
const MINUTE_MS = 60_000;
const BY = { author: "ann", reason: "test" };

/** REFRESH is a minute, RETRY ten seconds, EXPIRE ten minutes. */
function zoneOf(serial: number, ...lines: readonly string[]): Zone {
  const text = `$TTL 300
@    SOA ns admin ${serial} 60 10 600 60
@    NS  ns
ns   A   192.0.2.53
www  A   192.0.2.10
www  A   192.0.2.20
${lines.join("\n")}
`;
  const loaded = loadZone(ORIGIN, "primary", () => {
    return { kind: "read", bytes: new TextEncoder().encode(text) };
  });
  if (loaded.kind === "bad") throw new Error(loaded.errors.join("\n"));
  return loaded.zone;
}

interface World {
  readonly plane: Plane;
  readonly primary: SimulatedPrimary;
  readonly ask: (name: string, type?: "A" | "TXT" | "SOA" | "NS") => string;
}

function world(options: { readonly pools?: boolean; readonly zone?: Zone } = {}): World {
  const primary = new SimulatedPrimary(options.zone ?? zoneOf(100, "txt TXT one"));
  const zones = [{ origin: ORIGIN, servers: [SERVER] }];
  const plane = new Plane({
    source: "primary",
    pools: options.pools === true ? POOLS_TEXT : "",
    neighbours: {
      ...{ servers: primary, zones: [], own: new Set<string>() },
      primaries: { transfers: primary, zones },
    },
  });
  const ask: World["ask"] = (name, type = "A") => {
    const { rcode, data } = plane.client.ask(name, type);
    return [rcode, ...data].join(" ");
  };
  return { plane, primary, ask };
}

const SAID = ["transfer.received", "primary.failing", "primary.recovered"] as const;
const ENDS = ["zone.expired", "zone.revived"] as const;

describe("a zone that is copied", () => {
  it("is answered SERVFAIL until its primary has given it, and then in full", async () => {
    const { plane, primary, ask } = world();
    primary.state = "silent";
    await plane.start();
    await plane.time.advance(3000);
    expect([
      ask("www.lab.example."),
      ask("lab.example.", "SOA"),
      ask("lab.example.", "NS"),
    ]).toEqual(["SERVFAIL", "SERVFAIL", "SERVFAIL"]);
    expect(ask("www.example.net.")).toBe("REFUSED");
    expect(plane.status().zones[0]?.primary).toMatchObject({
      ...{ state: "empty", servers: ["192.0.2.99"] },
      reason: "192.0.2.99: nothing has come for 30 s",
    });
    primary.state = "answers";
    await plane.time.advance(8000);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10 192.0.2.20");
    expect(ask("other.lab.example.")).toBe("NXDOMAIN");
    expect(plane.status().zones).toMatchObject([
      { serial: 100, source: "primary", primary: { state: "current", serial: 100 } },
    ]);
    expect(plane.takeEvents(...SAID)).toEqual([
      ...["primary.failing", "transfer.received", "primary.recovered"],
    ]);
  });

  it("follows by what differs, at REFRESH or at once by NOTIFY", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    primary.publish(zoneOf(101, "txt TXT two"));
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "two"');
    primary.publish(zoneOf(102, "txt TXT three"));
    await plane.time.advance(2000);
    const notify = { kind: "notify", origin: ORIGIN, address: "192.0.2.99" } as const;
    expect(await plane.session({ ...notify, serial: 102 })).toEqual({ kind: "done" });
    await plane.time.advance(10);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "three"');
    expect(ask("lab.example.", "SOA")).toContain(" 102 ");
    expect(primary.transfers).toEqual(["all", 100, 101]);
    const { questions } = primary;
    await plane.time.advance(5000);
    await plane.session({ ...notify, serial: 102 });
    await plane.time.advance(10);
    expect(primary.questions).toBe(questions);
  });

  it("takes all of the zone where the primary has no journal, or other steps than fit", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    primary.hasJournal = false;
    primary.publish(zoneOf(101, "txt TXT two"));
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "two"');
    // The primary was filled anew, and believes that serial 101 had other records.
    primary.publish(zoneOf(101, "txt TXT two", "more TXT more"));
    primary.hasJournal = true;
    primary.publish(zoneOf(102, "txt TXT three"));
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "three"');
    expect(primary.transfers).toEqual(["all", 100, 101, "all"]);
  });

  it("is left as it is by a transfer that breaks off, or that makes no sound zone", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    const more = Array.from({ length: 20 }, (_, i) => `txt${i} TXT two`);
    primary.publish(zoneOf(101, "txt TXT two", ...more));
    primary.state = "breaks off";
    await plane.time.advance(2 * MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "one"');
    expect(ask("txt0.lab.example.", "TXT")).toBe("NXDOMAIN");
    expect(plane.takeEvents(...SAID)).toEqual(["transfer.received", "primary.failing"]);
    expect(plane.status().zones[0]?.primary?.reason).toContain("the connection ended before");
    primary.state = "answers";
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "two"');
  });

  it("does not go back with its primary's serial, and says so", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    primary.publish(zoneOf(90, "txt TXT old"));
    await plane.time.advance(2 * MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "one"');
    expect(plane.status().zones[0]?.primary?.reason).toBe(
      "192.0.2.99: its serial 90 is older than 100, which is held",
    );
    expect(plane.takeEvents(...SAID)).toEqual(["transfer.received", "primary.failing"]);
  });

  it("is taken whole when an operator says so, whatever the serial, by the next that has it", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    primary.publish(zoneOf(90, "txt TXT old"));
    await plane.time.advance(2 * MINUTE_MS);
    primary.state = "silent";
    expect(plane.records.retransfer("LAB.example.")).toEqual({
      ...{ zone: "lab.example", primaries: ["192.0.2.99"], serial: 100 },
    });
    await plane.time.advance(5000);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "one"');
    primary.state = "answers";
    await plane.time.advance(15_000);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "old"');
    expect(ask("lab.example.", "SOA")).toContain(" 101 ");
    expect(primary.transfers).toEqual(["all", "all"]);
    primary.publish(zoneOf(91, "txt TXT new"));
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "new"');
    expect(primary.transfers).toEqual(["all", "all", 90]);
  });

  it("is taken whole during a look, and behind it", async () => {
    const { plane, primary } = world();
    await plane.start();
    await plane.time.advance(1000);
    for (let times = 0; times < 3; times++) plane.records.retransfer("lab.example");
    await plane.time.advance(3000);
    expect(primary.transfers).toEqual(["all", "all"]);
    expect(() => plane.records.retransfer("other.example")).toThrow("There is no zone");
  });

  it("expires when no primary has confirmed it for EXPIRE, and comes back with one", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    primary.state = "silent";
    await plane.time.advance(9 * MINUTE_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10 192.0.2.20");
    await plane.time.advance(2 * MINUTE_MS);
    expect([ask("www.lab.example."), ask("x.lab.example."), ask("lab.example.", "SOA")]).toEqual([
      ...["SERVFAIL", "SERVFAIL", "SERVFAIL"],
    ]);
    expect(plane.status().zones[0]?.primary?.state).toBe("expired");
    const view = { kind: "view", origin: ORIGIN, since: undefined } as const;
    expect(await plane.session(view)).toEqual({ kind: "unready" });
    primary.state = "answers";
    await plane.time.advance(MINUTE_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10 192.0.2.20");
    expect(ask("x.lab.example.")).toBe("NXDOMAIN");
    expect(plane.takeEvents(...ENDS)).toEqual(["zone.expired", "zone.revived"]);
  });

  it("is answered at once after a crash, under the serial of its primary", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    plane.kill();
    primary.state = "silent";
    await plane.start();
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10 192.0.2.20");
    expect(ask("lab.example.", "SOA")).toContain(" 100 ");
    primary.publish(zoneOf(101, "txt TXT two"));
    primary.state = "answers";
    await plane.time.advance(MINUTE_MS);
    expect(ask("lab.example.", "SOA")).toContain(" 101 ");
    expect(primary.transfers).toEqual(["all", 100]);
  });

  it("has expired after a crash that lasted longer than EXPIRE", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    plane.kill();
    primary.state = "silent";
    await plane.time.advance(20 * MINUTE_MS);
    await plane.start();
    expect(ask("www.lab.example.")).toBe("SERVFAIL");
    primary.state = "answers";
    await plane.time.advance(MINUTE_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10 192.0.2.20");
  });

  it("is not confirmed by a disk that takes nothing, and is taken when it does", async () => {
    const { plane, primary, ask } = world();
    await plane.start();
    await plane.time.advance(1000);
    plane.disk.state = "full";
    primary.publish(zoneOf(101, "txt TXT two"));
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "one"');
    expect(plane.status().zones[0]?.primary?.reason).toContain("the disk is full");
    plane.disk.mend();
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "two"');
  });

  it("refuses edits: they belong to its primary", async () => {
    const { plane } = world();
    await plane.start();
    await plane.time.advance(1000);
    const change = {
      action: "add",
      name: "a.lab.example",
      type: "A",
      ttl: 60,
      rdata: ["192.0.2.1"],
    } as const;
    const edit = { changes: [change], ifSerial: "any", isFloorIgnored: false, ...BY } as const;
    await expect(plane.records.edit("lab.example", edit)).rejects.toThrow(
      "its records come from its primary; edit them there",
    );
  });
});

describe("a pool over a zone that is copied", () => {
  it("swaps under serials of its own, and follows the primary all the same", async () => {
    const { plane, primary, ask } = world({ pools: true });
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10");
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(6000);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.20");
    const before = plane.status().zones[0];
    expect(before?.serial).toBeGreaterThan(100);
    expect(before?.primary?.serial).toBe(100);
    primary.publish(zoneOf(101, "txt TXT two"));
    await plane.time.advance(MINUTE_MS);
    expect(ask("txt.lab.example.", "TXT")).toBe('NOERROR "two"');
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.20");
    const after = plane.status().zones[0];
    expect(after?.serial).toBeGreaterThan(before?.serial ?? 0);
    expect(after?.primary?.serial).toBe(101);
    primary.publish(zoneOf(500, "txt TXT three"));
    await plane.time.advance(MINUTE_MS);
    expect(plane.status().zones[0]?.serial).toBe(500);
    expect(primary.transfers).toEqual(["all", 100, 101]);
  });

  it("stays as it is when the primary takes its name away, and is said to be doubtful", async () => {
    const { plane, primary, ask } = world({ pools: true });
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    plane.takeEvents();
    const owner = nameFromText("www.lab.example.");
    primary.publish(zoneOf(101).with([{ owner, type: 1, rrset: undefined }]));
    await plane.time.advance(MINUTE_MS);
    expect(plane.status().zones[0]?.primary?.serial).toBe(101);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10");
    expect(plane.takeEvents("pools.rejected")).toEqual(["pools.rejected"]);
  });

  it("comes back with what it served when its zone had expired, and after a crash", async () => {
    const { plane, primary, ask } = world({ pools: true });
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    plane.network.set("192.0.2.10", { kind: "refuses" });
    primary.state = "silent";
    await plane.time.advance(12 * MINUTE_MS);
    expect(ask("www.lab.example.")).toBe("SERVFAIL");
    primary.state = "answers";
    await plane.time.advance(MINUTE_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.20");
    const { serial = 0 } = plane.status().zones[0] ?? {};
    plane.kill();
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.20");
    expect(plane.status().zones[0]?.serial).toBeGreaterThan(serial);
    plane.files.save(POOLS, "");
    await plane.time.advance(MINUTE_MS);
    expect(ask("www.lab.example.")).toBe("NOERROR 192.0.2.10 192.0.2.20");
  });
});
