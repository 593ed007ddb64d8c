// `livezone token`: makes a bearer token for the API's TCP address. Its bearer gets the token, the
// configuration its SHA-256; the token itself is kept nowhere.

import { createHash, randomBytes } from "node:crypto";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { AdminScope } from "../config/admin.ts";
import type { VerbContext } from "./verb.ts";

const TOKEN_OCTETS = 32;
const SCOPES: readonly AdminScope[] = ["read", "operate", "edit"];

interface Flags {
  readonly scope: readonly AdminScope[];
  readonly json?: boolean;
}

/** Adds the verb. */
export function addToken(program: Command, { io, finish }: VerbContext): void {
  program
    .command("token")
    .summary("make a token for the API's TCP address")
    .description(
      "Prints a new token, once, and the line that lets its bearer in: put that into the main\n" +
        'configuration, under "admin: tokens:". Scopes: read looks at everything, operate forces,\n' +
        "approves and reloads, edit changes records; both include read.\n" +
        "Exit status: 0 done, 2 wrong usage.",
    )
    .argument("<name>", "whose it is, as the audit names it", nameArgument)
    .option("--scope <LIST>", "read, operate, edit: with commas between", scopesOption, ["read"])
    .option("--json", "print JSON")
    .action((name: string, { scope, json }: Flags) => {
      const token = `lz_${randomBytes(TOKEN_OCTETS).toString("base64url")}`;
      const sha256 = createHash("sha256").update(token).digest("hex");
      if (json === true) io.out(`${JSON.stringify({ token, name, sha256, scopes: scope })}\n`);
      else {
        io.out(`token: ${token}\n\n`);
        io.out("In the main configuration, for whoever has that token:\n");
        io.out("admin:\n  listen: [127.0.0.1:8053]\n  tokens:\n");
        io.out(`    - { name: ${name}, scopes: [${scope.join(", ")}], sha256: ${sha256} }\n`);
      }
      finish(0);
    });
}

function nameArgument(value: string): string {
  if (/^[\w.-]{1,60}$/.test(value)) return value;
  throw new InvalidArgumentError(`"${value}" has more than letters, digits, dots and hyphens.`);
}

function scopesOption(value: string): readonly AdminScope[] {
  return value.split(",").map((word) => {
    const scope = SCOPES.find((each) => each === word.trim());
    if (scope !== undefined) return scope;
    throw new InvalidArgumentError(`"${word}" is none of ${SCOPES.join(", ")}.`);
  });
}
