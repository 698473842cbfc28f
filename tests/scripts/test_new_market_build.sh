#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/new-market.md as it stands: its commands make, build, test and run a market, in a copy of the
# sources beside which lie the objects of the present build. Run in the build root by `make check`.
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
for need in jq curl autoreconf; do
    command -v $need >/dev/null || { echo "SKIPPED a new market: $need is not installed" && exit 77; }
done
[ "$(dirname "$PWD")" = "$source" ] || {
    echo "SKIPPED a new market: the build tree lies elsewhere than in the sources" && exit 77
}
folder=$(mktemp -d)
stop() {
    [ ! -f "$folder/data/orchard/ready.json" ] ||
        kill "$(jq -r .pid "$folder/data/orchard/ready.json")" 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"

# Times are kept, so that make finds nothing older than it is.
"$source/scripts/sources" "$source" | tar -C "$source" -cf - -T - | tar -C "$folder" -xpf -
cp -p "$source/configure" "$source/aclocal.m4" "$source/Makefile.in" "$source/config.h.in" "$folder/"
mkdir -p "$folder/build" "$folder/build-aux"
cp -p "$source"/build-aux/* "$folder/build-aux/"
find . \( -path ./logs -o -path ./web -o -path ./coverage -o -path ./sanitize -o -path ./tsan \
    -o -path ./fuzzing \) -prune -o \( -name '*.o' -o -name '*.a' -o -name '*.Po' -o -name .dirstamp \
    -o -name '*.wasm' -o -name config.h -o -name stamp-h1 \) -print0 |
    tar --null -T - -cf - | tar -C "$folder/build" -xpf -

# The document's commands: what is indented by four, in its order.
{
    echo 'set -euo pipefail'
    sed -n 's/^    //p' "$source/docs/new-market.md"
} >"$folder/commands"
cd "$folder"
unset MAKEFLAGS MFLAGS MAKELEVEL srcdir
status=0
timeout 480 bash ./commands >log 2>&1 || status=$?
[ $status -eq 0 ] || tail -n 40 log
is its_commands_succeed test $status -eq 0
is its_tests_pass grep -qE '^COUNTED [1-9][0-9]* passed, 0 failed$' log
is its_entry_is_there grep -qE '^\{"number":1,.*"text":"First!"' log
is its_transaction_is_final grep -q '"status":"final"' log
# The libraries were there already: only what is the market's was compiled.
compiled() { sed -n 's/^ *CC \{1,\}\(chaincore\/.*\|apps\/common\/.*\)/\1/p' log; }
is compiles_what_is_its_own grep -qE "^ *CC +apps/orchard/routes.o" log
is and_nothing_else test -z "$(compiled)"
close_cases
