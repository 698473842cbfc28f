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

close_cases
