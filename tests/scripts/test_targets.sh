#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make TARGET` in the project's root, and what the long runs say where something is missing.
set -euo pipefail
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
tell() { printf '%s\n' "${output-}"; }

# ./run makes the Makefile, which tells what it was asked for.
mkdir "$folder/tree"
cp "$source/GNUmakefile" "$folder/tree/"
cat >"$folder/tree/run" <<'END'
#!/bin/sh
echo "run $*"
mkdir -p build
printf '%%:\n\t@echo "$@$(CYCLES)"\nall:\n\t@echo all\n.PHONY: all\n' >build/Makefile
END
chmod +x "$folder/tree/run"
touch "$folder/tree/check"
root() { # ARGUMENT...
    output=$(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -C "$folder/tree" "$@" 2>&1) ||
        output+=" (failed)"
}
says() { [ "$output" = "$1" ]; }
root vm-differential
is builds_what_is_not_there says $'./run --build-only\nrun --build-only\nvm-differential'
for target in all check spec cluster crash outage fuzz sanitize e2e e2e-core bench coverage tsan properties gas-table protocol-doc sim sim-plants \
    shots vm-differential dist distcheck install clean tests/unit/vm/test_vm; do
    root $target
    is "forwards_$target" says "$target"
done
root
is makes_all_by_default says all
root -j4 crash CYCLES=7 bench
is hands_on_variables_and_several_targets says $'crash7\nbench7'

# fails STATUS [NAME=VALUE...] SCRIPT
mkdir "$folder/bin"
for program in bash dirname env mktemp rm; do ln -s "$(command -v $program)" "$folder/bin/$program"; done
exits() {
    local expected=$1 status=0
    shift
    output=$(env srcdir="$source" "$@" 2>&1) || status=$?
    [ $status -eq "$expected" ] || { output+=" (status $status)" && return 1; }
}
last_line() { [ "${output##*$'\n'}" = "$1" ]; }
apt='sudo apt-get install --yes --no-install-recommends'
is spec_without_wabt_fails exits 2 PATH="$folder/bin" "$source/tests/vectors/spec.sh"
is and_says_what_to_install last_line "$apt wabt"
is so_does_vm_differential exits 2 PATH="$folder/bin" "$source/tests/vectors/vm_differential.sh"
is and_says_so_too last_line "$apt binaryen wabt"
touch "$folder/bin/wast2json"
chmod +x "$folder/bin/wast2json"
is spec_without_scripts_skips_them exits 77 PATH="$folder/bin" LMM_SHARED_DATA="$folder" \
    "$source/tests/vectors/spec.sh"
is and_counts_them last_line '{"passed": 0, "failed": 0, "skipped": 24681}'

close_cases
