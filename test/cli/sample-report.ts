// A report with one of everything that `status` has to show.

import type { StatusReport } from "../../src/view/status.ts";

const NOW = Date.UTC(2026, 0, 2, 12, 0, 0);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Two zones, one refused; a pool that moved, one that failed open, one not yet decided. */
export const SAMPLE: StatusReport = {
  version: "0.1.0",
  startedWallMs: NOW - 26 * HOUR,
  nowWallMs: NOW,
  transport: "batched",
  listen: ["127.0.0.1:5300", "[::1]:5300"],
  threads: [
    { kind: "answer", index: 0, isAlive: true, deaths: 0 },
    { kind: "answer", index: 1, isAlive: false, deaths: 2 },
    { kind: "stream", index: 0, isAlive: true, deaths: 0 },
    { kind: "control", index: 0, isAlive: true, deaths: 1 },
    { kind: "store", index: 0, isAlive: true, deaths: 0 },
  ],
  store: { path: "var/livezone.db", state: "failing", waiting: 3 },
  zones: [
    {
      zone: "lab.example",
      serial: 2026010104,
      records: 22,
      source: "file",
      publishedWallMs: NOW - 190 * SECOND,
      rejected: [],
    },
    {
      zone: "example.org",
      serial: 7,
      records: 1_000_000,
      source: "file",
      publishedWallMs: NOW - 25 * HOUR,
      rejected: [
        'zones/example.org.zone:12:15: "192.0.2.300" is not an IPv4 address\nwww IN A 192.0.2.300\n         ^',
      ],
    },
  ],
  pools: [
    {
      pool: "www.lab.example",
      type: "A",
      policy: "priority",
      serving: ["127.0.0.12"],
      code: "primary-down",
      reason: "127.0.0.11 is down, 127.0.0.12 is the first that is up",
      sinceWallMs: NOW - 190 * SECOND,
      swap: 42,
      ttlSeconds: 2,
      isFailOpen: false,
      members: [
        {
          member: "127.0.0.11",
          address: "127.0.0.11",
          belief: "down",
          sinceWallMs: NOW - 190 * SECOND,
          isServed: false,
          reason: "down: 3 failures in a row, connect-refused",
          targets: ["http://127.0.0.11:8080/healthz"],
        },
        {
          member: "127.0.0.12",
          address: "127.0.0.12",
          belief: "up",
          sinceWallMs: NOW - 26 * HOUR,
          isServed: true,
          reason: "the first that is up",
          targets: ["http://127.0.0.12:8080/healthz"],
        },
      ],
    },
    {
      pool: "*.lab.example",
      type: "AAAA",
      policy: "priority",
      serving: ["2001:db8::10"],
      code: "all-down",
      reason: "no member is up, the last good answer goes on",
      sinceWallMs: NOW - 59 * SECOND,
      swap: 0,
      ttlSeconds: 5,
      isFailOpen: true,
      members: [
        {
          member: "2001:db8::10",
          address: "2001:db8::10",
          belief: "down",
          sinceWallMs: NOW - 59 * SECOND,
          isServed: true,
          reason: "served although it is down",
          targets: ["tcp://[2001:db8::10]:443"],
        },
      ],
    },
    {
      pool: "new.lab.example",
      type: "A",
      policy: "priority",
      serving: [],
      code: "",
      reason: "",
      sinceWallMs: 0,
      swap: 0,
      ttlSeconds: 5,
      isFailOpen: false,
      members: [
        {
          member: "192.0.2.10",
          address: "192.0.2.10",
          belief: "unknown",
          sinceWallMs: 0,
          isServed: false,
          reason: "not asked yet",
          targets: ["http://192.0.2.10:80/"],
        },
      ],
    },
  ],
  targets: [
    {
      target: "web@127.0.0.11",
      belief: "down",
      sinceWallMs: NOW - 190 * SECOND,
      reason: "3 failures in a row, connect-refused",
      lastCode: "connect-refused",
      lastObservedWallMs: NOW - 500,
      usualMs: 1.2345,
      tripwire: "idle",
    },
    {
      target: "web@127.0.0.12",
      belief: "up",
      sinceWallMs: NOW - 26 * HOUR,
      reason: "2 successes in a row",
      lastCode: "ok",
      lastObservedWallMs: NOW - 200,
      usualMs: 0.98,
      tripwire: "armed",
    },
    {
      target: "web@192.0.2.10",
      belief: "unknown",
      sinceWallMs: 0,
      reason: "not asked yet",
      lastCode: "",
      lastObservedWallMs: 0,
      usualMs: 0,
      tripwire: "off",
    },
  ],
};
