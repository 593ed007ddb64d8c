// `livezone completion`: what a shell is told, so that Tab completes verbs, options and their values.
// It is made of the verbs as commander knows them, and so never lags behind them.

import { Argument, type Command } from "commander";
import { bashCompletion, fishCompletion, zshCompletion } from "./completion-scripts.ts";
import type { VerbContext } from "./verb.ts";

/** An option as shells complete it. */
export interface CompletedOption {
  /** "--json", or "-h" and "--help". */
  readonly flags: readonly string[];
  readonly summary: string;
  /** Values to choose from; empty: a file, where it takes one. */
  readonly choices: readonly string[];
  readonly takesValue: boolean;
}

/** A verb, or the program itself, with all that may follow. */
export interface CompletedVerb {
  /** Words from the program's name on, without it: "", "import", "import gdnsd". */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Fixed words that an argument may be; none: files. */
  readonly words: readonly string[];
  readonly verbs: readonly CompletedVerb[];
}

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof SCRIPTS;
const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** Adds the verb; it tells of every verb that the program has when it runs. */
export function addCompletion(program: Command, context: VerbContext): void {
  program
    .command("completion")
    .summary("print what a shell needs to complete verbs and options")
    .description(
      "Prints a script for a shell, which then completes verbs, options and their values:\n" +
        "  bash  livezone completion bash > ~/.local/share/bash-completion/completions/livezone\n" +
        "  zsh   livezone completion zsh > a folder of $fpath, as _livezone\n" +
        "  fish  livezone completion fish > ~/.config/fish/completions/livezone.fish",
    )
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action((shell: Shell) => {
      context.io.out(SCRIPTS[shell](completedVerb(program, "")));
      context.finish(0);
    });
}

/** What there is to complete behind a command. */
function completedVerb(command: Command, path: string): CompletedVerb {
  const help = command.createHelp();
  const verbs = help.visibleCommands(command).filter((verb) => verb.name() !== "help");
  return {
    path,
    name: command.name(),
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined),
      summary: option.description,
      choices: option.argChoices ?? [],
      takesValue: option.required || option.optional,
    })),
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    verbs: verbs.map((verb) => completedVerb(verb, `${path} ${verb.name()}`.trim())),
  };
}
