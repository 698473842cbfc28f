// SPDX-License-Identifier: Apache-2.0
#include "cli/wallet.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/derive.h"

static bool find_path(char out[PATH_MAX], const struct options *options) {
    const char *home = getenv("HOME");
    int len = options->keystore ? snprintf(out, PATH_MAX, "%s", options->keystore)
                                : snprintf(out, PATH_MAX, "%s/.lmm/keystore", home ? home : ".");
    if (len > 0 && len < PATH_MAX) return true;
    complain(EXIT_USAGE, "the keystore's path is too long");
    return false;
}

// A terminal that shows nothing of what is typed, until quiet_end or a signal that ends the
// program.
enum { ENDINGS = 4 };
static const int endings[ENDINGS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static struct sigaction former[ENDINGS];
static struct termios before;

static void end_at_prompt(int signal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    raise(signal); // its own action again, once this returns
}

static bool quiet_begin(void) {
    struct sigaction ending = {.sa_handler = end_at_prompt, .sa_flags = (int)SA_RESETHAND};
    if (tcgetattr(STDIN_FILENO, &before) != 0) return false;
    for (int i = 0; i < ENDINGS; i++) {
        sigaction(endings[i], NULL, &former[i]);
        if (former[i].sa_handler != SIG_IGN) sigaction(endings[i], &ending, NULL);
    }
    struct termios quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    return true;
}

static void quiet_end(void) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    for (int i = 0; i < ENDINGS; i++) sigaction(endings[i], &former[i], NULL);
}

// Without echo when a terminal asks; a line of standard input otherwise.
static bool read_passphrase(char out[KEYSTORE_PASSPHRASE_MAX]) {
    const char *given = getenv("LMM_PASSPHRASE");
    if (given)
        return (size_t)snprintf(out, KEYSTORE_PASSPHRASE_MAX, "%s", given) <
               KEYSTORE_PASSPHRASE_MAX;
    bool is_quiet = quiet_begin();
    if (is_quiet) fprintf(stderr, "Passphrase: ");
    bool was_read = fgets(out, KEYSTORE_PASSPHRASE_MAX, stdin) != NULL;
    if (is_quiet) {
        quiet_end();
        fprintf(stderr, "\n");
    }
    if (was_read) out[strcspn(out, "\n")] = '\0';
    return was_read;
}

bool wallet_load(struct keystore *out, const struct options *options) {
    char path[PATH_MAX], passphrase[KEYSTORE_PASSPHRASE_MAX] = "";
    if (!find_path(path, options)) return false;
    if (!file_exists(path)) {
        complain(EXIT_FAILED, "there is no keystore at %s; `lmm keys new` makes one", path);
        return false;
    }
    if (!read_passphrase(passphrase)) return false;
    enum status status = keystore_load(out, path, bytes_of_string(passphrase));
    secret_clear(passphrase, sizeof passphrase);
    if (status == STATUS_OK) return true;
    complain(EXIT_FAILED, "%s: %s", path,
             status == STATUS_UNAUTHORIZED ? "the passphrase does not fit" : status_text(status));
    return false;
}

// For something new: a mistyped one would seal it for ever, so a person types it twice.
static bool read_new_passphrase(char out[KEYSTORE_PASSPHRASE_MAX]) {
    char again[KEYSTORE_PASSPHRASE_MAX] = "";
    if (!read_passphrase(out) || !*out) {
        complain(EXIT_FAILED, "a passphrase is needed: type one, or set LMM_PASSPHRASE");
        return false;
    }
    if (!isatty(STDIN_FILENO) || getenv("LMM_PASSPHRASE")) return true;
    fprintf(stderr, "Again. ");
    bool is_same = read_passphrase(again) && strcmp(out, again) == 0;
    secret_clear(again, sizeof again);
    if (!is_same) complain(EXIT_FAILED, "the two are not the same; nothing was made");
    return is_same;
}

bool wallet_create(const char *mnemonic, const struct options *options) {
    char path[PATH_MAX], folder[PATH_MAX], passphrase[KEYSTORE_PASSPHRASE_MAX] = "";
    struct keystore keystore = {0};
    if (!find_path(path, options)) return false;
    if (file_exists(path)) {
        complain(EXIT_FAILED, "%s is there already and is not replaced", path);
        return false;
    }
    memcpy(folder, path, sizeof folder);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) *slash = '\0';
    enum status status = STATUS_OK;
    if (slash && slash != folder) status = file_make_directories(folder, 0700);
    if (status == STATUS_OK) status = keystore_set_mnemonic(&keystore, bytes_of_string(mnemonic));
    if (status == STATUS_OK && !read_new_passphrase(passphrase)) {
        secret_clear(passphrase, sizeof passphrase);
        keystore_clear(&keystore);
        return false;
    }
    if (status == STATUS_OK)
        status = keystore_save(path, &keystore, bytes_of_string(passphrase), keystore_cost_strong);
    secret_clear(passphrase, sizeof passphrase);
    keystore_clear(&keystore);
    if (status != STATUS_OK) complain(EXIT_FAILED, "%s: %s", path, status_text(status));
    return status == STATUS_OK;
}

void wallet_key(const struct keystore *keystore, uint32_t index, struct secret_key *out) {
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
