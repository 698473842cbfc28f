// SPDX-License-Identifier: Apache-2.0
// The keys of the person at the command line: a keystore file sealed by a passphrase, which comes
// from LMM_PASSPHRASE or is asked for. An account's key is m/44'/5718'/0'/0'/INDEX' of the
// mnemonic.
#ifndef LMM_CLI_WALLET_H
#define LMM_CLI_WALLET_H

#include "chaincore/crypto/keystore.h"
#include "chaincore/crypto/sign.h"
#include "cli/command.h"

enum { WALLET_ACCOUNTS = 10 };

// False, with a complaint, when there is no keystore or the passphrase does not fit.
bool wallet_load(struct keystore *out, const struct options *options);
// Refuses to replace a keystore that is there.
bool wallet_create(const char *mnemonic, const struct options *options);
void wallet_key(const struct keystore *keystore, uint32_t index, struct secret_key *out);

#endif
