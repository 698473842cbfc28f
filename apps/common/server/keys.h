// SPDX-License-Identifier: Apache-2.0
// The secret keys that a server runs with: of the witnesses it signs blocks for, and the business'
// own. Those of the devnet, or out of a file:
//
// - a keystore that a passphrase seals (crypto/keystore.h): the key "server", and those whose names
//   begin with "witness", in the order of their names; others are not looked at;
// - or a line each, "witness", "account" or "server" and a seed of 64 hexadecimal digits.
//
// `lmm genesis keys` writes both.
#ifndef LMM_SERVER_KEYS_H
#define LMM_SERVER_KEYS_H

#include "chaincore/chaincore.h"

struct server_keys {
    size_t witness_count;
    struct secret_key witnesses[LIMIT_WITNESSES];
    struct secret_key server;
};

// The first line of `passphrase_path`, which may be a pipe, opens a keystore; "": there is none.
// Clear with secret_clear. UNAUTHORIZED when others than its owner may read one of the files, or
// the passphrase does not fit; CONFLICT when one is needed or none is; MALFORMED for another line
// or none of the server; the log says which. NOT_FOUND.
enum status server_keys_read(struct server_keys *out, const char *path,
                             const char *passphrase_path) MUST_CHECK;

#endif
