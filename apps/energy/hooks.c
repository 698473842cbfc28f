// SPDX-License-Identifier: Apache-2.0
// What webhooks tell: the same as the live stream did, from the rows. A position is a transaction's
// number in its block and, in the lower 32 bits, twice the event's in the transaction, and one more
// for the change of the book that it made.
#include "apps/energy/energy.h"

enum { EVENT_BITS = 32 };

const struct hook_kind energy_hook_kinds[ENERGY_HOOK_KINDS] = {
    {"trade", "two orders have met"},
    {"book", "what rests at a price has changed"},
    {"order", "an order was placed"},
    {"cancelled", "an order was cancelled by its owner or by the gate"},
    {"reading", "a meter has reported"},
    {"settled", "a trade was settled by what its seller's meter said"},
    {"shared", "somebody got a share of a slot's pot"},
    {"final", "all of a slot's money has moved"},
    {"meter", "a meter was signed in"},
    {"approved", "a zone's operator has approved a meter, or does so no more"},
    {"zone", "a zone was made"}};

static const char *name_of(struct bytes kind) {
    for (size_t i = 0; i < ENERGY_HOOK_KINDS; i++)
        if (bytes_equal(kind, bytes_of_string(energy_hook_kinds[i].name)))
            return energy_hook_kinds[i].name;
    ENSURE(false && "a kind of the projection's");
}

static void take_happening(struct db_statement *row, struct arena *arena,
                           struct hook_message *out) {
    uint64_t event = 2 * db_column_u64(row, "event_index") + db_column_u64(row, "part");
    *out = (struct hook_message){.place = {db_column_u64(row, "height"),
                                           db_column_u64(row, "tx_index") << EVENT_BITS | event},
                                 .kind = name_of(db_column_text(row, "kind")),
                                 .time_ms = db_column_u64(row, "time_ms"),
                                 .data = arena_copy(arena, db_column_bytes(row, "data"))};
}

static void append_query(struct buf *out, uint32_t kinds) {
    const char *separator = "";
    buf_append_string(out, "SELECT height, tx_index, event_index, part, kind, data, time_ms"
                           " FROM happening WHERE (height, tx_index, event_index, part)"
                           " > ($1, $2, $3, $4) AND kind IN (");
    for (size_t i = 0; i < ENERGY_HOOK_KINDS; i++) {
        if (!(kinds & UINT32_C(1) << i)) continue;
        buf_append_format(out, "%s'%s'", separator, energy_hook_kinds[i].name);
        separator = ", ";
    }
    buf_append_string(out, ") ORDER BY height, tx_index, event_index, part LIMIT $5");
}

enum status energy_read_hooks(void *market, struct db *db, struct arena *arena,
                              const struct hook_reading *reading, struct hook_batch *out) {
    struct buf sql = {0};
    struct db_statement *row;
    bool has_row;
    (void)market;
    out->items = arena_alloc_array(arena, reading->max, sizeof *out->items);
    out->count = 0;
    append_query(&sql, reading->kinds);
    enum status status = db_prepare(&row, db, buf_as_string(&sql));
    buf_clear(&sql);
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, reading->behind.height);
    db_bind_u64(row, 2, reading->behind.position >> EVENT_BITS);
    db_bind_u64(row, 3, (reading->behind.position & UINT32_MAX) / 2);
    db_bind_u64(row, 4, reading->behind.position & 1);
    db_bind_u64(row, 5, reading->max);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        take_happening(row, arena, &out->items[out->count++]);
    db_release(row);
    return status;
}
