// Writes docs/cli.md from the verbs themselves; a test holds the page to them.

import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { termOf } from "../src/cli/help-text.ts";
import { realIo } from "../src/cli/io.ts";
import { buildProgram } from "../src/cli/program.ts";
import { simulate } from "../src/rehearsal/simulate.ts";
import { copyStore, restoreStore } from "../src/store/copies.ts";

const WIDTH = 100;

const HEAD = `# The command line

\`livezone VERB\` talks to a running server by its API, on the unix socket beside the store: the socket that \`CONFIG\`
says, or \`--socket PATH\`; or from elsewhere, with \`--server https://HOST:PORT\`. \`CONFIG\` is \`zones/livezone.yaml\`
unless it is named. Verbs that need no server (\`check\`, \`check-zone\`, \`simulate\`, \`import\`, \`schema\`, \`token\`,
\`completion\`, \`report\` and \`dash\` with \`--log\`) ask none.

| exit status | means |
|---|---|
| 0 | good: done, answered, nothing wrong |
| 1 | what was checked or asked for is bad, was refused, or no server answers; the sentence is on standard error |
| 2 | wrong usage; the sentence says what is right |
| 3 | not in time: \`wait\` alone |

- \`--json\` prints what a verb tells as JSON: the same that the [API](api.md) answers. \`check\` has \`--format json|github\`.
- Colours are for terminals; \`NO_COLOR\` turns them off. Times that are given are durations: \`90s\`, \`10m\`, \`2d\`.
- \`force\` and \`drain\` take \`--reason\`: the log, \`status\` and the dashboards tell it, with your name or that of \`--by\`.
- Tab completes verbs and options after \`eval "$(livezone completion bash)"\`; zsh and fish: \`livezone completion --help\`.

This page is written by \`npm run docs:cli\`.

## From elsewhere

Every verb that asks a server does so at its API's TCP address too ([production](production.md#orders-from-elsewhere)
says how one is opened), live pictures and waiting included:

| what | option | or in the environment |
|---|---|---|
| where: \`https://HOST:PORT\` | \`--server\` | \`LIVEZONE_SERVER\` |
| the token, its scope being what the verb does | \`--token-file\` | \`LIVEZONE_TOKEN\` |
| who signed the certificate, as PEM | \`--ca\` | \`LIVEZONE_CA\` |

Certificates are verified, always: without \`--ca\` by the authorities that Node knows. Plain \`http://\` goes to loopback
alone. A token file that everybody may read is refused. \`--socket\`, \`--server\` and a CONFIG other than
\`zones/livezone.yaml\` stand above \`LIVEZONE_SERVER\`.

`;

const TRY = `## In a script

\`\`\`sh with=sample
livezone check zones/livezone.yaml
livezone status --json | grep -q '"serving"'
livezone force 127.0.0.11 down --reason "kernel update" --for 10m
dig @127.0.0.1 -p 5300 www.lab.example    # 127.0.0.12
livezone unforce 127.0.0.11
livezone swaps
\`\`\`

\`\`\`sh exits=1
livezone status --socket nobody.sock
\`\`\`

\`\`\`sh exits=2
livezone force 127.0.0.11 sideways
\`\`\`

`;

/** The page. */
export function cliPage(): string {
  const io = realIo({
    version: "",
    cronError: () => undefined,
    fileRefusal: () => undefined,
  });
  const handlers = {
    serve: () => Promise.resolve(0 as const),
    simulate,
    copies: { copyStore, restoreStore },
  };
  const program = buildProgram(handlers, io, () => undefined);
  const verbs = program.commands.filter((verb) => verb.name() !== "help");
  const sections = verbs.flatMap((verb) => [verb, ...verb.commands]).map(section);
  return `${HEAD}${TRY}${sections.join("\n")}`;
}

function section(verb: Command): string {
  const parent = verb.parent?.parent === null ? "" : `${verb.parent?.name()} `;
  const help = verb.createHelp();
  help.helpWidth = WIDTH;
  const text = help.formatHelp(verb, help).trimEnd();
  return `## \`${parent}${termOf(verb)}\`\n\n\`\`\`text\n${text}\n\`\`\`\n`;
}

if (process.argv[1]?.endsWith("write-cli-doc.ts") === true) {
  writeFileSync("docs/cli.md", cliPage());
}
