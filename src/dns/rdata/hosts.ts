// Addresses and the names of RFC 1035 that lead to them: the bulk of every zone.

import { TYPE } from "../types.ts";
import type { RdataDescription } from "./description.ts";
import { IPV4, IPV6, NAME, SECONDS, U16, U32 } from "./fields.ts";

/** A, AAAA, NS, CNAME, PTR, MX, SOA, SRV. */
export const HOSTS: readonly RdataDescription[] = [
  { type: TYPE.A, fields: [IPV4], sizeOctets: 4 },
  { type: TYPE.AAAA, fields: [IPV6], sizeOctets: 16 },
  { type: TYPE.NS, fields: [NAME], names: "well-known" },
  { type: TYPE.CNAME, fields: [NAME], names: "well-known" },
  { type: TYPE.PTR, fields: [NAME], names: "well-known" },
  { type: TYPE.MX, fields: [U16, NAME], names: "well-known" },
  {
    // mname rname serial refresh retry expire minimum (RFC 1035 section 3.3.13)
    type: TYPE.SOA,
    fields: [NAME, NAME, U32, SECONDS, SECONDS, SECONDS, SECONDS],
    names: "well-known",
  },
  { type: TYPE.SRV, fields: [U16, U16, U16, NAME], names: "early" },
];
