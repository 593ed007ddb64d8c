// Anchors: what is there whatever happens to the targets (a gateway, a resolver), so that the prober
// can tell that it is cut off itself. The `anchors` list of the main configuration.

import { z } from "zod";
import { checkShape, type FileRefusal, readCheck } from "./checks.ts";
import { address } from "./fields.ts";
import { anchorTarget, type ConfiguredTarget } from "./targets.ts";
import { notA, type YamlReader } from "./yaml.ts";

const ANCHORS_MAX = 16;
const MEND = "write { address: 192.0.2.1, kind: icmp } or the like";

const withAddress = z.looseObject(
  { address },
  { error: (issue) => notA(issue.input, "a map", MEND) },
);

/** How an entry is written. */
export const anchorShape = z.lazy(() => checkShape({ address }));

/** Reads the list: each entry is a check with the one address that it asks. */
export function readAnchors(
  reader: YamlReader,
  entries: readonly unknown[],
  files: { readonly file: string; readonly fileRefusal: FileRefusal },
): readonly ConfiguredTarget[] {
  const anchors: ConfiguredTarget[] = [];
  if (entries.length > ANCHORS_MAX) {
    reader.complain(["anchors"], `it has ${entries.length} entries; list at most ${ANCHORS_MAX}`);
  }
  for (const [index, value] of entries.entries()) {
    const at = ["anchors", index];
    const asked = reader.read(at, value, withAddress)?.address;
    if (asked === undefined) continue;
    const check = readCheck({ reader, at, name: "anchor", value, ...files });
    if (check === undefined) continue;
    const anchor = anchorTarget(check, asked);
    if (anchors.some((other) => other.id === anchor.id)) {
      reader.complain(at, `"${asked}" is asked twice the same; remove one of the two`);
    } else if (anchor.ask.kind === "push") {
      reader.complain([...at, "kind"], "a push reports in by itself; ask the anchor something");
    } else anchors.push(anchor);
  }
  return anchors;
}
