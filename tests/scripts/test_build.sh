#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# When ./run and ./check configure: once, again where something has changed, and never two at once in
# the sources. Autotools and configure are stand-ins that write down what happens.
set -euo pipefail
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
tell() { cat "$folder/log"; }

mkdir -p "$folder/bin" "$folder/tree/logs" "$folder/tree/chaincore"
cat >"$folder/bin/autoreconf" <<'END'
#!/bin/sh
echo begin >>"$STORY"
# Whoever else were to begin would do so now.
while [ -n "$PEER" ] && [ ! -e "$PEER" ]; do read -r _ <"$TICK"; done
printf '#!/bin/sh\necho "configure $*" >>"$STORY"\nprintf "clean:\\n\\t@echo clean >>$STORY\\n" >Makefile\n' >configure
chmod +x configure
touch Makefile.in
echo end >>"$STORY"
END
chmod +x "$folder/bin/autoreconf"
touch "$folder/tree/configure.ac" "$folder/tree/Makefile.am" "$folder/tree/chaincore/a.am"
export STORY=$folder/log PEER='' PATH=$folder/bin:$PATH
: >"$STORY"

# configure [DIR [OPTION...]]: as ./run does, in the tree that $tree names.
tree=$folder/tree
configure() {
    # shellcheck disable=SC2030,SC2031 # of the subshell alone
    (
        cd "$tree"
        LOGS=$PWD/logs
        . "$source/scripts/lib/terminal.sh"
        . "$source/scripts/lib/build.sh"
        configure_tree "$@"
    ) >"$folder/said.$1" 2>&1
}
story() { [ "$(tr '\n' ' ' <"$STORY")" = "$1" ]; }
fresh() { : >"$STORY"; }

is configures configure build
is once_from_nothing story 'begin end configure --without-web '
fresh
is configures_again configure build
is nothing_when_nothing_changed story ''
is takes_other_options configure build --with-x
is and_cleans_what_was_built_with_others story 'clean configure --with-x --without-web '
fresh
touch -d '+1 minute' "$tree/chaincore/a.am"
is configures_after_a_part_was_added configure build --with-x
is generates_for_it_once story 'begin end '
touch -d '-1 minute' "$tree/chaincore/a.am"
mv "$tree" "$folder/moved"
tree=$folder/moved
fresh
is configures_in_another_place configure build --with-x
is and_cleans_what_names_the_old_one story 'clean configure --with-x --without-web '

# Two at once, both with everything to do. The first holds on until the second waits for the lock or,
# if nothing stops it, begins too.
rm -r "$tree/configure" "$tree/Makefile.in" "$tree/build"
fresh
mkfifo "$folder/tick"
export TICK=$folder/tick PEER=$folder/peer
configure build &
first=$!
until grep -q begin "$STORY"; do kill -0 $first; done
configure build-check &
second=$!
waits_or_began() {
    [ "$(grep -c begin "$STORY")" -gt 1 ] || grep -qs 'waiting for another' "$folder/said.build-check"
}
until waits_or_began; do kill -0 $second; done
touch "$PEER"
echo >"$TICK"
wait $first
wait $second
is one_generates_for_both test "$(grep -c begin "$STORY")" = 1
is both_are_configured test -e "$tree/build/Makefile" -a -e "$tree/build-check/Makefile"

close_cases
