// Enforces the design's import table: a room imports only what its row names, pure rooms take
// nothing from their surroundings, folders inside a room are private, and there is no `index.ts`.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";

interface Row {
  readonly isPure: boolean;
  readonly imports: readonly string[];
  /** Single files of other rooms that may be imported, without their ending: "x" also opens "x-*". */
  readonly files?: readonly string[];
}

const PORTS = ["control/ports"];
const PURE = (...imports: string[]): Row => ({ isPure: true, imports });
const SHELL = (...imports: string[]): Row => ({ isPure: false, imports, files: PORTS });

const PURE_ROOMS = [
  ...["base", "events", "dns", "zonefile", "zone", "image", "answer"],
  ...["transfer", "health", "failover", "propagation", "view", "config"],
];

/** The table of the design, row by row. */
export const ROOMS: Readonly<Record<string, Row>> = {
  base: PURE(),
  events: PURE("base"),
  dns: PURE("base"),
  zonefile: PURE("base", "dns"),
  zone: PURE("base", "dns"),
  image: PURE("base", "dns", "zone"),
  answer: PURE("base", "dns", "image"),
  transfer: PURE("base", "dns", "zone"),
  health: PURE("base", "events"),
  failover: PURE("base", "dns", "health", "events"),
  propagation: PURE("base", "dns", "events"),
  view: PURE("base", "events"),
  config: PURE("base", "dns", "zone", "health", "failover"),
  control: { isPure: false, imports: PURE_ROOMS },
  // Works on simulated time and a simulated network: pure, though what it runs is a shell elsewhere.
  rehearsal: PURE("base", "dns", "events", "health", "failover", "config", "control", "view"),
  store: SHELL("base", "dns", "zone", "health", "failover", "propagation", "events"),
  files: SHELL("base", "dns", "zonefile", "config"),
  probe: SHELL("base", "dns", "health", "config"),
  outbound: SHELL("base", "dns", "transfer"),
  server: SHELL("base", "dns", "image", "answer", "transfer", "events"),
  /** The page that browsers run: it reaches the server through the API alone. */
  "admin/web": { isPure: false, imports: ["base", "events", "view"] },
  admin: SHELL("base", "dns", "zone", "config", "view", "events"),
  cli: {
    isPure: false,
    imports: ["base", "dns", "zonefile", "zone", "config", "view", "events"],
    files: ["control/load-zone"],
  },
  app: {
    isPure: false,
    imports: [
      ...PURE_ROOMS,
      "control",
      "store",
      "files",
      "probe",
      "outbound",
      "server",
      "admin",
      "cli",
      "rehearsal",
    ],
  },
};

/** What a pure room may not touch: each pattern with the words of the complaint. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\)/, "reads the wall clock"],
  [/\bperformance\.now\(/, "reads the monotonic clock"],
  [/\bMath\.random\(/, "draws its own randomness"],
  [/\b(?:setTimeout|setInterval|setImmediate)\(/, "plans its own timer"],
  [/\bprocess\./, "reaches for the process"],
  [/\bconsole\./, "prints"],
  [/from "node:(?!buffer|util|crypto)/, "imports a module that reaches the world"],
];

/** Complaints about the tree below `root`, one line each, sorted; none means it obeys the table. */
export function checkLayers(root: string): string[] {
  return sourceFiles(root)
    .flatMap((file) => checkFile(root, file))
    .sort();
}

/** The room that a file lies in. A folder that runs elsewhere is a room of its own. */
function roomOf(file: string): string {
  const [room = "", folder = ""] = file.split("/");
  const inner = `${room}/${folder}`;
  return Object.hasOwn(ROOMS, inner) ? inner : room;
}

function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => file.split(sep).join("/"));
}

function checkFile(root: string, file: string): string[] {
  const room = roomOf(file);
  const row = ROOMS[room];
  if (row === undefined) return [`${file}: "${room}" is not a room of the design`];
  const complaints: string[] = [];
  if (file.endsWith("/index.ts")) complaints.push(`${file}: index.ts is not used here`);
  const source = readFileSync(join(root, file), "utf8");
  for (const [, specifier = ""] of source.matchAll(
    /(?:from|import)\s*\(?\s*"(\.[^"\n]+\.tsx?)"/g,
  )) {
    const to = normalize(join(dirname(file), specifier))
      .split(sep)
      .join("/");
    const complaint = checkImport(file, room, row, to);
    if (complaint !== undefined) complaints.push(`${file}: ${complaint}`);
  }
  if (room === "admin/web" && source.includes('from "node:')) {
    complaints.push(`${file}: a browser has no module of node`);
  }
  if (row.isPure) {
    const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const [pattern, words] of IMPURE) {
      if (pattern.test(code)) complaints.push(`${file}: pure room "${room}" ${words}`);
    }
  }
  return complaints;
}

function checkImport(file: string, room: string, row: Row, to: string): string | undefined {
  const target = roomOf(to);
  const path = to.slice(target.length + 1).split("/");
  if (target === room) {
    const folder = dirname(to);
    const isInside =
      dirname(file).startsWith(folder) || folder === room || dirname(folder) === dirname(file);
    return isInside ? undefined : `imports "${to}", which is private to its folder`;
  }
  const stem = to.replace(/\.tsx?$/, "");
  if (row.files?.some((file) => stem === file || stem.startsWith(`${file}-`))) return undefined;
  if (!row.imports.includes(target)) return `room "${room}" may not import "${target}" (${to})`;
  return path.length > 1 ? `imports "${to}", which is private to room "${target}"` : undefined;
}

if (process.argv[1]?.endsWith("check-layers.ts") === true) {
  const root = process.argv[2] ?? "src";
  const complaints = checkLayers(root);
  for (const complaint of complaints) console.error(`${relative(".", root)}/${complaint}`);
  if (complaints.length > 0) process.exitCode = 1;
  else console.log(`check-layers: every import of ${root}/ obeys the table`);
}
