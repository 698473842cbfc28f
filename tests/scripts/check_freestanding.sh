#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The light client must fit a device without an operating system: its sources compile with
# -ffreestanding, and all that they ask for from outside is the list below. Prints how much code it
# is, and the deepest stack frame.
set -eu
top=${srcdir:-$(dirname "$0")/../..}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of the compiler, of libsodium, and what a device brings: what happens when an invariant breaks.
allowed='memcpy memset memcmp memmove strlen status_claim_failed buf_grow
    crypto_generichash_blake2b_init_salt_personal crypto_generichash_blake2b_update
    crypto_generichash_blake2b_final crypto_generichash_blake2b_salt_personal
    crypto_sign_verify_detached crypto_sign_ed25519_verify_detached'
roots=$(sed -n 's/^\(enum status \|void \)\(light_[a-z_]*\)(.*/\2/p' \
    "$top"/chaincore/light/light.h "$top"/chaincore/light/trust.h)

objects=
for source in base/buf base/bytes base/codec crypto/hash crypto/sign chain/certificate chain/genesis \
    chain/header chain/merkle chain/params chain/proof chain/receipt chain/state_proof \
    light/light light/trust; do
    object=$work/$(echo "$source" | tr / _).o
    # shellcheck disable=SC2086 # the flags are words
    ${CC:-cc} ${SODIUM_CFLAGS-} -std=gnu11 -Os -ffreestanding -ffunction-sections -fdata-sections \
        -fstack-usage -I "$top" -c "$top/chaincore/$source.c" -o "$object"
    objects="$objects $object"
done
begin=$(printf "%s\n" "$roots" | head -n 1)
# shellcheck disable=SC2046,SC2086
if ! ld --gc-sections -e "$begin" $(printf -- '-u %s ' $roots) $(printf -- '--defsym=%s=0 ' $allowed) \
    $objects -o "$work/light" 2>"$work/errors"; then
    echo "the light client asks for more than a device has:"
    sed -n 's/.*undefined reference to /    /p' "$work/errors" | sort -u
    echo "COUNTED 0 passed, 1 failed"
    exit 1
fi
size "$work/light" |
    awk 'NR == 2 {print "light client: " $1 " bytes of code and constants, " $2 + $3 " of data"}'
sort -k 2 -n -r -t "$(printf '\t')" "$work"/light_*.su |
    awk -F '\t' 'NR == 1 {sub(".*:", "", $1); print "deepest frame: " $2 " bytes, in " $1}'
echo "COUNTED 1 passed, 0 failed"
