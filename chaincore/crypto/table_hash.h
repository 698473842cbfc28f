// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 (Aumasson and Bernstein, 2012), for hash tables in memory whose keys come from
// outside: who does not know the table's key cannot choose entries that crowd one place. Never for
// what nodes must agree on, nor for what is stored.
#ifndef LMM_CRYPTO_TABLE_HASH_H
#define LMM_CRYPTO_TABLE_HASH_H

#include "chaincore/base/bytes.h"

struct table_key {
    uint8_t bytes[16];
};
// At random, for each table.
void table_key_draw(struct table_key *out);
uint64_t table_hash(const struct table_key *key, struct bytes in);

#endif
