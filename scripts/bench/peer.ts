// What the bench knows of a name server: how it is configured, started, and told of a changed file.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Launch } from "./process.ts";

/** The zone that every server of a case serves. */
export interface ZoneUnderTest {
  /** Without the final dot. */
  readonly origin: string;
  readonly file: string;
}

/** Where one server lives for one case. */
export interface Site {
  /** A folder of its own, empty at first, kept over its restarts. */
  readonly folder: string;
  readonly port: number;
  readonly zone: ZoneUnderTest;
}

/** A name server that can be measured. */
export interface Peer {
  readonly name: string;
  /** Its program's version, or undefined where it is not installed. */
  version(): string | undefined;
  /** Writes its configuration into the site's folder and says how it is started there. */
  prepare(site: Site): Launch;
  /** How it is told that the zone file was saved; absent: it notices by itself. */
  reload?(site: Site): Launch;
}

/** Debian keeps servers where a user's PATH does not lead. */
const FOLDERS = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];

/** Where a program lies, or undefined. */
function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Path of an installed program; for peers whose `version` was asked before. */
export function program(name: string): string {
  return findProgram(name) ?? name;
}

/** The first version number that a program prints when asked. */
export function programVersion(name: string, args: readonly string[]): string | undefined {
  const path = findProgram(name);
  if (path === undefined) return undefined;
  const run = spawnSync(path, args, { encoding: "utf8" });
  return /\d+\.\d+(?:\.\d+)?/.exec(`${run.stdout}${run.stderr}`)?.[0];
}
