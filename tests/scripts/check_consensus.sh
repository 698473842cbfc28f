#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Agreement is a pure state machine: its objects ask from outside for what is on the list, and for
# nothing that allocates, reads a clock, draws a number, or talks to anybody.
set -eu
library=libconsensus.a
# The shapes of the chain and their hashes; what every compiler may call; a broken invariant.
allowed='certificate_add hash_bytes hash_is_zero header_id
    memcmp memcpy memmove memset status_claim_failed'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nm -g --defined-only "$library" | awk 'NF == 3 {print $3}' | sort -u >"$work/own"
nm -u "$library" | awk '$1 == "U" {print $2}' |
    grep -Ev '^(__asan_|__ubsan_|__tsan_|__gcov_|__llvm_|__stack_chk_|__sanitizer_|_GLOBAL_OFFSET)' |
    sort -u | comm -23 - "$work/own" >"$work/asked"
# shellcheck disable=SC2086 # the names are words
printf '%s\n' $allowed | sort >"$work/allowed"

failed=0
if [ ! -s "$work/own" ] || ! grep -qx consensus_step "$work/own"; then
    echo "$library has no consensus_step: nothing was looked at"
    failed=1
fi
if ! comm -23 "$work/asked" "$work/allowed" | grep . >"$work/more"; then :; else
    echo 'agreement asks for more than it may:'
    cat "$work/more"
    failed=1
fi
echo "agreement asks for: $(tr '\n' ' ' <"$work/asked")"
# What the shapes need is pure too; a buffer over an array never grows (base/buf.h).
echo "COUNTED $((1 - failed)) passed, $failed failed"
exit "$failed"
