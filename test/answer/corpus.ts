// Questions of every kind to the zones of `answer-zones.txt`: what is found, picked, denied, referred,
// redirected, refused and malformed, with the options that there are, in letters of both cases.

import { packetOf } from "./asking.ts";

/** Packets; none of them changes what the next is answered. */
export const EVERY_KIND: readonly Uint8Array[] = [
  "? www.example.org A",
  "? WWW.Example.ORG AAAA +edns",
  "? pool.example.org A",
  "? weighted.example.org A",
  "? bysource.example.org A",
  "? sticky.example.org A +opt=8:00011800cb0071",
  "? alias2.example.org A",
  "? nothing.example.org A",
  "? a.b.c.d.e.f.g.h.example.org SOA",
  "? foo.wild.example.org MX",
  "? host.sub.example.org A",
  "? x.dn.example.org A +do",
  "? elsewhere.test A +edns",
  "? . NS",
  "? alias.example.net HTTPS +opt=3: +opt=8:00011800c63364",
  "? www.example.org A +opt=10:2464c4abcf10c957",
  "? www.example.org A +opt=10:2464c4abcf10c957010000005cf79f111f8130c3eee29480",
  "? pool.example.org A +edns",
  "? version.bind TXT CH",
  "packet 1234 0000 0001 0000 0000 0000 40",
  "packet 1234 0000 0001",
  "packet 1234 8000 0001 0000 0000 0000 00 0001 0001",
].map(packetOf);
