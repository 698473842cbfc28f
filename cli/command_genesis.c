// SPDX-License-Identifier: Apache-2.0
// The beginning of a chain of one's own: keys, the description, the folder that a server starts
// from.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/address.h"
#include "chaincore/crypto/sign.h"
#include "cli/command.h"
#include "cli/genesis_json.h"
#include "cli/wallet.h"

enum { MAX_DESCRIPTION = 1 << 20 };

// Where new keys go: lines of a file, or a keystore.
struct new_keys {
    struct buf file;
    struct keystore *keystore; // NULL: to the file
    enum status status;
};

// Keeps a new seed, and tells its public half. `number` is 0 for a role that there is once.
static void add_key(struct new_keys *keys, const char *role, unsigned long number,
                    struct public_key *public) {
    uint8_t seed[32];
    char text[65], name[KEYSTORE_NAME_MAX + 1];
    struct secret_key secret;
    random_bytes(seed, sizeof seed);
    key_from_seed(&secret, public, seed);
    hex_encode(text, BYTES_OF(seed));
    // Names sort as the numbers do.
    snprintf(name, sizeof name, number ? "%s-%03lu" : "%s", role, number);
    if (!keys->keystore)
        buf_append_format(&keys->file, "%s %s\n", role, text);
    else if (keys->status == STATUS_OK)
        keys->status = keystore_add_seed(keys->keystore, name, seed);
    secret_clear(seed, sizeof seed);
    secret_clear(text, sizeof text);
    secret_clear(&secret, sizeof secret);
}

static json_t *make_keys(struct new_keys *keys, unsigned long count) {
    struct public_key public;
    char address[ADDRESS_CHARS + 1], key[65];
    json_t *witnesses = json_array();
    for (unsigned long i = 1; i <= count; i++) {
        add_key(keys, "witness", i, &public);
        hex_encode(key, BYTES_OF(public.bytes));
        // What a witness earns goes to an account with a key of its own.
        add_key(keys, "account", i, &public);
        address_of_key(address, &public);
        json_array_append_new(witnesses, json_pack("{s:s, s:s}", "account", address, "key", key));
    }
    add_key(keys, "server", 0, &public);
    address_of_key(address, &public);
    return json_pack("{s:s, s:o}", "server", address, "witnesses", witnesses);
}

static int print_public(json_t *public) {
    json_dumpf(public, stdout, JSON_INDENT(2));
    printf("\n");
    return EXIT_DONE;
}

static int write_lines(unsigned long count, const char *path) {
    struct new_keys keys = {0};
    int result;
    if (file_exists(path)) return complain(EXIT_FAILED, "%s is there already", path);
    json_t *public = make_keys(&keys, count);
    if (file_replace(path, buf_bytes(&keys.file), 0600) == STATUS_OK)
        result = print_public(public);
    else
        result = complain(EXIT_FAILED, "%s cannot be written", path);
    secret_clear(keys.file.data, keys.file.len);
    buf_clear(&keys.file);
    json_decref(public);
    return result;
}

static int seal(unsigned long count, const struct options *options) {
    struct wallet wallet;
    struct new_keys keys = {.keystore = &wallet.keystore};
    json_t *public = NULL;
    int result = EXIT_FAILED;
    if (wallet_open(&wallet, WALLET_MAKE, options)) {
        public = make_keys(&keys, count);
        if (keys.status == STATUS_EXISTS)
            complain(EXIT_FAILED, "%s has such keys already, which are not replaced", wallet.path);
        else if (keys.status != STATUS_OK)
            complain(EXIT_FAILED, "a keystore has room for %d keys, two a witness",
                     KEYSTORE_SEEDS_MAX);
        else if (wallet_save(&wallet))
            result = print_public(public);
    }
    wallet_close(&wallet);
    json_decref(public);
    return result;
}

int command_genesis_keys(const struct options *options) {
    char *end;
    unsigned long count = strtoul(options->operands[0], &end, 10);
    if (*options->operands[0] < '0' || *options->operands[0] > '9' || *end != '\0' || count == 0 ||
        count > LIMIT_WITNESSES)
        return complain(EXIT_USAGE, "a chain has 1 to %d witnesses", LIMIT_WITNESSES);
    if (!options->out == !options->keystore)
        return complain(EXIT_USAGE, "--keystore FILE or --out FILE: where the secret keys go");
    return options->out ? write_lines(count, options->out) : seal(count, options);
}

// The path is relative to the description's folder.
static bool read_code(struct buf *out, const char *description, const char *path) {
    char whole[PATH_MAX];
    const char *slash = strrchr(description, '/');
    int folder_len = slash && *path != '/' ? (int)(slash - description) + 1 : 0;
    int len = snprintf(whole, sizeof whole, "%.*s%s", folder_len, description, path);
    if (len < 0 || (size_t)len >= sizeof whole ||
        file_read(out, whole, LIMIT_CODE_BYTES) != STATUS_OK) {
        complain(EXIT_FAILED, "%s cannot be read, or has more than 1 MiB", whole);
        return false;
    }
    return true;
}

static bool write_file(const char *folder, struct bytes name, const char *ending,
                       struct bytes content) {
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%.*s%s", folder, (int)name.len,
                       (const char *)name.data, ending);
    if (len > 0 && (size_t)len < sizeof path && file_replace(path, content, 0644) == STATUS_OK)
        return true;
    complain(EXIT_FAILED, "%s cannot be written", path);
    return false;
}

// Reads each contract's code, notes its hash, and writes it beside the genesis.
static bool take_codes(struct genesis_text *text, struct arena *arena,
                       const struct options *options) {
    uint32_t count = text->genesis.contract_count;
    struct genesis_contract *contracts = arena_alloc_array(arena, count + 1, sizeof *contracts);
    bool is_done = true;
    for (uint32_t i = 0; i < count && is_done; i++) {
        struct buf code = {0};
        contracts[i] = text->genesis.contracts[i];
        is_done = read_code(&code, options->operands[0], text->code_paths[i]);
        if (is_done) hash_bytes(&contracts[i].code_hash, HASH_CODE, buf_bytes(&code));
        if (is_done)
            is_done = write_file(options->out, contracts[i].name, ".wasm", buf_bytes(&code));
        buf_clear(&code);
    }
    text->genesis.contracts = contracts;
    return is_done;
}

static void tell(const struct genesis *genesis) {
    struct hash chain_id;
    char text[65], supply_text[AMOUNT_TEXT_MAX];
    struct amount supply = amount_of_units(0);
    genesis_chain_id(&chain_id, genesis);
    hex_encode(text, BYTES_OF(chain_id.bytes));
    for (uint32_t i = 0; i < genesis->account_count; i++)
        ENSURE(amount_add(&supply, supply, genesis->accounts[i].balance) == STATUS_OK);
    amount_format(supply_text, supply);
    printf("chain id  %s\nsupply    %s LMM\n", text, supply_text);
}

static int make(const struct options *options, const json_t *json) {
    struct arena arena = {0};
    struct genesis_text text;
    struct buf encoded = {0};
    int result = EXIT_FAILED;
    if (!genesis_json_read(&text, &arena, json)) goto out;
    if (file_make_directories(options->out, 0755) != STATUS_OK) {
        complain(EXIT_FAILED, "%s cannot be made", options->out);
        goto out;
    }
    if (!take_codes(&text, &arena, options)) goto out;
    genesis_encode(&encoded, &text.genesis);
    if (encoded.len > GENESIS_MAX_BYTES) {
        complain(EXIT_FAILED, "the genesis has more than 256 KiB");
        goto out;
    }
    if (!write_file(options->out, bytes_of_string("genesis"), "", buf_bytes(&encoded))) goto out;
    tell(&text.genesis);
    result = EXIT_DONE;
out:
    buf_clear(&encoded);
    arena_clear(&arena);
    return result;
}

int command_genesis_make(const struct options *options) {
    json_error_t error;
    struct buf file = {0};
    if (!options->out) return complain(EXIT_USAGE, "--out FOLDER: where the genesis goes");
    if (file_read(&file, options->operands[0], MAX_DESCRIPTION) != STATUS_OK) {
        buf_clear(&file);
        return complain(EXIT_FAILED, "%s cannot be read, or has more than 1 MiB",
                        options->operands[0]);
    }
    json_t *json = json_loadb((const char *)file.data, file.len, JSON_REJECT_DUPLICATES, &error);
    int result = json ? make(options, json)
                      : complain(EXIT_FAILED, "%s, line %d: %s", options->operands[0], error.line,
                                 error.text);
    json_decref(json);
    buf_clear(&file);
    return result;
}

int command_genesis_show(const struct options *options) {
    char path[PATH_MAX];
    struct arena arena = {0};
    struct genesis genesis;
    struct buf file = {0};
    int result = EXIT_DONE;
    int len = snprintf(path, sizeof path, "%s/genesis", options->operands[0]);
    if (len < 0 || (size_t)len >= sizeof path ||
        file_read(&file, path, GENESIS_MAX_BYTES) != STATUS_OK) {
        result = complain(EXIT_FAILED, "%s cannot be read", path);
    } else if (genesis_decode(&genesis, &arena, buf_bytes(&file)) != STATUS_OK) {
        result = complain(EXIT_FAILED, "%s is no genesis", path);
    } else {
        json_t *json = genesis_json_write(&genesis);
        json_dumpf(json, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(json);
    }
    buf_clear(&file);
    arena_clear(&arena);
    return result;
}
