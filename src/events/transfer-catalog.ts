// The catalog's entries about other servers of a zone: transfers, notifications, signatures.

import { z } from "zod";
import { kind } from "./kind.ts";

const zone = z.string();
const address = z.string();
const serial = z.number().int().min(0).max(0xffff_ffff);
const durationMs = z.number();

/** Transfers and what was refused of them, by name. */
export const TRANSFER_EVENTS = {
  "transfer.sent": kind(
    "info",
    "A secondary was sent a zone, or what differs from the one it has",
    {
      zone,
      address,
      kind: z.enum(["axfr", "ixfr"]),
      serial,
      /** What the secondary had; absent where all was sent. */
      since: serial.optional(),
      /** Name of the TSIG key, where there was one. */
      key: z.string().optional(),
      records: z.number().int(),
      octets: z.number().int(),
      messages: z.number().int(),
      durationMs,
    },
  ),
  "transfer.broken": kind("warn", "A transfer ended before all was sent", {
    zone,
    address,
    reason: z.string(),
    records: z.number().int(),
    durationMs,
  }),
  "transfer.received": kind("info", "A primary has given a zone, or what differs from the copy", {
    zone,
    /** ADDRESS, or ADDRESS:PORT where the port is not 53. */
    server: z.string(),
    kind: z.enum(["axfr", "ixfr"]),
    /** The primary's. */
    serial,
    /** What was held; absent where all was sent. */
    since: serial.optional(),
    records: z.number().int(),
    octets: z.number().int(),
    messages: z.number().int(),
    durationMs,
  }),
  "primary.failing": kind(
    "warn",
    "No primary of a zone confirms the copy; they are asked on and on",
    {
      zone,
      /** What is wrong with each of them. */
      reason: z.string(),
      /** When the copy will be answered no more, wall milliseconds; absent: there is none. */
      expiresWallMs: z.number().optional(),
    },
  ),
  "primary.recovered": kind("info", "A primary confirms the copy of a zone again", {
    zone,
    server: z.string(),
    /** Since the first look without success. */
    durationMs,
  }),
  "zone.expired": kind(
    "error",
    "No primary has confirmed a copy for too long: SERVFAIL is answered",
    {
      zone,
      /** The primary's. */
      serial,
      /** When a primary last confirmed it. */
      confirmedWallMs: z.number(),
    },
  ),
  "zone.revived": kind("info", "A zone that had expired is answered again", { zone, serial }),
  "secondary.current": kind("info", "A secondary has the newest serial", {
    zone,
    /** ADDRESS, or ADDRESS:PORT where the port is not 53. */
    server: z.string(),
    serial,
    /** Since that serial was published here. */
    lagMs: durationMs,
  }),
  "secondary.deaf": kind(
    "warn",
    "A secondary does not answer notifications; it is told on and on",
    {
      zone,
      server: z.string(),
      reason: z.string(),
      tries: z.number().int(),
    },
  ),
  "secondary.hears": kind("info", "A secondary answers notifications again", {
    zone,
    server: z.string(),
  }),
  "secondary.gone": kind(
    "warn",
    "Nothing was heard of a secondary for the zone's expire: swaps wait for it no more",
    {
      zone,
      server: z.string(),
      reason: z.string(),
      silentMs: durationMs,
    },
  ),
  "zone.updated": kind("info", "Another program has changed records by UPDATE", {
    zone,
    address,
    /** Name of the TSIG key, where there was one. */
    key: z.string().optional(),
    /** Holds the update; swaps of the same moment may have moved it on. */
    serial,
    /** Records that were put there and taken away; a changed RRset counts as a whole. */
    added: z.number().int(),
    removed: z.number().int(),
  }),
  "session.refused": kind("warn", "Another server asked for what it may not have", {
    /** What it asked for: AXFR, IXFR, NOTIFY, UPDATE, or a signed question. */
    request: z.string(),
    zone,
    address,
    reason: z.string(),
    /** Refusals of the same that were not said one by one since the last time. */
    unsaid: z.number().int(),
  }),
} as const;
