#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The light client must fit a device without an operating system: all that is below its headers, the
# decoders of what it is given included, compiles with -ffreestanding, and asks from outside for the
# list below, which has no allocator in it. Prints how much code it is, and the deepest stack frame.
set -eu
top=${srcdir:-$(dirname "$0")/../..}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What every compiler may call; then libsodium's, and what a device brings: what happens when an
# invariant breaks.
compiler='memcpy memset memcmp memmove'
allowed='strlen status_claim_failed crypto_generichash_blake2b_init_salt_personal
    crypto_generichash_blake2b_update crypto_generichash_blake2b_final
    crypto_generichash_blake2b_salt_personal crypto_sign_verify_detached'
# What a client calls: light/ whole, and what makes its arguments of bytes.
roots=$(sed -nE 's/^(enum status|const char \*|void|bool) ?((light|trust)_[a-z_]*)\(.*/\2/p' \
    "$top"/chaincore/light/*.h)
roots="$roots header_decode header_id tx_decode receipt_decode event_decode merkle_branch_decode
    event_proof_decode witness_set_hash genesis_head_decode"

objects=
# buf_halt stands for the heap: a buf that would grow halts.
for source in base/buf base/buf_halt base/bytes base/codec crypto/edge_cases crypto/hash crypto/sign \
    chain/amount chain/authority chain/certificate chain/envelope chain/genesis_head chain/header \
    chain/merkle chain/params chain/proof chain/receipt chain/state_proof chain/tx \
    light/light light/trust; do
    object=$work/$(echo "$source" | tr / _).o
    # shellcheck disable=SC2086 # the flags are words
    ${CC:-cc} ${SODIUM_CFLAGS-} -std=gnu11 -Os -ffreestanding -ffunction-sections -fdata-sections \
        -fstack-usage -I "$top" -c "$top/chaincore/$source.c" -o "$object"
    objects="$objects $object"
done
# link OUT ALLOWED...: what is reached from the roots, with nothing from outside but ALLOWED.
link() {
    out=$1
    shift
    # shellcheck disable=SC2046,SC2086
    ld --gc-sections -e light_check_header $(printf -- '-u %s ' $roots) \
        $(printf -- '--defsym=%s=0 ' $compiler "$@") $objects -o "$out" 2>"$work/errors"
}
fail() {
    echo "$1"
    sed -n 's/.*undefined reference to /    /p' "$work/errors" | sort -u
    echo "COUNTED 0 passed, 1 failed"
    exit 1
}
# shellcheck disable=SC2086
link "$work/light" $allowed || fail "the light client asks for more than a device has:"
# Each name of the list is needed, so the list hides nothing.
for name in $allowed; do
    others=$(echo " $allowed " | tr '\n' ' ' | sed "s/ $name / /")
    # shellcheck disable=SC2086
    if link "$work/less" $others; then fail "the light client does without $name: off the list"; fi
done
size "$work/light" |
    awk 'NR == 2 {print "light client: " $1 " bytes of code and constants, " $2 + $3 " of data"}'
nm "$work/light" | awk '{print $3}' >"$work/reached"
cat "$work"/*.su | awk -F '\t' '{sub(".*:", "", $1); print $2 "\t" $1}' | sort -n -r |
    while read -r bytes name; do
        if grep -qx "$name" "$work/reached"; then
            echo "deepest frame: $bytes bytes, in $name"
            break
        fi
    done
echo "COUNTED 1 passed, 0 failed"
