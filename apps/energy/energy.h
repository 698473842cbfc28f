// SPDX-License-Identifier: Apache-2.0
// The market's own parts: what its routes and its projection share.
#ifndef LMM_ENERGY_ENERGY_H
#define LMM_ENERGY_ENERGY_H

#include "apps/common/index/index_events.h"
#include "apps/common/server/server.h"
#include "apps/energy/happening.h"

struct energy {
    struct server *server;
    struct buf news; // of the block at hand (apps/common/server/news.h)
};

// projection.c
// To be raised whenever the same blocks give other rows.
enum { PROJECTION_VERSION = 4 };
extern const char energy_schema[]; // embedded.S
extern const char energy_drop[];
enum status projection_apply(void *energy, struct db *db, const struct index_block *block);
void projection_committed(void *energy, const struct index_block *block);

// rows.c: an event, and where it stands; the rows that it changes.
struct work {
    struct db *db;
    struct index_event at;
    struct happening happening;
};
enum status rows_apply(const struct work *work) MUST_CHECK;
// What an event makes of the book's levels: one price of one side. has_change false: nothing.
struct book_change {
    bool has_change;
    uint8_t side;
    uint64_t price;
    int64_t wh, orders;              // by so much
    uint64_t number;                 // of the change, within the slot
    uint64_t level_wh, level_orders; // what there is now
};
enum status rows_change_book(const struct work *work, struct book_change *out) MUST_CHECK;

// hooks.c
enum { ENERGY_HOOK_KINDS = 11 };
extern const struct hook_kind energy_hook_kinds[ENERGY_HOOK_KINDS];
server_read_hooks energy_read_hooks;

// demo.c: what is there on a devnet from the start.
void energy_demo(struct demo *demo);

#endif
