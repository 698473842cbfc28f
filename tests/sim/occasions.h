// SPDX-License-Identifier: Apache-2.0
// What a simulation is driven by: numbers of a seed, occasions in the order of a virtual clock, and
// packets of bytes that are under way to several nodes at once.
#ifndef LMM_TESTS_SIM_OCCASIONS_H
#define LMM_TESTS_SIM_OCCASIONS_H

#include "chaincore/base/buf.h"

struct draws {
    uint64_t state;
};
void draws_begin(struct draws *draws, uint64_t seed);
uint64_t draws_next(struct draws *draws);
static inline uint64_t draws_below(struct draws *draws, uint64_t bound) {
    return draws_next(draws) % bound;
}
static inline bool draws_percent(struct draws *draws, uint32_t percent) {
    return draws_below(draws, 100) < percent;
}
// For randomness that whatever is simulated asks for; context: the draws.
void draws_fill(void *context, void *out, size_t len);

struct packet {
    uint32_t references;
    uint8_t kind;
    struct buf bytes;
};
struct packet *packet_new(uint8_t kind, struct bytes bytes);
struct packet *packet_keep(struct packet *packet);
void packet_drop(struct packet *packet);

struct occasion {
    uint64_t at_ms;
    uint64_t order; // of those at one moment: as they were added
    int kind;
    uint16_t node, from;
    uint32_t life; // of the node; what was meant for an earlier one is lost
    struct packet *packet;
};

struct occasions {
    struct occasion *heap;
    size_t count, capacity;
    uint64_t added;
};
// Takes over the packet.
void occasions_add(struct occasions *occasions, const struct occasion *occasion);
// The earliest; false when there is none.
bool occasions_take(struct occasions *occasions, struct occasion *out);
void occasions_reset(struct occasions *occasions);
void occasions_clear(struct occasions *occasions);

#endif
