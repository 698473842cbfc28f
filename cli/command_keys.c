// SPDX-License-Identifier: Apache-2.0
// The keystore: words and named keys, brought in, shown, taken out.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/crypto/address.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/wallet.h"

enum { SEED_BYTES = 32, SEED_CHARS = 2 * SEED_BYTES };

static const char *name_of(const struct options *options) {
    return options->operand_count > 0 ? options->operands[0] : wallet_words;
}

static bool is_words(const char *name) { return strcmp(name, wallet_words) == 0; }

static bool name_may_be(const char *name) {
    struct keystore empty = {0};
    uint8_t seed[SEED_BYTES] = {0};
    if (wallet_is_name(name) && keystore_add_seed(&empty, name, seed) == STATUS_OK) return true;
    complain(EXIT_USAGE,
             "%s cannot be a key's name: 1 to 32 of a-z, 0-9, \"-\", \"_\" and \".\", no number "
             "and no address",
             name);
    return false;
}

static int print_key(const char *name, const struct secret_key *secret,
                     const struct options *options) {
    struct public_key key;
    char address[ADDRESS_CHARS + 1], text[2 * sizeof key.bytes + 1];
    key_public_of(&key, secret);
    address_of_key(address, &key);
    hex_encode(text, BYTES_OF(key.bytes));
    if (options->json)
        return output_json(
            json_pack("{s:s, s:s, s:s}", "name", name, "address", address, "public_key", text));
    printf("Your address: %s\nIts public key: %s\n", address, text);
    return EXIT_DONE;
}

static int print_wallet_key(const struct wallet *wallet, const char *name,
                            const struct options *options) {
    struct secret_key secret;
    if (is_words(name)) name = "0";
    if (!wallet_key(wallet, name, &secret))
        return complain(EXIT_FAILED, "there is no key %s in %s", name, wallet->path);
    int result = print_key(name, &secret, options);
    secret_clear(&secret, sizeof secret);
    return result;
}

// --- bringing in ---

// The words, or 64 hexadecimal digits for a key of that name. False, with a complaint.
static bool add(struct wallet *wallet, const char *name, const char *text) {
    uint8_t seed[SEED_BYTES];
    struct keystore *keystore = &wallet->keystore;
    if (is_words(name)) {
        if (*keystore->mnemonic) {
            complain(EXIT_FAILED, "%s has words already, which are not replaced", wallet->path);
            return false;
        }
        if (keystore_set_mnemonic(keystore, bytes_of_string(text)) == STATUS_OK) return true;
        complain(EXIT_FAILED, "these are not the words of a key");
        return false;
    }
    if (hex_decode(seed, sizeof seed, text) != STATUS_OK) {
        complain(EXIT_FAILED, "a key with a name is %d hexadecimal digits", SEED_CHARS);
        return false;
    }
    enum status status = keystore_add_seed(keystore, name, seed);
    secret_clear(seed, sizeof seed);
    if (status != STATUS_OK)
        complain(EXIT_FAILED, "%s: %s", name,
                 status == STATUS_EXISTS ? "there is such a key already, which is not replaced"
                                         : status_text(status));
    return status == STATUS_OK;
}

// `text` is to be kept under this name.
static int keep(const char *name, const char *text, const struct options *options) {
    struct wallet wallet;
    int result = EXIT_FAILED;
    if (wallet_open(&wallet, WALLET_MAKE, options) && add(&wallet, name, text) &&
        wallet_save(&wallet))
        result = print_wallet_key(&wallet, name, options);
    wallet_close(&wallet);
    return result;
}

int command_keys_new(const struct options *options) {
    const char *name = name_of(options);
    uint8_t random[SEED_BYTES];
    char text[MNEMONIC_TEXT_MAX + 1];
    if (!is_words(name) && !name_may_be(name)) return EXIT_USAGE;
    random_bytes(random, sizeof random);
    if (is_words(name))
        ENSURE(mnemonic_from_entropy(text, bytes_of(random, 16)) == STATUS_OK);
    else
        hex_encode(text, BYTES_OF(random));
    int result = keep(name, text, options);
    if (result == EXIT_DONE && is_words(name))
        fprintf(stderr, "Write these words down; whoever has them has your money:\n  %s\n", text);
    secret_clear(text, sizeof text);
    secret_clear(random, sizeof random);
    return result;
}

// Of --from, or typed.
static bool read_secret(const char *name, char *out, size_t size, const struct options *options) {
    const char *question =
        is_words(name) ? "The words, on one line: " : "The key, in hexadecimal digits: ";
    if (!options->from) return prompt_secret(question, out, size);
    int fd = open(options->from, O_RDONLY | O_CLOEXEC);
    bool was_read = fd >= 0 && prompt_read_line(fd, out, size);
    if (fd >= 0) close(fd);
    return was_read;
}

int command_keys_import(const struct options *options) {
    const char *name = name_of(options);
    char text[MNEMONIC_TEXT_MAX + 1] = "";
    struct wallet tried = {.lock = -1};
    if (!is_words(name) && !name_may_be(name)) return EXIT_USAGE;
    if (!read_secret(name, text, sizeof text, options))
        return complain(EXIT_USAGE, "no %s", is_words(name) ? "words were given" : "key was given");
    // Before a passphrase is asked for.
    int result = add(&tried, name, text) ? keep(name, text, options) : EXIT_FAILED;
    wallet_close(&tried);
    secret_clear(text, sizeof text);
    return result;
}

// --- looking ---

static json_t *entry(const char *name, const char *address) {
    return json_pack("{s:s, s:s}", "name", name, "address", address);
}

static json_t *list_devnet(const json_t *devnet) {
    json_t *list = json_array(), *account;
    size_t index;
    json_array_foreach(json_object_get(devnet, "accounts"), index, account) {
        const char *role = json_string_value(json_object_get(account, "role"));
        const char *address = json_string_value(json_object_get(account, "address"));
        if (role && address) json_array_append_new(list, entry(role, address));
    }
    return list;
}

static void list_key(json_t *list, const struct wallet *wallet, const char *name) {
    struct secret_key secret;
    struct public_key key;
    char address[ADDRESS_CHARS + 1];
    if (!wallet_key(wallet, name, &secret)) return;
    key_public_of(&key, &secret);
    address_of_key(address, &key);
    secret_clear(&secret, sizeof secret);
    json_array_append_new(list, entry(name, address));
}

static json_t *list_wallet(const struct options *options) {
    struct wallet wallet;
    json_t *list = NULL;
    if (wallet_open(&wallet, WALLET_READ, options)) {
        list = json_array();
        for (unsigned i = 0; i < WALLET_ACCOUNTS; i++) {
            char name[12];
            snprintf(name, sizeof name, "%u", i);
            list_key(list, &wallet, name);
        }
        for (size_t i = 0; i < wallet.keystore.seed_count; i++)
            list_key(list, &wallet, wallet.keystore.seeds[i].name);
    }
    wallet_close(&wallet);
    return list;
}

int command_keys_list(const struct options *options) {
    json_t *devnet = devnet_load(options), *account;
    size_t index;
    json_t *list = devnet && !options->keystore ? list_devnet(devnet) : list_wallet(options);
    json_decref(devnet);
    if (!list) return EXIT_FAILED;
    if (options->json) return output_json(list);
    json_array_foreach(list, index, account) {
        printf("%-12s %s\n", json_string_value(json_object_get(account, "name")),
               json_string_value(json_object_get(account, "address")));
    }
    json_decref(list);
    return EXIT_DONE;
}

int command_keys_show(const struct options *options) {
    struct wallet wallet;
    struct secret_key secret;
    json_t *devnet = options->keystore ? NULL : devnet_load(options);
    int result = EXIT_FAILED;
    if (devnet_key(devnet, options->operands[0], &secret)) {
        result = print_key(options->operands[0], &secret, options);
        secret_clear(&secret, sizeof secret);
    } else {
        if (wallet_open(&wallet, WALLET_READ, options))
            result = print_wallet_key(&wallet, options->operands[0], options);
        wallet_close(&wallet);
    }
    json_decref(devnet);
    return result;
}

// --- taking out ---

static int refuse_without_consent(const struct options *options, const char *question) {
    if (options->yes || prompt_consent(question)) return EXIT_DONE;
    return complain(EXIT_FAILED, "nothing was done: \"yes\" was not typed, and no --yes given");
}

static const char *secret_of(const struct wallet *wallet, const char *name, char hex[]) {
    const uint8_t *seed = keystore_find_seed(&wallet->keystore, name);
    if (is_words(name)) return *wallet->keystore.mnemonic ? wallet->keystore.mnemonic : NULL;
    if (!seed) return NULL;
    hex_encode(hex, bytes_of(seed, SEED_BYTES));
    return hex;
}

int command_keys_export(const struct options *options) {
    struct wallet wallet;
    char hex[SEED_CHARS + 1];
    const char *name = name_of(options);
    int result = refuse_without_consent(
        options, "Whoever reads what comes now has the money. Type yes to see it: ");
    if (result != EXIT_DONE) return result;
    result = EXIT_FAILED;
    if (wallet_open(&wallet, WALLET_READ, options)) {
        const char *secret = secret_of(&wallet, name, hex);
        result = secret ? output_secret(secret, options->out)
                        : complain(EXIT_FAILED, "there is no key %s in %s", name, wallet.path);
    }
    secret_clear(hex, sizeof hex);
    wallet_close(&wallet);
    return result;
}

int command_keys_rename(const struct options *options) {
    struct wallet wallet;
    const char *old = options->operands[0], *new = options->operands[1];
    int result = EXIT_FAILED;
    if (!name_may_be(new)) return EXIT_USAGE;
    if (wallet_open(&wallet, WALLET_CHANGE, options)) {
        enum status status = keystore_rename_seed(&wallet.keystore, old, new);
        if (status == STATUS_NOT_FOUND)
            complain(EXIT_FAILED, "there is no key with the name %s in %s", old, wallet.path);
        else if (status != STATUS_OK)
            complain(EXIT_FAILED, "there is a key %s already, which is not replaced", new);
        else if (wallet_save(&wallet))
            result = print_wallet_key(&wallet, new, options);
    }
    wallet_close(&wallet);
    return result;
}

int command_keys_delete(const struct options *options) {
    struct wallet wallet;
    const char *name = options->operands[0];
    int result = refuse_without_consent(
        options, "Without it nobody ever moves its money again. Type yes to delete it: ");
    if (result != EXIT_DONE) return result;
    result = EXIT_FAILED;
    if (wallet_open(&wallet, WALLET_CHANGE, options)) {
        bool was_there = is_words(name) ? *wallet.keystore.mnemonic != '\0'
                                        : keystore_remove_seed(&wallet.keystore, name) == STATUS_OK;
        if (is_words(name)) secret_clear(wallet.keystore.mnemonic, sizeof wallet.keystore.mnemonic);
        if (!was_there)
            complain(EXIT_FAILED, "there is no key %s in %s", name, wallet.path);
        else if (wallet_save(&wallet))
            result = EXIT_DONE;
    }
    wallet_close(&wallet);
    if (result == EXIT_DONE && options->json)
        return output_json(json_pack("{s:s}", "deleted", name));
    return result;
}
