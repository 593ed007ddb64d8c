// How help reads: paragraphs flow with the width, durations are written as they are typed.

import type { Command, HelpConfiguration, Option } from "commander";
import { formatDuration } from "../base/duration.ts";

/** What of commander's help is done otherwise. */
export const HELP: HelpConfiguration = {
  subcommandTerm: termOf,
  commandDescription: (command) => flowing(command.description()),
  optionDescription: describeOption,
};

/** A verb and its arguments, as the list of verbs names it. */
export function termOf(verb: Command): string {
  const args = verb.registeredArguments.map((argument) => {
    return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
  });
  return [verb.name(), ...args].join(" ");
}

/** Lines of one paragraph joined; what is indented, and exit statuses, stay lines of their own. */
function flowing(text: string): string {
  const lines = text.split("\n");
  return lines
    .map((line, i) => {
      const next = lines[i + 1];
      if (next === undefined) return line;
      const isApart = [line, next].some((one) => one.startsWith(" ")) || /^Exit status/.test(next);
      return isApart ? `${line}\n` : `${line} `;
    })
    .join("");
}

function describeOption({ description, defaultValue, flags, argChoices }: Option): string {
  const isNone = defaultValue === undefined || defaultValue === false;
  const isEmpty = Array.isArray(defaultValue) && defaultValue.length === 0;
  const extra = [
    ...(argChoices === undefined ? [] : [`choices: ${argChoices.join(", ")}`]),
    ...(isNone || isEmpty ? [] : [`default: ${typed(defaultValue, flags)}`]),
  ];
  return extra.length === 0 ? description : `${description} (${extra.join("; ")})`;
}

/** A default as it would be typed. */
function typed(value: unknown, flags: string): string {
  if (typeof value === "number" && flags.includes("<TIME>")) return formatDuration(value);
  return Array.isArray(value) ? value.join(",") : String(value);
}
