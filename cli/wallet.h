// SPDX-License-Identifier: Apache-2.0
// The keys of the person at the command line: a keystore file sealed by a passphrase, which comes
// from --passphrase-file, --passphrase-fd or LMM_PASSPHRASE, or is asked for. It holds words, whose
// accounts are the keys m/44'/5718'/0'/0'/INDEX', and keys with names of their own.
#ifndef LMM_CLI_WALLET_H
#define LMM_CLI_WALLET_H

#include <limits.h>

#include "chaincore/crypto/keystore.h"
#include "chaincore/crypto/sign.h"
#include "cli/command.h"

enum { WALLET_ACCOUNTS = 10 };
// In place of a name: the words.
extern const char wallet_words[];

struct wallet {
    struct keystore keystore;
    char path[PATH_MAX];
    char passphrase[KEYSTORE_PASSPHRASE_MAX];
    int lock; // -1: none
};

enum wallet_use {
    WALLET_READ,
    WALLET_CHANGE, // nobody else changes it meanwhile
    WALLET_MAKE    // the same, and one that is not there begins empty
};
// False, with a complaint, when there is no keystore or the passphrase does not fit. The caller
// calls wallet_close in any case.
bool wallet_open(struct wallet *out, enum wallet_use use, const struct options *options);
// With mode 0600, in a folder that is made with 0700. False, with a complaint.
bool wallet_save(struct wallet *wallet);
// Leaves nothing readable.
void wallet_close(struct wallet *wallet);

// Neither the words nor the number of one of their accounts, nor what looks like an address.
bool wallet_is_name(const char *text);
// Of an account of the words, by its number.
void wallet_derive(const struct keystore *keystore, uint32_t index, struct secret_key *out);
// Of a number or a name. False when there is none.
bool wallet_key(const struct wallet *wallet, const char *name, struct secret_key *out);

#endif
