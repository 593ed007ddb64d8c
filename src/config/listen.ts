// Lists of listen addresses: "127.0.0.1:53", or a map that may say that the host can do without.

import { z } from "zod";
import { address, flag, leaf, port, readAddressPort } from "./fields.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

/** Where questions are taken. */
export interface ListenAddress {
  /** Canonical IP text. */
  readonly address: string;
  readonly port: number;
  /** An address that this host may lack (`::1` without IPv6): its absence is logged, not fatal. */
  readonly isOptional: boolean;
}

const listenEntry = section({ address, port, optional: flag.optional() });

const listenText = leaf({ what: "ADDRESS:PORT", mend: "write 127.0.0.1:53" }, (value) =>
  readAddressPort(String(value)),
);

/** How an entry is written. */
export const listenShape = z.union([listenText, listenEntry]);

/** Reads the list at `path`; bad and repeated entries are complained about and left out. */
export function readListen(
  reader: YamlReader,
  path: YamlPath,
  entries: readonly unknown[] | undefined,
): readonly ListenAddress[] {
  const listen: ListenAddress[] = [];
  if (entries?.length === 0) {
    reader.complain(path, "it is empty; write an address such as 127.0.0.1:53");
  }
  for (const [index, entry] of (entries ?? []).entries()) {
    const at = [...path, index];
    const isText = typeof entry !== "object" || entry === null;
    const read = isText ? reader.read(at, entry, listenText) : reader.read(at, entry, listenEntry);
    if (read === undefined) continue;
    const isOptional = "optional" in read && read.optional === true;
    const clash = listenClash(read, listen);
    if (clash !== undefined) reader.complain(at, clash);
    listen.push({ address: read.address, port: read.port, isOptional });
  }
  return listen;
}

/**
 * Why an address cannot be listened on beside those before it: it is one of them, or a wildcard
 * takes what comes to it. Port 0 clashes with nothing: the system chooses a free one.
 */
export function listenClash(
  entry: { readonly address: string; readonly port: number },
  before: readonly { readonly address: string; readonly port: number }[],
): string | undefined {
  const rivals = before.filter(({ port: taken }) => taken === entry.port && taken !== 0);
  if (rivals.some((rival) => rival.address === entry.address)) {
    return "it is listed twice; remove one of the two";
  }
  const any = entry.address.includes(":") ? "::" : "0.0.0.0";
  const isFamily = (text: string): boolean => text.includes(":") === (any === "::");
  const rival = rivals.find(
    ({ address: taken }) => taken === any || (entry.address === any && isFamily(taken)),
  );
  if (rival === undefined) return undefined;
  return `"${any}" takes the questions of every address; remove it, or remove the others of port ${entry.port}`;
}
