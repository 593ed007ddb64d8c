// YAML files with positions: every complaint is one line that points at the node it is about.
// Reads shapes through zod; knows nothing of what the files mean.

import type { Document, Node, Pair, YAMLError, YAMLMap, YAMLWarning } from "yaml";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { z } from "zod";
import { mendWord } from "./suggest.ts";

/** Steps from the root of a file to a node: map keys and list indexes. */
export type YamlPath = readonly (string | number)[];

/** More complaints than this about one file are counted, not shown. */
const COMPLAINTS_MAX = 100;

/** Words for the entries of named collections: `checks.web` is `check "web"`. */
export type Nouns = Readonly<Record<string, string>>;

/** A file that is being read. Complaints and warnings gather in it until `finish` sorts them. */
export interface YamlReader {
  /** The file as plain data; `undefined` where it is empty or no YAML at all. */
  readonly root: unknown;
  /** `value` as `schema` reads it, or `undefined` after complaints about it were noted. */
  read<T>(path: YamlPath, value: unknown, schema: z.ZodType<T>): T | undefined;
  /** Notes an error at the value under `path`; `sentence` is `state; mend`. */
  complain(path: YamlPath, sentence: string): void;
  /** The same, pointing at the key. */
  complainOfKey(path: YamlPath, sentence: string): void;
  /** Notes something doubtful at the key under `path`. */
  warn(path: YamlPath, sentence: string): void;
  /** All that was noted, in the order of the file, one line each. */
  finish(): { readonly errors: readonly string[]; readonly warnings: readonly string[] };
}

interface Complaint {
  readonly offset: number;
  readonly text: string;
}

/** Begins to read a YAML file (YAML 1.2 core schema). `file` is only what complaints call it. */
export function openYaml(text: string, file: string, nouns: Nouns = {}): YamlReader {
  const lines = new LineCounter();
  // yaml itself compares every key with every key before it: ten thousand pools take seconds so.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const errors: Complaint[] = [];
  const warnings: Complaint[] = [];
  for (const slip of syntaxSlips(document)) {
    errors.push({ offset: slip.pos[0], text: `Cannot read the file: ${syntaxState(text, slip)}` });
  }
  for (const offset of repeatedKeys(document)) {
    const state = "this key stands twice in its map; keep one of the two";
    errors.push({ offset, text: `Cannot read the file: ${state}` });
  }
  const places = new Places(document);
  const note = (list: Complaint[], path: YamlPath, wantsKey: boolean, sentence: string): void => {
    const offset = places.offsetOf(path, wantsKey);
    list.push({ offset, text: `Cannot read ${thingAt(path, nouns)}: ${sentence}` });
  };
  const line = (complaint: Complaint): string => {
    const at = lines.linePos(Math.min(complaint.offset, text.length));
    return `${file}:${at.line}:${at.col}: ${complaint.text}`;
  };
  return {
    root: errors.length === 0 ? plainData(document, errors) : undefined,
    read: (path, value, schema) => {
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      for (const issue of result.error.issues) noteIssue(issue, path, errors, note);
      return undefined;
    },
    complain: (path, sentence) => note(errors, path, false, sentence),
    complainOfKey: (path, sentence) => note(errors, path, true, sentence),
    warn: (path, sentence) => {
      const offset = places.offsetOf(path, true);
      warnings.push({ offset, text: `Doubtful in ${thingAt(path, nouns)}: ${sentence}` });
    },
    finish: () => ({ errors: sorted(errors).map(line), warnings: sorted(warnings).map(line) }),
  };
}

/**
 * A map with exactly these keys. An unknown key is refused with the nearest known one; `undefined`
 * and an absent key are the same.
 */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    // `noteIssue` takes the known keys from the message: zod's issue names only the unknown ones.
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? Object.keys(shape).join(" ")
        : notA(issue.input, "a map", `write its keys below it, such as "${firstKey(shape)}: …"`),
  });
}

/** A map from free names to entries that are read one by one later; nothing at all is an empty map. */
export function namedEntries(entry: z.ZodType) {
  return z
    .record(z.string(), readLater(entry), {
      error: (issue) => notA(issue.input, "a map", 'write one entry a line, such as "name: { … }"'),
    })
    .nullish()
    .transform((entries) => entries ?? {});
}

/** A list whose entries are read one by one later; `mend` says what to write instead of no list. */
export function entryList(mend: string, entry: z.ZodType) {
  return z.array(readLater(entry), { error: (issue) => notA(issue.input, "a list", mend) });
}

/** By what `readLater` values are read in the end. */
export const laterShapes = new WeakMap<object, z.ZodType>();

/**
 * Anything at all, for now: it is read by `shape` in a second step, so that one bad entry does not
 * keep its neighbours from being looked at. Editors are told of the shape at once.
 */
export function readLater(shape: z.ZodType): z.ZodUnknown {
  const later = z.unknown();
  laterShapes.set(later, shape);
  return later;
}

/** The sentence for an input of a wrong shape, or for one that is not there. */
export function notA(input: unknown, expected: string, mend: string): string {
  if (input === undefined) return `it is missing; ${mend}`;
  if (input === null) return `nothing stands there; ${mend}`;
  return `${shown(input)} is not ${expected}; ${mend}`;
}

/** A value as complaints quote it. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return typeof value === "string" ? JSON.stringify(value) : `"${String(value)}"`;
}

type Note = (list: Complaint[], path: YamlPath, wantsKey: boolean, sentence: string) => void;

function noteIssue(issue: z.core.$ZodIssue, path: YamlPath, errors: Complaint[], note: Note): void {
  const at: YamlPath = [
    ...path,
    ...issue.path.map((step) => (typeof step === "number" ? step : String(step))),
  ];
  if (issue.code !== "unrecognized_keys") {
    note(errors, at, false, issue.message);
    return;
  }
  for (const key of issue.keys) {
    note(
      errors,
      [...at, key],
      true,
      `it is not a known key; ${mendWord(key, issue.message.split(" "))}`,
    );
  }
}

function plainData(document: Document, errors: Complaint[]): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // Only a bomb of aliases ends here: yaml counts how often they are resolved.
    const state = error instanceof Error ? error.message : String(error);
    errors.push({ offset: 0, text: `Cannot read the file: ${state}; write the values out` });
    return undefined;
  }
}

/** What keeps a file from being YAML. An unquoted `*.name` alone, since the rest follows from it. */
function syntaxSlips(document: Document.Parsed): readonly (YAMLError | YAMLWarning)[] {
  const slips = [...document.errors, ...document.warnings];
  const alias = slips.find((slip) => slip.code === "BAD_ALIAS");
  return alias === undefined ? slips : [alias];
}

/** Where keys begin that stand in their map already. */
function repeatedKeys(document: Document.Parsed): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets;
}

/** What yaml says, as a state, with a mend where the slip is a well-known one. */
function syntaxState(text: string, slip: YAMLError | YAMLWarning): string {
  const at = text.slice(slip.pos[0], slip.pos[0] + 1);
  const message = slip.message.replace(/\s+/g, " ").replace(/\.$/, "");
  if (slip.code === "TAB_AS_INDENT") return "a tab indents it; use spaces";
  if (slip.code === "BAD_ALIAS" || at === "*") {
    return 'a leading "*" means something else in YAML; put the name in quotes, as in "*.example.org"';
  }
  if (slip.code === "MULTIPLE_DOCS") return 'a second document begins; remove the "---" line';
  const lineStart = text.lastIndexOf("\n", slip.pos[0] - 1) + 1;
  if (/\[[\da-f:.]+\]:\d*$/i.test(text.slice(lineStart, slip.pos[1]).trimEnd())) {
    return 'brackets begin a list in YAML; put the address in quotes, as in "[::1]:53"';
  }
  if (slip.code === "TAG_RESOLVE_FAILED") return `${lowerFirst(message)}; remove the tag`;
  return `${lowerFirst(message)}; mend the YAML here or just above`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function sorted(complaints: readonly Complaint[]): readonly Complaint[] {
  const inOrder = [...complaints].sort((a, b) => a.offset - b.offset);
  if (inOrder.length <= COMPLAINTS_MAX) return inOrder;
  const shownOnes = inOrder.slice(0, COMPLAINTS_MAX);
  const rest = inOrder.length - COMPLAINTS_MAX;
  const offset = shownOnes.at(-1)?.offset ?? 0;
  return [...shownOnes, { offset, text: `Cannot show ${rest} more complaints; mend these first` }];
}

/** Finds where things stand in a document; ten thousand complaints may be about one map. */
class Places {
  readonly #document: Document;
  readonly #pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(document: Document) {
    this.#document = document;
  }

  /** Where the deepest node that exists on `path` begins; a key's own start with `wantsKey`. */
  offsetOf(path: YamlPath, wantsKey: boolean): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node);
    for (const [depth, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document);
      const isLast = depth === path.length - 1;
      if (isSeq(node)) {
        node = node.items[Number(step)];
        offset = startOf(node) ?? offset;
      } else if (isMap(node)) {
        const pair = this.#pairsOf(node).get(String(step));
        if (pair === undefined) break;
        const keyStart = startOf(pair.key) ?? offset;
        // An empty value has no place of its own, so that the key is what can be pointed at.
        const isEmpty = isScalar(pair.value) && pair.value.source === "";
        offset = (isLast && wantsKey) || isEmpty ? keyStart : (startOf(pair.value) ?? keyStart);
        node = pair.value;
      } else break;
    }
    return offset ?? 0;
  }

  /** By key; of several with one key the first. */
  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    for (const pair of map.items.toReversed()) if (isPair(pair)) pairs.set(keyText(pair.key), pair);
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** `"ttl.min" of pool "www.example.org"`, `entry 2 of "listen"`, `the file`. */
function thingAt(path: YamlPath, nouns: Nouns): string {
  const [collection, name, ...below] = path;
  if (collection === undefined) return "the file";
  const noun = nouns[String(collection)];
  if (noun === undefined || name === undefined) return words(path);
  const subject = typeof name === "number" ? `${noun} ${name + 1}` : `${noun} "${name}"`;
  return below.length === 0 ? subject : `${words(below)} of ${subject}`;
}

function words(path: YamlPath): string {
  let text = "";
  let keys: string[] = [];
  const close = (): void => {
    if (keys.length === 0) return;
    text = `"${keys.join(".")}"${text === "" ? "" : ` of ${text}`}`;
    keys = [];
  };
  for (const step of path) {
    if (typeof step === "string") {
      keys.push(step);
      continue;
    }
    close();
    text = `entry ${step + 1}${text === "" ? "" : ` of ${text}`}`;
  }
  close();
  return text;
}

function firstKey(shape: z.ZodRawShape): string {
  return Object.keys(shape)[0] ?? "key";
}
