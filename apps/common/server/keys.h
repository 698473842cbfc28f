// SPDX-License-Identifier: Apache-2.0
// The secret keys that a server runs with: of the witnesses it signs blocks for, and the business'
// own. Those of the devnet, or out of a file:
//
// - a keystore that a passphrase seals (crypto/keystore.h): the key "server", and those whose names
//   begin with "witness", in the order of their names; others are not looked at;
// - or, where that is allowed, in the clear, a line each: "witness", "account" or "server" and a
//   seed of 64 hexadecimal digits.
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

// A sentence on how to seal what lies in the clear.
extern const char server_keys_how_to_seal[];

struct server_keys_source {
    const char *path;
    const char *passphrase_path; // a file or a pipe, whose first line opens a keystore; "": none
    bool allows_clear;
};
// Clear with secret_clear. UNAUTHORIZED when others than its owner may read one of the files, or
// the passphrase does not fit; CONFLICT when one is needed or none is; INVALID for keys in the
// clear that are not allowed; MALFORMED for another line or none of the server; the log says which.
// NOT_FOUND.
enum status server_keys_read(struct server_keys *out,
                             const struct server_keys_source *source) MUST_CHECK;

#endif
