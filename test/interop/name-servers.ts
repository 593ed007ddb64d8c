// NSD, Knot and BIND as secondaries of livezone, each in a folder of its own, on a loopback port.

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import type { Sandbox } from "../support/server-process.ts";

/** One stock name server that follows `lab.example`. */
export interface StockSecondary {
  readonly name: "nsd" | "knot" | "bind";
  readonly port: number;
  /** Whether it speaks under the key. */
  readonly isSigned: boolean;
}

export const KEY_NAME = "ns2.example.org";
export const KEY_SECRET = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64");
export const KEY_FILE = `key "${KEY_NAME}" {
	algorithm hmac-sha256;
	secret "${KEY_SECRET}";
};
`;

/** Whether a program is there. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`]);
    return true;
  } catch {
    return false;
  }
}

/** Starts it; the caller ends the process. */
export function startSecondary(
  secondary: StockSecondary,
  primaryPort: number,
  box: Sandbox,
): ChildProcess {
  const folder = box.file(`${secondary.name}-${secondary.port}`);
  mkdirSync(`${folder}/db`, { recursive: true });
  const [program, args] = commandOf({ ...secondary, primaryPort, folder, box });
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  return spawn(program, args, { stdio: "ignore", env });
}

type Place = StockSecondary & {
  readonly primaryPort: number;
  readonly folder: string;
  readonly box: Sandbox;
};

function commandOf(place: Place): [string, string[]] {
  const { name, box, port } = place;
  if (name === "nsd") return ["nsd", ["-d", "-c", box.write(`nsd-${port}.conf`, nsdConf(place))]];
  if (name === "knot") return ["knotd", ["-c", box.write(`knot-${port}.conf`, knotConf(place))]];
  return ["named", ["-f", "-c", box.write(`bind-${port}.conf`, bindConf(place))]];
}

/** What NSD is told of itself and the key; zones follow. */
export function nsdHead({ port, folder }: { port: number; folder: string }): string {
  return `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  chroot: ""
  zonesdir: ${folder}
  database: ""
  pidfile: ${folder}/pid
  xfrdfile: ${folder}/xfrd.state
  zonelistfile: ${folder}/zone.list
  xfrdir: ${folder}
remote-control:
  control-enable: no
key:
  name: ${KEY_NAME}
  algorithm: hmac-sha256
  secret: ${KEY_SECRET}
`;
}

/** A zone as a server hands it out, sorted, the last SOA left out; NSD and Knot lower all names. */
export async function dumpZone(
  port: number,
  origin: string,
  ...args: readonly string[]
): Promise<string> {
  const asked = ["@127.0.0.1", "-p", String(port), "+noall", "+answer", "+onesoa", ...args];
  const { stdout } = await promisify(execFile)("dig", [...asked, origin, "AXFR"]);
  const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  return lines
    .map((line) => line.toLowerCase().replace(/\s+/g, " "))
    .filter((line) => !line.includes(" tsig "))
    .sort()
    .join("\n");
}

function nsdConf({ port, isSigned, primaryPort, folder }: Place): string {
  const key = isSigned ? KEY_NAME : "NOKEY";
  return `${nsdHead({ port, folder })}zone:
  name: lab.example
  zonefile: lab.example.zone
  request-xfr: 127.0.0.1@${primaryPort} ${key}
  allow-notify: 127.0.0.1 ${key}
  provide-xfr: 127.0.0.1 NOKEY
`;
}

function knotConf({ port, isSigned, primaryPort, folder }: Place): string {
  const key = isSigned ? `    key: ${KEY_NAME}\n` : "";
  return `server:
    listen: 127.0.0.1@${port}
    rundir: ${folder}
database:
    storage: ${folder}/db
key:
  - id: ${KEY_NAME}
    algorithm: hmac-sha256
    secret: ${KEY_SECRET}
remote:
  - id: livezone
    address: 127.0.0.1@${primaryPort}
${key}acl:
  - id: notify
    address: 127.0.0.1
${key}    action: notify
  - id: transfer
    address: 127.0.0.1
    action: transfer
zone:
  - domain: lab.example
    storage: ${folder}
    master: livezone
    acl: [notify, transfer]
`;
}

function bindConf({ port, isSigned, primaryPort, folder }: Place): string {
  const key = isSigned ? ` key "${KEY_NAME}"` : "";
  const notify = isSigned ? `key "${KEY_NAME}";` : "127.0.0.1;";
  return `${KEY_FILE}options {
	directory "${folder}";
	listen-on port ${port} { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file "${folder}/pid";
	session-keyfile "${folder}/session.key";
	recursion no;
	dnssec-validation no;
	notify no;
};
controls {};
zone "lab.example" {
	type secondary;
	file "lab.example.db";
	primaries port ${primaryPort} { 127.0.0.1${key}; };
	allow-notify { ${notify} };
	allow-transfer { 127.0.0.1; };
};
`;
}
