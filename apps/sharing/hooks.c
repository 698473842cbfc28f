// SPDX-License-Identifier: Apache-2.0
// What webhooks tell: the same as the live stream did, from the rows. A position is a transaction's
// number in its block and, in the lower 32 bits, the event's in the transaction.
#include "apps/sharing/sharing.h"
#include "chaincore/chaincore.h"

enum { EVENT_BITS = 32 };

const struct hook_kind sharing_hook_kinds[HAPPENING_KINDS] = {
    [HAPPENING_ASSET] = {"asset", "an asset was listed, changed or withdrawn, or its lock was"},
    [HAPPENING_BOOKING] = {"booking",
                           "something was booked, extended, started, ended, contested or settled"},
    [HAPPENING_CALENDAR] = {"calendar", "an owner keeps a time of an asset, or gave it free"},
};

static void take_happening(struct db_statement *row, struct arena *arena,
                           struct hook_message *out) {
    struct happening happening;
    struct buf json = {0};
    ENSURE(happening_decode(&happening, db_column_bytes(row, "topic"),
                            db_column_bytes(row, "record")));
    happening_append_json(&json, &happening);
    *out = (struct hook_message){
        .place = {db_column_u64(row, "height"),
                  db_column_u64(row, "tx_index") << EVENT_BITS | db_column_u64(row, "event_index")},
        .kind = happening_kind_names[happening.kind],
        .time_ms = db_column_u64(row, "time_ms"),
        .data = arena_copy(arena, buf_bytes(&json))};
    buf_clear(&json);
}

enum status sharing_read_hooks(void *market, struct db *db, struct arena *arena,
                               const struct hook_reading *reading, struct hook_batch *out) {
    struct db_statement *row;
    bool has_row;
    (void)market;
    out->items = arena_alloc_array(arena, reading->max, sizeof *out->items);
    out->count = 0;
    enum status status =
        db_prepare(&row, db,
                   "SELECT height, tx_index, event_index, topic, record, time_ms"
                   " FROM happening WHERE (height, tx_index, event_index) > ($1, $2, $3)"
                   " AND (kind & $5) <> 0 ORDER BY height, tx_index, event_index LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, reading->behind.height);
    db_bind_u64(row, 2, reading->behind.position >> EVENT_BITS);
    db_bind_u64(row, 3, reading->behind.position & UINT32_MAX);
    db_bind_u64(row, 4, reading->max);
    db_bind_u64(row, 5, reading->kinds);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        take_happening(row, arena, &out->items[out->count++]);
    db_release(row);
    return status;
}
