#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `lmm` against a node that behaves otherwise than it should. Run in the build root by `make check`.
set -u
: "${srcdir:=.}"
command -v node >/dev/null || { echo "SKIPPED lmm against odd nodes: no node" && exit 77; }
folder=$(mktemp -d)
node=
stop() {
    [ -z "$node" ] || { kill "$node" 2>/dev/null && wait "$node" 2>/dev/null; }
    rm -r "$folder"
}
trap stop EXIT

# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"

start_node() { # QUESTIONS END
    start_script "$srcdir/tests/scripts/impatient_node.mjs" "$folder/url" "$@"
}
start_script() { # ARGUMENT...
    node "$@" &
    node=$!
    until [ -s "$folder/url" ]; do
        kill -0 "$node" 2>/dev/null || break
        read -rt 0.05 <> <(:) || true
    done
}
start_node 6 '{"status": "final", "height": 7}'
id=$(printf 'be%.0s' $(seq 32))
said=$(./lmm tx "$id" --wait --url "$(cat "$folder/url")" 2>&1)
is waits_until_it_is_final test "$said" = "$id  final at height 7"
# 100, 200 ... 1,600 ms: 3.1 s together.
paused() { awk '{sum += $1} END {exit !(NR == 5 && sum > 2800)}' "$folder/url.pauses"; }
is asks_less_and_less_often paused

kill "$node" && wait "$node" 2>/dev/null
rm "$folder/url"

# Admitted, and then dropped: it has a code and no height.
start_node 2 '{"status": "failed", "code": "CANNOT_PAY_GAS", "message": "so little"}'
url=$(cat "$folder/url") status=0
said=$(./lmm tx "$id" --wait --json --url "$url" 2>"$folder/complaint") || status=$?
is prints_a_dropped_one_as_json test "$said" = \
    "{\"id\": \"$id\", \"status\": \"failed\", \"height\": null, \"code\": \"CANNOT_PAY_GAS\", \"message\": \"so little\"}"
is fails_with_it test $status -eq 1 -a ! -s "$folder/complaint"
said=$(./lmm tx "$id" --url "$url")
is says_why_to_people test "$said" = "$id  failed: so little (CANNOT_PAY_GAS)"

kill "$node" && wait "$node" 2>/dev/null
rm "$folder/url"

# Too busy to say whether there is one: nobody concludes that there is none.
# shellcheck disable=SC2016 # that is JavaScript
start_script -e 'require("node:http").createServer((_, response) => {
    response.statusCode = 503;
    response.end(JSON.stringify({ code: "busy", detail: "The server is busy." }));
}).listen(0, "127.0.0.1", function () {
    require("node:fs").writeFileSync(process.argv[1], `http://127.0.0.1:${this.address().port}`);
})' "$folder/url"
url=$(cat "$folder/url")
is_busy() { # ARGUMENT...
    status=0
    said=$(./lmm "$@" --url "$url" 2>&1) || status=$?
    [ $status -eq 1 ] && [[ $said == *'The server is busy. (busy, HTTP 503)'* && $said != *'there is'* ]]
}
is a_busy_node_has_not_said_that_there_is_no_contract is_busy contract show orchard
is nor_that_it_lacks_a_proof is_busy proof 7

kill "$node" && wait "$node" 2>/dev/null
rm "$folder/url"

# A node that has no room says when to come again: to each path its answers, in turn. What came is written down.
# shellcheck disable=SC2016 # that is JavaScript
start_script -e '
const [file, name] = process.argv.slice(1), fs = require("node:fs"), turns = {}, begin = performance.now();
const id = "be".repeat(32), busy = (status, after) => [status, { code: "full", detail: "No room." }, after];
const tx = [200, { id, status: "final", height: 7 }];
const answers = {
    once: [busy(503, 1), tx], limited: [busy(429, 1), tx], held: [busy(409, 1), tx], date: [busy(503, "date"), tx],
    long: [busy(503, 61)], later: [busy(503, 1), busy(503, 60)], never: [busy(503)], day: [busy(429, 40000)],
    refused: [[409, { code: "WRONG_NONCE", detail: "Not this one." }]],
};
let now = "once";
require("node:http").createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part)).on("end", () => {
        if (request.url.startsWith("/now/")) { now = request.url.slice(5); turns[now] = 0; fs.writeFileSync(name, ""); return response.end(); }
        const [status, answer, after] = answers[now][Math.min(turns[now]++, answers[now].length - 1)];
        fs.appendFileSync(name, [request.method, request.headers["idempotency-key"] ?? "-", Math.round(performance.now() - begin), body].join(" ") + "\n");
        const date = new Date(Date.now() + 2000).toUTCString();
        response.writeHead(status, after ? { "Retry-After": after === "date" ? date : after } : {});
        response.end(JSON.stringify(answer));
    });
}).listen(0, "127.0.0.1", function () { fs.writeFileSync(file, `http://127.0.0.1:${this.address().port}`); });
' "$folder/url" "$folder/came"
url=$(<"$folder/url")
printf 'a key' >"$folder/key"
answering() { # HOW STATUS ARGUMENT...: leaves `said`, errors among it
    local expected=$2
    exec 5<>"/dev/tcp/127.0.0.1/${url##*:}"
    printf 'GET /now/%s HTTP/1.0\r\n\r\n' "$1" >&5
    read -ru 5 _
    exec 5<&-
    shift 2
    status=0
    said=$(./lmm "$@" --url "$url" 2>&1) || status=$?
    [ $status -eq "$expected" ]
}
came() { [ "$(wc -l <"$folder/came")" -eq "$1" ]; }
waited() { awk -v least="$1" '{ last = $3 } NR == 1 { first = $3 } END { exit !(last - first >= least) }' "$folder/came"; }
tells() { [[ $said == *"$1"* ]]; }
is asks_again_a_node_without_room answering once 0 tx "$id"
is after_as_long_as_it_is_told waited 1000
is and_gets_its_answer tells "$id  final at height 7"
is and_tells_what_it_waits_for tells "$url is busy (HTTP 503): lmm asks again in 1 s"
is asks_again_where_it_asked_too_often answering limited 0 tx "$id"
is as_often_as_it_takes came 2
is reads_a_date_too answering date 0 tx "$id"
is and_gets_that_answer tells "$id  final at height 7"
is does_not_wait_for_longer_than_a_minute answering long 1 tx "$id"
is and_says_so tells 'says to come again in 61 s; lmm waits for 60 s in all'
is with_the_node_s_words tells 'No room. (full, HTTP 503)'
is and_asks_once came 1
is nor_for_a_minute_more_than_it_has_waited answering later 1 tx "$id"
is but_until_then came 2
is nor_for_a_day answering day 1 tx "$id"
is once came 1
is does_not_guess_when answering never 1 tx "$id"
is and_does_not_ask_again came 1

# What changes something is known again by its key, or not sent twice.
is_one_request() { awk '$1 != "POST" || length($2) != 32 || (NR > 1 && $2 $4 != was) { exit 1 } { was = $2 $4 }' "$folder/came"; }
are_sent() { [ "$(cut -d ' ' -f 1 "$folder/came" | tr '\n' ' ')" = "$1" ]; }
faucet=(devnet faucet lmm1kyvn4vtqhydwp6vjhx8wd685xs0nk3aa0ecvtgmln6ckhlejrppsx8tduv)
is posts_again_after_a_503 answering once 0 "${faucet[@]}"
is twice came 2
is the_same_under_one_key is_one_request
is posts_again_while_it_is_under_way answering held 0 "${faucet[@]}"
is as_one is_one_request
is leaves_a_refusal_alone answering refused 1 "${faucet[@]}"
is which_came_once came 1
revoke=(api-key revoke abc --api-key-file "$folder/key")
is does_not_delete_what_may_be_gone_by_now answering once 1 "${revoke[@]}"
is and_says_why_it_failed tells 'No room. (full, HTTP 503)'
is which_was_sent_once are_sent 'DELETE '
is deletes_what_was_refused_for_haste answering limited 0 "${revoke[@]}"
is by_a_second_one are_sent 'DELETE DELETE '

close_cases
