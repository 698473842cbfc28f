#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/configuration.md: a server told by a file, the environment and flags; what it prints and checks.
# Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -u
: "${srcdir:=.}"
folder=$(mktemp -d)
server=
unset "${!LMM_@}"
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
    server=
}
trap 'stop; rm -r "$folder"' EXIT

# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"
same() { [ "$1" = "$2" ] || { echo "$1 is not $2" && false; }; }

# ask FLAG...: the program's status, and what it wrote.
ask() {
    status=0
    ./lmm-supplychain "$@" >"$folder/out" 2>"$folder/err" || status=$?
}
ends() {
    local expected=$1
    shift
    ask "$@"
    same $status "$expected"
}

file=$folder/server.conf
cat >"$file" <<END
# A devnet.
data = $folder/data
listen = 127.0.0.1:0
devnet = yes
index = postgresql://me:secret@localhost/lmm
END

is a_good_file_passes ends 0 --config "$file" --check-config
is and_it_says_so grep -q 'The configuration is good' "$folder/out"
is nothing_was_made eval '[ ! -e "$folder/data" ]'
LMM_LOG_LEVEL=warning ask --config "$file" --print-config --listen 127.0.0.1:1
is printing_ends_well same $status 0
is a_flag_is_named grep -qxF '# flag --listen' "$folder/out"
is a_variable_is_named grep -qxF '# environment LMM_LOG_LEVEL' "$folder/out"
is a_line_is_named grep -qxF "# file $file:2" "$folder/out"
is a_default_is_named grep -qxF '# not set: web' "$folder/out"
is a_password_is_not_told eval '! grep -q secret "$folder/out" "$folder/err"'
is and_the_rest_of_its_url_is grep -qxF 'index = postgresql://me:***@localhost/lmm' "$folder/out"
cp "$folder/out" "$folder/printed.conf"
is what_is_printed_can_be_read ends 0 --config "$folder/printed.conf" --check-config

printf 'colour = red\nlisten = nowhere\n' >"$folder/bad.conf"
is a_bad_file_is_refused ends 2 --config "$folder/bad.conf" --check-config
is with_each_fault same "$(wc -l <"$folder/err")" 5
is with_lines grep -qxF "$folder/bad.conf:2: listen: takes ADDRESS:PORT, not nowhere" "$folder/err"
is nobody_starts_with_it ends 2 --config "$folder/bad.conf"
is unknown_flags_are_refused ends 2 --config "$file" --color
is a_folder_that_cannot_be_is_found ends 2 --config "$file" --data "$file/x" --check-config
is help_needs_nothing ends 0 --help
is help_lists_all grep -q -- '--print-config' "$folder/out"
# Every option is told about, and nothing else is.
is the_documentation_lists_every_option same \
    "$(sed -n 's/^  --\([a-z-]*\).*/\1/p' "$folder/out" | sort | tr '\n' ' ')" \
    "$(sed -n 's/^| `--\([a-z-]*\)[` ].*/\1/p' "$srcdir/docs/configuration.md" | sort | tr '\n' ' ')"

./lmm-supplychain --config "$file" --index "sqlite:$folder/other.db" 2>"$folder/log" &
server=$!
is_ready() {
    for _ in $(seq 400); do
        [ "$(jq -r .pid "$folder/data/ready.json" 2>/dev/null)" = "$server" ] && return
        kill -0 "$server" 2>/dev/null || return
        sleep 0.05
    done
    return 1
}
is a_server_starts_from_a_file is_ready
is a_flag_goes_over_the_file test -e "$folder/other.db"
is a_check_disturbs_nobody ends 0 --config "$file" --check-config
stop

close_cases
