// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/turns.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/witnesses.h"

void turns_load(struct turns_record *out, const struct state_view *view, uint64_t epoch,
                uint16_t count) {
    struct state_key key;
    struct bytes value;
    *out = (struct turns_record){.epoch = epoch, .count = count};
    state_key_of_chain(&key, "turns");
    if (!state_get(view, state_key_bytes(&key), &value)) return;
    struct decoder decoder = decoder_of(value);
    if (decode_u64(&decoder) != epoch) return;
    out->named = decode_u64(&decoder);
    ENSURE(decode_count(&decoder, LIMIT_WITNESSES) == count);
    for (uint16_t i = 0; i < count; i++) {
        out->of[i].taken = decode_u64(&decoder);
        out->of[i].missed = decode_u64(&decoder);
        out->of[i].silent = decode_u64(&decoder);
    }
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

static void record_store(struct state_draft *draft, const struct turns_record *record) {
    struct state_key key;
    uint8_t storage[8 + 8 + 4 + 24 * LIMIT_WITNESSES];
    struct buf value = BUF_OVER(storage);
    state_key_of_chain(&key, "turns");
    encode_u64(&value, record->epoch);
    encode_u64(&value, record->named);
    encode_u32(&value, record->count);
    for (uint16_t i = 0; i < record->count; i++) {
        encode_u64(&value, record->of[i].taken);
        encode_u64(&value, record->of[i].missed);
        encode_u64(&value, record->of[i].silent);
    }
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

static bool has_voted(struct bytes voters, uint16_t witness) {
    return witness / 8 < voters.len && (voters.data[witness / 8] >> (witness % 8) & 1);
}

void turns_count(struct apply_block *block) {
    const struct turns_seen *seen = block->turns;
    struct witnesses witnesses;
    struct turns_record record;
    if (!seen) return;
    if (!witnesses_load(&witnesses, state_draft_view(block->draft), block->epoch)) return;
    turns_load(&record, state_draft_view(block->draft), block->epoch, witnesses.count);
    if (seen->leader < record.count) record.of[seen->leader].taken++;
    if (seen->voters.len > 0) record.named++;
    for (uint16_t i = 0; i < record.count; i++) {
        record.of[i].missed += seen->missed[i];
        if (seen->voters.len > 0 && !has_voted(seen->voters, i)) record.of[i].silent++;
    }
    record_store(block->draft, &record);
}

bool turns_is_absent(const struct turns_record *record, uint16_t witness) {
    const struct attendance *of = &record->of[witness];
    return of->taken + of->missed >= TURNS_LEAST && of->missed > of->taken &&
           of->silent > record->named - of->silent;
}

static bool brought_little(const struct turns_record *record) {
    uint64_t taken = 0, missed = 0;
    for (uint16_t i = 0; i < record->count; i++) {
        taken += record->of[i].taken;
        missed += record->of[i].missed;
    }
    return 3 * missed > taken + missed;
}

// The absent who missed most; among equals the first of the set. `count` when there is none.
static uint16_t most_absent(const struct turns_record *record) {
    uint16_t worst = record->count;
    for (uint16_t i = 0; i < record->count; i++)
        if (turns_is_absent(record, i) &&
            (worst == record->count || record->of[i].missed > record->of[worst].missed))
            worst = i;
    return worst;
}

static void put_out(struct apply_block *block, const struct account_id *id) {
    struct candidate candidate;
    if (!candidate_load(&candidate, state_draft_view(block->draft), id) ||
        candidate.standing != CANDIDATE_STANDS)
        return;
    candidate.standing = CANDIDATE_ABSENT;
    candidate_store(block->draft, id, &candidate);
}

void turns_judge(struct apply_block *block) {
    struct witnesses witnesses;
    struct turns_record record;
    if (!witnesses_load(&witnesses, state_draft_view(block->draft), block->epoch)) return;
    turns_load(&record, state_draft_view(block->draft), block->epoch, witnesses.count);
    if (brought_little(&record)) return;
    for (uint16_t left = record.count / 10; left > 0; left--) {
        uint16_t worst = most_absent(&record);
        if (worst == record.count) return;
        put_out(block, &witnesses.list[worst].account);
        record.of[worst] = (struct attendance){0};
    }
}
