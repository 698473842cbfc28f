#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `./run --index postgresql://…` with the real server: captures, a database that goes away and comes
# back, and in the end the same rows as SQLite makes of the same chain.
set -euo pipefail
export no_proxy='*'
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
for need in jq curl setsid; do
    command -v $need >/dev/null || { echo "SKIPPED ./run on PostgreSQL: no $need" && exit 77; }
done
[ -x ./lmm-supplychain ] || { echo "SKIPPED ./run on PostgreSQL: no server in this build" && exit 77; }

tree=$(mktemp -d)
# A test makes no system users: as root, everything below happens as nobody.
user=()
if [ "$(id -u)" -eq 0 ]; then
    user=(setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$tree")
fi
mkdir -p "$tree"/{build,scripts,chaincore}
cp "$source/run" "$source/tests/support/postgres.sh" "$source/docs/examples/shipping.json" "$tree/"
cp -r "$source/scripts/lib" "$tree/scripts/"
cp ./lmm-supplychain "$tree/build/"
touch "$tree"/{configure.ac,Makefile.am,lmm,chaincore/a.c}
chmod +x "$tree/lmm"
chmod 755 "$tree"
touch "$tree/build/.built"
# Another port than the real one's, so that a devnet that runs meanwhile is left alone.
sed -i 's/^MARKETS=.*/MARKETS=(supplychain:0:lmm-supplychain:web)/' "$tree/run"
[ ${#user[@]} -eq 0 ] || chown -R nobody:nogroup "$tree"

database=
exec 8<> <(:) # nothing ever comes from it: waiting takes no process
cleanup() {
    "${user[@]}" "$tree/run" --stop >/dev/null 2>&1 || true
    [ -z "${server-}" ] || kill "$server" 2>/dev/null || true
    [ -z "$database" ] || "${user[@]}" sh "$tree/postgres.sh" stop "$database"
    rm -rf "$tree"
}
trap cleanup EXIT
status=0
database=$(cd / && "${user[@]}" sh "$tree/postgres.sh" start $$ 2>"$tree/postgres.log") || status=$?
[ $status -ne 3 ] || { echo "SKIPPED ./run on PostgreSQL: it is not installed" && exit 77; }
[ $status -eq 0 ] || { cat "$tree/postgres.log" && exit 1; }

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
    output=$("${user[@]}" "$tree/run" "$@" 2>&1)
}
postgres() { "${user[@]}" sh "$tree/postgres.sh" "$1" "$database"; }
# until_true COMMAND...: as soon as it is true; false after half a minute.
until_true() {
    local deadline=$((EPOCHSECONDS + 30))
    until "$@"; do
        ((EPOCHSECONDS < deadline)) || return 1
        read -rt 0.05 -u 8 || true
    done
}
take_url() { # of a ready.json
    url=$(jq -r .url "$1")
    api_key=$(jq -r .api_key "$1")
}
answers() { [ "$(curl -s -o "$tree/answer" -w '%{http_code}' "$url$2")" = "$1" ]; }
# Leaves in `location` where the job is.
capture() { # a name that makes the events others
    location=$(sed "s/urn:epc:id:sgtin:4012345/urn:epc:id:sgtin:$1/" "$tree/shipping.json" |
        curl -s -o "$tree/answer" -D - "$url/capture" -H "Authorization: Bearer $api_key" \
            -H 'Content-Type: application/json' --data-binary @- |
        tr -d '\r' | sed -n 's/^Location: //p')
    [ -n "$location" ]
}
has_ended_well() {
    curl -s "$url$1" | jq -e '.running == false and .success == true' >/dev/null
}
rows() { curl -sf "$url/v1/events?perPage=1000" && curl -sf "$url/capture?perPage=1000"; }
cd "$tree"

# Away before there is anything in it.
ready=$tree/data/supplychain/ready.json
check database_is_away_at_first postgres halt
check starts_without_it run --detach --index "$database"
take_url "$ready"
check accepts_the_first_capture_without_it capture 3012345
early=$location
check database_comes postgres resume
check catches_up_from_nothing until_true answers 200 /readyz
check the_first_capture_ends_well until_true has_ended_well "$early"
check stops_first run --stop

check starts run --detach --index "$database"
take_url "$ready"
check made_no_sqlite_index test ! -e "$tree/data/supplychain/index.db"
check shows_no_password test "$(grep -c "${database##*host=}" "/proc/$(jq -r .pid "$ready")/cmdline")" = 0
check captures capture 4012345
check which_ends_well until_true has_ended_well "$location"
check is_ready answers 200 /readyz

check database_goes_away postgres halt
check is_not_ready_then until_true answers 503 '/readyz?verbose'
check and_says_why grep -q 'the database is away' "$tree/answer"
check lives_on answers 200 /livez
check cannot_answer_queries answers 503 /v1/events
check accepts_captures_all_the_same capture 5012345
away=$location
check another capture 6012345
check stays_not_ready answers 503 /readyz
check database_comes_back postgres resume
check catches_up until_true answers 200 /readyz
check what_was_accepted_meanwhile_ends_well until_true has_ended_well "$away"
check and_the_other until_true has_ended_well "$location"
check stops run --stop

# Away at the start, with rows in it.
check database_goes_away_again postgres halt
check starts_without_its_database run --detach
check and_says_so grep -q 'But the database of the supplychain index is away: connection to server' <<<"$output"
take_url "$ready"
check is_not_ready_without_it answers 503 '/readyz?verbose'
check and_says_why_at_the_start_too grep -q 'the database is away' "$tree/answer"
check lives_without_it answers 200 /livez
check cannot_answer_queries_without_it answers 503 /v1/events
check accepts_captures_without_it capture 7012345
late=$location
check second_run_says_so_too run --detach
check is_told grep -q 'is away' <<<"$output"
check database_comes_late postgres resume
check catches_up_with_it until_true answers 200 /readyz
check what_was_captured_without_it_ends_well until_true has_ended_well "$late"
check stops_after_that run --stop

# What it holds when it comes is not this chain's.
check database_goes_away_once_more postgres halt
check starts_another_chain_without_it run --detach --data "$tree/other" --index "$database"
other=$(jq -r .pid "$tree/other/supplychain/ready.json")
has_ended() { ! grep -qs devnet "/proc/$other/cmdline"; }
check database_comes_with_rows_of_the_first_chain postgres resume
check another_chain_is_not_mixed_with_them until_true has_ended
check and_its_log_says_so grep -q '"the index cannot be opened","status":"CONFLICT"' \
    "$tree/other/supplychain.log"
check nothing_is_left_of_it run --stop

check resumes run --detach
take_url "$ready"
rows >"$tree/postgres.rows"
check has_the_rows_of_all_captures test "$(jq -s '.[1] | length' "$tree/postgres.rows")" = 5
check stops_again run --stop

"${user[@]}" "$tree/build/lmm-supplychain" --data "$tree/data/supplychain" --listen 127.0.0.1:0 \
    --devnet --index "sqlite:$tree/data/other.db" 2>"$tree/log" &
server=$!
is_ready() { [ "$(jq -r .pid "$ready" 2>/dev/null)" = "$server" ]; }
check sqlite_follows_the_same_chain until_true is_ready
take_url "$ready"
rows >"$tree/sqlite.rows"
check makes_the_same_rows cmp "$tree/postgres.rows" "$tree/sqlite.rows"
kill "$server"
wait "$server" || true
server=

echo "COUNTED $passed passed, $failed failed"
[ "$failed" -eq 0 ]
