// The web targets: the sample target of the quick start, on an address of its own.

import { resolve } from "node:path";
import { HOSTS, WEB_PORT } from "../plan.ts";
import type { Service } from "../service.ts";

/** A web target whose page is its own name. */
export function web(host: "web1" | "web2"): Service {
  const script = resolve("scripts/sample-target.mjs");
  return {
    port: WEB_PORT,
    prepare: () => undefined,
    launch: () => [process.execPath, script, HOSTS[host].address, String(WEB_PORT), host],
  };
}
