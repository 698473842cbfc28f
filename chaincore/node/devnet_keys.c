// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/devnet_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "chaincore/crypto/derive.h"

// Known to everybody: never put value under it.
const char devnet_mnemonic[] = "test test test test test test test test test test test junk";

void devnet_seed(uint8_t out[MNEMONIC_SEED_BYTES]) {
    ENSURE(mnemonic_to_seed(out, bytes_of_string(devnet_mnemonic), bytes_of("", 0)) == STATUS_OK);
}

void devnet_derive_key(struct secret_key *out, const uint8_t seed[MNEMONIC_SEED_BYTES],
                       const char *path_text) {
    struct derive_path path;
    struct derived_key derived;
    struct public_key public;
    ENSURE(derive_path_parse(&path, bytes_of_string(path_text)) == STATUS_OK);
    ENSURE(derive_along(&derived, bytes_of(seed, MNEMONIC_SEED_BYTES), &path) == STATUS_OK);
    key_from_seed(out, &public, derived.seed);
}

void devnet_witness_keys(struct secret_key *out, unsigned count,
                         const uint8_t seed[MNEMONIC_SEED_BYTES]) {
    for (unsigned i = 0; i < count; i++) {
        char path[32];
        snprintf(path, sizeof path, "m/44'/5718'/1'/%u'", i);
        devnet_derive_key(&out[i], seed, path);
    }
}

// The number that stands there, and what follows it; 0: none of a witness.
static unsigned long read_number(const char **at, unsigned count) {
    char *end;
    if (**at < '1' || **at > '9') return 0;
    unsigned long number = strtoul(*at, &end, 10);
    *at = end;
    return number <= count ? number : 0;
}

bool devnet_choose_witnesses(bool chosen[DEVNET_MOST_WITNESSES], unsigned count, const char *text) {
    memset(chosen, 0, DEVNET_MOST_WITNESSES * sizeof *chosen);
    if (strcmp(text, "none") == 0) return true;
    for (const char *at = text;; at++) {
        while (*at == ' ') at++;
        unsigned long first = read_number(&at, count), last = first;
        if (first > 0 && *at == '-') {
            at++;
            last = read_number(&at, count);
        }
        if (first == 0 || last < first) return false;
        for (unsigned long i = first; i <= last; i++) chosen[i - 1] = true;
        if (*at == '\0') return true;
        if (*at != ',') return false;
    }
}
