// SPDX-License-Identifier: Apache-2.0
// What the energy contract should do with one slot's orders, written from its rules and not from
// its code: orders stand in the order of their coming, and the best is looked for from the front
// each time. Money is what each person should have got back in all.
#ifndef LMM_TESTS_ENERGY_MODEL_H
#define LMM_TESTS_ENERGY_MODEL_H

#include "tests/joint/energy_fixture.h"

struct model_order {
    uint64_t number, price, wh;
    uint8_t person, side;
    bool is_gone;
};

struct model_fill {
    uint64_t number; // of the order that rested
    uint64_t price, wh;
    uint8_t buyer, seller;
};

struct model {
    uint32_t slot;
    uint64_t cap;
    uint64_t order_count; // numbers that were given
    size_t count, capacity;
    struct model_order *orders;
    size_t fill_count, fill_capacity;
    struct model_fill *fills; // in order, of the whole slot
    uint64_t got[ENERGY_PEOPLE];
    bool has_reading[ENERGY_PEOPLE][DIRECTIONS];
    uint64_t readings[ENERGY_PEOPLE][DIRECTIONS];
    uint64_t to_zone;
};

void model_start(struct model *model, uint32_t slot, uint64_t cap);
void model_clear(struct model *model);

// What the order is refused with, or 0; then the fills from *first on are its own.
uint32_t model_order(struct model *model, uint8_t person, const struct energy_order *order,
                     size_t *first, enum outcome *outcome);
void model_remove(struct model *model, struct model_order *order);
// Of what rests.
size_t model_count(const struct model *model, uint8_t side);
void model_close(struct model *model);
// What orders and trades hold while nothing is settled.
uint64_t model_locked(const struct model *model);
// Everything after the last reading.
void model_settle(struct model *model);

#endif
