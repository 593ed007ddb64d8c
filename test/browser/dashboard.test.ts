// The web page in a real browser: a real target is killed, and the page shows the swap and why.

import type { Server } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";
import { HAS_BROWSER, openBrowser, type Sins, socketAtPort, watched } from "./page.ts";

const ZONE = `$TTL 300
@     SOA ns admin 2026010101 3600 600 86400 60
@     NS  ns
ns    A   192.0.2.53
www   A   127.0.6.11
www   A   127.0.6.12
calm  A   127.0.6.13
calm  A   127.0.6.14
`;
const PORT = 18_086;
const POOLS = `checks:
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 1s, timeout: 500ms, rise: 2 }
  now-and-then: { kind: http, port: ${PORT}, path: /healthz, interval: 5s, timeout: 500ms }
pools:
  www.lab.example:
    policy: priority
    checks: [web]
    rto: 30s
    ttl: { min: 2s, max: 20s }
    failback: { mode: auto, hold: 60s }
  calm.lab.example:
    policy: priority
    checks: [now-and-then]
    ttl: { min: 2s, max: 8s }
`;
const SCRIPT = `<img src=x onerror="window.owned=1"><script>window.owned=1</script>`;
/** A page on a busy machine. */
const PATIENT = { timeout: 15_000 };
/** Where to put what the pages look like, for whoever wants to see. */
const PICTURES = process.env["PICTURES"];

describe.skipIf(!HAS_BROWSER)("the web page", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let sins: Sins;
  let door: { readonly server: Server; readonly url: string };
  const first = new WebTarget("127.0.6.11", PORT);
  const second = new WebTarget("127.0.6.12", PORT);
  const calm = ["127.0.6.13", "127.0.6.14"].map((address) => new WebTarget(address, PORT));

  beforeAll(async () => {
    box = sandbox();
    box.write("lab.example.zone", ZONE);
    box.write("lab.example.pools.yaml", POOLS);
    await Promise.all([first, second, ...calm].map((target) => target.start()));
    const zone = `lab.example=${box.file("lab.example.zone")}`;
    const store = box.file("lz.db");
    server = new ServerProcess([
      ...["serve", "--zone", zone, "--listen", "127.0.0.1:0", "--store", store],
    ]);
    await server.waitFor("target.up", (line) => line["target"] === "web@127.0.6.12");
    // The API is open by then.
    await server.waitFor("server.ready");
    door = await socketAtPort(box.file("lz.db.sock"));
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1100, height: 620 } });
    sins = watched(page, door.url);
    await page.goto(door.url);
  });

  afterAll(async () => {
    await browser?.close();
    door?.server.close();
    server.signal("SIGKILL");
    await server.exited;
    await Promise.all([first, second, ...calm].map((target) => target.kill()));
    box.remove();
  });

  /** Text that the page shows within some seconds. */
  const shows = async (text: string): Promise<void> => {
    await page.getByText(text).first().waitFor(PATIENT);
  };
  /** Gives an order with a reason; the name is known by now. */
  const give = async (button: string, reason: string): Promise<void> => {
    await page.getByRole("button", { name: button, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill(reason);
    await dialog.getByLabel("Reason").press("Enter");
    await dialog.waitFor({ ...PATIENT, state: "detached" });
  };
  const picture = async (name: string): Promise<void> => {
    if (PICTURES === undefined) return;
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}.png` });
    }
  };

  it("shows what a pool answers, and why", async () => {
    await shows("127.0.6.11 is up");
    const pool = page.getByRole("region", { name: "www.lab.example A" });
    expect(await pool.locator(".serving strong").textContent()).toBe("127.0.6.11");
    expect(await pool.getByRole("row").count()).toBe(3);
  });

  it("shows the swap and its reason when a target is killed", async () => {
    const port = await server.port();
    await askUdp(port, "www.lab.example");
    await first.kill();
    await shows("127.0.6.11 is down (3 failures in a row, connect-refused)");
    const pool = page.getByRole("region", { name: "www.lab.example A" });
    expect(await pool.locator(".serving strong").textContent()).toBe("127.0.6.12");
    await picture("pools");
    await pool.getByRole("link", { name: /^swap \d/ }).click();
    await shows("primary-down");
    await shows("measured recovery");
    expect(await page.locator(".old").textContent()).toBe("127.0.6.11");
    await shows("first failed probe");
    const steps = await page.locator(".steps li strong").allTextContents();
    expect(steps.slice(0, 3)).toEqual(["first failed probe", "sure, and decided", "answered"]);
    expect(steps).toContain("stored");
    // Somebody asks, and is the first to be given the new answer.
    expect((await askUdp(port, "www.lab.example")).data).toEqual(["127.0.6.12"]);
    await shows("first given");
    await page.locator(".steps .pending", { hasText: "drained" }).waitFor(PATIENT);
    await picture("swap");
  });

  it("is usable by keys alone, down to one target", async () => {
    await page.keyboard.press("2");
    await page.waitForURL(/#\/targets$/, PATIENT);
    const link = page.getByRole("link", { name: "web@127.0.6.12" });
    await link.focus();
    await page.keyboard.press("Enter");
    await shows("How long its answers took");
    await page.locator(".chart canvas").waitFor(PATIENT);
    await picture("target");
    await page.keyboard.press("/");
    await page.waitForURL(/#\/log\/filter$/, PATIENT);
    await page.locator("#filter:focus").waitFor(PATIENT);
    await page.keyboard.type("pool.swapped");
    await expect
      .poll(() => page.locator(".log .event").allTextContents())
      .toContain("pool.swapped");
    const events = new Set(await page.locator(".log .event").allTextContents());
    expect([...events]).toEqual(["pool.swapped"]);
  });

  it("takes what zones hold for text, whatever it is", async () => {
    box.write("lab.example.zone", `${ZONE}txt TXT "${SCRIPT.replaceAll('"', '\\"')}" )\n`);
    await server.waitFor("zone.rejected");
    await page.goto(`${door.url}#/zones`);
    await shows("The last save was refused");
    const refused = await page.locator(".alarm pre").textContent();
    expect(refused).toContain("<script>window.owned=1</script>");
    expect(await page.evaluate("window.owned")).toBeUndefined();
    await page.goto(`${door.url}#/targets/${encodeURIComponent(SCRIPT)}`);
    await shows("is probed");
    expect(await page.evaluate("window.owned")).toBeUndefined();
    box.write("lab.example.zone", `${ZONE}txt TXT "well"\n`);
    await server.waitFor("zone.published");
    await page.goto(`${door.url}#/zones`);
    await page.locator(".alarm").waitFor({ ...PATIENT, state: "detached" });
  });

  it("gives an order once it has a name and a reason", async () => {
    await page.goto(`${door.url}#/pools`);
    await page.getByRole("button", { name: "force 127.0.6.11" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Your name").fill("ann");
    await dialog.getByRole("button", { name: /^Force/ }).click();
    // Without a reason nothing is sent.
    expect(await dialog.isVisible()).toBe(true);
    expect(server.lines.some(({ event }) => event === "target.forced")).toBe(false);
    await dialog.getByLabel("Reason").fill("kernel update");
    await dialog.getByLabel("For how many minutes").fill("10");
    await picture("order");
    await dialog.getByLabel("Reason").press("Enter");
    await shows("forced down by ann");
    const forced = await server.waitFor("target.forced");
    expect(forced).toMatchObject({ author: "ann", reason: "kernel update", forMs: 600_000 });
  });

  it("says in the dialog why an order is refused", async () => {
    await page.getByRole("button", { name: "force 127.0.6.12" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("a mistake");
    await dialog.getByLabel("Reason").press("Enter");
    const said = await dialog.getByRole("alert").textContent(PATIENT);
    expect(said).toMatch(/^Cannot force 127\.0\.6\.12 down/);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ ...PATIENT, state: "detached" });
  });

  it("brings a recovered member back before its hold is over", async () => {
    await give("unforce 127.0.6.11", "the update is done");
    await first.start();
    await page.getByRole("button", { name: "fail back…" }).waitFor(PATIENT);
    await picture("failback");
    await give("fail back…", "no need to wait");
    const pool = page.getByRole("region", { name: "www.lab.example A" });
    await expect
      .poll(() => pool.locator(".serving strong").textContent(), PATIENT)
      .toBe("127.0.6.11");
    const isFailback = (line: { readonly [field: string]: unknown }): boolean =>
      line["action"] === "failback";
    const change = await server.waitFor("api.changed", isFailback);
    expect(change).toMatchObject({ author: "ann", reason: "no need to wait" });
  });

  it("plans a move, and takes it back", async () => {
    // Somebody is given an answer for long: the move waits until that has ended, and can be seen.
    const port = await server.port();
    const givenTtl = async () => (await askUdp(port, "calm.lab.example")).ttl;
    await expect.poll(givenTtl, PATIENT).toBe(8);
    await give("drain 127.0.6.13", "new kernel");
    const planned = await server.waitFor("drain.planned");
    expect(planned).toMatchObject({ author: "ann", reason: "new kernel" });
    const undrain = page.getByRole("button", { name: "undrain 127.0.6.13" });
    await undrain.waitFor(PATIENT);
    await shows("to be drained by ann, TTL lowered");
    await page.getByText(/^(?:draining|drained, )/).waitFor({ timeout: 60_000 });
    await picture("drained");
    await give("undrain 127.0.6.13", "it was the wrong one");
    await page.getByRole("button", { name: "drain 127.0.6.13", exact: true }).waitFor(PATIENT);
    // What was ordered is over, and is no reason any more.
    await page.getByText("drained by ann").waitFor({ ...PATIENT, state: "detached" });
  }, 90_000);

  it("tells who changed what, and why, newest first", async () => {
    await page.keyboard.press("6");
    await page.waitForURL(/#\/changes$/, PATIENT);
    await shows("it was the wrong one");
    const rows = await page.locator("tbody tr").allTextContents();
    expect(rows[0]).toMatch(/ann.*undrain 127\.0\.6\.13.*it was the wrong one.*socket/);
    expect(rows[1]).toMatch(/ann.*drain 127\.0\.6\.13.*new kernel/);
    await picture("changes");
    await page.keyboard.press("1");
  });

  it("stands in the dark, and on a small screen, without a bar to scroll sideways", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).not.toBe(dark);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 780 });
    await picture("pools-small");
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(390);
  });

  it("says when the server is gone, and asked nobody else for anything", async () => {
    const { errors, outside } = sins;
    // What was refused above, the browser notes by itself.
    expect(errors.filter((error) => !error.includes("status of 409"))).toEqual([]);
    expect(outside).toEqual([]);
    server.signal("SIGKILL");
    await shows("Not connected");
  });
});
