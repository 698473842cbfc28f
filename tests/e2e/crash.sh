#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills the server with -9 at random moments under load, CYCLES times, and asks afterwards, from outside
# and by `lmm tx`, for everything that was ever reported as final, and for every capture that was ever
# accepted: its job must be there and end well. At the end the index is rebuilt and must have the rows
# it had, also on PostgreSQL where LMM_TEST_POSTGRES names one. The last line is one JSON object; exit 1
# when anything is lost.
set -Eeuo pipefail

cycles=${CYCLES:-50}
# What takes longer will never come, and is an error.
: "${START_S:=120}" "${JOB_S:=120}" "${STOP_S:=60}"
unset http_proxy all_proxy ALL_PROXY
source_dir=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d)
server_pid=
cleanup() {
    [ -z "$server_pid" ] || kill -9 "$server_pid" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
ready=$work/data/ready.json
final=$work/final       # ids that were reported final
accepted=$work/accepted # where the jobs of accepted captures are
: >"$final"
: >"$accepted"

start_server() { # flags
    ./lmm-supplychain --data "$work/data" --listen 127.0.0.1:0 --devnet "$@" 2>>"$work/log" &
    server_pid=$!
    local deadline=$((EPOCHSECONDS + START_S))
    until [ "$(jq -r .pid "$ready" 2>/dev/null)" = "$server_pid" ]; do
        kill -0 "$server_pid" 2>/dev/null || { tail -n 5 "$work/log" >&2 && exit 1; }
        ((EPOCHSECONDS < deadline)) ||
            { echo "the server was not ready within $START_S s" >&2 && exit 1; }
        read -rt 0.05 <> <(:) || true
    done
    url=$(jq -r .url "$ready")
    api_key=$(jq -r .api_key "$ready")
}
await_rebuild() { # old rows answer until the new ones are there
    local deadline=$((EPOCHSECONDS + START_S))
    # What does not read to the end would end curl with an error.
    until [ "$(curl -sf "$url/metrics" | sed -n 's/^lmm_index_rebuilding //p')" = 0 ]; do
        ((EPOCHSECONDS < deadline)) || { echo "no rebuild within $START_S s" >&2 && exit 1; }
        read -rt 0.05 <> <(:) || true
    done
}

# One after the other, each awaited; what is final is written down. Ends when the server is gone.
send_transfers() { # from, to
    local answer
    while answer=$(./lmm transfer "$1" "$2" 0.00000001 --wait --json --url "$url" \
        --devnet "$ready" 2>/dev/null); do
        case $answer in *'"status": "final"'*) jq -r .id <<<"$answer" >>"$final" ;; esac
    done
}
send_captures() {
    local location job
    while location=$(curl -sf -o /dev/null -D - "$url/capture" -H "Authorization: Bearer $api_key" \
        -H 'Content-Type: application/json' --data @"$source_dir/docs/examples/shipping.json" |
        tr -d '\r' | sed -n 's/^Location: //p') && [ "$location" ]; do
        echo "$location" >>"$accepted"
        job=running
        while [[ $job == *running* && $job != *'"running":false'* ]]; do
            job=$(curl -sf "$url$location") || return 0
        done
        case $job in *'"success":true'*)
            jq -r '.tx | if type == "array" then .[] else . end' <<<"$job" >>"$final"
            ;;
        esac
    done
}

is_final() { ./lmm tx "$1" --json --url "$url" 2>/dev/null | grep -q '"status": "final"'; }
count_lost() { # ids on standard input
    local lost=0 id
    while read -r id; do is_final "$id" || { echo "lost: $id" >&2 && lost=$((lost + 1)); }; done
    echo "$lost"
}
stop_server() {
    local deadline=$((EPOCHSECONDS + STOP_S))
    kill "$server_pid"
    while kill -0 "$server_pid" 2>/dev/null; do
        ((EPOCHSECONDS < deadline)) || { echo "the server has not stopped within $STOP_S s" >&2 && exit 1; }
        read -rt 0.05 <> <(:) || true
    done
    wait "$server_pid"
}
# Waits for the end of a job that runs: its transactions were sent again by the start. A server that
# no longer answers ends it too.
ends_well() {
    local job deadline=$((EPOCHSECONDS + JOB_S))
    while job=$(curl -sf "$url$1"); do
        if ((EPOCHSECONDS >= deadline)); then
            echo "still running after $JOB_S s:" >&2
            JOB_S=1 # all others have had that time too
            break
        fi
        case $job in
        *'"running":false'*'"success":true'*) return 0 ;;
        *'"running":false'*) break ;;
        esac
        read -rt 0.05 <> <(:) || true
    done
    echo "lost: $1 ${job:-is not there}" >&2
    return 1
}
count_lost_jobs() { # on standard input
    local lost=0 location
    while read -r location; do ends_well "$location" || lost=$((lost + 1)); done
    echo "$lost"
}
rows() { curl -sf "$url/v1/events?perPage=1000" && curl -sf "$url/capture?perPage=1000"; }

lost=0 checked=0 checked_jobs=0
for ((cycle = 1; cycle <= cycles; cycle++)); do
    start_server
    lost=$((lost + $(tail -n +$((checked + 1)) "$final" | count_lost)))
    checked=$(wc -l <"$final")
    lost=$((lost + $(tail -n +$((checked_jobs + 1)) "$accepted" | count_lost_jobs)))
    checked_jobs=$(wc -l <"$accepted")
    senders=()
    for pair in alice:bob bob:alice faucet:alice witness-1:bob witness-2:bob witness-3:alice; do
        send_transfers "${pair%:*}" "${pair#*:}" &
        senders+=($!)
    done
    send_captures &
    senders+=($!)
    read -rt "$((RANDOM % 2)).$((RANDOM % 900 + 100))" <> <(:) || true
    kill -9 "$server_pid"
    wait "$server_pid" 2>/dev/null || true
    wait "${senders[@]}" 2>/dev/null || true
    [ -t 1 ] && printf '\r%d of %d, %d final' "$cycle" "$cycles" "$(wc -l <"$final")"
done
[ -t 1 ] && printf '\n'

start_server
lost=$((lost + $(sort -u "$final" | count_lost) + $(count_lost_jobs <"$accepted")))
rows >"$work/before"
stop_server
start_server --rebuild-index
await_rebuild
rows >"$work/after"
stop_server
cmp "$work/before" "$work/after" || { echo "the rebuilt index differs" >&2 && lost=$((lost + 1)); }
if [ -n "${LMM_TEST_POSTGRES-}" ]; then
    start_server --rebuild-index --index "$LMM_TEST_POSTGRES"
    rows >"$work/postgres"
    stop_server
    cmp "$work/before" "$work/postgres" ||
        { echo "the index on PostgreSQL differs" >&2 && lost=$((lost + 1)); }
fi
server_pid=
echo "$(wc -l <"$final") reported final, $(wc -l <"$accepted") captures accepted"
printf '{"cycles": %d, "submitted": %d, "lost": %d}\n' "$cycles" \
    "$(cat "$final" "$accepted" | wc -l)" "$lost"
[ "$lost" -eq 0 ] || exit 1
# A run that sent nothing has shown nothing.
if [ "$(wc -l <"$final")" -lt "$cycles" ] || [ "$(wc -l <"$accepted")" -lt $(((cycles + 1) / 2)) ]; then
    echo "too little was sent to tell" >&2
    exit 1
fi
