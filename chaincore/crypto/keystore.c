// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/keystore.h"

#include <sodium.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/keystore_format.h"

_Static_assert(KEYSTORE_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(KEYSTORE_NONCE_BYTES == crypto_secretbox_NONCEBYTES, "nonce");
_Static_assert(KEYSTORE_TAG_BYTES == crypto_secretbox_MACBYTES, "tag");

const struct keystore_cost keystore_cost_strong = {.passes = 3, .memory_kib = 256 * 1024};
const struct keystore_cost keystore_cost_light = {.passes = 2, .memory_kib = 64 * 1024};

static bool name_is_allowed(const char *name) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t len = strnlen(name, KEYSTORE_NAME_MAX + 1);
    return len > 0 && len <= KEYSTORE_NAME_MAX && strspn(name, allowed) == len;
}

enum status keystore_add_seed(struct keystore *keystore, const char *name, const uint8_t seed[32]) {
    if (!name_is_allowed(name)) return STATUS_MALFORMED;
    if (keystore_find_seed(keystore, name)) return STATUS_EXISTS;
    if (keystore->seed_count == KEYSTORE_SEEDS_MAX) return STATUS_FULL;
    size_t place = keystore->seed_count++;
    for (; place > 0 && strcmp(keystore->seeds[place - 1].name, name) > 0; place--)
        keystore->seeds[place] = keystore->seeds[place - 1];
    struct keystore_seed *entry = &keystore->seeds[place];
    memset(entry->name, 0, sizeof entry->name);
    memcpy(entry->name, name, strlen(name));
    memcpy(entry->seed, seed, sizeof entry->seed);
    return STATUS_OK;
}

enum status keystore_remove_seed(struct keystore *keystore, const char *name) {
    size_t place = 0;
    while (place < keystore->seed_count && strcmp(keystore->seeds[place].name, name) != 0) place++;
    if (place == keystore->seed_count) return STATUS_NOT_FOUND;
    keystore->seed_count--;
    for (; place < keystore->seed_count; place++)
        keystore->seeds[place] = keystore->seeds[place + 1];
    sodium_memzero(&keystore->seeds[place], sizeof keystore->seeds[place]);
    return STATUS_OK;
}

enum status keystore_rename_seed(struct keystore *keystore, const char *name,
                                 const char *new_name) {
    uint8_t seed[32];
    const uint8_t *found = keystore_find_seed(keystore, name);
    if (!found) return STATUS_NOT_FOUND;
    if (!name_is_allowed(new_name)) return STATUS_MALFORMED;
    if (keystore_find_seed(keystore, new_name)) return STATUS_EXISTS;
    memcpy(seed, found, sizeof seed);
    enum status status = keystore_remove_seed(keystore, name);
    if (status == STATUS_OK) status = keystore_add_seed(keystore, new_name, seed);
    sodium_memzero(seed, sizeof seed);
    return status;
}

enum status keystore_set_mnemonic(struct keystore *keystore, struct bytes text) {
    uint8_t entropy[MNEMONIC_ENTROPY_MAX];
    size_t entropy_len;
    enum status status = mnemonic_to_entropy(entropy, &entropy_len, text);
    sodium_memzero(entropy, sizeof entropy);
    if (status != STATUS_OK) return status;
    sodium_memzero(keystore->mnemonic, sizeof keystore->mnemonic);
    memcpy(keystore->mnemonic, text.data, text.len);
    return STATUS_OK;
}

const uint8_t *keystore_find_seed(const struct keystore *keystore, const char *name) {
    for (size_t i = 0; i < keystore->seed_count; i++)
        if (strcmp(keystore->seeds[i].name, name) == 0) return keystore->seeds[i].seed;
    return NULL;
}

void keystore_clear(struct keystore *keystore) { sodium_memzero(keystore, sizeof *keystore); }

static void clear_secret_buf(struct buf *buf) {
    if (buf->data) sodium_memzero(buf->data, buf->capacity);
    buf_clear(buf);
}

static enum status stretch(uint8_t key[crypto_secretbox_KEYBYTES], const struct keystore_file *file,
                           struct bytes passphrase) {
    if (passphrase.len > KEYSTORE_PASSPHRASE_MAX) return STATUS_TOO_LARGE;
    // No file of ours is sealed with nothing.
    if (passphrase.len == 0) return STATUS_UNAUTHORIZED;
    int failed = crypto_pwhash(key, crypto_secretbox_KEYBYTES, (const char *)passphrase.data,
                               passphrase.len, file->salt, file->cost.passes,
                               (size_t)file->cost.memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status keystore_seal(struct buf *out, const struct keystore *keystore, struct bytes passphrase,
                          struct keystore_cost cost) {
    enum status status = STATUS_OK;
    struct keystore_file file = {.cost = cost};
    struct buf content = {0}, box = {0};
    uint8_t key[crypto_secretbox_KEYBYTES];
    if (passphrase.len == 0 || !keystore_cost_is_bounded(cost)) return STATUS_INVALID;
    randombytes_buf(file.salt, sizeof file.salt);
    randombytes_buf(file.nonce, sizeof file.nonce);
    TRY(stretch(key, &file, passphrase));
    keystore_encode_content(&content, keystore);
    uint8_t *room = buf_reserve(&box, KEYSTORE_TAG_BYTES + content.len);
    ENSURE(crypto_secretbox_easy(room, content.data, content.len, file.nonce, key) == 0);
    box.len = KEYSTORE_TAG_BYTES + content.len;
    file.box = buf_bytes(&box);
    keystore_encode_file(out, &file);
out:
    sodium_memzero(key, sizeof key);
    clear_secret_buf(&content);
    buf_clear(&box);
    return status;
}

enum status keystore_open(struct keystore *out, struct bytes in, struct bytes passphrase) {
    enum status status = STATUS_OK;
    struct keystore_file file;
    struct buf content = {0};
    uint8_t key[crypto_secretbox_KEYBYTES];
    TRY(keystore_decode_file(&file, in));
    TRY(stretch(key, &file, passphrase));
    uint8_t *room = buf_reserve(&content, KEYSTORE_CONTENT_MAX);
    if (crypto_secretbox_open_easy(room, file.box.data, file.box.len, file.nonce, key) != 0) {
        status = STATUS_UNAUTHORIZED;
        goto out;
    }
    content.len = file.box.len - KEYSTORE_TAG_BYTES;
    TRY(keystore_decode_content(out, buf_bytes(&content)));
    out->cost = file.cost;
out:
    sodium_memzero(key, sizeof key);
    clear_secret_buf(&content);
    return status;
}

enum status keystore_save(const char *path, const struct keystore *keystore,
                          struct bytes passphrase, struct keystore_cost cost) {
    enum status status = STATUS_OK;
    struct buf file = {0};
    TRY(keystore_seal(&file, keystore, passphrase, cost));
    TRY(file_replace(path, buf_bytes(&file), 0600));
out:
    buf_clear(&file);
    return status;
}

enum status keystore_load(struct keystore *out, const char *path, struct bytes passphrase) {
    enum status status = STATUS_OK;
    struct buf file = {0};
    TRY(file_read(&file, path, KEYSTORE_FILE_MAX));
    TRY(keystore_open(out, buf_bytes(&file), passphrase));
out:
    buf_clear(&file);
    return status;
}
