// SPDX-License-Identifier: Apache-2.0
// What many nodes verify is the same signature each time. The linker puts this in the way
// (--wrap=sign_verify_many, --wrap=sign_verify): the first verdict is computed, the others are
// remembered. What is remembered is compared whole, so it holds for other seeds too.
#include <string.h>

#include "chaincore/base/limits.h"
#include "chaincore/crypto/sign.h"

enum { VERDICTS = 1 << 16, TOGETHER = LIMIT_VERIFIED_TOGETHER };

struct verdict {
    bool is_taken, is_valid;
    uint8_t tag;
    struct signature signature;
    struct public_key key;
    struct hash payload, chain_id;
};

static struct verdict verdicts[VERDICTS];

void __real_sign_verify_many(bool *valid, const struct sign_item *items, size_t count,
                             const struct hash *chain_id);
void __wrap_sign_verify_many(bool *valid, const struct sign_item *items, size_t count,
                             const struct hash *chain_id);
bool __wrap_sign_verify(const struct signature *signature, const struct public_key *key,
                        enum sign_tag tag, const struct hash *chain_id, const struct hash *payload);

static struct verdict *place_of(const struct sign_item *item) {
    uint64_t number = load_u64_le(item->signature->bytes) ^ load_u64_le(item->key->bytes);
    return &verdicts[number % VERDICTS];
}

static bool is_of(const struct verdict *verdict, const struct sign_item *item,
                  const struct hash *chain_id) {
    return verdict->is_taken && verdict->tag == (uint8_t)item->tag &&
           memcmp(&verdict->signature, item->signature, sizeof verdict->signature) == 0 &&
           memcmp(&verdict->key, item->key, sizeof verdict->key) == 0 &&
           hash_equal(&verdict->payload, item->payload) && hash_equal(&verdict->chain_id, chain_id);
}

void __wrap_sign_verify_many(bool *valid, const struct sign_item *items, size_t count,
                             const struct hash *chain_id) {
    struct sign_item unknown[TOGETHER];
    size_t of_item[TOGETHER], unknown_count = 0;
    bool found[TOGETHER];
    ENSURE(count <= TOGETHER);
    for (size_t i = 0; i < count; i++) {
        const struct verdict *verdict = place_of(&items[i]);
        if (is_of(verdict, &items[i], chain_id)) {
            valid[i] = verdict->is_valid;
            continue;
        }
        of_item[unknown_count] = i;
        unknown[unknown_count++] = items[i];
    }
    if (unknown_count == 0) return;
    __real_sign_verify_many(found, unknown, unknown_count, chain_id);
    for (size_t i = 0; i < unknown_count; i++) {
        valid[of_item[i]] = found[i];
        *place_of(&unknown[i]) = (struct verdict){.is_taken = true,
                                                  .is_valid = found[i],
                                                  .tag = (uint8_t)unknown[i].tag,
                                                  .signature = *unknown[i].signature,
                                                  .key = *unknown[i].key,
                                                  .payload = *unknown[i].payload,
                                                  .chain_id = *chain_id};
    }
}

bool __wrap_sign_verify(const struct signature *signature, const struct public_key *key,
                        enum sign_tag tag, const struct hash *chain_id,
                        const struct hash *payload) {
    bool is_valid;
    struct sign_item item = {.signature = signature, .key = key, .payload = payload, .tag = tag};
    __wrap_sign_verify_many(&is_valid, &item, 1, chain_id);
    return is_valid;
}
