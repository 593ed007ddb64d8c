// The zone that pools are read against in these tests, built without a master file.

import { nameFromText } from "../../src/dns/name.ts";
import { parseRdata } from "../../src/dns/rdata.ts";
import { typeFromText } from "../../src/dns/types.ts";
import { ZoneBuilder } from "../../src/zone/build.ts";
import type { Zone } from "../../src/zone/zone.ts";

export const LAB_ORIGIN = nameFromText("lab.example.");

const RECORDS = `
@            SOA    ns1 hostmaster 1 3600 900 1209600 60
@            NS     ns1
@            A      192.0.2.1
ns1          A      192.0.2.53
www          A      192.0.2.10
www          A      192.0.2.20
dual         A      192.0.2.10
dual         AAAA   2001:db8::10
*            A      192.0.2.80
alias        CNAME  www
text         TXT    words
mail         MX     10 www
sub          NS     ns.sub
ns.sub       A      192.0.2.99
other        NS     ns.other.example.
helper       A      192.0.2.98
far          NS     helper
`;

/** lab.example with one of everything that a pool may or may not stand at. */
export function labZone(): Zone {
  const builder = new ZoneBuilder(LAB_ORIGIN);
  for (const line of RECORDS.trim().split("\n")) {
    const [owner = "", typeText = "", ...tokens] = line.split(/\s+/);
    const type = typeFromText(typeText) ?? 0;
    const rdata = parseRdata(
      type,
      tokens.map((text) => ({ text, isQuoted: false })),
      LAB_ORIGIN,
    );
    if (rdata.kind === "bad") throw new Error(`${line}: ${rdata.expected}`);
    builder.add(nameFromText(owner, LAB_ORIGIN), type, 300, rdata.rdata, 0);
  }
  const built = builder.finish();
  if (built.kind === "bad") throw new Error(built.problems.map((each) => each.message).join("\n"));
  return built.zone;
}
