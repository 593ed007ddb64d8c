// What is worked out once for pools that are alike, and what is not.

import { describe, expect, it } from "vitest";
import { likenessOf, Moment } from "../../src/control/moment.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { Pool } from "../../src/failover/pool.ts";

const POOL: Pool = {
  owner: nameFromText("www.lab.example."),
  origin: nameFromText("lab.example."),
  policy: "priority",
  members: [{ id: "192.0.2.10", v4: "192.0.2.10", targetsV4: ["web 192.0.2.10"], targetsV6: [] }],
  families: [4],
  ttl: { minSeconds: 5, maxSeconds: 60 },
  failback: { mode: "auto", holdMs: 60_000 },
  allDown: "fail-open",
};

describe("likenessOf()", () => {
  it("is the same for pools that differ in their names alone", () => {
    const other = { ...POOL, owner: nameFromText("api.lab.example.") };
    expect(likenessOf(other)).toBe(likenessOf(POOL));
  });

  it.each<[string, Partial<Pool>]>([
    ["their policies", { policy: "all" }],
    ["their holds", { failback: { mode: "auto", holdMs: 0 } }],
    ["their members' targets", { members: [{ id: "192.0.2.10", targetsV4: [], targetsV6: [] }] }],
    ["their guards", { guards: { spacingMs: 1000 } }],
    ["what they are exempt from", { isUndamped: true }],
  ])("is another for pools that differ in %s", (_what, rules) => {
    expect(likenessOf({ ...POOL, ...rules })).not.toBe(likenessOf(POOL));
  });
});

describe("Moment", () => {
  const of = { likeness: likenessOf(POOL), family: 4, members: ["192.0.2.10"] } as const;

  it("works a TTL out once for pools that are alike and answer the same", () => {
    const { ttls } = new Moment();
    const first = ttls.of(of, () => ({ ttlSeconds: 5, untilMs: 0 }));
    expect(ttls.of({ ...of, members: ["192.0.2.10"] }, () => expect.fail("again"))).toBe(first);
  });

  it.each([
    ["answer somebody else", { ...of, members: ["192.0.2.20"] }],
    ["answer nobody yet", { ...of, members: undefined }],
    ["answer in another family", { ...of, family: 6 as const }],
    ["are not alike", { ...of, likeness: "{}" }],
  ])("works it out anew for pools that %s", (_which, other) => {
    const { ttls } = new Moment();
    ttls.of(of, () => ({ ttlSeconds: 5, untilMs: 0 }));
    expect(ttls.of(other, () => ({ ttlSeconds: 60, untilMs: 0 })).ttlSeconds).toBe(60);
  });
});
