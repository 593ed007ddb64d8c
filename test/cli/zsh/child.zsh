# The shell that is asked: its completion with ours in it, telling each offer as <offer>WORD</offer>.
fpath=($PWD/functions $fpath)
autoload -Uz compinit
compinit -D -u

compadd() {
  # Functions that only filter words for themselves offer nothing.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a offers
  builtin compadd -A offers "$@"
  for offer in "${offers[@]}"; do print -r -- "<offer>$offer</offer>"; done
  builtin compadd "$@"
}

tell-end() { print "<end>"; exit }
comppostfuncs=(tell-end)
bindkey '^I' complete-word
# Apart, so that the words are not in what the terminal echoes.
tell-ready() { print "<rea""dy>" }
