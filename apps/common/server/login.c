// SPDX-License-Identifier: Apache-2.0
#include <config.h> // memmem

#include "apps/common/server/login.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "chaincore/chaincore.h"

enum { RANDOM_BYTES = 16, CODE_BYTES = 16, NONCE_BYTES = 8 + RANDOM_BYTES + CODE_BYTES };

struct used {
    uint8_t random[RANDOM_BYTES];
    uint64_t expires_ms; // 0: a free place
};

struct login {
    char domain[LIMIT_LOGIN_DOMAIN_BYTES + 1];
    char chain[65];
    struct hash chain_id;
    uint8_t secret[32];
    pthread_mutex_t lock; // of `domain` and `used`
    struct used *used;    // LIMIT_LOGINS_USED places
};

struct login *login_open(const struct hash *chain_id) {
    struct login *login = mem_alloc(sizeof *login);
    hex_encode(login->chain, BYTES_OF(chain_id->bytes));
    login->chain_id = *chain_id;
    random_bytes(login->secret, sizeof login->secret);
    login->used = mem_alloc_array(LIMIT_LOGINS_USED, sizeof *login->used);
    pthread_mutex_init(&login->lock, NULL);
    return login;
}

void login_close(struct login *login) {
    if (!login) return;
    pthread_mutex_destroy(&login->lock);
    mem_free(login->used);
    secret_clear(login->secret, sizeof login->secret);
    mem_free(login);
}

void login_set_domain(struct login *login, const char *domain) {
    size_t len = strlen(domain);
    ENSURE(len <= LIMIT_LOGIN_DOMAIN_BYTES);
    pthread_mutex_lock(&login->lock);
    memcpy(login->domain, domain, len + 1);
    pthread_mutex_unlock(&login->lock);
}

bool login_is_domain(struct login *login, const char *host) {
    pthread_mutex_lock(&login->lock);
    bool is_domain = *login->domain && strcasecmp(login->domain, host) == 0;
    pthread_mutex_unlock(&login->lock);
    return is_domain;
}

// --- the text ---

// Fills in the code of a nonce whose time and random bytes are there.
static void set_code(const struct login *login, const struct account_id *account,
                     uint8_t nonce[NONCE_BYTES]) {
    struct hasher hasher;
    struct hash code;
    hasher_init(&hasher, HASH_LOGIN);
    hasher_add(&hasher, BYTES_OF(login->secret));
    hasher_add(&hasher, BYTES_OF(account->bytes));
    hasher_add(&hasher, bytes_of(nonce, NONCE_BYTES - CODE_BYTES));
    hasher_finish(&hasher, &code);
    memcpy(nonce + NONCE_BYTES - CODE_BYTES, code.bytes, CODE_BYTES);
}

static void append_text(struct login *login, const struct account_id *account,
                        const uint8_t nonce[NONCE_BYTES], struct buf *out) {
    char address[ADDRESS_CHARS + 1], digits[2 * NONCE_BYTES + 1], issued[25], expires[25];
    uint64_t issued_ms = load_u64_be(nonce);
    address_encode(address, account->bytes);
    hex_encode(digits, bytes_of(nonce, NONCE_BYTES));
    clock_format_utc(issued, (int64_t)issued_ms);
    clock_format_utc(expires, (int64_t)(issued_ms + LOGIN_LIFE_MS));
    pthread_mutex_lock(&login->lock);
    buf_append_format(out,
                      "%s wants you to sign in with your account:\n%s\n\n"
                      "This costs nothing, moves no money and is no transaction.\n\n"
                      "Chain: %s\nNonce: %s\nIssued: %s\nExpires: %s\n",
                      login->domain, address, login->chain, digits, issued, expires);
    pthread_mutex_unlock(&login->lock);
}

void login_challenge(struct login *login, const struct account_id *account, struct buf *out) {
    uint8_t nonce[NONCE_BYTES];
    store_u64_be(nonce, clock_wall_ms());
    random_bytes(nonce + 8, RANDOM_BYTES);
    set_code(login, account, nonce);
    append_text(login, account, nonce, out);
}

void login_hash(struct hash *out, struct bytes text) { hash_bytes(out, HASH_LOGIN, text); }

// The bytes between a marker and the end of its line; false without it.
static bool find_line(struct bytes text, const char *marker, struct bytes *out) {
    size_t len = strlen(marker);
    const uint8_t *at = memmem(text.data, text.len, marker, len);
    if (!at) return false;
    size_t left = text.len - (size_t)(at - text.data) - len;
    const uint8_t *end = memchr(at + len, '\n', left);
    if (!end) return false;
    *out = bytes_of(at + len, (size_t)(end - at) - len);
    return true;
}

// What stands in the text is only believed once the same text has been made of it again.
static bool read_text(struct login *login, struct bytes text, struct account_id *account,
                      uint8_t nonce[NONCE_BYTES]) {
    struct bytes address, line;
    char digits[2 * NONCE_BYTES + 1] = "";
    uint8_t own[NONCE_BYTES];
    struct buf again = {0};
    if (text.len > LOGIN_TEXT_BYTES || !find_line(text, ":\n", &address) ||
        address_decode(account->bytes, address) != STATUS_OK ||
        !find_line(text, "\nNonce: ", &line) || line.len != 2 * NONCE_BYTES)
        return false;
    memcpy(digits, line.data, line.len);
    if (hex_decode(nonce, NONCE_BYTES, digits) != STATUS_OK) return false;
    memcpy(own, nonce, sizeof own);
    set_code(login, account, own);
    if (!secret_equal(own, nonce, sizeof own)) return false;
    append_text(login, account, nonce, &again);
    bool is_same = bytes_equal(text, buf_bytes(&again));
    buf_clear(&again);
    return is_same;
}

// --- once ---

static enum status use(struct login *login, const uint8_t nonce[NONCE_BYTES], uint64_t now_ms) {
    struct used *free_place = NULL;
    enum status status = STATUS_OK;
    pthread_mutex_lock(&login->lock);
    for (size_t i = 0; i < LIMIT_LOGINS_USED; i++) {
        struct used *at = &login->used[i];
        if (at->expires_ms <= now_ms)
            free_place = at;
        else if (memcmp(at->random, nonce + 8, RANDOM_BYTES) == 0)
            TRY(STATUS_CONFLICT);
    }
    if (!free_place) TRY(STATUS_FULL);
    memcpy(free_place->random, nonce + 8, RANDOM_BYTES);
    free_place->expires_ms = load_u64_be(nonce) + LOGIN_LIFE_MS;
out:
    pthread_mutex_unlock(&login->lock);
    return status;
}

enum status login_check(struct login *login, struct bytes text, const struct public_key *key,
                        const struct signature *signature, struct account_id *out) {
    uint8_t nonce[NONCE_BYTES];
    struct hash payload;
    uint64_t now_ms = clock_wall_ms();
    if (!read_text(login, text, out, nonce)) return STATUS_INVALID;
    uint64_t issued_ms = load_u64_be(nonce);
    if (issued_ms > now_ms || now_ms - issued_ms >= LOGIN_LIFE_MS) return STATUS_TIMEOUT;
    login_hash(&payload, text);
    bool is_good = sign_verify(signature, key, SIGN_LOG_IN, &login->chain_id, &payload);
    return is_good ? STATUS_OK : STATUS_BAD_SIGNATURE;
}

enum status login_use(struct login *login, struct bytes text) {
    uint8_t nonce[NONCE_BYTES];
    struct account_id account;
    ENSURE(read_text(login, text, &account, nonce));
    return use(login, nonce, clock_wall_ms());
}

bool login_key_is_enough(const struct account *account, const struct account_id *id,
                         const struct public_key *key) {
    const struct authority *authority = &account->authority;
    struct account_id owner;
    for (uint32_t i = 0; i < authority->key_count; i++)
        if (memcmp(authority->keys[i].key.bytes, key->bytes, sizeof key->bytes) == 0)
            return authority->keys[i].weight >= authority->threshold;
    account_id_of_key(&owner, key);
    return authority->key_count == 0 && account_id_equal(&owner, id);
}
