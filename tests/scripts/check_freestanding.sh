#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The light client must fit a device without an operating system: all that is below its headers, the
# decoders of what it is given included, compiles with -ffreestanding, and asks from outside for the
# list below, which has no allocator in it. So must a lock (apps/sharing/lock), which signs besides.
# Prints how much code each is, and the deepest stack frame.
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
compile() {
    object=$work/$(echo "$1" | tr / _).o
    # shellcheck disable=SC2086 # the flags are words
    ${CC:-cc} ${SODIUM_CFLAGS-} -std=gnu11 -Os -ffreestanding -ffunction-sections -fdata-sections \
        -fstack-usage -I "$top" -c "$top/$1.c" -o "$object"
    objects="$objects $object"
}
for source in base/buf base/buf_halt base/bytes base/codec crypto/edge_cases crypto/hash crypto/sign \
    chain/amount chain/approval chain/authority chain/certificate chain/envelope chain/evidence \
    chain/genesis_head chain/header \
    chain/merkle chain/params chain/proof chain/receipt chain/state_proof chain/tx \
    light/light light/trust; do
    compile "chaincore/$source"
done
# link OUT ALLOWED...: what is reached from the roots, with nothing from outside but ALLOWED.
link() {
    linked=$1
    shift
    # shellcheck disable=SC2046,SC2086
    ld --gc-sections -e "${roots##* }" $(printf -- '-u %s ' $roots) \
        $(printf -- '--defsym=%s=0 ' $compiler "$@") $objects -o "$linked" 2>"$work/errors"
}
fail() {
    echo "$1"
    sed -n 's/.*undefined reference to /    /p' "$work/errors" | sort -u
    echo "COUNTED 0 passed, 1 failed"
    exit 1
}
# hold WHAT OUT ALLOWED...: links, needs each name of the list, so that the list hides nothing, and is
# measured.
hold() {
    what=$1 out=$2
    shift 2
    link "$out" "$@" || fail "the $what asks for more than a device has:"
    for name; do
        others=$(echo " $* " | sed "s/ $name / /")
        # shellcheck disable=SC2086
        if link "$work/less" $others; then fail "the $what does without $name: off the list"; fi
    done
    size "$out" | awk -v what="$what" \
        'NR == 2 {print what ": " $1 " bytes of code and constants, " $2 + $3 " of data"}'
    nm "$out" | awk '{print $3}' >"$work/reached"
    cat "$work"/*.su | awk -F '\t' '{sub(".*:", "", $1); print $2 "\t" $1}' | sort -n -r |
        while read -r bytes name; do
            if grep -qx "$name" "$work/reached"; then
                echo "deepest frame: $bytes bytes, in $name"
                break
            fi
        done
}
# shellcheck disable=SC2086
hold 'light client' "$work/light" $allowed

for source in access_log flash frame lock lock_check lock_news message; do
    compile "apps/sharing/lock/$source"
done
roots='lock_set_up lock_power_on lock_connect lock_receive lock_give'
hold lock "$work/lock" status_claim_failed crypto_generichash_blake2b_init_salt_personal \
    crypto_generichash_blake2b_update crypto_generichash_blake2b_final \
    crypto_generichash_blake2b_salt_personal crypto_sign_verify_detached crypto_sign_detached \
    crypto_sign_seed_keypair sodium_memzero
echo "COUNTED 2 passed, 0 failed"
