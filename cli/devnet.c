// SPDX-License-Identifier: Apache-2.0
#include "cli/devnet.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/derive.h"
#include "chaincore/crypto/mnemonic.h"

static const char *const FILE_NAME = "devnet.json";

// Beside this program, which ./run puts where it writes that file.
static bool find_beside(char out[PATH_MAX]) {
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len < 0) return false;
    program[len] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash) return false;
    *slash = '\0';
    return snprintf(out, PATH_MAX, "%s/%s", program, FILE_NAME) < PATH_MAX;
}

json_t *devnet_load(const struct options *options) {
    json_error_t error;
    char beside[PATH_MAX];
    const char *path = options->devnet ? options->devnet : FILE_NAME;
    if (!options->devnet && !file_exists(path) && find_beside(beside)) path = beside;
    return json_load_file(path, JSON_REJECT_DUPLICATES, &error);
}

static const char *server_url(const json_t *devnet, const char *market) {
    const json_t *server = json_object_get(json_object_get(devnet, "servers"), market);
    return json_string_value(json_object_get(server, "url"));
}

static const char *first_url(const json_t *devnet) {
    const char *name;
    json_t *server;
    json_object_foreach(json_object_get(devnet, "servers"), name, server) {
        const char *url = json_string_value(json_object_get(server, "url"));
        if (url) return url;
    }
    complain(EXIT_USAGE, "no --url given, and no devnet.json here: is ./run running?");
    return NULL;
}

const char *devnet_url(const struct options *options, const json_t *devnet) {
    if (!options->url) return first_url(devnet);
    const char *url = server_url(devnet, options->url);
    return url ? url : options->url;
}

const char *devnet_market_url(const struct options *options, const json_t *devnet,
                              const char *market) {
    const char *url = options->url ? NULL : server_url(devnet, market);
    return url ? url : devnet_url(options, devnet);
}

const char *devnet_lock(const json_t *devnet) {
    return json_string_value(json_object_get(devnet, "lock"));
}

static const json_t *find_account(const json_t *devnet, const char *role_or_address) {
    size_t index;
    json_t *account;
    json_array_foreach(json_object_get(devnet, "accounts"), index, account) {
        const char *role = json_string_value(json_object_get(account, "role"));
        const char *address = json_string_value(json_object_get(account, "address"));
        if (role && strcmp(role, role_or_address) == 0) return account;
        if (address && strcmp(address, role_or_address) == 0) return account;
    }
    return NULL;
}

const char *devnet_address(const json_t *devnet, const char *role_or_address) {
    const json_t *account = find_account(devnet, role_or_address);
    const char *address = json_string_value(json_object_get(account, "address"));
    return address ? address : role_or_address;
}

bool devnet_key(const json_t *devnet, const char *role_or_address, struct secret_key *out) {
    uint8_t seed[MNEMONIC_SEED_BYTES];
    struct derive_path path;
    struct derived_key derived;
    struct public_key public;
    const json_t *account = find_account(devnet, role_or_address);
    const char *words = json_string_value(json_object_get(devnet, "mnemonic"));
    const char *path_text = json_string_value(json_object_get(account, "path"));
    if (!words || !path_text) return false;
    bool is_derived =
        mnemonic_to_seed(seed, bytes_of_string(words), bytes_of("", 0)) == STATUS_OK &&
        derive_path_parse(&path, bytes_of_string(path_text)) == STATUS_OK &&
        derive_along(&derived, BYTES_OF(seed), &path) == STATUS_OK;
    if (is_derived) key_from_seed(out, &public, derived.seed);
    return is_derived;
}
