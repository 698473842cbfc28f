// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/golden.h"

#include <stdio.h>

struct secret_key golden_secret;
struct public_key golden_public;
struct hash golden_chain_id;

void golden_init(void) {
    uint8_t seed[32];
    ENSURE(crypto_init() == STATUS_OK);
    golden_fill(seed, sizeof seed, 0);
    key_from_seed(&golden_secret, &golden_public, seed);
    golden_fill(&golden_chain_id, sizeof golden_chain_id, 0x80);
}

void golden_begin(const char *name) { printf("@@ %s\n", name); }

void golden_hex(const char *label, struct bytes bytes) {
    printf("%s:", label);
    for (size_t i = 0; i < bytes.len; i++) printf("%s%02x", i % 32 ? "" : "\n  ", bytes.data[i]);
    printf("\n");
}

void golden_hash(const char *label, const struct hash *hash) {
    printf("%s: ", label);
    for (size_t i = 0; i < sizeof hash->bytes; i++) printf("%02x", hash->bytes[i]);
    printf("\n");
}

void golden_buf(const char *label, struct buf *buf) {
    golden_hex(label, buf_bytes(buf));
    buf_reset(buf);
}

void golden_fill(void *out, size_t len, uint8_t first) {
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = (uint8_t)(first + i);
}
