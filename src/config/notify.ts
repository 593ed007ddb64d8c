// The `notify` list of the main configuration: who is told of what without asking.

import type { z } from "zod";
import type { FileRefusal } from "./checks.ts";
import { bad, duration, leaf, ok, text, word } from "./fields.ts";
import { pathBeside } from "./paths.ts";
import { section, type YamlReader } from "./yaml.ts";

/** Somebody who is told. */
export interface NotifyConfig {
  readonly name: string;
  readonly to:
    | { readonly kind: "webhook"; readonly url: string; readonly secretFile: string | undefined }
    | { readonly kind: "exec"; readonly program: string };
  /** Less grave notices are not for it. */
  readonly severity: "info" | "warning" | "critical";
  readonly delayMs: number;
  /** Undefined: a trouble that lasts is told once. */
  readonly repeatMs: number | undefined;
}

const DAY_MS = 86_400_000;

/** How an entry is written. */
export const notifyShape = section({
  name: text("a name"),
  url: leaf({ what: "a URL", mend: "write one such as https://example.org/hook" }, (value) => {
    const mend = "write one such as https://example.org/hook";
    const url = URL.canParse(String(value)) ? new URL(String(value)) : undefined;
    if (url === undefined) return bad(`"${String(value)}" is no URL; ${mend}`);
    if (url.protocol === "https:" || url.protocol === "http:") return ok(url.href);
    return bad(`"${url.protocol}" is not spoken here; ${mend}`);
  }).optional(),
  secretFile: text("a path").optional(),
  exec: text("a path").optional(),
  severity: word(["info", "warning", "critical"]).optional(),
  delay: duration({ minMs: 0, maxMs: DAY_MS }).optional(),
  repeat: duration({ minMs: 60_000, maxMs: 30 * DAY_MS }).optional(),
});

/** Reads the list. */
export function readNotify(
  reader: YamlReader,
  entries: readonly unknown[],
  { file, fileRefusal }: { readonly file: string; readonly fileRefusal: FileRefusal },
): readonly NotifyConfig[] {
  const receivers: NotifyConfig[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = ["notify", index];
    const raw = reader.read(at, entry, notifyShape);
    if (raw === undefined) continue;
    if (receivers.some(({ name }) => name === raw.name)) {
      reader.complain([...at, "name"], `"${raw.name}" is there twice; rename one of them`);
    }
    const to = readTo(reader, at, { raw, file, fileRefusal });
    if (to === undefined) continue;
    receivers.push({
      ...{ name: raw.name, to, severity: raw.severity ?? "warning" },
      ...{ delayMs: raw.delay ?? 0, repeatMs: raw.repeat },
    });
  }
  return receivers;
}

function readTo(
  reader: YamlReader,
  at: readonly (string | number)[],
  options: {
    readonly raw: z.infer<typeof notifyShape>;
    readonly file: string;
    readonly fileRefusal: FileRefusal;
  },
): NotifyConfig["to"] | undefined {
  const { raw, file, fileRefusal } = options;
  if ((raw.url === undefined) === (raw.exec === undefined)) {
    reader.complain(at, 'it needs one of "url" and "exec"; write where it is told');
    return undefined;
  }
  if (raw.url !== undefined) {
    const secretFile = raw.secretFile === undefined ? undefined : pathBeside(file, raw.secretFile);
    const refusal = secretFile === undefined ? undefined : fileRefusal(secretFile, "secret");
    if (refusal !== undefined) reader.complain([...at, "secretFile"], `"${secretFile}" ${refusal}`);
    return { kind: "webhook", url: raw.url, secretFile };
  }
  if (raw.secretFile !== undefined) {
    reader.complain([...at, "secretFile"], 'it signs webhooks; it is of no use with "exec"');
  }
  const program = pathBeside(file, raw.exec ?? "");
  const refusal = fileRefusal(program, "program");
  if (refusal !== undefined) reader.complain([...at, "exec"], `"${program}" ${refusal}`);
  return { kind: "exec", program };
}
