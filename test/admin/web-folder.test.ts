import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdmin } from "../../src/admin/server.ts";
import { REFUSING } from "../support/admin.ts";

describe("the web page", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lz-web-"));
    mkdirSync(join(folder, "web", "assets"), { recursive: true });
    writeFileSync(join(folder, "web", "index.html"), "<!doctype html><title>livezone</title>");
    writeFileSync(join(folder, "web", "assets", "main-1a2b.js"), "export {};");
    writeFileSync(join(folder, "secret.txt"), "not for the web");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const get = (url: string) =>
    createAdmin({ ...REFUSING, webFolder: join(folder, "web") }).inject({ url });

  it("stands at /, may load nothing from elsewhere and is asked for again each time", async () => {
    const page = await get("/");
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain("livezone");
    expect(page.headers).toMatchObject({
      "content-type": expect.stringContaining("text/html"),
      "content-security-policy": expect.stringMatching(
        /default-src 'none';.*frame-ancestors 'none'/,
      ),
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    });
    expect(page.headers["content-security-policy"]).not.toContain("unsafe");
  });

  it("marks its own routes as open, and no other", async () => {
    const admin = createAdmin({ ...REFUSING, webFolder: join(folder, "web") });
    const open = new Map<string, boolean>();
    admin.addHook("onRequest", async (request) => {
      const { config } = request.routeOptions;
      open.set(request.url, "isOpen" in config && config.isOpen === true);
    });
    for (const url of ["/", "/assets/main-1a2b.js", "/v1/status"]) await admin.inject({ url });
    expect([...open.values()]).toEqual([true, true, false]);
  });

  it("lets files that are named by their content be kept", async () => {
    const script = await get("/assets/main-1a2b.js");
    expect(script.headers["content-type"]).toContain("javascript");
    expect(script.headers["cache-control"]).toContain("immutable");
  });

  it.each(["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/none.js"])(
    "has no other file: %s",
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: "NO_ROUTE" });
    },
  );

  it("is left out where it was not built", async () => {
    const admin = createAdmin({ ...REFUSING, webFolder: join(folder, "none") });
    expect((await admin.inject({ url: "/" })).statusCode).toBe(404);
  });
});
