// SPDX-License-Identifier: Apache-2.0
// What webhooks tell: each event with a row, how each capture ended, and what happened in custody.
// The same texts as on the live stream, but from the rows.
//
// A position is a transaction's number in its block and, in 31 bits, the place in it: its events
// first, in their order, then its captures, by the first bits of their ids, then what the contract
// told of custody. (Two captures of one transaction whose ids begin the same would share a place;
// ids are random, and whoever makes such ends both.) A capture that is tried again after it had
// failed moves to where it ended last.
#include "apps/supplychain/subscriptions.h"
#include "chaincore/chaincore.h"

enum { PLACE_BITS = 31, CAPTURE_BIT = 1 << 30, CUSTODY_BIT = 1 << 29, ID_BITS = 29 };
enum { FIRST_CUSTODY = CAPTURE_BIT | CUSTODY_BIT };

static uint64_t position_of(uint64_t tx_index, uint64_t place) {
    return tx_index << PLACE_BITS | place;
}

struct hook_place hook_place_of_event(const struct place *place) {
    return (struct hook_place){place->height, position_of(place->tx_index, place->position)};
}

struct place hook_event_before(const struct hook_place *place) {
    return (struct place){place->height, (uint32_t)(place->position >> PLACE_BITS),
                          (uint32_t)(place->position & (((uint64_t)1 << PLACE_BITS) - 1))};
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

static void take_custody(struct db_statement *row, struct arena *arena, struct hook_message *out) {
    uint64_t kind = db_column_u64(row, "kind");
    ENSURE(kind < SUPPLYCHAIN_HOOK_KINDS);
    *out = (struct hook_message){
        .place = {db_column_u64(row, "height"),
                  position_of(db_column_u64(row, "tx_index"),
                              FIRST_CUSTODY | db_column_u64(row, "event_index"))},
        .kind = supplychain_hook_kinds[kind].name,
        .time_ms = db_column_u64(row, "time_ms"),
        .data = arena_copy(arena, db_column_bytes(row, "body"))};
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

static uint64_t place_of(const struct hook_reading *reading) {
    return reading->behind.position & (((uint64_t)1 << PLACE_BITS) - 1);
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
    db_bind_u64(row, 3, place_of(reading));
    db_bind_u64(row, 4, reading->max);
    return take_rows(row, arena, take_event, out);
}

// Ids that begin with the place's bits are not behind it; the others' order is that of the places.
static struct bytes id_at(uint8_t out[32], uint64_t place) {
    if (place < CAPTURE_BIT) return bytes_of(out, 0); // among the events, before all captures
    memset(out, 0xFF, 32);
    if (place < FIRST_CUSTODY) store_u32_be(out, (uint32_t)((place & (CUSTODY_BIT - 1)) << 3 | 7));
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
    db_bind_bytes(row, 3, id_at(id, place_of(reading)));
    db_bind_u64(row, 4, reading->max);
    return take_rows(row, arena, take_capture, out);
}

// Of the kinds that are wanted.
static enum status read_custody(struct db *db, struct arena *arena,
                                const struct hook_reading *reading, struct hook_batch *out) {
    struct db_statement *row;
    uint64_t place = place_of(reading);
    enum status status =
        db_prepare(&row, db,
                   "SELECT height, tx_index, event_index, kind, time_ms, body FROM custody_news"
                   " WHERE (height, tx_index, event_index) > ($1, $2, $3) AND kind IN ($4, $5, $6)"
                   " ORDER BY height, tx_index, event_index LIMIT $7");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, reading->behind.height);
    db_bind_u64(row, 2, reading->behind.position >> PLACE_BITS);
    db_bind_i64(row, 3, place < FIRST_CUSTODY ? -1 : (int64_t)(place & (CUSTODY_BIT - 1)));
    for (int kind = HOOK_KIND_SHIPMENT; kind <= HOOK_KIND_ALARM; kind++)
        db_bind_i64(row, 4 + kind - HOOK_KIND_SHIPMENT, reading->kinds & 1U << kind ? kind : -1);
    db_bind_u64(row, 7, reading->max);
    return take_rows(row, arena, take_custody, out);
}

static bool is_before(const struct hook_message *a, const struct hook_message *b) {
    return a->place.height != b->place.height ? a->place.height < b->place.height
                                              : a->place.position < b->place.position;
}

enum { SOURCES = 3 };

// The first of what the sources have left, or NULL.
static const struct hook_message *take_first(struct hook_batch sources[SOURCES]) {
    struct hook_batch *first = NULL;
    for (size_t i = 0; i < SOURCES; i++)
        if (sources[i].count > 0 && (!first || is_before(sources[i].items, first->items)))
            first = &sources[i];
    if (!first) return NULL;
    first->count--;
    return first->items++;
}

enum status supplychain_read_hooks(void *market, struct db *db, struct arena *arena,
                                   const struct hook_reading *reading, struct hook_batch *out) {
    static const struct {
        uint32_t kinds;
        enum status (*read)(struct db *db, struct arena *arena, const struct hook_reading *reading,
                            struct hook_batch *out);
    } readers[SOURCES] = {
        {1U << HOOK_KIND_EVENT, read_events},
        {1U << HOOK_KIND_CAPTURE, read_captures},
        {1U << HOOK_KIND_SHIPMENT | 1U << HOOK_KIND_HAND_OVER | 1U << HOOK_KIND_ALARM,
         read_custody},
    };
    struct hook_batch sources[SOURCES] = {0};
    const struct hook_message *next;
    enum status status = STATUS_OK;
    if (reading->filter && *reading->filter) {
        struct hook_rows rows = {market, db};
        return subscription_read(&rows, arena, reading, out);
    }
    for (size_t i = 0; i < SOURCES; i++) {
        if (!(reading->kinds & readers[i].kinds)) continue;
        sources[i].items = arena_alloc_array(arena, reading->max, sizeof *sources[i].items);
        TRY(readers[i].read(db, arena, reading, &sources[i]));
    }
    out->items = arena_alloc_array(arena, reading->max, sizeof *out->items);
    out->count = 0;
    while (out->count < reading->max && (next = take_first(sources)))
        out->items[out->count++] = *next;
out:
    return status;
}
