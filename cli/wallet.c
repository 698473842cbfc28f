// SPDX-License-Identifier: Apache-2.0
#include "cli/wallet.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/derive.h"
#include "cli/prompt.h"

const char wallet_words[] = "words";

static bool find_path(char out[PATH_MAX], const struct options *options) {
    const char *home = getenv("HOME");
    int len = options->keystore ? snprintf(out, PATH_MAX, "%s", options->keystore)
                                : snprintf(out, PATH_MAX, "%s/.lmm/keystore", home ? home : ".");
    if (len > 0 && len < PATH_MAX) return true;
    complain(EXIT_USAGE, "the keystore's path is too long");
    return false;
}

// --- the passphrase ---

// The first line. A file that others may read keeps no secret; of a pipe, nobody can say.
static bool read_from(int fd, const char *name, char out[KEYSTORE_PASSPHRASE_MAX]) {
    struct stat file;
    if (fstat(fd, &file) != 0) return complain(EXIT_FAILED, "%s cannot be read", name), false;
    if (S_ISREG(file.st_mode) && (file.st_mode & 077) != 0)
        return complain(EXIT_FAILED, "%s is to be its owner's alone (chmod 600)", name), false;
    if (prompt_read_line(fd, out, KEYSTORE_PASSPHRASE_MAX)) return true;
    complain(EXIT_FAILED, "%s has no passphrase in its first line", name);
    return false;
}

static bool read_file(const char *path, char out[KEYSTORE_PASSPHRASE_MAX]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool was_read = read_from(fd, path, out);
    if (fd >= 0) close(fd);
    return was_read;
}

static bool read_fd(const char *text, char out[KEYSTORE_PASSPHRASE_MAX]) {
    char name[32], *end;
    unsigned long fd = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || fd > INT_MAX)
        return complain(EXIT_FAILED, "--passphrase-fd is the number of an open file"), false;
    snprintf(name, sizeof name, "file %lu", fd);
    return read_from((int)fd, name, out);
}

static bool is_given(const struct options *options) {
    return options->passphrase_file || options->passphrase_fd || getenv("LMM_PASSPHRASE");
}

static bool read_passphrase(char out[KEYSTORE_PASSPHRASE_MAX], const struct options *options) {
    const char *given = getenv("LMM_PASSPHRASE");
    if (options->passphrase_file && options->passphrase_fd)
        return complain(EXIT_FAILED, "--passphrase-file contradicts --passphrase-fd"), false;
    if (options->passphrase_file) return read_file(options->passphrase_file, out);
    if (options->passphrase_fd) return read_fd(options->passphrase_fd, out);
    bool is_whole = given ? (size_t)snprintf(out, KEYSTORE_PASSPHRASE_MAX, "%s", given) <
                                KEYSTORE_PASSPHRASE_MAX
                          : prompt_secret("Passphrase: ", out, KEYSTORE_PASSPHRASE_MAX);
    if (!is_whole)
        complain(EXIT_FAILED, "a passphrase is needed, of at most %d bytes",
                 KEYSTORE_PASSPHRASE_MAX - 1);
    return is_whole;
}

// For something new: a mistyped one would seal it for ever, so a person types it twice.
static bool read_new_passphrase(char out[KEYSTORE_PASSPHRASE_MAX], const struct options *options) {
    char again[KEYSTORE_PASSPHRASE_MAX] = "";
    if (!read_passphrase(out, options)) return false;
    if (!*out) {
        complain(EXIT_FAILED, "a passphrase is needed: type one, or give --passphrase-file");
        return false;
    }
    if (!isatty(STDIN_FILENO) || is_given(options)) return true;
    fprintf(stderr, "Again. ");
    bool is_same = read_passphrase(again, options) && strcmp(out, again) == 0;
    secret_clear(again, sizeof again);
    if (!is_same) complain(EXIT_FAILED, "the two are not the same; nothing was made");
    return is_same;
}

// --- the file ---

static bool make_folder(const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder) return true;
    *slash = '\0';
    enum status status = file_make_directories(folder, 0700);
    if (status != STATUS_OK) complain(EXIT_FAILED, "%s: %s", folder, status_text(status));
    return status == STATUS_OK;
}

// Beside the keystore, which is replaced by another file when it changes.
static bool take_lock(struct wallet *wallet) {
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s.lock", wallet->path);
    wallet->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (wallet->lock >= 0 && flock(wallet->lock, LOCK_EX) == 0) return true;
    complain(EXIT_FAILED, "%s cannot be locked", path);
    return false;
}

static bool load(struct wallet *wallet, const struct options *options) {
    if (!read_passphrase(wallet->passphrase, options)) return false;
    enum status status =
        keystore_load(&wallet->keystore, wallet->path, bytes_of_string(wallet->passphrase));
    if (status == STATUS_OK) return true;
    complain(EXIT_FAILED, "%s: %s", wallet->path,
             status == STATUS_UNAUTHORIZED ? "the passphrase does not fit" : status_text(status));
    return false;
}

bool wallet_open(struct wallet *out, enum wallet_use use, const struct options *options) {
    *out = (struct wallet){.lock = -1};
    if (!find_path(out->path, options)) return false;
    if (use == WALLET_MAKE && !make_folder(out->path)) return false;
    bool is_there = file_exists(out->path);
    if (!is_there && use != WALLET_MAKE) {
        complain(EXIT_FAILED, "there is no keystore at %s; `lmm keys new` makes one", out->path);
        return false;
    }
    if (use != WALLET_READ && !take_lock(out)) return false;
    if (file_exists(out->path)) {
        if (!options->light) return load(out, options);
        complain(EXIT_FAILED, "%s is there already: --light is for a new one", out->path);
        return false;
    }
    out->keystore.cost = options->light ? keystore_cost_light : keystore_cost_strong;
    return read_new_passphrase(out->passphrase, options);
}

bool wallet_save(struct wallet *wallet) {
    enum status status = keystore_save(wallet->path, &wallet->keystore,
                                       bytes_of_string(wallet->passphrase), wallet->keystore.cost);
    if (status != STATUS_OK) complain(EXIT_FAILED, "%s: %s", wallet->path, status_text(status));
    return status == STATUS_OK;
}

void wallet_close(struct wallet *wallet) {
    if (wallet->lock >= 0) close(wallet->lock);
    secret_clear(wallet, sizeof *wallet);
    wallet->lock = -1;
}

// --- keys ---

static bool read_index(const char *text, uint32_t *out) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits]) return false;
    *out = (uint32_t)strtoul(text, NULL, 10);
    return true;
}

bool wallet_is_name(const char *text) {
    uint32_t unused;
    return strcmp(text, wallet_words) != 0 && !read_index(text, &unused) &&
           strncmp(text, "lmm1", 4) != 0;
}

void wallet_derive(const struct keystore *keystore, uint32_t index, struct secret_key *out) {
    uint8_t seed[MNEMONIC_SEED_BYTES];
    struct derive_path path;
    struct derived_key derived;
    struct public_key public;
    char text[40];
    snprintf(text, sizeof text, "m/44'/5718'/0'/0'/%u'", index);
    ENSURE(mnemonic_to_seed(seed, bytes_of_string(keystore->mnemonic), bytes_of("", 0)) ==
           STATUS_OK);
    ENSURE(derive_path_parse(&path, bytes_of_string(text)) == STATUS_OK);
    ENSURE(derive_along(&derived, BYTES_OF(seed), &path) == STATUS_OK);
    key_from_seed(out, &public, derived.seed);
    secret_clear(seed, sizeof seed);
    secret_clear(&derived, sizeof derived);
}

bool wallet_key(const struct wallet *wallet, const char *name, struct secret_key *out) {
    struct public_key public;
    uint32_t index;
    if (read_index(name, &index)) {
        if (index >= WALLET_ACCOUNTS || !*wallet->keystore.mnemonic) return false;
        wallet_derive(&wallet->keystore, index, out);
        return true;
    }
    const uint8_t *seed = keystore_find_seed(&wallet->keystore, name);
    if (seed) key_from_seed(out, &public, seed);
    return seed != NULL;
}
