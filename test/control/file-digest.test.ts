import { describe, expect, it } from "vitest";
import { DigestReader, unchangedFiles } from "../../src/control/file-digest.ts";
import type { FileRead } from "../../src/control/ports.ts";

/** Reads from a map of contents; a content's hash is the content. */
function readerOf(files: ReadonlyMap<string, string>): (path: string) => FileRead {
  return (path) => {
    const text = files.get(path);
    if (text === undefined) return { kind: "failed", code: "ENOENT", message: `no ${path}` };
    return { kind: "read", bytes: new TextEncoder().encode(text), sha256: `hash of ${text}` };
  };
}

function digestOf(files: ReadonlyMap<string, string>, ...paths: string[]): string {
  const reader = new DigestReader(readerOf(files));
  for (const path of paths) reader.read(path);
  return reader.digest;
}

describe("unchangedFiles()", () => {
  const before = new Map([
    ["zone", "$INCLUDE more"],
    ["more", "a A 192.0.2.1"],
  ]);
  const digest = digestOf(before, "zone", "more");

  it("names every file of a zone whose files hold what they held", () => {
    expect(unchangedFiles(digest, "zone", readerOf(before))).toEqual(["zone", "more"]);
  });

  it.each<[string, [string, string | undefined]]>([
    ["the zone file", ["zone", "; other"]],
    ["an included file", ["more", "a A 192.0.2.2"]],
    ["a file that is gone", ["more", undefined]],
  ])("asks for a load when %s differs", (_, [path, text]) => {
    const after = new Map(before);
    if (text === undefined) after.delete(path);
    else after.set(path, text);
    expect(unchangedFiles(digest, "zone", readerOf(after))).toBeUndefined();
  });

  it("asks for a load when the zone is now said to be in another file", () => {
    const after = new Map([...before, ["other", "$INCLUDE more"]]);
    expect(unchangedFiles(digest, "other", readerOf(after))).toBeUndefined();
  });

  it("asks for a load where a file could not be read, even if it still cannot", () => {
    const unread = digestOf(new Map([["zone", "$INCLUDE more"]]), "zone", "more");
    const files = new Map([["zone", "$INCLUDE more"]]);
    expect(unchangedFiles(unread, "zone", readerOf(files))).toBeUndefined();
  });

  it.each(["", "[0,[]]", digest.replace("[1,", "[2,")])("takes no digest %j", (other) => {
    expect(unchangedFiles(other, "zone", readerOf(before))).toBeUndefined();
  });
});
