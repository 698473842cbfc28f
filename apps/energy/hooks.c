// SPDX-License-Identifier: Apache-2.0
// What webhooks tell: the same as the live stream did, from the rows. A position is a transaction's
// number in its block and, in the lower 32 bits, the event's in the transaction.
#include "apps/energy/energy.h"
#include "chaincore/chaincore.h"

enum { EVENT_BITS = 32 };

const struct hook_kind energy_hook_kinds[ENERGY_HOOK_KINDS] = {
    {"entry", "an entry was signed, amended or withdrawn"}};

static void take_happening(struct db_statement *row, struct arena *arena,
                           struct hook_message *out) {
    struct bytes what = db_column_text(row, "what"), author = db_column_bytes(row, "author");
    struct happening happening = {.what = arena_copy_string(arena, what),
                                  .number = db_column_u64(row, "number"),
                                  .text = db_column_bytes(row, "text")};
    struct buf json = {0};
    ENSURE(author.len == sizeof happening.author.bytes);
    memcpy(happening.author.bytes, author.data, author.len);
    happening_append_json(&json, &happening);
    *out = (struct hook_message){
        .place = {db_column_u64(row, "height"),
                  db_column_u64(row, "tx_index") << EVENT_BITS | db_column_u64(row, "event_index")},
        .kind = energy_hook_kinds[0].name,
        .time_ms = db_column_u64(row, "time_ms"),
        .data = arena_copy(arena, buf_bytes(&json))};
    buf_clear(&json);
}

enum status energy_read_hooks(void *market, struct db *db, struct arena *arena,
                              const struct hook_reading *reading, struct hook_batch *out) {
    struct db_statement *row;
    bool has_row;
    (void)market;
    out->items = arena_alloc_array(arena, reading->max, sizeof *out->items);
    out->count = 0;
    enum status status =
        db_prepare(&row, db,
                   "SELECT height, tx_index, event_index, what, number, author, text, time_ms"
                   " FROM happening WHERE (height, tx_index, event_index) > ($1, $2, $3)"
                   " ORDER BY height, tx_index, event_index LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, reading->behind.height);
    db_bind_u64(row, 2, reading->behind.position >> EVENT_BITS);
    db_bind_u64(row, 3, reading->behind.position & UINT32_MAX);
    db_bind_u64(row, 4, reading->max);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        take_happening(row, arena, &out->items[out->count++]);
    db_release(row);
    return status;
}
