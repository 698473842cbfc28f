// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/db/db.h"
#include "apps/common/http/assets.h"
#include "apps/common/http/tls.h"
#include "apps/common/server/keys.h"
#include "apps/common/server/options.h"
#include "apps/common/server/options_table.h"

// Cuts the last part off a path; false when there is none left.
static bool go_up(char *path) {
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') len--;
    while (len > 0 && path[len - 1] != '/') len--;
    while (len > 1 && path[len - 1] == '/') len--;
    if (len == 0 && strcmp(path, ".") == 0) return false;
    if (len == 1 && path[1] == '\0') return false;
    memcpy(path, len == 0 ? "." : path, len == 0 ? 1 : len);
    path[len == 0 ? 1 : len] = '\0';
    return true;
}

static void check_writable(struct config *config, size_t option, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        config_fault(config, option, "%s is not a folder", path);
    else if (access(path, W_OK | X_OK) != 0)
        config_fault(config, option, "this user cannot write in %s", path);
}

// It need not be there: then it is made, with its parents.
static void check_data(const struct server_options *options, struct config *config) {
    char path[sizeof options->data];
    struct stat info;
    memcpy(path, options->data, sizeof path);
    while (stat(path, &info) != 0)
        if (!go_up(path)) break;
    check_writable(config, OPTION_DATA, path);
}

static void check_index(const struct server_options *options, struct config *config) {
    static const char sqlite[] = "sqlite:";
    const size_t scheme = sizeof sqlite - 1;
    char path[sizeof options->index];
    enum status status = db_check_url(options->index);
    if (status == STATUS_UNSUPPORTED)
        config_fault(config, OPTION_INDEX, "takes postgresql://… or sqlite:PATH");
    else if (status != STATUS_OK)
        config_fault(config, OPTION_INDEX, "is not a URL of that database");
    // The folder of the default is the data folder.
    if (status != STATUS_OK || config->values[OPTION_INDEX].origin <= CONFIG_FALLBACK) return;
    if (strncmp(options->index, sqlite, scheme) != 0) return;
    memcpy(path, options->index + scheme, sizeof path - scheme);
    if (go_up(path)) check_writable(config, OPTION_INDEX, path);
}

static void check_web(const struct server_options *options, struct config *config) {
    struct http_assets *assets = NULL;
    char path[sizeof options->web + 16];
    if (!*options->web) return;
    enum status status = http_assets_from_directory(&assets, options->web);
    if (status != STATUS_OK)
        config_fault(config, OPTION_WEB, "the pages cannot be read: %s", status_text(status));
    http_assets_close(assets);
    snprintf(path, sizeof path, "%s/index.html", options->web);
    if (status == STATUS_OK && !file_exists(path))
        config_fault(config, OPTION_WEB, "there is no index.html in %s", options->web);
}

static void check_sponsor(const struct server_options *options, struct config *config,
                          const struct server_keys *keys) {
    const char *name = options->sponsor_account;
    if (amount_is_zero(options->sponsor.a_day) || strcmp(name, server_account_name) == 0) return;
    for (size_t i = 0; i < keys->account_count; i++)
        if (strcmp(keys->accounts[i].name, name) == 0) return;
    config_fault(config, OPTION_SPONSOR_ACCOUNT, "there is no account %s among the keys", name);
}

static void check_chain(const struct server_options *options, struct config *config) {
    struct genesis_folder genesis = {0};
    struct server_keys *keys = mem_alloc(sizeof *keys);
    struct server_keys_source source = {.path = options->keys,
                                        .passphrase_path = options->keys_passphrase,
                                        .allows_clear = options->keys_in_clear};
    enum status status = genesis_folder_read(&genesis, options->genesis);
    if (status != STATUS_OK)
        config_fault(config, OPTION_GENESIS, "cannot be used: %s", status_text(status));
    genesis_folder_clear(&genesis);
    status = server_keys_read(keys, &source);
    if (status == STATUS_UNAUTHORIZED)
        config_fault(config, OPTION_KEYS,
                     "the file must be its owner's alone (chmod 600), and its passphrase fit");
    else if (status == STATUS_CONFLICT)
        config_fault(config, OPTION_KEYS_PASSPHRASE,
                     "is for a file of keys that is sealed, and "
                     "needed there");
    else if (status == STATUS_INVALID)
        config_fault(config, OPTION_KEYS, "%s", server_keys_how_to_seal);
    else if (status != STATUS_OK)
        config_fault(config, OPTION_KEYS, "cannot be used: %s", status_text(status));
    if (status == STATUS_OK) check_sponsor(options, config, keys);
    secret_clear(keys, sizeof *keys);
    mem_free(keys);
}

static void check_devnet(const struct server_options *options, struct config *config) {
    struct devnet *devnet = mem_alloc(sizeof *devnet);
    struct server_keys *keys = mem_alloc(sizeof *keys);
    devnet_derive(devnet);
    server_keys_of_devnet(keys, devnet);
    check_sponsor(options, config, keys);
    mem_free(keys);
    mem_free(devnet);
}

static void check_tls(const struct server_options *options, struct config *config) {
    const char *why;
    if (!*options->tls_certificate) return;
    if (http_tls_check(options->tls_certificate, options->tls_key, &why) != STATUS_OK)
        config_fault(config, OPTION_TLS_CERTIFICATE, "%s", why);
}

void server_options_check(const struct server_options *options, struct config *config) {
    check_data(options, config);
    check_index(options, config);
    check_web(options, config);
    check_tls(options, config);
    if (options->devnet)
        check_devnet(options, config);
    else
        check_chain(options, config);
}
