// What `livezone check` found, as other programs read it: JSON, and the workflow commands by which
// GitHub marks lines of a change.

/** How findings can be told. */
export const CHECK_FORMATS = ["text", "json", "github"] as const;

/** One of those. */
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** Everything that was found, file by file. */
export interface Findings {
  /** One complaint each, beginning with its place where it has one. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** A good file, and what is in it. */
  readonly files: readonly (readonly [file: string, content: string])[];
  readonly proofs: readonly string[];
}

/** A complaint in parts; without a place it is about no file. */
interface Complaint {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** One JSON document, indented: `{ good, errors, warnings, files, proofs }`. */
export function findingsToJson(found: Findings): string {
  const { errors, warnings, files, proofs } = found;
  const document = {
    good: errors.length === 0,
    errors: errors.map(partsOf),
    warnings: warnings.map(partsOf),
    files: files.map(([file, content]) => ({ file, content })),
    proofs,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** One `::error` or `::warning` command a line; nothing where nothing is to be said. */
export function findingsToGithub({ errors, warnings }: Findings): string {
  const lines = [
    ...errors.map((error) => githubCommand("error", partsOf(error))),
    ...warnings.map((warning) => githubCommand("warning", partsOf(warning))),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function partsOf(complaint: string): Complaint {
  const match = /^([^\s"]+?):(?:(\d+):)?(?:(\d+):)? (.*)$/s.exec(complaint);
  const [, file, line, column, message = ""] = match ?? [];
  if (file === undefined) return { message: complaint };
  return {
    file,
    ...(line !== undefined && { line: Number(line) }),
    ...(column !== undefined && { column: Number(column) }),
    message,
  };
}

/** Line breaks and "%" would end or change a command, commas and colons its properties. */
function githubCommand(name: "error" | "warning", { message, ...place }: Complaint): string {
  const escaped = (text: string): string =>
    text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const properties = Object.entries({ file: place.file, line: place.line, col: place.column })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      return `${key}=${escaped(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C")}`;
    });
  const where = properties.length === 0 ? "" : ` ${properties.join(",")}`;
  return `::${name}${where}::${escaped(message)}`;
}
