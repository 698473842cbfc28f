// SPDX-License-Identifier: Apache-2.0
// The secret keys that a server runs with: of the witnesses it signs blocks for, and the business'
// own. Those of the devnet, or out of a file that `lmm genesis keys` writes: a line each,
// "witness", "account" or "server" and a seed of 64 hexadecimal digits.
#ifndef LMM_SERVER_KEYS_H
#define LMM_SERVER_KEYS_H

#include "chaincore/chaincore.h"

struct server_keys {
    size_t witness_count;
    struct secret_key witnesses[LIMIT_WITNESSES];
    struct secret_key server;
};

// Clear with secret_clear. UNAUTHORIZED when others than its owner may read the file, MALFORMED for
// another line or none of the server; the log says which. NOT_FOUND.
enum status server_keys_read(struct server_keys *out, const char *path) MUST_CHECK;

#endif
