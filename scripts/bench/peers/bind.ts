// BIND: one worker thread; cookies are its default, small answers are asked for.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, program, programVersion, type Site } from "../peer.ts";

export const bind: Peer = {
  name: "BIND",
  version: () => programVersion("named", ["-v"]),
  prepare(site: Site) {
    const path = join(site.folder, "named.conf");
    const config = `options {
  directory "${site.folder}";
  pid-file none;
  session-keyfile none;
  listen-on port ${site.port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  minimal-responses yes;
  notify no;
  dnssec-validation no;
};
controls { };
zone "${site.zone.origin}" { type primary; file "${site.zone.file}"; };
`;
    writeFileSync(path, config);
    // In the foreground, with its messages on standard error.
    return { command: program("named"), args: ["-g", "-n", "1", "-c", path] };
  },
};
