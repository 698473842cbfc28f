# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For a test of `lmm` with a real server, which sources this in the build root, with the source tree
# in `source`: a devnet of its own, in a folder of its own, where the test then stands.
# shellcheck disable=SC2034 # what is set here is for the test
: "${source:?the source tree}"

for need in jq curl; do
    command -v $need >/dev/null || { echo "SKIPPED lmm with a server: no $need" && exit 77; }
done
market=${market:-supplychain}
[ -x "./lmm-$market" ] || { echo "SKIPPED lmm with a server: no server in this build" && exit 77; }
lmm=$PWD/lmm
build=$PWD
folder=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$folder"
}
trap cleanup EXIT
unset "${!LMM_@}" http_proxy all_proxy ALL_PROXY no_proxy NO_PROXY
export HOME=$folder

out='' complaint='' status=0
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
tell() { printf 'status %d\n%s\n%s\n' "$status" "$out" "$complaint"; }
# lmm STATUS ARGUMENT...: leaves what it printed in `out`, and its errors in `complaint`.
lmm() {
    local expected=$1
    shift
    status=0
    out=$("$lmm" "$@" 2>"$folder/complaint") || status=$?
    complaint=$(<"$folder/complaint")
    [ "$status" -eq "$expected" ]
}
prints() { [ "$out" = "$1" ]; }
prints_like() { [[ $out =~ ^$1$ ]]; }
complains() { [[ $complaint == *"$1"* ]]; }

ready=$folder/data/ready.json
# shellcheck source=scripts/lib/devnet.sh
. "$source/scripts/lib/devnet.sh" # is_ready_of, pause, write_devnet_json
# begin_server FLAG...: on the data of this test; returns once it is ready.
begin_server() {
    "$build/lmm-$market" --data "$folder/data" --listen 127.0.0.1:0 "$@" 2>>"$folder/log" &
    server=$!
    until is_ready_of $server "$ready"; do
        kill -0 $server 2>/dev/null || { cat "$folder/log" && exit 1; }
        pause 0.02
    done
}
end_server() {
    kill "$server"
    wait "$server" || true
    server=
}
begin_server --devnet
cd "$folder" || exit
write_devnet_json "$ready"
url=$(jq -r .url "$ready") api_key=$(jq -r .api_key "$ready")
hex='[0-9a-f]{64}' address='lmm1[0-9a-z]{58}'
done='"status": "final", "height": [0-9]+, "code": "OK", "message": null'
# shown FILTER: of the last command's JSON.
shown() { jq -r "$1" <<<"$out"; }
flip() { # FILE OFFSET: another byte there
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059 # an octal escape
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
