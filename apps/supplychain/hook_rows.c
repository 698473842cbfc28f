// SPDX-License-Identifier: Apache-2.0
// What webhooks tell: each event with a row, and how each capture ended. The same texts as on the
// live stream, but from the rows.
//
// A position is a transaction's number in its block and, in 31 bits, the place in it: its events
// first, in their order, then its captures, by the first bits of their ids. (Two captures of one
// transaction whose ids begin the same would share a place; ids are random, and whoever makes such
// ends both.) A capture that is tried again after it had failed moves to where it ended last.
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

enum { PLACE_BITS = 31, CAPTURE_BIT = 1 << 30, ID_BITS = 30 };

const struct hook_kind supplychain_hook_kinds[SUPPLYCHAIN_HOOK_KINDS] = {
    [HOOK_KIND_EVENT] = {"event", "an event was recorded"},
    [HOOK_KIND_CAPTURE] = {"capture", "a capture ended, well or not"},
};

static uint64_t position_of(uint64_t tx_index, uint64_t place) {
    return tx_index << PLACE_BITS | place;
}

static struct bytes finish(struct arena *arena, struct buf *json) {
    struct bytes copy = arena_copy(arena, buf_bytes(json));
    buf_clear(json);
    return copy;
}

static void take_event(struct db_statement *row, struct arena *arena, struct hook_message *out) {
    struct place place = {db_column_u64(row, "height"), (uint32_t)db_column_u64(row, "tx_index"),
                          (uint32_t)db_column_u64(row, "position")};
    struct event_news news = {.place = &place,
                              .event_id = db_column_text(row, "event_id"),
                              .type = db_column_text(row, "type"),
                              .time_ms = db_column_i64(row, "time_ms")};
    struct buf json = {0};
    append_event_news(&json, &news);
    *out =
        (struct hook_message){.place = {place.height, position_of(place.tx_index, place.position)},
                              .kind = supplychain_hook_kinds[HOOK_KIND_EVENT].name,
                              .time_ms = db_column_u64(row, "record_ms"),
                              .data = finish(arena, &json)};
}

static void take_capture(struct db_statement *row, struct arena *arena, struct hook_message *out) {
    struct bytes job = db_column_bytes(row, "job");
    struct buf json = {0};
    ENSURE(job.len == 32);
    uint64_t begin = load_u64_be(job.data) >> (64 - ID_BITS);
    bool is_success =
        db_column_u64(row, "code") == TX_CODE_OK && db_column_text(row, "reason").len == 0;
    append_job_news(&json, job.data, is_success);
    *out = (struct hook_message){
        .place = {db_column_u64(row, "height"),
                  position_of(db_column_u64(row, "tx_index"), CAPTURE_BIT | begin)},
        .kind = supplychain_hook_kinds[HOOK_KIND_CAPTURE].name,
        .time_ms = db_column_u64(row, "time_ms"),
        .data = finish(arena, &json)};
}

typedef void take_row(struct db_statement *row, struct arena *arena, struct hook_message *out);

static enum status take_rows(struct db_statement *row, struct arena *arena, take_row *take,
                             struct hook_batch *out) {
    bool has_row;
    enum status status;
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        take(row, arena, &out->items[out->count++]);
    db_release(row);
    return status;
}

static enum status read_events(struct db *db, struct arena *arena,
                               const struct hook_reading *reading, struct hook_batch *out) {
    struct db_statement *row;
    const struct hook_place *behind = &reading->behind;
    enum status status = db_prepare(
        &row, db,
        "SELECT height, tx_index, position, event_id, type, time_ms, record_ms FROM event"
        " WHERE (height, tx_index, position) > ($1, $2, $3)"
        " ORDER BY height, tx_index, position LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, behind->height);
    db_bind_u64(row, 2, behind->position >> PLACE_BITS);
    db_bind_u64(row, 3, behind->position & (((uint64_t)1 << PLACE_BITS) - 1));
    db_bind_u64(row, 4, reading->max);
    return take_rows(row, arena, take_event, out);
}

// Ids that begin with the place's bits are not behind it; the others' order is that of the places.
static struct bytes id_at(uint8_t out[32], uint64_t position) {
    uint64_t place = position & (((uint64_t)1 << PLACE_BITS) - 1);
    if (place < CAPTURE_BIT) return bytes_of(out, 0); // among the events, before all captures
    memset(out, 0xFF, 32);
    store_u32_be(out, (uint32_t)((place & (CAPTURE_BIT - 1)) << 2 | 3));
    return bytes_of(out, 32);
}

static enum status read_captures(struct db *db, struct arena *arena,
                                 const struct hook_reading *reading, struct hook_batch *out) {
    struct db_statement *row;
    uint8_t id[32];
    const struct hook_place *behind = &reading->behind;
    enum status status = db_prepare(&row, db,
                                    "SELECT height, tx_index, job, time_ms, code, reason FROM job"
                                    " WHERE (height, tx_index, job) > ($1, $2, $3)"
                                    " ORDER BY height, tx_index, job LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, behind->height);
    db_bind_u64(row, 2, behind->position >> PLACE_BITS);
    db_bind_bytes(row, 3, id_at(id, behind->position));
    db_bind_u64(row, 4, reading->max);
    return take_rows(row, arena, take_capture, out);
}

static bool is_before(const struct hook_message *a, const struct hook_message *b) {
    return a->place.height != b->place.height ? a->place.height < b->place.height
                                              : a->place.position < b->place.position;
}

enum status supplychain_read_hooks(void *market, struct db *db, struct arena *arena,
                                   const struct hook_reading *reading, struct hook_batch *out) {
    struct hook_batch events = {0}, captures = {0};
    enum status status = STATUS_OK;
    (void)market;
    events.items = arena_alloc_array(arena, reading->max, sizeof *events.items);
    captures.items = arena_alloc_array(arena, reading->max, sizeof *captures.items);
    out->items = arena_alloc_array(arena, reading->max, sizeof *out->items);
    out->count = 0;
    if (reading->kinds & 1U << HOOK_KIND_EVENT) TRY(read_events(db, arena, reading, &events));
    if (reading->kinds & 1U << HOOK_KIND_CAPTURE) TRY(read_captures(db, arena, reading, &captures));
    for (size_t e = 0, c = 0; out->count < reading->max;) {
        bool has_event = e < events.count, has_capture = c < captures.count;
        if (!has_event && !has_capture) break;
        bool is_event =
            has_event && (!has_capture || is_before(&events.items[e], &captures.items[c]));
        out->items[out->count++] = is_event ? events.items[e++] : captures.items[c++];
    }
out:
    return status;
}
