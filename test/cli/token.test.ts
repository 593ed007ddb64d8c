import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { runProgram } from "../../src/cli/program.ts";
import { parseMainConfig } from "../../src/config/main.ts";

function unasked(): never {
  throw new Error("Nobody asked for it");
}

const copies = { copyStore: unasked, restoreStore: unasked };

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const io = {
    version: "0.0.0",
    outHasColours: false,
    errHasColours: false,
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  } as unknown as CliIo;
  const status = await runProgram(args, { serve: async () => 0, simulate: unasked, copies }, io);
  return { status, out, err };
}

describe("livezone token", () => {
  it("prints a token once, and the lines that let its bearer in", async () => {
    const { out, status } = await run("token", "ci", "--scope", "read,edit");
    expect(status).toBe(0);
    const [, token = ""] = /^token: (lz_[\w-]{43})$/m.exec(out) ?? [];
    const admin = out.slice(out.indexOf("admin:"));
    const text = `listen: [127.0.0.1:53]\nstore: { path: x.db }\nzones: [{ origin: a }]\n${admin}`;
    const reading = parseMainConfig(text, "livezone.yaml");
    const sha256 = createHash("sha256").update(token).digest("hex");
    const tokens = [{ name: "ci", sha256, scopes: ["read", "edit"] }];
    expect(reading).toMatchObject({ kind: "ok", config: { admin: { tcp: { tokens } } } });
  });

  it("refuses scopes and names that are none", async () => {
    expect((await run("token", "ci", "--scope", "all")).err).toContain('"all" is none of');
    expect((await run("token", "a b")).status).toBe(2);
  });
});
