#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ./run as root: whom the servers run as, whose folders are left alone, and that root follows no link
# which that user has planted in its data. With the server of test_run.sh.
set -euo pipefail
export LC_ALL=C.UTF-8 no_proxy='*'
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
[ "$(id -u)" -eq 0 ] || { echo "SKIPPED ./run as root: not started as root" && exit 77; }
for need in node jq curl setsid; do
    command -v $need >/dev/null || { echo "SKIPPED ./run as root: $need is not installed" && exit 77; }
done
# A test makes no system users: this one is on every machine.
owner=daemon

tree=$(mktemp -d)
cleanup() {
    [ ! -x "$tree/run" ] || "$tree/run" --stop >/dev/null 2>&1 || true
    rm -rf "$tree"
}
trap cleanup EXIT
chmod 755 "$tree"
mkdir -p "$tree"/{build/web,scripts,chaincore}
cp "$source/run" "$tree/"
cp -r "$source/scripts/lib" "$tree/scripts/"
sed -i "s/^SYSTEM_USER=.*/SYSTEM_USER=$owner/" "$tree/scripts/lib/devnet.sh"
install -m 755 "$source/tests/scripts/fake_server.pl" "$tree/build/lmm-supplychain"
touch "$tree"/{configure.ac,Makefile.am,lmm,chaincore/a.c,build/web/index.html}
chmod +x "$tree/lmm"
touch "$tree/build/.built"
sed -i 's/^MARKETS=.*/MARKETS=(supplychain:0:lmm-supplychain:web)/' "$tree/run"
data=$tree/data

passed=0 failed=0
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n%s\n' "$name" "${output-}"
    fi
}
run() {
    local expected=$1 status=0
    shift
    output=$("$tree/run" "$@" 2>&1 9>&-) || status=$?
    [ $status -eq "$expected" ] || { output+=" (status $status)" && return 1; }
}
says() { grep -qF -- "$1" <<<"$output"; }
owner_of() { stat -c %U "$1"; }
pid() { jq -r .servers.supplychain.pid "$tree/devnet.json"; }
is_untouched() { [ "$(cat "$1")" = untouched ] && [ "$(owner_of "$1")" = root ]; }
as_owner() { setpriv --reuid $owner --regid $owner --clear-groups "$@"; }

check starts run 0 --detach --data "$data"
check the_server_is_not_root test "$(owner_of "/proc/$(pid)")" = $owner
check nor_is_its_data test "$(owner_of "$data") $(owner_of "$data/supplychain.log")" = "$owner $owner"
check nothing_in_it_is_root_s test -z "$(find "$data" -user root)"
check nobody_else_reads_it test "$(stat -c %a "$data") $(stat -c %a "$data/devnet.settings")" = '750 600'
check stops run 0 --stop
check resumes run 0 --detach --data "$data"
check stops_again run 0 --stop

# What root would write is a link of the user's to a file of root's.
echo untouched >"$tree/victim"
for name in devnet.settings.new supplychain.log program; do
    as_owner rm -rf "$data/$name"
    as_owner ln -s "$tree/victim" "$data/$name"
done
as_owner rm "$data/devnet.settings"
as_owner sh -c "echo made=no >$data/devnet.settings"
chmod 700 "$tree/build" # so that the program has to be copied
run 0 --detach --data "$data" || true
check follows_no_link_of_a_file is_untouched "$tree/victim"
"$tree/run" --stop >/dev/null
as_owner rm -f "$data/devnet.settings.new" "$data/supplychain.log"
mkdir "$tree/folder"
as_owner rm -rf "$data/program"
as_owner ln -s "$tree/folder" "$data/program"
check starts_a_program_that_its_user_cannot_reach run 0 --detach --data "$data"
check from_a_copy grep -qa "$data/program/lmm-supplychain" "/proc/$(pid)/cmdline"
check with_the_pages test -f "$data/program/lmm-supplychain/pages/index.html"
check follows_no_link_of_a_folder test -z "$(ls -A "$tree/folder")"
check stops_the_copy run 0 --stop
# As an earlier start may have left them.
rm -rf "$data/program" "$data/supplychain.log"
mkdir -p "$data/program/pages"
touch "$data/supplychain.log"
check root_s_own_files_are_in_nobody_s_way run 0 --detach --data "$data"
check stops_that run 0 --stop

mkdir "$tree/users" "$tree/empty"
chown nobody "$tree/users"
for flags in '' --reset; do
    # shellcheck disable=SC2086 # none or one
    check "a_user_s_folder_stays_the_user_s${flags:+ with }$flags" run 2 --detach $flags --data "$tree/users"
    check and_whose_it_is_is_said says 'belongs to nobody'
    setpriv --reuid nobody --regid nogroup --clear-groups touch "$tree/users/devnet.settings"
done
check its_files_are_there test -e "$tree/users/devnet.settings"
check its_owner_is_the_same test "$(owner_of "$tree/users")" = nobody
check an_empty_folder_of_root_s_is_given_to_the_user run 0 --detach --data "$tree/empty"
check which_then_owns_it test "$(owner_of "$tree/empty")" = $owner
check stops_the_last run 0 --stop

echo "COUNTED $passed passed, $failed failed"
[ "$failed" -eq 0 ]
