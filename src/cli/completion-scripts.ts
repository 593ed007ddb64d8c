// The scripts by which bash, zsh and fish complete. Each walks the words typed so far to the verb they
// name, and offers what may follow it.

import type { CompletedOption, CompletedVerb } from "./completion.ts";

const HEAD = "written by `livezone completion`; write it anew with every version";

/** For bash 4 and newer. */
export function bashCompletion(root: CompletedVerb): string {
  const verbs = allVerbs(root);
  return `# Completion of livezone for bash, ${HEAD}
_livezone() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
${steps(verbs)
  .map(([from, word, to]) => `      "${from}/${word}") at="${to}" ;;`)
  .join("\n")}
    esac
  done
  COMPREPLY=()
  case "$at/$prev" in
${valued(verbs)
  .map(({ path, flag, option }) => `    "${path}/${flag}") ${bashValues(option)} return ;;`)
  .join("\n")}
  esac
  case "$at" in
${verbs.map((verb) => `    "${verb.path}") words="${followers(verb).join(" ")}" ;;`).join("\n")}
  esac
  [[ "$cur" == -* ]] || words=" $words "
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ "$cur" == -* || "$at" == "" ]] || COMPREPLY+=($(compgen -f -- "$cur"))
}
complete -o filenames -F _livezone livezone
`;
}

/** For zsh, as a file named _livezone in $fpath. */
export function zshCompletion(root: CompletedVerb): string {
  const verbs = allVerbs(root);
  return `#compdef livezone
# Completion of livezone for zsh, ${HEAD}
_livezone() {
  local at="" word
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at/$word" in
${steps(verbs)
  .map(([from, word, to]) => `      "${from}/${word}") at="${to}" ;;`)
  .join("\n")}
    esac
  done
  case "$at/\${words[CURRENT-1]}" in
${valued(verbs)
  .map(({ path, flag, option }) => `    "${path}/${flag}") ${zshValues(option)}; return ;;`)
  .join("\n")}
  esac
  case "$at" in
${verbs
  .map((verb) => `    "${verb.path}")\n      choices=(${described(verb).join(" ")})\n      ;;`)
  .join("\n")}
  esac
  _describe -V 'livezone' choices
  [[ "$at" == "" ]] || _files
}
_livezone "$@"
`;
}

/** For fish 3 and newer. */
export function fishCompletion(root: CompletedVerb): string {
  const lines = allVerbs(root).flatMap((verb) => {
    const when = verb.path === "" ? "__fish_use_subcommand" : condition(verb);
    const start = `complete -c livezone -n '${when}'`;
    const isFlat = verb.path === "" || verb.verbs.length > 0;
    return [
      ...verb.verbs.map((each) => `${start} -f -a ${each.name} -d '${quoted(each.summary)}'`),
      ...(verb.words.length === 0 ? [] : [`${start} -f -a '${verb.words.join(" ")}'`]),
      ...verb.options.map((option) => `${start} ${fishOption(option)}`),
      ...(isFlat ? [`${start} -f`] : []),
    ];
  });
  return `# Completion of livezone for fish, ${HEAD}\n${lines.join("\n")}\n`;
}

function allVerbs(verb: CompletedVerb): readonly CompletedVerb[] {
  return [verb, ...verb.verbs.flatMap(allVerbs)];
}

/** From one place to the next by a word. */
function steps(verbs: readonly CompletedVerb[]): (readonly [string, string, string])[] {
  return verbs.flatMap((verb) => {
    return verb.verbs.map((next) => [verb.path, next.name, next.path] as const);
  });
}

function valued(
  verbs: readonly CompletedVerb[],
): { readonly path: string; readonly flag: string; readonly option: CompletedOption }[] {
  return verbs.flatMap(({ path, options }) => {
    return options
      .filter(({ takesValue }) => takesValue)
      .flatMap((option) => option.flags.map((flag) => ({ path, flag, option })));
  });
}

function bashValues({ choices }: CompletedOption): string {
  const wanted = choices.length === 0 ? "-f" : `-W "${choices.join(" ")}"`;
  return `COMPREPLY=($(compgen ${wanted} -- "$cur"));`;
}

function zshValues({ choices }: CompletedOption): string {
  return choices.length === 0 ? "_files" : `compadd -- ${choices.join(" ")}`;
}

function followers({ verbs, words, options }: CompletedVerb): string[] {
  return [...verbs.map(({ name }) => name), ...words, ...options.flatMap(({ flags }) => flags)];
}

function described({ verbs, words, options }: CompletedVerb): string[] {
  return [
    ...verbs.map(({ name, summary }) => `'${name}:${quoted(summary)}'`),
    ...words.map((word) => `'${word}'`),
    ...options.flatMap(({ flags, summary }) => flags.map((flag) => `'${flag}:${quoted(summary)}'`)),
  ];
}

function fishOption({ flags, summary, takesValue, choices }: CompletedOption): string {
  const names = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const value = choices.length > 0 ? ` -x -a '${choices.join(" ")}'` : takesValue ? " -r -F" : "";
  return `${names.join(" ")}${value} -d '${quoted(summary)}'`;
}

/** The verb's words have been typed, and where it has verbs of its own, none of them. */
function condition({ path, verbs }: CompletedVerb): string {
  const typed = path.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
  const others = verbs.map(({ name }) => name).join(" ");
  const rest = others === "" ? [] : [`not __fish_seen_subcommand_from ${others}`];
  return [...typed, ...rest].join("; and ");
}

/** Inside single quotes, for all three shells: what would end them is left out. */
function quoted(text: string): string {
  return text.replaceAll(/['\\\n]/g, "").replaceAll(":", ",");
}
