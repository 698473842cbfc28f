#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `lmm` says of itself: help, manual, completions, docs/cli.md. All are made from its tables; here
# they are held against what the program takes, and against those who read them. Run in the build root
# by `make check`.
set -u
: "${srcdir:=.}"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"
tell() { printf '%s\n' "${said-}"; }
unset "${!LMM_@}"
export HOME=$folder

# lmm STATUS ARGUMENT...: leaves in `said` all that it printed.
lmm() {
    local expected=$1 status=0
    shift
    said=$(./lmm "$@" 2>&1 </dev/null) || status=$?
    [ $status -eq "$expected" ]
}
says() { [[ $said == *"$1"* ]]; }
# An item of the manual that is this term, or begins so. It is asked for each option of each command.
manual=$'\n'$(<lmm.1)$'\n'
has_item() {
    local term=$'\n'".B ${1//-/\\-}"
    [[ $manual == *"$term"[$' \n']* ]]
}

is without_a_word_it_lists_its_commands lmm 2
# Words in lower case are the command's; help begins in column 40.
mapfile -t commands < <(sed -n 's/^  \(.\{36\}\) .*/\1/p' <<<"$said" | sed 's/ [^a-z].*//; s/ *$//')
is which_are_many test ${#commands[@]} -gt 15
for command in "${commands[@]}"; do
    read -ra words <<<"$command"
    is "${command// /_}_has_help" lmm 0 "${words[@]}" --help
    is "${command// /_}_tells_its_usage" says "usage: lmm $command"
    options=()
    while IFS= read -r line; do
        [[ ! $line =~ ^\ \ --([a-z-]*) ]] || options+=("${BASH_REMATCH[1]}")
    done <<<"$said"
    is "${command// /_}_takes_no_other_option" lmm 2 "${words[@]}" --no-such-option
    is "${command// /_}_is_in_the_manual" has_item "lmm $command"
    for option in ${options[@]+"${options[@]}"}; do
        is "${option}_is_in_the_manual_too" has_item "--$option"
    done
done

is a_group_lists_its_own lmm 0 keys --help
is and_nothing_else eval 'says "keys list" && ! says "transfer"'
is help_of_nothing_is_wrong lmm 2 nothing --help
is an_unknown_command_is_named lmm 2 nothing
is by_its_word says 'there is no command nothing'
is an_option_that_says_nothing_is_refused lmm 2 verify proof.json --wait
is and_named says '--wait says nothing to lmm verify'
is an_option_stands_once lmm 2 balance bob --url a --url b
is or_it_is_wrong says '--url is given twice'
is a_switch_has_no_value lmm 2 tx a --wait=yes
is an_option_s_value_may_follow_a_sign lmm 2 transfer 0 bob x --url=http://127.0.0.1:1
is and_is_taken eval '! says "--url"'
is behind_two_dashes_there_are_no_options lmm 2 balance -- --wait
is but_operands says '--wait is not an address'
is its_version_is_told lmm 0 --version
is as_configured says "$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' config.h)"
is a_full_disk_is_told_of eval '! ./lmm manual roff 2>/dev/null >/dev/full'

if ./lmm manual markdown | diff -u "$srcdir/docs/cli.md" -; then
    is docs_cli_md_is_of_today true
else
    said="docs/cli.md is stale; if the change is meant: make cli-doc"
    is docs_cli_md_is_of_today false
fi
./lmm manual roff >"$folder/lmm.1"
is the_built_manual_is_of_today cmp "$folder/lmm.1" lmm.1
if command -v groff >/dev/null; then
    for page in *.1; do
        said=$(groff -man -ww -Tutf8 -z "$page" 2>&1)
        is "groff_has_nothing_against_$page" test -z "$said"
    done
else
    echo "SKIPPED what groff says of the manuals: no groff"
fi

# completes SHELL WORD...: what may stand in place of the last word, sorted, in one line.
completes() {
    local shell=$1
    shift
    case $shell in
    bash)
        bash --norc -c '. "$1" && shift && COMP_WORDS=(lmm "$@") COMP_CWORD=$# && _lmm &&
            printf "%s\n" "${COMPREPLY[@]}"' bash completions/bash "$@"
        ;;
    zsh)
        # zsh completes on a terminal alone: its builtins are put in place of here.
        zsh -f -c 'compdef() { :; }; _files() { print -l -- ${PREFIX}*; }
            compadd() { shift; for word; do [[ $word != ${PREFIX}* ]] || print -- $word; done; }
            . "$1"; shift; words=(lmm "$@"); CURRENT=$#words; PREFIX=${words[-1]}; _lmm' zsh completions/zsh "$@"
        ;;
    fish)
        fish --no-config -c "source completions/fish; complete -C \"lmm $*\"" | cut -f 1
        ;;
    esac | sed '/^$/d' | LC_ALL=C sort | tr '\n' ' '
}
gives() { # EXPECTED SHELL WORD...
    local expected=$1
    shift
    said=$(completes "$@")
    [ "$said" = "$expected" ]
}
first=$(printf '%s\n' "${commands[@]}" | cut -d ' ' -f 1 | LC_ALL=C sort -u | tr '\n' ' ')
for shell in bash zsh fish; do
    command -v $shell >/dev/null || { echo "SKIPPED completion in $shell: it is not installed" && continue; }
    is "${shell}_completes_the_commands" gives "$first" $shell ''
    is "${shell}_completes_those_that_begin_so" gives 'contract ' $shell con
    is "${shell}_completes_a_group" gives 'call deploy list show upgrade view ' $shell contract ''
    is "${shell}_completes_options" gives '--arguments ' $shell contract view x y --ar
    is "${shell}_completes_no_other_s" gives '' $shell balance bob --up
    is "${shell}_completes_files" gives "$(echo Makefile*) " $shell verify Makef
    is "${shell}_completes_files_of_options" gives "$(echo Makefile*) " $shell verify x --devnet Makef
    is "${shell}_passes_values_by" gives '--url ' $shell tx --devnet x 1 --ur
done

close_cases
