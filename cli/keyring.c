// SPDX-License-Identifier: Apache-2.0
#include "cli/keyring.h"

#include "cli/devnet.h"

void keyring_init(struct keyring *out, const struct options *options, const json_t *devnet) {
    *out = (struct keyring){.options = options, .devnet = devnet, .wallet = {.lock = -1}};
}

void keyring_clear(struct keyring *keyring) {
    wallet_close(&keyring->wallet);
    keyring->is_open = false;
}

bool keyring_find(struct keyring *keyring, const char *name, struct secret_key *out) {
    bool has_keystore = keyring->options->keystore != NULL;
    if (!has_keystore && devnet_key(keyring->devnet, name, out)) return true;
    if (!keyring->is_open) {
        wallet_close(&keyring->wallet);
        keyring->is_open = wallet_open(&keyring->wallet, WALLET_READ, keyring->options);
    }
    if (!keyring->is_open) return false;
    if (wallet_key(&keyring->wallet, name, out)) return true;
    if (has_keystore && devnet_key(keyring->devnet, name, out)) return true;
    complain(EXIT_FAILED, "%s is neither a role of the devnet nor a key of %s", name,
             keyring->wallet.path);
    return false;
}

bool keyring_find_public(struct keyring *keyring, const char *name, struct public_key *out) {
    struct secret_key secret;
    if (hex_decode(out->bytes, sizeof out->bytes, name) == STATUS_OK) return true;
    if (!keyring_find(keyring, name, &secret)) return false;
    key_public_of(out, &secret);
    secret_clear(&secret, sizeof secret);
    return true;
}
