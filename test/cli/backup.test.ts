import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../src/store/open.ts";
import { type Sandbox, sandbox } from "../support/server-process.ts";
import { run } from "./world.ts";

describe("backup and restore", () => {
  let box: Sandbox;
  let files: ReadonlyMap<string, string>;

  beforeEach(() => {
    box = sandbox();
    const text = `listen: [127.0.0.1:53]\nstore: { path: ${box.file("a.db")} }\nzones: []\n`;
    files = new Map([["c.yaml", text]]);
  });
  afterEach(() => box.remove());

  const livezone = (...args: readonly string[]) => run([...args, "c.yaml"], files);
  const shown = (text: string): string => text.replaceAll(`${box.path}/`, "");

  it("copy a store that is open, and bring the copy back when it is closed", async () => {
    const store = openStore(box.file("a.db"));
    const backedUp = await livezone("backup", box.file("copy.db"));
    expect(shown(backedUp.out)).toMatch(/^Copied store "a.db" to "copy.db": \d+ octets\n$/);
    const refused = await livezone("restore", box.file("copy.db"));
    expect(refused).toMatchObject({ status: 1, out: "" });
    expect(shown(refused.err)).toContain(`process ${process.pid} has it open; stop that livezone`);
    store.close();
    for (const end of [".image", ".live"]) writeFileSync(box.file(`a.db${end}`), "of before");
    const restored = await livezone("restore", box.file("copy.db"));
    expect(restored).toMatchObject({ status: 0, err: "" });
    expect(shown(restored.out)).toBe(
      'Restored store "a.db" from "copy.db"; what was there is "a.db.before-restore"\n',
    );
    expect(readFileSync(box.file("a.db"))).toEqual(readFileSync(box.file("copy.db")));
    expect(existsSync(box.file("a.db.image")) || existsSync(box.file("a.db.live"))).toBe(false);
    openStore(box.file("a.db")).close();
  });

  it("restore where no store was", async () => {
    openStore(box.file("copy.db")).close();
    const restored = await livezone("restore", box.file("copy.db"));
    expect(shown(restored.out)).toBe('Restored store "a.db" from "copy.db"\n');
  });

  it.each([
    ["that is not there", undefined, "it cannot be opened"],
    ["that is text", "no database at all, and long enough to be read as one", "no SQLite database"],
    ["that is empty", "", "it holds no store"],
  ])("restore refuses a copy %s, and touches nothing", async (_, content, state) => {
    openStore(box.file("a.db")).close();
    const before = readFileSync(box.file("a.db"));
    if (content !== undefined) box.write("copy.db", content.repeat(20));
    const refused = await livezone("restore", box.file("copy.db"));
    expect(refused).toMatchObject({ status: 1, out: "" });
    expect(shown(refused.err)).toContain('Cannot restore from "copy.db": ');
    expect(refused.err).toContain(state);
    expect(readFileSync(box.file("a.db"))).toEqual(before);
  });

  it("backup refuses a store that is not there, or in memory", async () => {
    const absent = await livezone("backup", box.file("copy.db"));
    expect(absent.status).toBe(1);
    expect(shown(absent.err)).toMatch(/^Cannot back up store "a.db": it cannot be opened/);
    expect(existsSync(box.file("a.db"))).toBe(false);
    const text = 'listen: [127.0.0.1:53]\nstore: { path: ":memory:" }\nzones: []\n';
    const memory = await run(["backup", box.file("x.db"), "m.yaml"], new Map([["m.yaml", text]]));
    expect(memory).toMatchObject({ status: 1, out: "" });
    expect(memory.err).toContain("it is in memory");
  });
});
