#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A check that cannot fail is a defect: each rule of the layer, source and formatter checks is shown
# a small tree with one violation planted in it and has to name it.
set -euo pipefail
scripts=$(cd "${srcdir:-$(dirname "$0")/../..}/scripts" && pwd)
config=$(cd "$scripts/.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
passed=0 failed=0

# A tree that every check accepts.
plant_clean() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{chaincore/{base,crypto,chain,ledger},apps/common/json,tests/unit/chain}
    local licence='// SPDX-License-Identifier: Apache-2.0'
    printf '%s\n#include <stdlib.h>\n' "$licence" >"$tree/chaincore/base/buf.h"
    printf '%s\n#include "chaincore/base/buf.h"\n' "$licence" >"$tree/chaincore/chain/tx.h"
    printf '%s\n#include "chaincore/chain/tx.h"\nint main(void) { return 0; }\n' "$licence" \
        >"$tree/tests/unit/chain/test_tx.c"
}

# expect NAME REGEX COMMAND...: fails, and says so in words that match.
expect() {
    local name=$1 regex=$2 output
    shift 2
    if output=$("$@" 2>&1); then
        echo "FAILED $name: accepted"
        failed=$((failed + 1))
    elif ! [[ $output =~ $regex ]]; then
        printf 'FAILED %s: refused for another reason:\n%s\n' "$name" "$output"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}
# accepts NAME COMMAND...
accepts() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        printf 'FAILED %s: %s\n' "$name" "$output"
        failed=$((failed + 1))
    fi
}
# What is skipped counts as passed; ./check takes it out again.
skip() {
    passed=$((passed + 1))
    echo "SKIPPED $1"
}
# plant FILE TEXT: a source file of this one line, besides its licence.
plant() {
    plant_clean
    mkdir -p "$(dirname "$tree/$1")"
    printf '// SPDX-License-Identifier: Apache-2.0\n%s\n' "$2" >"$tree/$1"
}
# alone CHECK NAME FILE TEXT REGEX: in a tree with nothing else against the rules, so that it is this
# which ends the check with a failure. One for each place in a check that counts one.
alone() {
    plant "$3" "$4"
    expect "$2" "$5" "$scripts/$1" "$tree"
}
# For all others one tree and one run do: each has a file of its own, FILE with its name before the
# ending, and must be the only thing said of that file.
names=() files=() texts=() regexes=()
beside() { # NAME FILE TEXT REGEX
    names+=("$1") files+=("${2%.*}_$1.${2##*.}") texts+=("$3") regexes+=("$4")
}
hold_all() { # CHECK
    local i said output line
    plant_clean
    for i in "${!names[@]}"; do
        [ -d "$tree/${files[i]%/*}" ] || mkdir -p "$tree/${files[i]%/*}"
        printf '// SPDX-License-Identifier: Apache-2.0\n%s\n' "${texts[i]}" >"$tree/${files[i]}"
    done
    output=$("$scripts/$1" "$tree" 2>&1) || true
    for i in "${!names[@]}"; do
        said=
        while IFS= read -r line; do
            case $line in "${files[i]}:"*) said+=${line#*/}$'\n' ;; esac
        done <<<"$output"
        said=${said%$'\n'}
        if [[ $said =~ ^[^$'\n']*(${regexes[i]})[^$'\n']*$ ]]; then
            passed=$((passed + 1))
        else
            printf 'FAILED %s: instead of /%s/: %s\n' "${names[i]}" "${regexes[i]}" "${said:-nothing}"
            failed=$((failed + 1))
        fi
    done
    names=() files=() texts=() regexes=()
}

plant_clean
accepts clean_tree_keeps_to_the_layers "$scripts/check-layers" "$tree"
accepts clean_tree_keeps_to_the_house_rules "$scripts/check-source" "$tree"
plant chaincore/ledger/a.c '/* malloc(1) is named here, and "sprintf(x)" there: */ const char *s = "free(x)"; // gets()'
accepts calls_in_comments_and_strings_are_none "$scripts/check-source" "$tree"

alone check-layers refuses_an_upward_include chaincore/crypto/a.c '#include "chaincore/chain/tx.h"' \
    'a.c:2: crypto may not include chain'
beside refuses_an_include_beside_the_arrows apps/common/json/a.c '#include "chaincore/chain/tx.h"' \
    'json may not include chain'
beside refuses_a_test_that_looks_up tests/unit/chain/a.c '#include "chaincore/ledger/state.h"' \
    'a test of chain may not include ledger'
beside refuses_a_header_away_from_home chaincore/chain/a.c '#include <sodium.h>' \
    '<sodium.h> belongs in chaincore/crypto'
beside refuses_a_header_of_ours_away_from_home chaincore/contract/a.c '#include "chaincore/vm/link.h"' \
    'belongs in chaincore/vm'
beside refuses_a_header_without_home chaincore/crypto/a.c '#include <openssl/ssl.h>' \
    'has no home'
beside refuses_an_include_not_from_the_root chaincore/chain/a.c '#include "tx.h"' 'from the root'
beside refuses_a_file_in_no_layer elsewhere/a.c '#include "chaincore/base/buf.h"' 'in no layer'
beside sees_an_include_with_spaces chaincore/crypto/a.c '  #  include "chaincore/chain/tx.h"' \
    'crypto may not include chain'
hold_all check-layers

for call in sprintf vsprintf strcpy strcat stpcpy gets; do
    beside "refuses_$call" chaincore/base/a.c "void f(void) { $call(a, b); }" ':2: no bound'
done
for call in strncpy strncat; do
    beside "refuses_$call" chaincore/base/a.c "void f(void) { $call(a, b); }" 'NUL'
done
for call in atoi atol atoll atof; do
    beside "refuses_$call" chaincore/base/a.c "int f(void) { return $call(a); }" 'error'
done
for call in strtok rand srand drand48 random asctime ctime gmtime localtime; do
    beside "refuses_$call" chaincore/base/a.c "void f(void) { $call(a); }" 'state between calls'
done
alone check-source refuses_alloca chaincore/base/a.c 'void f(void) { alloca(1); }' 'stack'
for call in system popen; do
    beside "refuses_$call" chaincore/base/a.c "void f(void) { $call(a); }" 'shell'
done
for call in malloc calloc realloc reallocarray aligned_alloc posix_memalign strdup strndup \
    asprintf vasprintf free; do
    beside "refuses_${call}_outside_base" chaincore/chain/a.c "void f(void) { $call(a); }" \
        'only chaincore/base'
done
beside refuses_raw_amounts chaincore/ledger/a.c 'int f(void) { return a->balance.units; }' \
    'struct amount'
beside refuses_raw_amounts_by_pointer chaincore/ledger/a.c 'int f(void) { return a->units; }' \
    'struct amount'
for type in float double; do
    beside "refuses_${type}_in_agreement" chaincore/chain/a.c "$type f(void);" 'floating point'
done
for call in clock_wall_ms clock_monotonic_ms clock_gettime gettimeofday time; do
    beside "refuses_${call}_in_agreement" chaincore/chain/a.c "void f(void) { $call(a); }" \
        'a clock'
done
alone check-source refuses_what_has_no_place_in_agreement chaincore/chain/a.c "float f(void);" 'a.c:2: floating point'
hold_all check-source

plant_clean
echo 'int a;' >"$tree/chaincore/base/a.c"
expect refuses_a_file_without_licence 'a.c:1: no SPDX' "$scripts/check-source" "$tree"
plant_clean
printf '#!/bin/sh\necho\n' >"$tree/tool"
expect refuses_a_script_without_licence 'tool:1: no SPDX' "$scripts/check-source" "$tree"
plant chaincore/base/a.c "$(printf 'int a;\n%.0s' {1..600})"
expect refuses_a_file_of_601_lines '601 lines, at most 600' "$scripts/check-source" "$tree"
if command -v pmccabe >/dev/null; then
    body=$(printf '    a++;\n%.0s' {1..59})
    alone check-source refuses_a_function_of_61_lines chaincore/base/a.c "void longest(void) {
$body
}" 'longest has 61 lines'
else
    skip "refuses_a_function_of_61_lines: pmccabe is not installed"
fi
alone check-source refuses_a_home_directory chaincore/base/a.c "// see /ho""me/someone/notes" 'one machine'
alone check-source refuses_the_path_of_the_checkout chaincore/base/a.c "// see $tree/notes" 'this checkout'
alone check-source refuses_unfinished_work chaincore/base/a.c "// TO""DO: the rest" 'unfinished'
plant_clean
printf '{"%s": "http%s"}\n' resolved 's://registry.example/a.tgz' >"$tree/package-lock.json"
expect refuses_addresses_in_a_lock_file 'lock file' "$scripts/check-source" "$tree"
plant_clean
rm -r "$tree/chaincore" "$tree/tests"
expect refuses_an_empty_tree 'no C sources' "$scripts/check-source" "$tree"

# The tools of `check`, as they are set up here.
if command -v clang-format >/dev/null; then
    cp "$config/.clang-format" "$tree/"
    plant chaincore/base/a.c 'int   a ;'
    expect formatter_refuses_bad_layout 'clang-format' \
        clang-format --dry-run -Werror "$tree/chaincore/base/a.c"
else
    skip "formatter_refuses_bad_layout: clang-format is not installed"
fi
if command -v codespell >/dev/null; then
    plant chaincore/base/a.c "// rec""ieve"
    expect speller_refuses_a_slip 'receive' codespell --config "$config/.codespellrc" "$tree"
else
    skip "speller_refuses_a_slip: codespell is not installed"
fi

echo "COUNTED $passed passed, $failed failed"
[ "$failed" -eq 0 ]
