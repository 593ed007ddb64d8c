import { describe } from "vitest";
import { runTable } from "../config/tables.ts";
import { run } from "./world.ts";

describe("livezone import, and livezone check of what it wrote", () => {
  runTable(new URL("../data/cli-import.txt", import.meta.url), async (input) => {
    const [head = "", ...rest] = input.split(/^--- /m);
    const files = new Map(
      rest.map((file): [string, string] => {
        const end = file.indexOf("\n");
        return [file.slice(0, end), file.slice(end + 1)];
      }),
    );
    const written = new Map<string, string>();
    const args = (/^\$ livezone (.*)$/m.exec(head)?.[1] ?? "").split(" ");
    const imported = await run(args, files, {
      writeNewFile: (path, text) => void written.set(path, text),
    });
    const said = [...marked("| ", imported.out), ...marked("! ", imported.err)];
    const shown = [...written]
      .filter(([path]) => !path.endsWith("livezone.yaml"))
      .flatMap(([path, text]) => [`--- ${path}`, ...text.trimEnd().split("\n")]);
    const lines = [...said, `exit ${imported.status}`, ...shown];
    if (!written.has("imported/livezone.yaml")) return lines;
    const checked = await run(["check", "imported/livezone.yaml"], written);
    return [...lines, ...marked("check| ", checked.out), ...marked("check! ", checked.err)];
  });
});

function marked(mark: string, text: string): string[] {
  return text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line) => `${mark}${line}`.trimEnd());
}
