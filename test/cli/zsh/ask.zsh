# Asks zsh's own completion what it offers: `zsh -f ask.zsh CHILD LINE` gives a second shell a terminal,
# types LINE and Tab, and prints all that is seen until the offers have ended.
zmodload zsh/zpty
zpty shell "zsh -f -i"
zpty -w shell "source ${(q)1}; tell-ready"
zpty -r shell seen "*<ready>*"
zpty -n -w shell "$2"$'\t'
zpty -r shell seen "*<end>*"
print -r -- "$seen"
zpty -d shell
