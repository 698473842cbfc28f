#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scripts/new-market: what it makes keeps to the rules and has nothing of the sample left, and what it
# refuses stays untouched. test_new_market_build.sh builds one.
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"

"$source/scripts/sources" "$source" | tar -C "$source" -cf - -T - | tar -C "$folder" -xf -
cd "$folder"

# says STATUS TEXT ARGUMENT...: new-market ends so, with that among its words, and has changed nothing.
says() {
    local status=0 expected=$1 text=$2 said before
    shift 2
    before=$(state)
    said=$(scripts/new-market "$@" 2>&1) || status=$?
    [ "$status" -eq "$expected" ] && [[ $said == *"$text"* ]] && [ "$before" = "$(state)" ] && return
    echo "status $status: $said"
    return 1
}
state() { find apps Makefile.am scripts/layers.txt run -printf '%p %s %T@\n' | sort; }

is wants_two_arguments says 2 'scripts/new-market NAME "TITLE"' orchard
is and_no_third says 2 'scripts/new-market NAME "TITLE"' orchard Orchard more
for name in '' x ab Orchard 9lives or-chard or_chard ../orchard 'or chard' orchardorchardorchard; do
    is "refuses_the_name_'$name'" says 2 'is no name' "$name" Orchard
done
is refuses_a_word_of_c says 2 'is a word of C' double Orchard
is refuses_a_struct_of_the_project says 2 'means something in C here' block Orchard
is refuses_a_layer says 2 'is the name of a layer' ledger Orchard
is refuses_a_word_of_the_sample says 2 'is a word of apps/sample' entry Orchard
is refuses_a_market_that_is_there says 1 'is there already' supplychain Orchard
for title in '' ab 'a"b"c' 'a<b>c' 'a/b/c' 'a&b&c' ' orchard' $'two\nlines'; do
    is "refuses_the_title_'$title'" says 2 'is no title' orchard "$title"
done

if command -v git >/dev/null; then
    git init -q . && git add -A
    git -c user.name=test -c user.email=test@example.org commit -qm all
    echo >>Makefile.am
    is refuses_what_is_not_committed says 1 'commit or undo first' orchard Orchard
    git checkout -q Makefile.am
fi

# Ended behind any of its renames, it leaves everything as it was: `mv` is a program of ours that ends
# it behind its Nth call.
mkdir stand-in
cat >stand-in/mv <<'END'
#!/bin/bash
/bin/mv "$@"
echo >>"$CALLS"
[ "$(wc -l <"$CALLS")" -ne "$STOP_AT" ] || kill -TERM $PPID
END
chmod +x stand-in/mv
files() { find apps Makefile.am scripts/layers.txt run -type f -printf '%p %m %s %T@\n' | sort; }
cut_at() {
    local before status=0
    rm -f calls
    before=$(files)
    CALLS=$PWD/calls STOP_AT=$1 PATH=$PWD/stand-in:$PATH scripts/new-market orchard Orchard \
        >/dev/null 2>&1 || status=$?
    [ "$status" -ne 0 ] && [ "$before" = "$(files)" ] && [ -z "$(find apps -name '.new-market*')" ]
}
for call in 1 2 3 4; do is "leaves_nothing_when_cut_at_rename_$call" cut_at $call; done
rm -r stand-in calls

market_line() { sed -n 's/^MARKETS=//p' run; }
before=$(market_line)
last=$(tr ' ' '\n' <<<"$before" | cut -d : -f 2 | sort -n | tail -n 1)
is makes_a_market scripts/new-market orchard "Orchard exchange" >/dev/null
# What is made has the sample's files, and its lines.
is has_each_file test "$(cd apps/orchard && find . -type f | sort)" = \
    "$(cd apps/sample && find . -type f | sed 's/sample/orchard/' | sort)"
runs() { (cd "$1" && find . -type f -perm -u+x | sed 's/sample/orchard/' | sort); }
is which_run_as_they_do test "$(runs apps/orchard)" = "$(runs apps/sample)"
lines_of() { grep -h "$1" Makefile.am scripts/layers.txt | sed "s/$1/X/g; s/  */ /g"; }
is has_each_line test "$(lines_of 'orchard')" = "$(lines_of 'sample' | grep -v new-market)"
has_none_of() { ! grep -rniE "$1" "$2"; }
is has_nothing_of_the_sample has_none_of 'sample' apps/orchard
is nor_its_title test -z "$(grep -r 'Guest book' apps/orchard)"
is has_its_own_title grep -q '^# Orchard exchange$' apps/orchard/README.md
is the_sample_knows_no_other_market has_none_of 'supplychain|supply chain|epcis|gs1' apps/sample
is has_its_name_in_each_language test "$(grep -h market.name apps/orchard/web/texts.*.ts | sort -u)" = \
    '  "market.name": "Orchard exchange",'
is is_started_by_run test "$(market_line)" = \
    "${before%)} orchard:$((last + 1)):lmm-orchard:web/orchard)"
is is_installed grep -q '^bin_PROGRAMS += lmm-orchard$' apps/orchard/app.am
is keeps_to_the_layers scripts/check-layers .
is keeps_to_the_house_rules scripts/check-source .
if command -v clang-format >/dev/null; then
    is is_formatted find apps/orchard -name '*.[ch]' -exec clang-format --dry-run -Werror {} +
fi
is is_not_made_twice says 1 'is there already' orchard "Orchard exchange"
if command -v git >/dev/null; then git add -A && git -c user.name=test -c user.email=test@example.org commit -qm one; fi
is makes_another_beside_it scripts/new-market meadow "Meadow 2" >/dev/null
is at_the_next_port grep -q " meadow:$((last + 2)):lmm-meadow:web/meadow)\$" run
is with_as_many_lines test "$(lines_of 'meadow')" = "$(lines_of 'orchard')"

close_cases
