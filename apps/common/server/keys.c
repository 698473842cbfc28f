// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/keys.h"

#include <sys/stat.h>

#include "chaincore/crypto/keystore.h"

enum { MAX_KEY_FILE = 64 * 1024, SEED_DIGITS = 64 };

static enum status refused(const char *path, const char *why, int64_t line) {
    log_error("server", why, log_text("file", path), log_number("line", line));
    return STATUS_MALFORMED;
}

// Takes one line off the front; false when there is none.
static bool next_line(struct bytes *text, struct bytes *line) {
    if (text->len == 0) return false;
    const uint8_t *end = memchr(text->data, '\n', text->len);
    size_t len = end ? (size_t)(end - text->data) : text->len;
    *line = bytes_of(text->data, len);
    text->data += end ? len + 1 : len;
    text->len -= end ? len + 1 : len;
    return true;
}

static bool read_seed(struct secret_key *out, struct bytes line, const char *role) {
    char digits[SEED_DIGITS + 1] = {0};
    uint8_t seed[32];
    struct public_key public;
    size_t role_len = strlen(role);
    if (line.len != role_len + 1 + SEED_DIGITS || memcmp(line.data, role, role_len) != 0 ||
        line.data[role_len] != ' ')
        return false;
    memcpy(digits, line.data + role_len + 1, SEED_DIGITS);
    bool is_seed = hex_decode(seed, sizeof seed, digits) == STATUS_OK;
    if (is_seed) key_from_seed(out, &public, seed);
    secret_clear(digits, sizeof digits);
    secret_clear(seed, sizeof seed);
    return is_seed;
}

static enum status read_lines(struct server_keys *out, struct bytes text, const char *path) {
    struct bytes line;
    struct secret_key account;
    bool has_server = false;
    for (int64_t number = 1; next_line(&text, &line); number++) {
        if (read_seed(&account, line, "account")) continue; // whose it is keeps it; not needed here
        if (read_seed(&account, line, "witness")) {
            if (out->witness_count == LIMIT_WITNESSES)
                return refused(path, "too many witness keys", number);
            out->witnesses[out->witness_count++] = account;
        } else if (read_seed(&account, line, "server") && !has_server) {
            out->server = account;
            has_server = true;
        } else {
            return refused(path, "not a line of a key file", number);
        }
    }
    secret_clear(&account, sizeof account);
    return has_server ? STATUS_OK : refused(path, "the server's own key is missing", 0);
}

// --- sealed ---

static bool is_sealed(struct bytes file) {
    static const char magic[] = "lmm-keys";
    return file.len > sizeof magic - 1 && memcmp(file.data, magic, sizeof magic - 1) == 0;
}

// A file that others may read keeps no secret; of a pipe, nobody can say.
static enum status read_secret_file(struct buf *out, const char *path, size_t max) {
    struct stat info;
    if (stat(path, &info) != 0) return STATUS_NOT_FOUND;
    if (S_ISREG(info.st_mode) && info.st_mode & (S_IRWXG | S_IRWXO)) {
        log_error("server", "a key file must be its owner's alone (chmod 600)",
                  log_text("file", path));
        return STATUS_UNAUTHORIZED;
    }
    return file_read(out, path, max);
}

static enum status take_seeds(struct server_keys *out, const struct keystore *keystore,
                              const char *path) {
    static const char witness[] = "witness";
    struct public_key public;
    const uint8_t *server = keystore_find_seed(keystore, "server");
    for (size_t i = 0; i < keystore->seed_count; i++) {
        const struct keystore_seed *seed = &keystore->seeds[i];
        if (strncmp(seed->name, witness, sizeof witness - 1) != 0) continue;
        key_from_seed(&out->witnesses[out->witness_count++], &public, seed->seed);
    }
    _Static_assert((int)KEYSTORE_SEEDS_MAX <= (int)LIMIT_WITNESSES, "all of them fit");
    if (!server) return refused(path, "the server's own key is missing", 0);
    key_from_seed(&out->server, &public, server);
    return STATUS_OK;
}

static enum status unseal(struct server_keys *out, struct bytes file, const char *path,
                          const char *passphrase_path) {
    struct keystore *keystore = mem_alloc(sizeof *keystore);
    struct buf text = {0};
    struct bytes passphrase;
    enum status status;
    TRY(read_secret_file(&text, passphrase_path, KEYSTORE_PASSPHRASE_MAX));
    struct bytes rest = buf_bytes(&text);
    if (!next_line(&rest, &passphrase)) passphrase = bytes_of("", 0);
    status = keystore_open(keystore, file, passphrase);
    if (status != STATUS_OK)
        log_error("server", "the keystore cannot be opened", log_text("file", path),
                  log_text("status", status_name(status)));
    if (status == STATUS_OK) status = take_seeds(out, keystore, path);
out:
    if (text.len > 0) secret_clear(text.data, text.len);
    buf_clear(&text);
    keystore_clear(keystore);
    mem_free(keystore);
    return status;
}

// --- either ---

const char server_keys_how_to_seal[] =
    "the keys lie in the clear: seal them with `lmm genesis keys --keystore` or `lmm keys import "
    "--keystore` and give --keys-passphrase (docs/genesis.md); --keys-in-clear, for tests alone, "
    "takes them as they are";

static enum status read_clear(struct server_keys *out, struct bytes text,
                              const struct server_keys_source *source) {
    if (!source->allows_clear) {
        log_error("server", server_keys_how_to_seal, log_text("file", source->path));
        return STATUS_INVALID;
    }
    log_warning("server", "the keys are not sealed: whoever reads the file has them",
                log_text("file", source->path));
    return read_lines(out, text, source->path);
}

enum status server_keys_read(struct server_keys *out, const struct server_keys_source *source) {
    struct buf text = {0};
    bool has_passphrase = *source->passphrase_path != '\0';
    *out = (struct server_keys){0};
    enum status status = read_secret_file(&text, source->path, MAX_KEY_FILE);
    if (status == STATUS_OK && has_passphrase && is_sealed(buf_bytes(&text))) {
        status = unseal(out, buf_bytes(&text), source->path, source->passphrase_path);
    } else if (status == STATUS_OK && !has_passphrase && !is_sealed(buf_bytes(&text))) {
        status = read_clear(out, buf_bytes(&text), source);
    } else if (status == STATUS_OK) {
        log_error("server",
                  has_passphrase ? "the keys are not sealed, but there is a passphrase"
                                 : "the keys are sealed, and there is no passphrase",
                  log_text("file", source->path));
        status = STATUS_CONFLICT;
    }
    if (text.len > 0) secret_clear(text.data, text.len);
    buf_clear(&text);
    if (status != STATUS_OK) secret_clear(out, sizeof *out);
    return status;
}
