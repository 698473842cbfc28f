// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/witnesses.h"

#include "chaincore/chain/state_key.h"

enum { WITNESS_BYTES = 32 + 32 + 2, KEY_BYTES = 1 + 8 };

// Newest first, so that the next entry from an epoch on is the one that serves it.
static void key_of(uint8_t key[KEY_BYTES], uint64_t epoch) {
    key[0] = STATE_WITNESSES;
    store_u64_be(key + 1, ~epoch);
}

static void witnesses_decode(struct witnesses *out, struct bytes value) {
    struct decoder decoder = decoder_of(value);
    out->count = (uint16_t)decode_count(&decoder, LIMIT_WITNESSES);
    for (uint16_t i = 0; i < out->count; i++) {
        decode_fixed(&decoder, &out->list[i].account, sizeof out->list[i].account);
        decode_fixed(&decoder, &out->list[i].key, sizeof out->list[i].key);
        out->list[i].commission = decode_u16(&decoder);
    }
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

// The entry that serves an epoch.
static bool find(struct bytes *key, struct bytes *value, const struct state_view *view,
                 uint64_t epoch) {
    ENSURE(epoch < UINT64_MAX);
    uint8_t above[KEY_BYTES];
    key_of(above, epoch + 1);
    return state_next(view, bytes_of(above, 1), BYTES_OF(above), key, value);
}

bool witnesses_load(struct witnesses *out, const struct state_view *view, uint64_t epoch) {
    struct bytes key, value;
    out->count = 0;
    if (!find(&key, &value, view, epoch)) return false;
    witnesses_decode(out, value);
    return true;
}

bool witnesses_serve_since(uint64_t *out, const struct state_view *view, uint64_t epoch) {
    struct bytes key, value;
    if (!find(&key, &value, view, epoch)) return false;
    *out = ~load_u64_be(key.data + 1);
    return true;
}

static bool is_same(const struct witnesses *a, const struct witnesses *b) {
    if (a->count != b->count) return false;
    for (uint16_t i = 0; i < a->count; i++)
        if (a->list[i].commission != b->list[i].commission ||
            !account_id_equal(&a->list[i].account, &b->list[i].account) ||
            memcmp(&a->list[i].key, &b->list[i].key, sizeof a->list[i].key) != 0)
            return false;
    return true;
}

void witnesses_store(struct state_draft *draft, uint64_t epoch, const struct witnesses *witnesses) {
    struct witnesses serving;
    uint8_t key[KEY_BYTES], storage[4 + LIMIT_WITNESSES * WITNESS_BYTES];
    struct buf value = BUF_OVER(storage);
    witnesses_load(&serving, state_draft_view(draft), epoch);
    if (is_same(&serving, witnesses)) return;
    encode_u32(&value, witnesses->count);
    for (uint16_t i = 0; i < witnesses->count; i++) {
        encode_fixed(&value, &witnesses->list[i].account, sizeof witnesses->list[i].account);
        encode_fixed(&value, &witnesses->list[i].key, sizeof witnesses->list[i].key);
        encode_u16(&value, witnesses->list[i].commission);
    }
    key_of(key, epoch);
    state_put(draft, BYTES_OF(key), buf_bytes(&value));
}

void witnesses_set(struct witness_set *out, const struct witnesses *witnesses) {
    *out = (struct witness_set){.count = witnesses->count};
    for (uint16_t i = 0; i < witnesses->count; i++) out->keys[i] = witnesses->list[i].key;
}

uint16_t witnesses_find(const struct witnesses *witnesses, const struct account_id *account) {
    uint16_t i = 0;
    while (i < witnesses->count && !account_id_equal(&witnesses->list[i].account, account)) i++;
    return i;
}
