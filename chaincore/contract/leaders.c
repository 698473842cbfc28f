// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/leaders.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/election.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/witnesses.h"

enum { EPOCHS_KEPT = 2, EPOCH_BYTES = 8 + 8 + 4 + 32 };

// Under STATE_CHAIN "leaders".
struct record {
    struct hash noted; // for the epoch that comes
    uint32_t count;
    struct leaders of[EPOCHS_KEPT]; // the older first
};

static bool record_load(struct record *out, const struct state_view *view) {
    struct state_key key;
    struct bytes value;
    *out = (struct record){0};
    state_key_of_chain(&key, "leaders");
    if (!state_get(view, state_key_bytes(&key), &value)) return false;
    struct decoder decoder = decoder_of(value);
    decode_fixed(&decoder, &out->noted, sizeof out->noted);
    out->count = decode_count(&decoder, EPOCHS_KEPT);
    for (uint32_t i = 0; i < out->count; i++) {
        struct leaders *of = &out->of[i];
        of->epoch = decode_u64(&decoder);
        of->first_view = decode_u64(&decoder);
        of->block_interval_ms = decode_u32(&decoder);
        decode_fixed(&decoder, &of->id, sizeof of->id);
    }
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
    return true;
}

static void record_store(struct state_draft *draft, const struct record *record) {
    struct state_key key;
    uint8_t storage[32 + 4 + EPOCHS_KEPT * EPOCH_BYTES];
    struct buf value = BUF_OVER(storage);
    state_key_of_chain(&key, "leaders");
    encode_fixed(&value, &record->noted, sizeof record->noted);
    encode_u32(&value, record->count);
    for (uint32_t i = 0; i < record->count; i++) {
        const struct leaders *of = &record->of[i];
        encode_u64(&value, of->epoch);
        encode_u64(&value, of->first_view);
        encode_u32(&value, of->block_interval_ms);
        encode_fixed(&value, &of->id, sizeof of->id);
    }
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

bool leaders_load(struct leaders *out, const struct state_view *view, uint64_t epoch) {
    struct record record;
    if (!record_load(&record, view)) return false;
    for (uint32_t i = 0; i < record.count; i++) {
        if (record.of[i].epoch != epoch) continue;
        *out = record.of[i];
        return true;
    }
    return false;
}

// Does the block's parent seed the next epoch?
static bool names_seed(const struct apply_block *block) {
    struct witnesses witnesses;
    uint32_t epoch_blocks = block->params.epoch_blocks;
    uint64_t first = block->epoch * epoch_blocks;
    uint64_t lowest = first > 0 ? first - 1 : 0; // the boundary before, or genesis
    uint64_t boundary = first + epoch_blocks - 1;
    if (!witnesses_load(&witnesses, state_draft_view(block->draft), block->epoch)) return false;
    bool reaches_back = boundary - lowest > witnesses.count;
    return block->height - 1 == (reaches_back ? boundary - witnesses.count : lowest);
}

static void begin_next(struct record *record, const struct apply_block *block) {
    struct params next;
    if (record->count == EPOCHS_KEPT) record->of[0] = record->of[--record->count];
    parameters_of_epoch(&next, state_draft_view(block->draft), block->epoch + 1);
    record->of[record->count++] = (struct leaders){.epoch = block->epoch + 1,
                                                   .first_view = block->view + 1,
                                                   .block_interval_ms = next.block_interval_ms,
                                                   .id = record->noted};
    record->noted = (struct hash){0};
}

void leaders_note(struct apply_block *block) {
    struct record record;
    bool is_seed = names_seed(block), is_boundary = election_is_due(&block->params, block->height);
    if (!is_seed && !is_boundary) return;
    record_load(&record, state_draft_view(block->draft));
    if (is_seed) record.noted = block->parent;
    if (is_boundary) begin_next(&record, block);
    record_store(block->draft, &record);
}
