// SPDX-License-Identifier: Apache-2.0
// A household's meter: it keeps a key, which it draws when it is asked for the first time, and
// signs with it.
//
//   meter KEY-FILE CHAIN-ID sign-in ZONE DIRECTION OWNER     DIRECTION: export or import
//   meter KEY-FILE CHAIN-ID reading SLOT WH SEQUENCE
//
// Answers with one JSON object, the key and the signature, for whoever carries them to the chain.
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/energy/meter/profile.h"
#include "chaincore/base/file.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, WORDS = 7, SEED_BYTES = 32 };

static bool read_number(uint64_t *out, const char *text, uint64_t most) {
    char *end;
    if (*text < '0' || *text > '9') return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && *out <= most;
}

static enum status draw_seed(struct buf *seed, const char *path) {
    random_bytes(buf_reserve(seed, SEED_BYTES), SEED_BYTES);
    seed->len = SEED_BYTES;
    return file_replace(path, buf_bytes(seed), 0600);
}

static bool load_key(struct meter_key *out, const char *path) {
    struct buf seed = {0};
    enum status status =
        file_exists(path) ? file_read(&seed, path, SEED_BYTES) : draw_seed(&seed, path);
    bool is_there = status == STATUS_OK && seed.len == SEED_BYTES;
    if (is_there) key_from_seed(&out->secret, &out->key, seed.data);
    if (seed.len > 0) secret_clear(seed.data, seed.len);
    buf_clear(&seed);
    return is_there;
}

static bool sign_in(struct signature *out, const struct meter_key *meter,
                    const struct meter_place *place, char **words) {
    struct meter_owner owner;
    uint64_t zone;
    bool is_import = strcmp(words[1], "import") == 0;
    if (!read_number(&zone, words[0], UINT32_MAX) ||
        (!is_import && strcmp(words[1], "export") != 0) ||
        address_decode(owner.owner.bytes, bytes_of_string(words[2])) != STATUS_OK)
        return false;
    owner.zone = (uint32_t)zone;
    owner.direction = is_import ? IMPORT : EXPORT;
    meter_sign_in(out, meter, place, &owner);
    return true;
}

static bool sign_reading(struct signature *out, const struct meter_key *meter,
                         const struct meter_place *place, char **words) {
    struct meter_reading reading;
    uint64_t slot;
    if (!read_number(&slot, words[0], UINT32_MAX) ||
        !read_number(&reading.wh, words[1], UINT64_MAX) ||
        !read_number(&reading.sequence, words[2], UINT64_MAX))
        return false;
    reading.slot = (uint32_t)slot;
    meter_sign_reading(out, meter, place, &reading);
    return true;
}

static bool sign(struct signature *out, const struct meter_key *meter, char **words) {
    struct hash chain;
    struct account_id contract;
    const struct meter_place place = {&chain, &contract};
    if (hex_decode(chain.bytes, sizeof chain.bytes, words[2]) != STATUS_OK) return false;
    account_id_of_system_contract(&contract, "energy");
    if (strcmp(words[3], "sign-in") == 0) return sign_in(out, meter, &place, words + 4);
    return strcmp(words[3], "reading") == 0 && sign_reading(out, meter, &place, words + 4);
}

int main(int count, char **words) {
    struct meter_key meter;
    struct signature signature;
    char key[2 * sizeof meter.key.bytes + 1], signed_hex[2 * sizeof signature.bytes + 1];
    if (count != WORDS || crypto_init() != STATUS_OK) return EXIT_USAGE;
    if (!load_key(&meter, words[1])) {
        fprintf(stderr, "meter: %s keeps no key\n", words[1]);
        return EXIT_FAILED;
    }
    bool is_signed = sign(&signature, &meter, words);
    secret_clear(&meter.secret, sizeof meter.secret);
    if (!is_signed) {
        fputs("meter: this cannot be signed\n", stderr);
        return EXIT_USAGE;
    }
    hex_encode(key, BYTES_OF(meter.key.bytes));
    hex_encode(signed_hex, BYTES_OF(signature.bytes));
    printf("{\"key\":\"%s\",\"signature\":\"%s\"}\n", key, signed_hex);
    return EXIT_SUCCESS;
}
