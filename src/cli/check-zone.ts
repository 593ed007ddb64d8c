// `livezone check-zone`: one zone file, checked and, where asked, printed in canonical order.

import type { Command } from "commander";
import { loadZone } from "../control/load-zone.ts";
import { labelStarts, lowerOctet, type Name, nameToDisplay } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import { TYPE } from "../dns/types.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Zone } from "../zone/zone.ts";
import { printRecord } from "../zonefile/print.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { counted, originArgument, printComplaints, type VerbContext } from "./verb.ts";

/** Lines that are written at once: a call for each of a million would cost more than printing them. */
const LINES_PER_WRITE = 1000;

/** Adds the verb. */
export function addCheckZone(program: Command, context: VerbContext): void {
  program
    .command("check-zone")
    .summary("check one zone file")
    .description(
      "Checks a zone file without any configuration. --print writes the zone, one record a line,\n" +
        "absolute names, in canonical order (RFC 4034 section 6), the SOA first.\n" +
        "Exit status: 0 the zone is good, 1 it is bad, 2 wrong usage.",
    )
    .argument("<origin>", "name of the zone", originArgument)
    .argument("<file>", "master file")
    .option("--print", "print the zone")
    .action((origin: Name, file: string, flags: { readonly print?: true }) => {
      const options = { origin, file, isPrinted: flags.print === true };
      context.finish(checkZone(context.io, options));
    });
}

/** Checks a zone file; 1 when it has any error. */
function checkZone(
  io: CliIo,
  options: { readonly origin: Name; readonly file: string; readonly isPrinted: boolean },
): ExitStatus {
  const checked = loadZone(options.origin, options.file, (path) => io.readFile(path));
  const complaints = checked.kind === "bad" ? checked.errors : [];
  printComplaints(io, { errors: complaints, warnings: checked.warnings });
  if (checked.kind === "bad") {
    const errors = counted(checked.errors.length, "error");
    io.err(`Zone ${nameToDisplay(options.origin)} is bad: ${errors}\n`);
    return 1;
  }
  const { zone } = checked;
  if (options.isPrinted) printCanonical(io, zone);
  else {
    const records = counted(zone.recordCount, "record");
    const warnings = counted(checked.warnings.length, "warning");
    const name = nameToDisplay(zone.origin);
    io.out(`Zone ${name} is good: serial ${zone.serial}, ${records}, ${warnings}\n`);
  }
  return 0;
}

function printCanonical(io: CliIo, zone: Zone): void {
  const owners = [...zone.owners()].map((owner) => ({ owner, key: canonicalKey(owner) }));
  owners.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let lines: string[] = [];
  const write = (): void => {
    io.out(lines.join(""));
    lines = [];
  };
  for (const { owner } of owners) {
    for (const rrset of [...zone.rrsetsAt(owner)].sort((a, b) => rank(a) - rank(b))) {
      for (const rdata of canonicalOrder(rrset)) {
        lines.push(`${printRecord({ owner, ttl: rrset.ttl, type: rrset.type, rdata })}\n`);
      }
    }
    if (lines.length >= LINES_PER_WRITE) write();
  }
  write();
}

/** The SOA begins a zone, wherever its number would put it. */
function rank(rrset: RRset): number {
  return rrset.type === TYPE.SOA ? 0 : rrset.type;
}

function canonicalOrder({ type, rdatas }: RRset): readonly Uint8Array[] {
  if (rdatas.length === 1) return rdatas;
  const keyed = rdatas.map((rdata) => ({ rdata, key: canonicalRdata(type, rdata) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map((each) => each.rdata);
}

/**
 * A string that sorts as RFC 4034 section 6.1 orders names: labels from the right, every octet one
 * up so that the end of a label sorts below all of them. Comparing names themselves would cost a
 * million-record zone most of its printing time.
 */
function canonicalKey(name: Name): string {
  let key = "";
  for (const start of labelStarts(name).reverse()) {
    const end = start + 1 + (name[start] ?? 0);
    for (let at = start + 1; at < end; at++) {
      key += String.fromCharCode(lowerOctet(name[at] ?? 0) + 1);
    }
    key += "\0";
  }
  return key;
}
