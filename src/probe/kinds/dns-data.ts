// Record data as dns2 hands it out, in presentation format, and compared as DNS compares it. Pure.

import { canonicalIp } from "../../base/ip.ts";
import type { DnsAskType } from "../../config/ask.ts";

/** Where dns2 keeps the fields of each type, in the order of the presentation format. */
const FIELDS: Readonly<Record<DnsAskType, readonly string[]>> = {
  A: ["address"],
  AAAA: ["address"],
  CNAME: ["domain"],
  MX: ["priority", "exchange"],
  NS: ["ns"],
  PTR: ["domain"],
  SOA: ["primary", "admin", "serial", "refresh", "retry", "expiration", "minimum"],
  SRV: ["priority", "weight", "port", "target"],
  TXT: ["data"],
};

/** The data of a record of `type`. The strings of a TXT record are joined, as readers of it do. */
export function dataOf(type: DnsAskType, record: object): string {
  const values = new Map<string, unknown>(Object.entries(record));
  return FIELDS[type]
    .map((field) => {
      const value = values.get(field);
      return Array.isArray(value) ? value.join("") : String(value);
    })
    .join(" ");
}

/** Whether two pieces of data are the same: names in any case, addresses in any spelling. */
export function sameData(type: DnsAskType, a: string, b: string): boolean {
  return normal(type, a) === normal(type, b);
}

function normal(type: DnsAskType, data: string): string {
  if (type === "TXT") return data.replace(/^"(.*)"$/s, "$1");
  if (type === "A" || type === "AAAA") return canonicalIp(data) ?? data;
  const words = data.trim().toLowerCase().split(/\s+/);
  return words.map((word) => word.replace(/(.)\.$/, "$1")).join(" ");
}
