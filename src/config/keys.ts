// TSIG keys: the `keys` list of the main configuration, and the files it names. Secrets stand in files
// of their own, which nobody but the server's user may read; no complaint repeats them.

import { z } from "zod";
import { equalNames, type Name, nameFromText, nameToDisplay, ROOT } from "../dns/name.ts";
import { TSIG_ALGORITHMS, type TsigKey, tsigAlgorithm } from "../dns/tsig-key.ts";
import type { FileRefusal } from "./checks.ts";
import { bad, flag, ok, type Reading, text } from "./fields.ts";
import { pathBeside } from "./paths.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

/** What key files say; undefined where this reading does not look into files. */
export type ReadText = (
  path: string,
) =>
  | { readonly kind: "read"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly message: string };

/** A file that holds keys. */
export interface KeyFile {
  readonly path: string;
  readonly isSha1Allowed: boolean;
}

/** Keys that were read; undefined names where nobody looked into the files. */
export interface KeyRing {
  readonly keys: readonly TsigKey[];
  /** Where they stand. */
  readonly files: readonly KeyFile[];
  /** Whether every key is among `keys`: else no name can be called unknown. */
  readonly isComplete: boolean;
}

/** How files are looked at. */
export interface KeyFiles {
  /** The main configuration: paths begin at its folder. */
  readonly file: string;
  readonly fileRefusal: FileRefusal;
  readonly readText: ReadText | undefined;
}

const keyEntry = section({ file: text("a path"), sha1: flag.optional() });
const keyPath = text("a path");
const MEND =
  'make one by: tsig-keygen -a hmac-sha256 NAME > FILE; or write "hmac-sha256:NAME:SECRET"';

/** Shorter secrets are refused: they can be guessed (RFC 8945 section 8 asks for 128 bits). */
const SECRET_OCTETS_MIN = 16;

/** How an entry is written. */
export const keyShape = z.union([keyPath, keyEntry]);

/** Reads the list: paths of key files, or maps of a path with `sha1: true`. */
export function readKeys(
  reader: YamlReader,
  entries: readonly unknown[],
  files: KeyFiles,
): KeyRing {
  const keys: TsigKey[] = [];
  const paths: KeyFile[] = [];
  let isComplete = files.readText !== undefined;
  for (const [index, entry] of entries.entries()) {
    const at = ["keys", index];
    const isMap = typeof entry === "object" && entry !== null;
    const path = isMap ? undefined : reader.read(at, entry, keyPath);
    const read = isMap
      ? reader.read(at, entry, keyEntry)
      : path === undefined
        ? undefined
        : { file: path };
    const file = read && {
      path: pathBeside(files.file, read.file),
      isSha1Allowed: "sha1" in read && read.sha1 === true,
    };
    if (file !== undefined) paths.push(file);
    const found = file ? readOne(reader, at, { ...files, keyFile: file }) : undefined;
    if (found === undefined) isComplete = false;
    for (const key of found ?? []) {
      const twice = twiceAmong(keys, key);
      if (twice === undefined) keys.push(key);
      else reader.complain(at, twice);
    }
  }
  return { keys, files: paths, isComplete };
}

/** Reads the files again; the first that is bad says what is wrong, and nothing is taken then. */
export function readKeysAgain(
  files: readonly KeyFile[],
  world: { readonly fileRefusal: FileRefusal; readonly readText: ReadText },
): Reading<readonly TsigKey[]> {
  const keys: TsigKey[] = [];
  for (const file of files) {
    const refusal = world.fileRefusal(file.path, "key");
    if (refusal !== undefined) return bad(refusal);
    const reading = readContent(file, world.readText(file.path));
    if (reading.kind === "bad") return reading;
    for (const key of reading.value) {
      const twice = twiceAmong(keys, key);
      if (twice !== undefined) return bad(twice);
      keys.push(key);
    }
  }
  return ok(keys);
}

function twiceAmong(keys: readonly TsigKey[], { name }: TsigKey): string | undefined {
  if (!keys.some((other) => equalNames(other.name, name))) return undefined;
  return `key "${nameToDisplay(name)}" is there twice; rename one of them`;
}

function readOne(
  reader: YamlReader,
  at: YamlPath,
  files: KeyFiles & { readonly keyFile: KeyFile },
): readonly TsigKey[] | undefined {
  const { path } = files.keyFile;
  const refusal = files.fileRefusal(path, "key");
  if (refusal !== undefined) {
    reader.complain(at, refusal);
    return undefined;
  }
  const content = files.readText?.(path);
  if (content === undefined) return undefined;
  const reading = readContent(files.keyFile, content);
  if (reading.kind === "ok") return reading.value;
  reader.complain(at, reading.sentence);
  return undefined;
}

function readContent(
  { path, isSha1Allowed }: KeyFile,
  content: ReturnType<ReadText>,
): Reading<readonly TsigKey[]> {
  if (content.kind === "failed") return bad(`"${path}" cannot be read; let the server read it`);
  const reading = parseKeyFile(new TextDecoder().decode(content.bytes), { isSha1Allowed });
  return reading.kind === "ok" ? reading : bad(`"${path}" ${reading.sentence}`);
}

/**
 * Reads a key file: `key "NAME" { algorithm …; secret "…"; };` statements as BIND, NSD's and Knot's
 * tools write them, or lines `ALGORITHM:NAME:SECRET` as `dig -y` takes them; `#`, `//` and `/* … *\/`
 * begin comments.
 */
export function parseKeyFile(
  source: string,
  options: { readonly isSha1Allowed: boolean },
): Reading<readonly TsigKey[]> {
  // A secret may hold "//": comments begin a line or follow a blank.
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)(?:#|\/\/).*$/gm, "$1");
  const statement = /key\s+"?([^\s"{]+)"?\s*\{([^}]*)\}\s*;?/g;
  const keys: TsigKey[] = [];
  const rest = bare.replace(statement, (_all, name: string, body: string) => {
    const algorithm = /algorithm\s+"?([^\s";]+)"?\s*;/.exec(body)?.[1] ?? "";
    const secret = /secret\s+"?([^\s";]+)"?\s*;/.exec(body)?.[1] ?? "";
    return `\n${algorithm}:${name}:${secret}\n`;
  });
  for (const line of rest.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const parts = line.trim().split(":");
    if (parts.length !== 3) return bad(`holds what is no key; ${MEND}`);
    const [algorithm = "", name = "", secret = ""] = parts;
    const reading = keyOf({ algorithm, name, secret }, options.isSha1Allowed);
    if (reading.kind === "bad") return reading;
    keys.push(reading.value);
  }
  return keys.length === 0 ? bad(`holds no key; ${MEND}`) : ok(keys);
}

function keyOf(
  parts: { readonly algorithm: string; readonly name: string; readonly secret: string },
  isSha1Allowed: boolean,
): Reading<TsigKey> {
  const name = nameOf(parts.name);
  if (name === undefined) return bad(`names a key "${parts.name}", which is no name; rename it`);
  const shown = nameToDisplay(name);
  const algorithm = tsigAlgorithm(parts.algorithm);
  if (algorithm === undefined) {
    const known = Object.keys(TSIG_ALGORITHMS).slice(1).join(", ");
    return bad(`gives key "${shown}" the algorithm "${parts.algorithm}"; use one of ${known}`);
  }
  if (algorithm === "hmac-sha1" && !isSha1Allowed) {
    const mend = 'use hmac-sha256, or write "{ file: …, sha1: true }"';
    return bad(`gives key "${shown}" the algorithm hmac-sha1, which is off; ${mend}`);
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(parts.secret)) {
    return bad(`gives key "${shown}" a secret that is not base64; ${MEND}`);
  }
  const secret = new Uint8Array(Buffer.from(parts.secret, "base64"));
  if (secret.length < SECRET_OCTETS_MIN) {
    return bad(`gives key "${shown}" a secret below ${SECRET_OCTETS_MIN} octets; ${MEND}`);
  }
  return ok({ name, algorithm, secret });
}

function nameOf(source: string): Name | undefined {
  try {
    return nameFromText(source, ROOT);
  } catch {
    return undefined;
  }
}
