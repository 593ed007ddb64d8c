import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ImageCopy, ImageFiles } from "../../src/app/image-copy.ts";
import { type Sandbox, sandbox } from "../support/server-process.ts";

const STAMP = { zones: [{ zone: "\u0003org\u0000", serial: 7 }], bindings: ["1 \u0003www\u0000"] };

function copyOf(setId: number, content: readonly number[]): ImageCopy {
  const base = new SharedArrayBuffer(content.length);
  new Uint8Array(base).set(content);
  const edits = Uint8Array.of(4, 4);
  return { setId, base, edits, slots: Uint8Array.of(1, 2, 3, setId), stamp: STAMP };
}

describe("ImageFiles", () => {
  let box: Sandbox;
  let path = "";
  beforeEach(() => {
    box = sandbox();
    path = box.file("livezone.db");
  });
  afterEach(() => box.remove());

  async function saved(...copies: ImageCopy[]): Promise<void> {
    const files = new ImageFiles(path, "1.0");
    for (const copy of copies) files.save(copy);
    await files.flush();
  }

  it("gives back what was saved", async () => {
    await saved(copyOf(3, [9, 8, 7]));
    const files = new ImageFiles(path, "1.0");
    expect(files.read(1)).toBe(true);
    const kept = files.take();
    expect(kept?.base).toBeInstanceOf(SharedArrayBuffer);
    expect([...new Uint8Array(kept?.base ?? new SharedArrayBuffer(0))]).toEqual([9, 8, 7]);
    expect(kept?.slots).toEqual(Uint8Array.of(1, 2, 3, 3));
    expect(kept?.edits).toEqual(Uint8Array.of(4, 4));
    expect(kept?.stamp).toEqual(STAMP);
    expect(files.take()).toBeUndefined();
  });

  it("writes the newest of what waits, and leaves nothing beside", async () => {
    await saved(copyOf(1, [1]), copyOf(2, [2]), copyOf(3, [3]));
    const files = new ImageFiles(path, "1.0");
    expect([files.read(1), files.take()?.slots.at(-1)]).toEqual([true, 3]);
    expect(readdirSync(box.path).sort()).toEqual(["livezone.db.image", "livezone.db.live"]);
  });

  it("writes a base once, however often its live answers change", async () => {
    const files = new ImageFiles(path, "1.0");
    files.save(copyOf(1, [1, 2]));
    await files.flush();
    writeFileSync(`${path}.image`, "still this one");
    files.save({ ...copyOf(1, [1, 2]), slots: Uint8Array.of(5, 6, 7, 8) });
    await files.flush();
    expect(readFileSync(`${path}.image`, "utf8")).toBe("still this one");
  });

  it("reads nothing where nothing was saved", () => {
    expect(new ImageFiles(path, "1.0").read(1)).toBe(false);
  });

  it.each<[string, () => void | Promise<void>]>([
    ["a base that is cut off", () => truncateSync(`${path}.image`, 4097)],
    ["a changed octet", () => change(`${path}.image`, 4096)],
    ["a changed octet among the live answers", () => change(`${path}.live`, 4096)],
    ["a head that is no JSON", () => change(`${path}.live`, 4)],
    ["an empty file", () => truncateSync(`${path}.live`, 0)],
    ["live answers of another base", () => swapBase(box)],
  ])("takes nothing from %s", async (_, damage) => {
    await saved(copyOf(1, [1, 2, 3]));
    await damage();
    expect(new ImageFiles(path, "1.0").read(1)).toBe(false);
  });

  it("takes nothing from another version of the program", async () => {
    await saved(copyOf(1, [1, 2, 3]));
    expect(new ImageFiles(path, "1.1").read(1)).toBe(false);
  });

  it("gives nothing back that was discarded", async () => {
    await saved(copyOf(1, [1, 2, 3]));
    new ImageFiles(path, "1.0").discard();
    expect(new ImageFiles(path, "1.0").read(1)).toBe(false);
  });

  it("leaves no half of a pair when the disk does not take one", async () => {
    await saved(copyOf(1, [1, 2, 3]));
    // A folder stands where the file is to be written.
    box.write("livezone.db.image.new/x", "");
    await saved(copyOf(2, [4, 5, 6]));
    expect(new ImageFiles(path, "1.0").read(1)).toBe(false);
  });
});

function change(path: string, at: number): void {
  const octets = readFileSync(path);
  octets[at] = (octets[at] ?? 0) ^ 1;
  writeFileSync(path, octets);
}

async function swapBase(box: Sandbox): Promise<void> {
  const other = new ImageFiles(box.file("other.db"), "1.0");
  other.save(copyOf(1, [1, 2, 4]));
  await other.flush();
  writeFileSync(box.file("livezone.db.image"), readFileSync(box.file("other.db.image")));
}
