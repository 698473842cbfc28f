#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How ./run starts, resumes, refuses and stops, with a server that keeps the contract of
# docs/devnet.md and does nothing else, in a copy of what `run` needs.
set -euo pipefail
export LC_ALL=C.UTF-8 no_proxy='*'
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
for need in node jq curl setsid; do
    command -v $need >/dev/null || { echo "SKIPPED ./run: $need is not installed" && exit 77; }
done

tree=$(mktemp -d)
exec 8<> <(:) # nothing ever comes from it: waiting takes no process
cleanup() {
    [ ! -x "$tree/run" ] || "$tree/run" --stop >/dev/null 2>&1 || true
    [ -z "${listener-}" ] || kill "$listener" 2>/dev/null || true
    rm -rf "$tree"
}
trap cleanup EXIT

# A test makes no system users: as root, everything below happens as nobody.
user=()
if [ "$(id -u)" -eq 0 ]; then
    user=(setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$tree")
fi
mkdir -p "$tree"/{build,scripts,chaincore}
cp "$source/run" "$tree/"
cp -r "$source/scripts/lib" "$tree/scripts/"
cp "$source/tests/scripts/fake_server.pl" "$tree/build/lmm-supplychain"
cp "$tree/build/lmm-supplychain" "$tree/build/lmm-sharing"
cp "$tree/build/lmm-supplychain" "$tree/build/lmm"
touch "$tree"/{configure.ac,Makefile.am,lmm,chaincore/a.c}
chmod +x "$tree"/{lmm,build/lmm,build/lmm-supplychain,build/lmm-sharing}
touch "$tree/build/.built"
# Other ports than the real ones, so that a devnet that runs meanwhile is left alone.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
        console.log(s.address().port); s.close(); })'
}
port=$(free_port)
sed -i "s/PEER_PORT=8711/PEER_PORT=$(free_port)/
    s/^MARKETS=.*/MARKETS=(supplychain:$port:lmm-supplychain:web sharing:0:lmm-sharing:web)/" "$tree/run"
[ ${#user[@]} -eq 0 ] || chown -R nobody:nogroup "$tree"

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
# run STATUS FLAG...: runs it, leaves what it said in `output`; true when it ended like that.
run() {
    local expected=$1 status=0
    shift
    output=$("${user[@]}" "$tree/run" "$@" 2>&1 9>&-) || status=$?
    [ $status -eq "$expected" ] || { output+=" (status $status)" && return 1; }
}
says() { grep -qF -- "$1" <<<"$output"; }
json() { jq -r "$1" "$tree/devnet.json"; }
pid() { json .servers.supplychain.pid; }
# A dead process that nobody has reaped has no command line.
is_gone() { [ ! -e "$tree/devnet.json" ] && ! grep -qs devnet "/proc/$1/cmdline"; }
is_server_of() { grep -qs devnet "/proc/$1/cmdline"; }
is_without() { ! grep -qa -- "$1" "$2"; }
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
# until_true PROCESS COMMAND...: as soon as it is true; false when the process that is to make it
# true has ended before.
until_true() {
    local process=$1
    shift
    until "$@"; do
        kill -0 "$process" 2>/dev/null || "$@" || return 1
        read -rt 0.05 -u 8 || true
    done
}

is_locked() { ! flock --nonblock "$tree/data/other/chain/lock" true; }

for flags in '--nothing' '--data' '--index' '--index ftp://x' '--stop --detach' '--stop --reset' \
    '--detach --detach' '--build-only --reset' '--stop --data x' '--data --detach' 'words' \
    '--data a --data=b' '--block-time 0' '--block-time 60001' '--block-time x' '--block-time' \
    '--instant --block-time 5' '--time-warp' '--time-warp -1' '--time-warp 5y'; do
    # shellcheck disable=SC2086 # several flags
    check "refuses $flags" run 2 $flags
done
mkdir "$tree/precious" && echo mine >"$tree/precious/file"
check refuses_a_folder_of_somebody_else run 2 --detach --reset --data "$tree/precious"
check leaves_it_alone test -f "$tree/precious/file"
check stop_without_a_devnet_is_no_error run 0 --stop

check starts_detached run 0 --detach
first=$(pid)
check says_that_keys_are_public says 'PUBLIC DEMO KEYS'
check blames_no_database is_without 'database' <(echo "$output")
check shows_the_account says 'lmm1qqqq'
check writes_devnet_json_in_its_shape test "$(jq -c 'del(..|.pid?, .url?, .data_dir?, .chain_id?, .peer?)' \
    "$tree/devnet.json")" = '{"block_interval_ms":500,"mnemonic":"word word word word word word word word word word word word","accounts":[{"role":"witness-1","address":"lmm1qqqq","path":"m/44'\''/0'\''"}],"servers":{"supplychain":{"api_key":"demo"},"sharing":{"api_key":"demo"}},"node":{}}'
check names_the_data_folder test "$(json .servers.supplychain.data_dir)" = "$tree/data/supplychain"
check each_market_has_its_own test "$(json .servers.sharing.data_dir)" = "$tree/data/sharing"
check the_other_answers_too curl -fsS -o /dev/null "$(json .servers.sharing.url)/readyz"
# argument FLAG LOG: what the process of that log was told.
argument() { jq -r --arg flag "$1" 'select(.message == "started").arguments
    | . as $all | index($flag) as $at | if $at then $all[$at + 1] else "" end' "$2" | tail -n 1; }
at_of() { json "(.servers[\"$1\"] // .$1).peer"; }
check each_is_told_of_the_others test "$(argument --peers "$tree/data/sharing.log")" = "$(at_of supplychain),$(at_of node)"
check and_where_they_look_for_it test "$(argument --peer-listen "$tree/data/sharing.log") $(argument --listen "$tree/data/node.log")" = "$(at_of sharing) $(at_of node)"
check each_witness_is_somebody test "$(argument --witness-keys "$tree/data/supplychain.log"),$(argument --witness-keys "$tree/data/sharing.log"),$(argument --devnet-keys "$tree/data/node.log")" = 1-33,34-67,68-101
check they_have_one_clock test "$(argument --clock "$tree/data/supplychain.log") $(argument --clock "$tree/data/node.log")" = "$tree/data/clock $tree/data/clock"
check the_first_markets_rows_come_first test "$(argument --demo-after "$tree/data/supplychain.log"),$(argument --demo-after "$tree/data/sharing.log")" = ",$tree/data/supplychain/ready.json"
check server_answers curl -fsS -o /dev/null "$(json .servers.supplychain.url)/readyz"
chain=$(json .chain_id)
check running_already_is_told run 0 --detach
check running_already_says_so says 'runs already'
check running_already_shows_balances_of_now says '999.25 LMM'
check running_already_starts_nothing test "$(pid)" = "$first"
check running_already_refuses_another_folder run 2 --data "$tree/other"
check running_already_refuses_another_index run 2 --index postgresql://x
check running_already_refuses_another_block_time run 2 --instant
check running_already_takes_its_own run 0 --block-time 500
check stops run 0 --stop
check nothing_is_left is_gone "$first"

# Of another chain, of a proxy that is not there, and of a place where numbers have commas.
commas=
for name in $(locale -a); do
    commas=$(LC_ALL=$name bash -c 'case $EPOCHREALTIME in *,*) echo "$LC_ALL" ;; esac' 2>/dev/null)
    [ -z "$commas" ] || break
done
[ "$commas" ] || echo "SKIPPED numbers with commas: no locale of this machine has them"
LMM_GENESIS=/nothing LMM_KEYS=/nothing LMM_DATA=/nothing http_proxy=http://127.0.0.1:1 no_proxy='' \
    LC_ALL=${commas:-C.UTF-8} check starts_in_any_environment run 0 --detach
check shows_balances_past_the_proxy says '999.25 LMM'
check shows_what_to_try_past_the_proxy says "curl --noproxy '*' -i http://127.0.0.1:"
LC_ALL=${commas:-C.UTF-8} check stops_in_any_language run 0 --stop

# Of the processor: how long it takes by the clock is the machine's affair.
work_so_far() { # in `work`: seconds of all that has ended
    times >"$tree/times"
    work=$(awk 'NR == 2 { gsub("s", ""); split($1, user, "m"); split($2, kernel, "m")
        print user[1] * 60 + user[2] + kernel[1] * 60 + kernel[2] }' "$tree/times")
}
work_so_far
before=$work
check second_start run 0 --detach
work_so_far
check second_start_is_less_work_than_the_first awk -v a="$before" -v b="$work" 'BEGIN { exit !(b - a < a) }'
check second_start_resumes_the_chain test "$(json .chain_id)" = "$chain"
kill -9 "$(pid)"
check starts_over_what_a_crash_left run 0 --detach
check resumes_after_the_crash test "$(json .chain_id)" = "$chain"
check stops_that_too run 0 --stop
check refuses_another_index_for_old_data run 2 --detach --index postgresql://host/x
check says_what_the_data_was_made_with says 'made with --index embedded'
check refuses_another_block_time_for_old_data run 2 --detach --instant
check says_which_one_it_has says 'made with --block-time 500'
# A server of another tree, as far as its lock tells.
"${user[@]}" mkdir -p "$tree/data/other/chain"
"${user[@]}" touch "$tree/data/other/chain/lock"
(flock 8 && exec sleep 60) 8>"$tree/data/other/chain/lock" &
holder=$!
until_true "$holder" is_locked
check reset_leaves_a_devnet_of_another_folder_alone run 2 --detach --reset
check its_data_is_still_there test -e "$tree/data/other/chain/lock"
kill "$holder"
wait "$holder" 2>/dev/null || true
# While it deletes, a server of another tree must not get in: whatever `find` deletes, it notes whether
# the lock could have been taken.
"${user[@]}" mkdir "$tree/bin"
"${user[@]}" tee "$tree/bin/find" >/dev/null <<END
#!/bin/sh
case "\$*" in
*-delete*)
    exec >>"$tree/found"
    if flock --nonblock "$tree/data/other/chain/lock" true; then echo free; else echo held; fi
    $(command -v find) "\$@"
    if [ ! -e "$tree/data/supplychain.log" ]; then echo deleted; fi
    ;;
*) exec $(command -v find) "\$@" ;;
esac
END
chmod +x "$tree/bin/find"
check reset_needs_what_it_deletes test -e "$tree/data/supplychain.log"
PATH=$tree/bin:$PATH check reset_of_what_nobody_uses run 0 --detach --reset
check its_lock_was_held_until_all_was_gone test "$(head -n 2 "$tree/found" | tr '\n' ' ')" = "held deleted "
check stops_to_reset_again run 0 --stop
check reset_starts_anew run 0 --detach --reset --index postgresql://name:word@host/x
check reset_made_a_new_chain test "$(json .chain_id)" != "$chain"
check reset_rebuilds_a_server_index grep -q -- --rebuild-index "$tree/data/supplychain.log"
check password_is_not_shown is_without name:word <(echo "$output")
check settings_are_private test "$(stat -c %a "$tree/data/devnet.settings")" = 600
check stops_before_the_next run 0 --stop
check remembers_the_index run 0 --detach
check passes_the_remembered_index grep -qF '"index":"postgresql://name:word@host/x?options=-csearch_path%3Dsupplychain"' \
    "$tree/data/supplychain.log"
check each_market_has_a_schema_of_its_own grep -qF \
    '"index":"postgresql://name:word@host/x?options=-csearch_path%3Dsharing"' "$tree/data/sharing.log"
check password_is_on_no_command_line is_without name:word "/proc/$(pid)/cmdline"
"${user[@]}" "$tree/run" --stop >/dev/null
"${user[@]}" "$tree/run" --detach 2>/dev/null | read -r _ || true
check stays_when_nobody_reads_the_screen curl -fsS -o /dev/null "$(json .servers.supplychain.url)/readyz"
check reset_of_a_running_one run 0 --detach --reset
check stops_the_last run 0 --stop

node -e 'require("net").createServer().listen(+process.argv[1], "127.0.0.1")' "$port" &
listener=$!
until_true "$listener" is_taken
check takes_a_free_port_when_its_own_is_taken run 0 --detach --data "$tree/other"
check says_how_to_begin_again_with_that_data says "./run --data $tree/other --reset"
check says_that_the_port_is_taken says "Port $port is taken"
check answers_there curl -fsS -o /dev/null "$(json .servers.supplychain.url)/readyz"
check stops_there run 0 --stop
kill "$listener"
wait "$listener" 2>/dev/null || true
listener=

touch "$tree/data/refuse"
check a_server_that_refuses_is_an_error run 1 --detach
check its_log_is_shown says '"message":"started"'
check its_devnet_json_is_not_there test ! -e "$tree/devnet.json"
rm -f "$tree/data/refuse"

# In the foreground: `run` is started in the background of this script, which ignores SIGINT there,
# so setsid and env give it back.
for signal in INT TERM HUP; do
    rm -f "$tree/said"
    "${user[@]}" setsid env --default-signal=INT,TERM,HUP "$tree/run" >"$tree/said" 2>&1 &
    foreground=$!
    check "foreground_gets_ready_for_$signal" until_true $foreground test -e "$tree/devnet.json"
    server=$(pid)
    until_true $foreground grep -qs 'Stop:' "$tree/said"
    kill -$signal $foreground
    status=0
    wait $foreground || status=$?
    check "${signal}_ends_the_foreground_with_success" test $status -eq 0
    check "${signal}_leaves_nothing" is_gone "$server"
done
rm -f "$tree/said"
"${user[@]}" "$tree/run" >"$tree/said" 2>&1 &
foreground=$!
until_true $foreground grep -qs 'Stop:' "$tree/said"
server=$(pid)
check stops_a_foreground_run_from_another_shell run 0 --stop
status=0
wait $foreground || status=$?
check which_ends_with_success test $status -eq 0
check and_leaves_nothing is_gone "$server"
rm -f "$tree/said"
"${user[@]}" "$tree/run" >"$tree/said" 2>&1 &
foreground=$!
until_true $foreground grep -qs 'Stop:' "$tree/said"
others=$(json '.servers.sharing.pid, .node.pid')
server=$(pid)
kill -9 "$server"
until_true $foreground grep -qs 'goes on' "$tree/said"
output=$(cat "$tree/said")
check a_server_that_dies_is_told_of says 'The supplychain process has ended: it was killed'
check the_foreground_stays kill -0 $foreground
check another_run_starts_it_again run 0 --detach
check and_says_so says 'A part of the devnet has ended; it starts again.'
check it_is_another_process test "$(pid)" != "$server"
check the_others_go_on test "$(json '.servers.sharing.pid, .node.pid')" = "$others"
check where_they_look_for_it test "$(argument --peer-listen "$tree/data/supplychain.log")" = "$(at_of supplychain)"
server=$(pid)
check with_the_first_it_is_stopped kill -TERM $foreground
status=0
wait $foreground || status=$?
check which_succeeds test $status -eq 0
check and_leaves_nothing_of_either is_gone "$server"

rm -f "$tree/said"
"${user[@]}" "$tree/run" >"$tree/said" 2>&1 &
foreground=$!
until_true $foreground grep -qs 'Stop:' "$tree/said"
# shellcheck disable=SC2046 # several
kill -ABRT $(json '.servers[].pid, .node.pid')
status=0
wait $foreground || status=$?
output=$(cat "$tree/said")
check servers_that_break_off_are_explained says 'is the disk full?'
check and_end_the_foreground test $status -eq 134
check and_take_devnet_json_away test ! -e "$tree/devnet.json"

# The node is started again too; of a start that nobody knows the end of everything is.
check starts_for_a_part run 0 --detach
server=$(pid)
kill -9 "$(json .node.pid)"
check starts_a_node_that_ended run 0 --detach
check and_leaves_the_servers test "$(pid)" = "$server"
kill -9 "$(json .node.pid)"
rm "$tree/devnet.json"
check starts_all_of_what_was_interrupted run 0 --detach
check says_that_all_of_it_starts says 'all of it starts again'
check which_are_other_processes test "$(pid)" != "$server"
check stops_them_all run 0 --stop
sed -i '/^processes=/d' "$tree/data/devnet.settings"
check refuses_data_of_servers_with_a_chain_each run 2 --detach
check says_whose_it_is says 'servers with a chain each'
check begins_again_with_it run 0 --detach --reset
check stops_that_again run 0 --stop

# Stopped by Ctrl-Z; meanwhile its devnet gives way to another.
rm -f "$tree/said"
"${user[@]}" "$tree/run" >"$tree/said" 2>&1 &
foreground=$!
until_true $foreground grep -qs 'Stop:' "$tree/said"
kill -STOP $foreground
check stops_the_devnet_of_a_stopped_run run 0 --stop
check another_devnet_takes_its_place run 0 --detach
server=$(pid)
kill -CONT $foreground
wait $foreground || true
check the_resumed_run_leaves_the_other_alone is_server_of "$server"
check and_what_tells_of_it test "$(pid)" = "$server"
check stops_the_other run 0 --stop

if [ "$(id -u)" -eq 0 ]; then
    # As `sudo ./run` leaves it.
    chown root "$tree/build/logs" "$tree/build/.run.lock"
    chmod 644 "$tree/build/.run.lock"
    check what_root_built_is_no_riddle run 1 --build-only
    check names_its_owner says 'belongs to root'
    check tells_how_to_take_it_over says 'sudo chown -R nobody:'
fi

# How far the index is, by itself: what the server's log has.
# shellcheck disable=SC2317 # called by the function
as_owner() { "$@"; }
index_is_at() { # BYTES EXPECTED
    output=$(index_progress "$tree/log" "$1")
    [ "$output" = "$2" ]
}
eval "$(sed -n '/^index_progress()/,/^}/p' "$source/scripts/lib/devnet.sh")"
cat >"$tree/log" <<'END'
{"module":"index","message":"catching up","height":5,"head":900,"blocks_per_s":1,"remaining_s":895}
{"module":"index","message":"catching up","height":400,"head":900,"blocks_per_s":100,"remaining_s":5}
{"module":"node","message":"block final","height":901}
no JSON at all
END
check tells_how_far_the_index_is index_is_at 0 'catching up, block 400 of 900, 100 a second, 5 s left'
check and_nothing_of_an_earlier_start index_is_at "$(head -n 2 "$tree/log" | wc -c)" ''

echo "COUNTED $passed passed, $failed failed"
[ "$failed" -eq 0 ]
