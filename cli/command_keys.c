// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "chaincore/crypto/address.h"
#include "cli/command.h"
#include "cli/devnet.h"
#include "cli/wallet.h"

static void print_account(const char *name, const char *address, bool as_json, bool is_first) {
    if (as_json)
        printf("%s{\"name\": \"%s\", \"address\": \"%s\"}", is_first ? "" : ", ", name, address);
    else
        printf("%-12s %s\n", name, address);
}

static int print_first_account(const char *mnemonic, const struct options *options) {
    struct keystore keystore = {0};
    struct secret_key secret;
    struct public_key key;
    char address[ADDRESS_CHARS + 1];
    if (keystore_set_mnemonic(&keystore, bytes_of_string(mnemonic)) != STATUS_OK)
        return complain(EXIT_FAILED, "these are not the words of a key");
    wallet_key(&keystore, 0, &secret);
    key_public_of(&key, &secret);
    address_of_key(address, &key);
    secret_clear(&secret, sizeof secret);
    keystore_clear(&keystore);
    if (options->json)
        printf("{\"address\": \"%s\"}\n", address);
    else
        printf("Your address: %s\n", address);
    return EXIT_DONE;
}

int command_keys_new(const struct options *options) {
    uint8_t entropy[16];
    char words[MNEMONIC_TEXT_MAX + 1];
    random_bytes(entropy, sizeof entropy);
    if (mnemonic_from_entropy(words, BYTES_OF(entropy)) != STATUS_OK ||
        !wallet_create(words, options))
        return EXIT_FAILED;
    fprintf(stderr, "Write these words down; whoever has them has your money:\n  %s\n", words);
    int result = print_first_account(words, options);
    secret_clear(words, sizeof words);
    secret_clear(entropy, sizeof entropy);
    return result;
}

int command_keys_import(const struct options *options) {
    char words[MNEMONIC_TEXT_MAX + 2] = "";
    uint8_t entropy[MNEMONIC_ENTROPY_MAX];
    size_t entropy_len;
    fprintf(stderr, "The words, on one line:\n");
    if (!fgets(words, sizeof words, stdin)) return complain(EXIT_USAGE, "no words were given");
    words[strcspn(words, "\n")] = '\0';
    if (mnemonic_to_entropy(entropy, &entropy_len, bytes_of_string(words)) != STATUS_OK)
        return complain(EXIT_FAILED, "these are not the words of a key");
    secret_clear(entropy, sizeof entropy);
    int result = wallet_create(words, options) ? print_first_account(words, options) : EXIT_FAILED;
    secret_clear(words, sizeof words);
    return result;
}

static void list_devnet(const json_t *devnet, bool as_json) {
    size_t index;
    json_t *account;
    json_array_foreach(json_object_get(devnet, "accounts"), index, account) {
        print_account(json_string_value(json_object_get(account, "role")),
                      json_string_value(json_object_get(account, "address")), as_json, index == 0);
    }
}

int command_keys_list(const struct options *options) {
    json_t *devnet = devnet_load(options);
    bool lists_devnet = devnet && !options->keystore;
    struct keystore keystore;
    if (!lists_devnet && !wallet_load(&keystore, options)) {
        json_decref(devnet);
        return EXIT_FAILED;
    }
    if (options->json) printf("[");
    if (lists_devnet) list_devnet(devnet, options->json);
    for (uint32_t i = 0; !lists_devnet && i < WALLET_ACCOUNTS; i++) {
        struct secret_key secret;
        struct public_key key;
        char address[ADDRESS_CHARS + 1], name[12];
        wallet_key(&keystore, i, &secret);
        key_public_of(&key, &secret);
        address_of_key(address, &key);
        snprintf(name, sizeof name, "%u", i);
        print_account(name, address, options->json, i == 0);
        secret_clear(&secret, sizeof secret);
    }
    if (options->json) printf("]\n");
    if (!lists_devnet) keystore_clear(&keystore);
    json_decref(devnet);
    return EXIT_DONE;
}
