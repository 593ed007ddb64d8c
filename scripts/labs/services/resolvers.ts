// The recursive resolvers that stand between clients and livezone. Each knows one thing that its Debian
// package does not say: where the lab's parent zone is, and that nothing below it is signed.

import { copyFileSync, writeFileSync } from "node:fs";
import { HOSTS, NETWORK, PARENT_ZONE, type Site } from "../plan.ts";
import type { Service } from "../service.ts";

const ROOT_KEY = "/usr/share/dns/root.key";

/** Unbound as its Debian package sets it: validation by the root's key, no remote control here. */
export const unbound = unboundWith("unbound", "");

/** Unbound as it is often tuned: what it has is kept for five minutes, and told even after that. */
export const clamp = unboundWith("clamp", "  cache-min-ttl: 300\n  serve-expired: yes\n");

function unboundWith(host: "unbound" | "clamp", settings: string): Service {
  return {
    port: 53,
    prepare(site) {
      copyFileSync(ROOT_KEY, site.file(host, "root.key"));
      const config = `server:
  auto-trust-anchor-file: "${site.file(host, "root.key")}"
${settings}  interface: ${HOSTS[host].address}
  access-control: ${NETWORK}.0/24 allow
  directory: "${site.file(host)}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  domain-insecure: "${PARENT_ZONE}"
remote-control:
  control-enable: no
stub-zone:
  name: "${PARENT_ZONE}"
  stub-addr: ${HOSTS.parent.address}
`;
      writeFileSync(site.file(host, "unbound.conf"), config);
    },
    launch: (site) => ["unbound", "-d", "-c", site.file(host, "unbound.conf")],
  };
}

/** BIND as its Debian package sets it. */
export const bind: Service = {
  port: 53,
  prepare(site: Site) {
    const config = `options {
  directory "${site.file("bind")}";
  dnssec-validation auto;
  listen-on { ${HOSTS.bind.address}; };
  listen-on-v6 { none; };
  allow-query { any; };
  allow-recursion { any; };
  pid-file none;
  session-keyfile none;
  validate-except { "${PARENT_ZONE}"; };
};
controls { };
zone "${PARENT_ZONE}" { type static-stub; server-addresses { ${HOSTS.parent.address}; }; };
`;
    writeFileSync(site.file("bind", "named.conf"), config);
  },
  launch: (site) => ["named", "-g", "-4", "-n", "1", "-c", site.file("bind", "named.conf")],
};
