// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/keys.h"

#include <sys/stat.h>

#include "chaincore/crypto/keystore.h"

enum { MAX_KEY_FILE = 64 * 1024, SEED_DIGITS = 64 };

const char server_account_name[] = "server";
static const char signer_prefix[] = "signer-"; // of a keystore's names

_Static_assert(sizeof signer_prefix - 1 + LIMIT_SIGNER_NAME_BYTES == (int)KEYSTORE_NAME_MAX,
               "a keystore takes every name");
_Static_assert((int)DEVNET_ACCOUNTS <= (int)LIMIT_SIGNERS, "all of them fit");

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

// --- accounts by name ---

static bool is_same_key(const struct secret_key *a, const struct secret_key *b) {
    struct public_key first, second;
    key_public_of(&first, a);
    key_public_of(&second, b);
    return memcmp(&first, &second, sizeof first) == 0;
}

static bool is_name(struct bytes name) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (name.len == 0 || name.len > LIMIT_SIGNER_NAME_BYTES) return false;
    for (size_t i = 0; i < name.len; i++)
        if (!memchr(allowed, name.data[i], sizeof allowed - 1)) return false;
    return true;
}

// NULL, or what is wrong with it.
static const char *add_account(struct server_keys *out, struct bytes name,
                               const struct secret_key *key) {
    struct server_account *account = &out->accounts[out->account_count];
    if (!is_name(name)) return "a signer's name has 1 to 25 of a-z, 0-9 and -_.";
    if (bytes_equal(name, bytes_of_string(server_account_name)))
        return "the name server is that of the business' own account";
    for (size_t i = 0; i < out->account_count; i++) {
        if (bytes_equal(name, bytes_of_string(out->accounts[i].name)))
            return "two signers have one name";
        if (is_same_key(&out->accounts[i].key, key)) return "two signers have one key";
    }
    if (out->account_count == LIMIT_SIGNERS - 1) return "too many signers";
    memcpy(account->name, name.data, name.len);
    account->name[name.len] = '\0';
    account->key = *key;
    out->account_count++;
    return NULL;
}

// Two queues of one account would give its numbers twice.
static enum status check_own(const struct server_keys *keys, const char *path) {
    for (size_t i = 0; i < keys->account_count; i++)
        if (is_same_key(&keys->server, &keys->accounts[i].key))
            return refused(path, "a signer has the server's own key", 0);
    return STATUS_OK;
}

void server_keys_of_devnet(struct server_keys *out, const struct devnet *devnet) {
    *out = (struct server_keys){.witness_count = devnet->witness_count};
    memcpy(out->witnesses, devnet->witness_keys,
           devnet->witness_count * sizeof *devnet->witness_keys);
    for (int i = 0; i < DEVNET_ACCOUNTS; i++) {
        const struct devnet_account *account = &devnet->accounts[i];
        if (strcmp(account->role, server_account_name) == 0)
            out->server = account->key;
        else
            ENSURE(!add_account(out, bytes_of_string(account->role), &account->key));
    }
}

// --- in the clear ---

// "signer NAME SEED"; *fault is NULL, or what is wrong with it.
static bool read_signer(struct server_keys *out, struct bytes line, const char **fault) {
    static const char word[] = "signer ";
    const size_t head = sizeof word - 1, tail = 1 + SEED_DIGITS;
    char role[sizeof word + LIMIT_SIGNER_NAME_BYTES] = "";
    struct secret_key key;
    *fault = NULL;
    if (line.len <= head + tail || memcmp(line.data, word, head) != 0) return false;
    if (line.len - tail >= sizeof role) return false;
    memcpy(role, line.data, line.len - tail);
    bool is_good = read_seed(&key, line, role);
    if (is_good)
        *fault = add_account(out, bytes_of(line.data + head, line.len - tail - head), &key);
    secret_clear(&key, sizeof key);
    return is_good;
}

static enum status read_lines(struct server_keys *out, struct bytes text, const char *path) {
    struct bytes line;
    struct secret_key account;
    bool has_server = false;
    const char *fault;
    for (int64_t number = 1; next_line(&text, &line); number++) {
        if (read_seed(&account, line, "account")) continue; // whose it is keeps it; not needed here
        if (read_seed(&account, line, "witness")) {
            if (out->witness_count == LIMIT_WITNESSES)
                return refused(path, "too many witness keys", number);
            out->witnesses[out->witness_count++] = account;
        } else if (read_signer(out, line, &fault)) {
            if (fault) return refused(path, fault, number);
        } else if (read_seed(&account, line, "server") && !has_server) {
            out->server = account;
            has_server = true;
        } else {
            return refused(path, "not a line of a key file", number);
        }
    }
    secret_clear(&account, sizeof account);
    return has_server ? check_own(out, path) : refused(path, "the server's own key is missing", 0);
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

static bool begins_with(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

// NULL, or what is wrong with it.
static const char *take_seed(struct server_keys *out, const struct keystore_seed *seed) {
    struct secret_key key;
    struct public_key public;
    const char *fault = NULL;
    key_from_seed(&key, &public, seed->seed);
    if (begins_with(seed->name, signer_prefix))
        fault = add_account(out, bytes_of_string(seed->name + strlen(signer_prefix)), &key);
    else if (begins_with(seed->name, "witness") && out->witness_count == LIMIT_WITNESSES)
        fault = "too many witness keys";
    else if (begins_with(seed->name, "witness"))
        out->witnesses[out->witness_count++] = key;
    secret_clear(&key, sizeof key);
    return fault;
}

static enum status take_seeds(struct server_keys *out, const struct keystore *keystore,
                              const char *path) {
    struct public_key public;
    const uint8_t *server = keystore_find_seed(keystore, server_account_name);
    for (size_t i = 0; i < keystore->seed_count; i++) {
        const char *fault = take_seed(out, &keystore->seeds[i]);
        if (fault) return refused(path, fault, 0);
    }
    if (!server) return refused(path, "the server's own key is missing", 0);
    key_from_seed(&out->server, &public, server);
    return check_own(out, path);
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
