// SPDX-License-Identifier: Apache-2.0
// The secret keys that a server runs with: of the witnesses it signs blocks for, the business' own,
// and further accounts that it signs with, by name. Those of the devnet, or out of a file:
//
// - a keystore that a passphrase seals (crypto/keystore.h): the key "server", those whose names
//   begin with "witness", in the order of their names, and "signer-mill" for an account that is
//   called "mill"; others are not looked at;
// - or, where that is allowed, in the clear, a line each: "witness", "account", "server" or "signer
//   NAME", and a seed of 64 hexadecimal digits.
//
// `lmm genesis keys` writes both.
#ifndef LMM_SERVER_KEYS_H
#define LMM_SERVER_KEYS_H

#include "apps/common/server/devnet.h"
#include "chaincore/chaincore.h"

// What the business' own account is called beside the others.
extern const char server_account_name[];

struct server_account {
    char name[LIMIT_SIGNER_NAME_BYTES + 1]; // of a-z, 0-9 and "-_."
    struct secret_key key;
};
struct server_keys {
    size_t witness_count;
    struct secret_key witnesses[LIMIT_WITNESSES];
    struct secret_key server;
    size_t account_count;
    struct server_account accounts[LIMIT_SIGNERS - 1];
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
// clear that are not allowed; MALFORMED for another line, none of the server, a name that is none
// or is there twice, or a key with two names; the log says which. NOT_FOUND.
enum status server_keys_read(struct server_keys *out,
                             const struct server_keys_source *source) MUST_CHECK;
// A devnet's: all of its roles are accounts.
void server_keys_of_devnet(struct server_keys *out, const struct devnet *devnet);

#endif
