// The web page: files of one folder, as they were built, under a policy that lets them load nothing
// from elsewhere and be framed by nobody.

import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Says with every answer that nothing else than ours may run in a page made of it. */
export function addSecurityHeaders(server: FastifyInstance): void {
  server.addHook("onSend", async (_request, reply) => {
    reply.header("content-security-policy", POLICY);
    reply.header("x-content-type-options", "nosniff");
    reply.header("referrer-policy", "no-referrer");
    reply.header("cross-origin-resource-policy", "same-origin");
    reply.header("cross-origin-opener-policy", "same-origin");
  });
}

/**
 * Serves the page where it was built. Files named by their content's hash may be kept for long. Its
 * routes are open to everybody (`isOpen`): they hold what is in the package
 * and nothing else.
 */
export function addWebFolder(server: FastifyInstance, folder: string): void {
  if (!existsSync(join(folder, "index.html"))) return;
  void server.register(async (page) => {
    // A browser has no token when it asks for the page: the page asks for one, and sends it along.
    page.addHook("onRoute", (route) => {
      route.config = Object.assign({}, route.config, { isOpen: true });
    });
    await page.register(fastifyStatic, {
      root: folder,
      // One route for each file that is there: no path can leave the folder.
      wildcard: false,
      index: "index.html",
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = /[/\\]assets[/\\]/.test(path);
        const kept = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
        reply.header("cache-control", kept);
      },
    });
  });
}
