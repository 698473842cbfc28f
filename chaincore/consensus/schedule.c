// SPDX-License-Identifier: Apache-2.0
#include "chaincore/consensus/schedule.h"

struct numbers {
    uint8_t input[32 + 32 + 8]; // seeds and a counter
    uint64_t counter;
    struct hash block;
    size_t used;
};

static uint32_t number_next(struct numbers *numbers) {
    if (numbers->used == sizeof numbers->block.bytes) {
        store_u64_le(numbers->input + 64, numbers->counter++);
        hash_bytes(&numbers->block, HASH_SCHEDULE, BYTES_OF(numbers->input));
        numbers->used = 0;
    }
    numbers->used += 4;
    return load_u32_le(numbers->block.bytes + numbers->used - 4);
}

// Below bound; those of the last, partial range are thrown away, which would favour small ones.
static uint32_t number_below(struct numbers *numbers, uint32_t bound) {
    uint32_t limit = UINT32_MAX - UINT32_MAX % bound;
    uint32_t number = number_next(numbers);
    while (number >= limit) number = number_next(numbers);
    return number % bound;
}

void schedule_init(struct schedule *out, const struct schedule_seed *seed, uint64_t first_view,
                   uint16_t count) {
    ENSURE(count > 0 && count <= LIMIT_WITNESSES);
    struct numbers numbers = {.used = sizeof numbers.block.bytes};
    memcpy(numbers.input, seed->seed.bytes, 32);
    memcpy(numbers.input + 32, seed->id.bytes, 32);
    *out = (struct schedule){.first_view = first_view, .count = count};
    for (uint16_t i = 0; i < count; i++) out->order[i] = i;
    for (uint16_t i = (uint16_t)(count - 1); i > 0; i--) {
        uint32_t other = number_below(&numbers, i + 1u);
        uint16_t kept = out->order[i];
        out->order[i] = out->order[other];
        out->order[other] = kept;
    }
}

uint16_t schedule_leader(const struct schedule *schedule, uint64_t view) {
    ENSURE(view >= schedule->first_view);
    return schedule->order[(view - schedule->first_view) % schedule->count];
}

struct missed_views schedule_missed(const struct schedule *schedule, const struct header *parent,
                                    const struct header *header) {
    uint64_t first = parent->epoch == header->epoch ? parent->view + 1 : schedule->first_view;
    ENSURE(header->view >= first);
    return (struct missed_views){.first = first, .count = header->view - first};
}
