// SPDX-License-Identifier: Apache-2.0
// Keys by what a person calls them: roles of the devnet, and names and numbers of the keystore. The
// keystore is opened when it is first needed, so its passphrase is asked for once, or never.
#ifndef LMM_CLI_KEYRING_H
#define LMM_CLI_KEYRING_H

#include <jansson.h>

#include "cli/wallet.h"

struct keyring {
    const struct options *options; // borrowed
    const json_t *devnet;          // borrowed; NULL: there is none
    struct wallet wallet;
    bool is_open;
};

void keyring_init(struct keyring *out, const struct options *options, const json_t *devnet);
void keyring_clear(struct keyring *keyring);
// False, with a complaint. Who names a keystore means it; otherwise the devnet comes first.
bool keyring_find(struct keyring *keyring, const char *name, struct secret_key *out);
// Also 64 hexadecimal digits.
bool keyring_find_public(struct keyring *keyring, const char *name, struct public_key *out);

#endif
