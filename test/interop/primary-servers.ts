// NSD, Knot, BIND and PowerDNS as primaries that livezone copies from, each in a folder of its own, on a
// loopback port: one zone for everybody, one under the key (PowerDNS's bind backend keeps no keys).

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Sandbox } from "../support/server-process.ts";
import { KEY_FILE, KEY_NAME, KEY_SECRET, nsdHead } from "./name-servers.ts";

/** One stock name server. */
export interface StockPrimary {
  readonly name: "nsd" | "knot" | "bind" | "pdns";
  readonly port: number;
  /** By origin: whether it is given under the key alone. */
  readonly zones: readonly { readonly origin: string; readonly isSigned: boolean }[];
}

/** A primary that runs. */
export class RunningPrimary {
  readonly #primary: StockPrimary;
  readonly #folder: string;
  readonly #child: ChildProcess;

  /** @param secondaryPort where livezone listens; it is notified there. */
  constructor(primary: StockPrimary, secondaryPort: number, box: Sandbox) {
    this.#primary = primary;
    this.#folder = box.file(primary.name);
    mkdirSync(`${this.#folder}/db`, { recursive: true });
    for (const { origin } of primary.zones) this.#write(origin, zoneText(origin, 100, ""));
    const conf = CONFS[primary.name]({ ...primary, secondaryPort, folder: this.#folder });
    const path = `${this.#folder}/server.conf`;
    writeFileSync(path, conf);
    const [program, args] = COMMANDS[primary.name](path, this.#folder);
    const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
    this.#child = spawn(program, args, { stdio: "ignore", env });
  }

  /** Its zones have other records from now on. */
  change(serial: number, lines: string): void {
    for (const { origin } of this.#primary.zones) {
      this.#write(origin, zoneText(origin, serial, lines));
    }
    // PowerDNS looks at its files every second; Knot rereads zones when it is told to alone.
    if (this.#primary.name === "knot") {
      execFileSync("/usr/sbin/knotc", ["-s", `${this.#folder}/knot.sock`, "zone-reload"]);
    } else if (this.#primary.name !== "pdns") this.#child.kill("SIGHUP");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #write(origin: string, text: string): void {
    writeFileSync(`${this.#folder}/${origin}.zone`, text);
  }
}

/** REFRESH is long: what comes sooner comes by NOTIFY. */
function zoneText(origin: string, serial: number, lines: string): string {
  const hosts = Array.from({ length: 900 }, (_, i) => `host${i} A 192.0.2.${i % 250}`).join("\n");
  return `$ORIGIN ${origin}.
$TTL 300
@    SOA ns admin ${serial} 3600 2 86400 60
@    NS  ns
@    MX  10 Mail.${origin}.
ns   A   192.0.2.53
mail A   192.0.2.25
${hosts}
${lines}
`;
}

type Place = StockPrimary & { readonly secondaryPort: number; readonly folder: string };

const COMMANDS: Record<StockPrimary["name"], (conf: string, folder: string) => [string, string[]]> =
  {
    nsd: (conf) => ["nsd", ["-d", "-c", conf]],
    knot: (conf) => ["knotd", ["-c", conf]],
    bind: (conf) => ["named", ["-f", "-c", conf]],
    pdns: (_conf, folder) => ["pdns_server", [`--config-dir=${folder}`, "--config-name="]],
  };

const CONFS: Record<StockPrimary["name"], (place: Place) => string> = {
  nsd: ({ port, zones, secondaryPort, folder }) => `${nsdHead({ port, folder })}${zones
    .map(({ origin, isSigned }) => {
      const key = isSigned ? KEY_NAME : "NOKEY";
      return `zone:
  name: ${origin}
  zonefile: ${origin}.zone
  provide-xfr: 127.0.0.1 ${key}
  notify: 127.0.0.1@${secondaryPort} ${key}
  store-ixfr: yes
  create-ixfr: yes`;
    })
    .join("\n")}
`,
  knot: ({ port, zones, secondaryPort, folder }) => `server:
    listen: 127.0.0.1@${port}
    rundir: ${folder}
control:
    listen: ${folder}/knot.sock
database:
    storage: ${folder}/db
key:
  - id: ${KEY_NAME}
    algorithm: hmac-sha256
    secret: ${KEY_SECRET}
remote:
  - id: plain
    address: 127.0.0.1@${secondaryPort}
  - id: signed
    address: 127.0.0.1@${secondaryPort}
    key: ${KEY_NAME}
acl:
  - id: plain
    address: 127.0.0.1
    action: transfer
  - id: signed
    address: 127.0.0.1
    key: ${KEY_NAME}
    action: transfer
zone:
${zones
  .map(({ origin, isSigned }) => {
    const side = isSigned ? "signed" : "plain";
    return `  - domain: ${origin}
    storage: ${folder}
    file: ${origin}.zone
    acl: ${side}
    notify: ${side}
    journal-content: all
    zonefile-load: difference`;
  })
  .join("\n")}
`,
  bind: ({ port, zones, secondaryPort, folder }) => `${KEY_FILE}options {
	directory "${folder}";
	listen-on port ${port} { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file "${folder}/pid";
	session-keyfile "${folder}/session.key";
	recursion no;
	dnssec-validation no;
	notify explicit;
	notify-delay 1;
	ixfr-from-differences yes;
};
controls {};
${zones
  .map(({ origin, isSigned }) => {
    const key = isSigned ? ` key "${KEY_NAME}"` : "";
    return `zone "${origin}" {
	type primary;
	file "${origin}.zone";
	allow-transfer { ${isSigned ? `key "${KEY_NAME}"` : "127.0.0.1"}; };
	also-notify { 127.0.0.1 port ${secondaryPort}${key}; };
};`;
  })
  .join("\n")}
`,
  pdns: ({ port, zones, secondaryPort, folder }) => {
    const named = zones.map(({ origin }) => {
      return `zone "${origin}" { type master; file "${folder}/${origin}.zone"; };\n`;
    });
    writeFileSync(`${folder}/named.conf`, named.join(""));
    const settings = [
      ...["launch=bind", `bind-config=${folder}/named.conf`, "bind-check-interval=1"],
      ...["local-address=127.0.0.1", `local-port=${port}`, `socket-dir=${folder}`],
      ...["primary=yes", "allow-axfr-ips=127.0.0.1", "only-notify="],
      ...[`also-notify=127.0.0.1:${secondaryPort}`, "xfr-cycle-interval=1"],
      ...[
        "cache-ttl=0",
        "query-cache-ttl=0",
        "negquery-cache-ttl=0",
        "zone-cache-refresh-interval=0",
      ],
      ...[
        "guardian=no",
        "daemon=no",
        "disable-syslog=yes",
        "write-pid=no",
        "version-string=anonymous",
      ],
    ];
    writeFileSync(`${folder}/pdns.conf`, `${settings.join("\n")}\n`);
    return "";
  },
};
