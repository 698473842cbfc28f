#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL is killed with -9 while captures come in, is away for OUTAGE_S seconds in which they go on,
# and is brought back. Afterwards every capture that was accepted must be found by its job and by its own
# EPC, and the rows must be those that the chain gives afresh (--verify-index). The last line is one JSON
# object; exit 1 when anything is missing.
set -Eeuo pipefail

outage_s=${OUTAGE_S:-60}
senders=${SENDERS:-4}
# What takes longer will never come, and is an error.
: "${START_S:=60}" "${CATCH_UP_S:=300}"
unset http_proxy all_proxy ALL_PROXY
source_dir=$(cd "${srcdir:-.}" && pwd)
postgres=$source_dir/tests/support/postgres.sh
work=$(mktemp -d)
server_pid='' url='' database=''
cleanup() {
    touch "$work/over"
    [ -z "$server_pid" ] || kill -9 "$server_pid" 2>/dev/null || true
    wait 2>/dev/null || true
    [ -z "$database" ] || sh "$postgres" stop "$database" || true
    rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "outage: $1" >&2 && exit 1; }
moment() { read -rt 0.05 <> <(:) || true; }
# until_true SECONDS COMMAND...
until_true() {
    local deadline=$((EPOCHSECONDS + $1))
    shift
    until "$@"; do
        ((EPOCHSECONDS < deadline)) || return 1
        moment
    done
}
pass_s() { # SECONDS, and the server lives
    local until=$((EPOCHSECONDS + $1 + 1))
    while ((EPOCHSECONDS < until)); do
        kill -0 "$server_pid" 2>/dev/null || fail "the server has ended: $(tail -n 3 "$work/log")"
        moment
    done
}

server() { # FLAG...; in the place of the shell it runs in
    exec ./lmm-supplychain --data "$work/data" --listen 127.0.0.1:0 --devnet --index "$database" \
        --limit-key off "$@"
}
is_up() { [ "$(jq -r .pid "$work/data/ready.json" 2>/dev/null)" = "$server_pid" ]; }
is_ready() { curl -sf -o /dev/null "$url/readyz"; }
is_unready() { ! is_ready; }
metric() { curl -sf "$url/metrics" | sed -n "s/^$1 //p"; }
is_caught_up() { [ "$(metric lmm_index_healthy)" = 1 ] && [ "$(metric lmm_index_lag_blocks)" -le 1 ]; }

# One capture after the other, each of an EPC of its own; what is accepted is written down.
send_captures() { # SENDER
    local number=0 location document
    while [ ! -e "$work/over" ]; do
        number=$((number + 1))
        document=$(printf '{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/%s"],%s,%s}' \
            epcis-context.jsonld \
            '"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-02T03:04:05Z"' \
            "$(printf '"epcisBody":{"eventList":[{"type":"ObjectEvent","action":"OBSERVE",%s,%s}]}' \
                '"eventTime":"2026-01-02T03:04:05Z","eventTimeZoneOffset":"+00:00"' \
                "\"epcList\":[\"urn:epc:id:sgtin:0614141.10734$1.$number\"]")")
        location=$(curl -s -o "$work/answer$1" -D - "$url/capture" \
            -H "Authorization: Bearer $api_key" -H 'Content-Type: application/json' \
            --data "$document" | tr -d '\r' | sed -n 's/^Location: //p')
        if [ "$location" ]; then
            echo "$location urn:epc:id:sgtin:0614141.10734$1.$number" >>"$work/accepted$1"
        else
            cat "$work/answer$1" >>"$work/refused"
        fi
    done
}

# ask_each PREFIX <LINES: GET of the prefix with each; the answers, one a line.
ask_each() {
    sed "s|.*|url = \"$url$1&\"|" | curl -sf --config - --write-out '\n'
}

database=$(sh "$postgres" start $$) || { [ $? -eq 3 ] && exit 77; exit 1; }
server 2>>"$work/log" &
server_pid=$!
until_true "$START_S" is_up || fail "the server was not up within $START_S s"
url=$(jq -r .url "$work/data/ready.json")
api_key=$(jq -r .api_key "$work/data/ready.json")
until_true "$START_S" is_ready || fail "the server was not ready within $START_S s"
: >"$work/refused"
loads=()
for ((i = 0; i < senders; i++)); do
    : >"$work/accepted$i"
    send_captures "$i" &
    loads+=($!)
done
pass_s 2
sh "$postgres" kill "$database"
began=$EPOCHREALTIME
until_true 10 is_unready || fail "nobody noticed that the database is gone"
pass_s "$outage_s"
sh "$postgres" resume "$database"
back=$EPOCHREALTIME
until_true "$CATCH_UP_S" is_caught_up || fail "not caught up within $CATCH_UP_S s"
caught_up=$EPOCHREALTIME
pass_s 1
touch "$work/over"
wait "${loads[@]}"
cat "$work"/accepted? >"$work/accepted"
submitted=$(wc -l <"$work/accepted")
[ "$submitted" -gt "$outage_s" ] || fail "too little was accepted to tell: $submitted"
[ ! -s "$work/refused" ] || fail "a capture was refused: $(head -c 300 "$work/refused")"

has_all() {
    indexed=$(cut -d ' ' -f 1 "$work/accepted" | ask_each '' |
        grep -c '"running":false.*"success":true') || true
    [ "$indexed" -eq "$submitted" ]
}
indexed=0
until_true 60 has_all || true
found=$(cut -d ' ' -f 2 "$work/accepted" | ask_each '/v1/events?MATCH_epc=' | grep -c '"eventID"') || true
[ "$found" -eq "$submitted" ] || { echo "found by EPC: $found of $submitted" >&2 && indexed=$found; }
kill "$server_pid"
wait "$server_pid" || fail "the server ended with status $?"
server_pid=''
(server --verify-index) 2>>"$work/log" >"$work/verdict" || indexed=0
cat "$work/verdict"
missing=$((submitted - indexed))
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", b - a }'; }
printf '{"outage_s": %s, "submitted": %d, "indexed": %d, "missing": %d, "caught_up_s": %s}\n' \
    "$(seconds "$began" "$back")" "$submitted" "$indexed" "$missing" "$(seconds "$back" "$caught_up")"
[ "$missing" -eq 0 ]
