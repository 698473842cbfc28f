#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What ./run and ./check install, by whom, and what they say when they cannot. apt-get, sudo and id are
# stand-ins: nothing is installed here.
set -euo pipefail
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
tell() { printf '%s\n%s\n' "${output-}" "$(cat "$folder/story")"; }

mkdir "$folder/bin" "$folder/sudo" "$folder/logs"
export STORY=$folder/story INSTALLED=$folder/file
stand_in() { # PATH LINE...
    printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
    chmod +x "$1"
}
# shellcheck disable=SC2016 # expanded inside
{
    stand_in "$folder/bin/id" 'echo "$USER_ID"'
    stand_in "$folder/bin/apt-get" 'echo "apt-get $*" >>"$STORY"' \
        '[ "$1" != install ] || [ "$BROKEN" ] || touch "$INSTALLED"'
    stand_in "$folder/sudo/sudo" 'echo "sudo $*" >>"$STORY"' \
        '[ "$1" != -n ] || exit "$ASKS"' '[ "$1" != -v ] || exit 0' 'exec "$@"'
}

# install STATUS [NAME=VALUE...]: a file of the package `pack`, and another that is there.
install() {
    local expected=$1 status=0
    shift
    : >"$STORY"
    # shellcheck disable=SC2016 # expanded inside
    output=$(env USER_ID=1000 ASKS=1 BROKEN='' PATH="$folder/bin:$PATH" "$@" bash -c '
        set -Eeuo pipefail
        LOGS=$2
        . "$1/scripts/lib/terminal.sh"
        . "$1/scripts/lib/packages.sh"
        install_packages "file:$INSTALLED:pack" "file:/:base" "command:sh:dash"
        echo went on' install "$source" "$folder/logs" 2>&1 </dev/null) || status=$?
    [ $status -eq "$expected" ] || { output+=" (status $status)" && return 1; }
}
says() { grep -qF -- "$1" <<<"$output"; }
story() { [ "$(tr '\n' ';' <"$STORY")" = "$1" ]; }
# What a machine without sudo has: all the same programs.
mkdir "$folder/plain"
for program in bash sh env awk cut date grep sed sleep tail tr find touch cat; do
    ln -s "$(command -v $program)" "$folder/plain/$program"
done
none=$folder/bin:$folder/plain with_sudo=$folder/bin:$folder/sudo:$folder/plain
line='apt-get install --yes --no-install-recommends pack'

touch "$INSTALLED"
is goes_on_when_all_is_there install 0 PATH="$none"
is and_asks_nobody story ''
rm "$INSTALLED"
is stops_without_root_and_sudo install 2 PATH="$none"
is and_prints_the_one_line says "sudo $line"
is and_goes_no_further test "${output##*went on*}"
is stops_where_sudo_wants_a_password_and_there_is_no_terminal install 2 PATH="$with_sudo"
is and_prints_the_line_then_too says "sudo $line"
is and_runs_nothing story 'sudo -n true;'
is installs_by_sudo install 0 PATH="$with_sudo" ASKS=0
is and_asks_for_no_password story \
    "sudo -n true;sudo apt-get update;apt-get update;sudo env DEBIAN_FRONTEND=noninteractive $line;$line;"
rm "$INSTALLED"
is installs_as_root install 0 PATH="$with_sudo" USER_ID=0
is and_needs_no_sudo story "apt-get update;$line;"
rm "$INSTALLED"
is notices_what_was_installed_and_is_not_there install 1 PATH="$none" USER_ID=0 BROKEN=yes
is and_names_it says 'still not found: pack'

close_cases
