// A real browser before a real server: Debian's chromium, without a window.

import { existsSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Whether there is a browser on this machine. */
export const HAS_BROWSER = existsSync(CHROMIUM);

export function openBrowser(): Promise<Browser> {
  // Tests may run as root, where chromium's own sandbox refuses to.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** The API's unix socket at a loopback port, for a browser, which knows no unix sockets. */
export function socketAtPort(
  socket: string,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((client) => {
    const behind = connect(socket);
    client.on("error", () => behind.destroy());
    behind.on("error", () => client.destroy());
    client.pipe(behind).pipe(client);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      resolve({ server, url: `http://127.0.0.1:${port}/` });
    });
  });
}

/** What a page did that it must not do. */
export interface Sins {
  readonly outside: string[];
  readonly errors: string[];
}

/** Watches a page from its beginning on. */
export function watched(page: Page, url: string): Sins {
  const sins: Sins = { outside: [], errors: [] };
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) sins.outside.push(request.url());
  });
  page.on("pageerror", (error) => sins.errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") sins.errors.push(message.text());
  });
  return sins;
}
