// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/witness_records.h"

#include "chaincore/base/limits.h"

enum {
    FIRST_WAIT_MS = 4 * 1000, // hands may take five seconds
    DOUBLINGS = 4,            // about a minute at most
    STAY_MS = 60 * 1000,      // a connection that was no mere attempt
};

static struct record_place *find(struct record_place *places, uint16_t count,
                                 const struct public_key *key) {
    for (uint16_t i = 0; i < count; i++)
        if (memcmp(&places[i].key, key, sizeof *key) == 0) return &places[i];
    return NULL;
}

struct record_place *witness_records_find(struct witness_records *records,
                                          const struct public_key *key) {
    return find(records->places, records->count, key);
}

void witness_records_begin(struct witness_records *records, const struct witness_set *set) {
    struct witness_records before = *records;
    records->count = set->count;
    for (uint16_t i = 0; i < set->count; i++) {
        const struct record_place *old = find(before.places, before.count, &set->keys[i]);
        records->places[i] = old ? *old : (struct record_place){.key = set->keys[i]};
    }
}

bool witness_record_is_timely(const struct witness_record *record, uint64_t wall_ms) {
    if (record->time_ms > wall_ms) return record->time_ms - wall_ms <= LIMIT_CLOCK_AHEAD_MS;
    return wall_ms - record->time_ms <= LIMIT_RECORD_MS;
}

static uint64_t spent_now(const struct record_place *place, uint64_t now_ms) {
    uint64_t passed_ms = now_ms - place->spent_at_ms;
    return passed_ms < place->spent_ms ? place->spent_ms - passed_ms : 0;
}

bool witness_records_want(struct witness_records *records, const struct witness_record *record,
                          const struct driver_time *time) {
    const uint64_t most_ms = (uint64_t)(LIMIT_RECORDS_AT_ONCE - 1) * LIMIT_RECORD_EVERY_MS;
    const struct record_place *place = witness_records_find(records, &record->key);
    if (!place || !witness_record_is_timely(record, time->wall_ms)) return false;
    // What is ahead by now, since this node's clock was set back, is in nobody's way.
    bool is_there = place->is_there && witness_record_is_timely(&place->record, time->wall_ms);
    if (is_there && record->time_ms <= place->record.time_ms) return false;
    return spent_now(place, time->now_ms) <= most_ms;
}

void record_place_spend(struct record_place *place, uint64_t now_ms) {
    place->spent_ms = spent_now(place, now_ms) + LIMIT_RECORD_EVERY_MS;
    place->spent_at_ms = now_ms;
}

void record_place_keep(struct record_place *place, const struct witness_record *record,
                       const struct driver_time *time, uint32_t delay_ms) {
    bool is_elsewhere = !place->is_there ||
                        !endpoint_equal(&place->record.endpoint, &record->endpoint) ||
                        memcmp(&place->record.node, &record->node, sizeof record->node) != 0;
    record_place_spend(place, time->now_ms);
    place->record = *record;
    place->is_there = true;
    place->is_wrong = false;
    if (!is_elsewhere) return;
    // Else whoever says another place a moment would be called at each.
    uint64_t call_at_ms = time->now_ms + delay_ms;
    if (place->failures == 0 || place->call_at_ms < call_at_ms) place->call_at_ms = call_at_ms;
}

// Of `ms`, from three quarters to five quarters.
static uint64_t with_jitter(uint64_t ms, uint32_t random) {
    return ms - ms / 4 + random % (ms / 2);
}

static uint64_t wait_ms(const struct record_place *place) {
    return (uint64_t)FIRST_WAIT_MS << (place->failures < DOUBLINGS ? place->failures : DOUBLINGS);
}

void record_place_note_call(struct record_place *place, uint64_t now_ms, uint32_t random) {
    place->call_at_ms = now_ms + with_jitter(wait_ms(place), random);
    place->failures++;
}

void record_place_note_end(struct record_place *place, uint64_t now_ms, uint64_t lasted_ms,
                           uint32_t random) {
    if (lasted_ms >= STAY_MS) place->failures = 0;
    uint64_t wait = place->failures > 0 ? wait_ms(place) : FIRST_WAIT_MS / 4;
    place->call_at_ms = now_ms + with_jitter(wait, random);
}

uint16_t witness_records_count(const struct witness_records *records, uint64_t wall_ms) {
    uint16_t count = 0;
    for (uint16_t i = 0; i < records->count; i++) {
        const struct record_place *place = &records->places[i];
        if (place->is_there && witness_record_is_timely(&place->record, wall_ms)) count++;
    }
    return count;
}
