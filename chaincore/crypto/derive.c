// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/derive.h"

#include <sodium.h>

enum { DERIVED_BYTES = 64 };
static const uint32_t hardened_mark = UINT32_C(1) << 31;

_Static_assert(sizeof(struct derived_key) == DERIVED_BYTES &&
                   DERIVED_BYTES == crypto_auth_hmacsha512_BYTES,
               "an HMAC is a seed and a chain code");

// One index with its mark, from *next on.
static enum status parse_index(uint32_t *out, struct bytes text, size_t *next) {
    size_t place = *next, first = place;
    uint32_t value = 0;
    for (; place < text.len && text.data[place] >= '0' && text.data[place] <= '9'; place++) {
        uint32_t digit = (uint32_t)(text.data[place] - '0');
        if (value > (hardened_mark - 1 - digit) / 10) return STATUS_OVERFLOW;
        value = value * 10 + digit;
    }
    if (place == first) return STATUS_MALFORMED;
    if (place - first > 1 && text.data[first] == '0') return STATUS_MALFORMED;
    if (place == text.len || text.data[place] == '/') return STATUS_INVALID;
    if (text.data[place] != '\'') return STATUS_MALFORMED;
    *next = place + 1;
    *out = value;
    return STATUS_OK;
}

enum status derive_path_parse(struct derive_path *out, struct bytes text) {
    struct derive_path path = {.depth = 0};
    if (text.len == 0 || text.data[0] != 'm') return STATUS_MALFORMED;
    for (size_t next = 1; next < text.len;) {
        if (text.data[next++] != '/') return STATUS_MALFORMED;
        if (path.depth == DERIVE_DEPTH_MAX) return STATUS_TOO_LARGE;
        enum status status = parse_index(&path.indices[path.depth], text, &next);
        if (status != STATUS_OK) return status;
        path.depth++;
    }
    *out = path;
    return STATUS_OK;
}

static void split(struct derived_key *out, uint8_t mac[DERIVED_BYTES]) {
    memcpy(out->seed, mac, sizeof out->seed);
    memcpy(out->chain_code, mac + sizeof out->seed, sizeof out->chain_code);
    sodium_memzero(mac, DERIVED_BYTES);
}

enum status derive_root(struct derived_key *out, struct bytes seed) {
    static const uint8_t curve[] = {'e', 'd', '2', '5', '5', '1', '9', ' ', 's', 'e', 'e', 'd'};
    crypto_auth_hmacsha512_state state;
    uint8_t mac[DERIVED_BYTES];
    if (seed.len < DERIVE_SEED_MIN || seed.len > DERIVE_SEED_MAX) return STATUS_MALFORMED;
    crypto_auth_hmacsha512_init(&state, curve, sizeof curve);
    crypto_auth_hmacsha512_update(&state, seed.data, seed.len);
    crypto_auth_hmacsha512_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    split(out, mac);
    return STATUS_OK;
}

void derive_child(struct derived_key *key, uint32_t index) {
    static const uint8_t zero = 0;
    crypto_auth_hmacsha512_state state;
    uint8_t index_bytes[4], mac[DERIVED_BYTES];
    ENSURE(index < hardened_mark);
    store_u32_be(index_bytes, index | hardened_mark);
    crypto_auth_hmacsha512_init(&state, key->chain_code, sizeof key->chain_code);
    crypto_auth_hmacsha512_update(&state, &zero, 1);
    crypto_auth_hmacsha512_update(&state, key->seed, sizeof key->seed);
    crypto_auth_hmacsha512_update(&state, index_bytes, sizeof index_bytes);
    crypto_auth_hmacsha512_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    split(key, mac);
}

enum status derive_along(struct derived_key *out, struct bytes seed,
                         const struct derive_path *path) {
    ENSURE(path->depth <= DERIVE_DEPTH_MAX);
    enum status status = derive_root(out, seed);
    for (size_t i = 0; status == STATUS_OK && i < path->depth; i++)
        derive_child(out, path->indices[i]);
    return status;
}
