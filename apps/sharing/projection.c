// SPDX-License-Identifier: Apache-2.0
// From the contract's events to rows. The contract has decided; nothing is judged again here.
#include "apps/common/index/index_events.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/news.h"
#include "apps/sharing/sharing.h"
#include "chaincore/base/utf8.h"
#include "chaincore/chaincore.h"

const char sharing_drop[] = "DROP TABLE IF EXISTS asset; DROP TABLE IF EXISTS slot;"
                            " DROP TABLE IF EXISTS booking; DROP TABLE IF EXISTS happening;";

struct work {
    struct db *db;
    struct index_event at;
    struct happening happening;
};

static enum status put_happening(const struct work *work) {
    struct db_statement *statement;
    enum status status =
        db_prepare_rows(&statement, work->db,
                        "happening (height, tx_index, event_index, kind, topic, record, time_ms)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->at.header->height);
    db_bind_u64(statement, 2, work->at.tx_index);
    db_bind_u64(statement, 3, work->at.event_index);
    db_bind_u64(statement, 4, UINT64_C(1) << work->happening.kind);
    db_bind_bytes(statement, 5, work->at.event->topic);
    db_bind_bytes(statement, 6, work->at.event->data);
    db_bind_u64(statement, 7, work->at.header->time_ms);
    return db_finish_later(statement);
}

// ---- assets

void sharing_append_words(struct buf *out, struct bytes text) {
    if (!utf8_is_valid(text)) return;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c == 0) c = ' ';
        buf_append_byte(out, c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c);
    }
}

static void append_all_words(struct buf *out, const struct sharing_asset *asset) {
    const struct bytes texts[] = {asset->title, asset->text, asset->place, asset->category};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sharing_append_words(out, texts[i]);
        buf_append_byte(out, '\n');
    }
}

static void bind_place(struct db_statement *statement, const struct work *work, int first) {
    db_bind_u64(statement, first, work->at.header->height);
    db_bind_u64(statement, first + 1, work->at.tx_index);
    db_bind_u64(statement, first + 2, work->at.event_index);
    db_bind_bytes(statement, first + 3, BYTES_OF(work->at.tx_id->bytes));
    db_bind_u64(statement, first + 4, work->at.header->time_ms);
}

static enum status put_asset_row(const struct work *work, struct bytes words) {
    const struct sharing_asset *asset = &work->happening.asset;
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, work->db,
        "INSERT INTO asset (number, owner, is_withdrawn, latitude, longitude, price, category,"
        " words, record, height, tx_index, event_index, tx_id, time_ms, listed_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"
        " ON CONFLICT (number) DO UPDATE SET is_withdrawn = excluded.is_withdrawn,"
        " latitude = excluded.latitude, longitude = excluded.longitude, price = excluded.price,"
        " category = excluded.category, words = excluded.words, record = excluded.record,"
        " height = excluded.height, tx_index = excluded.tx_index,"
        " event_index = excluded.event_index, tx_id = excluded.tx_id,"
        " time_ms = excluded.time_ms");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, asset->number);
    db_bind_bytes(statement, 2, BYTES_OF(asset->owner.bytes));
    db_bind_i64(statement, 3, asset->is_withdrawn);
    db_bind_i64(statement, 4, asset->latitude);
    db_bind_i64(statement, 5, asset->longitude);
    db_bind_u64(statement, 6, amount_units(asset->price));
    db_bind_bytes(statement, 7, asset->category);
    db_bind_text(statement, 8, words);
    db_bind_bytes(statement, 9, work->at.event->data);
    bind_place(statement, work, 10);
    return db_finish_later(statement);
}

static enum status project_asset(const struct work *work) {
    struct buf words = {0};
    append_all_words(&words, &work->happening.asset);
    enum status status = put_asset_row(work, buf_bytes(&words));
    buf_clear(&words);
    return status;
}

// ---- the calendar

static enum status put_slot(const struct work *work, const struct sharing_range *range,
                            uint64_t booking) {
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, work->db,
        "INSERT INTO slot (asset, until_ms, from_ms, booking, height, event_index, tx_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, range->asset);
    db_bind_u64(statement, 2, range->until_ms);
    db_bind_u64(statement, 3, range->from_ms);
    db_bind_u64(statement, 4, booking);
    db_bind_u64(statement, 5, work->at.header->height);
    db_bind_u64(statement, 6, work->at.event_index);
    db_bind_bytes(statement, 7, BYTES_OF(work->at.tx_id->bytes));
    return db_finish_later(statement);
}

static enum status project_range(const struct work *work) {
    const struct sharing_range *range = &work->happening.range;
    struct db_statement *statement;
    if (strcmp(work->happening.what, "blocked") == 0) return put_slot(work, range, 0);
    enum status status =
        db_prepare(&statement, work->db, "DELETE FROM slot WHERE asset = $1 AND until_ms = $2");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, range->asset);
    db_bind_u64(statement, 2, range->until_ms);
    return db_finish_later(statement);
}

// ---- bookings

static enum status put_booking_row(const struct work *work) {
    const struct sharing_booking *booking = &work->happening.booking;
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, work->db,
        "INSERT INTO booking (number, asset, owner, renter, state, record, height, tx_index,"
        " event_index, tx_id, time_ms, booked_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)"
        " ON CONFLICT (number) DO UPDATE SET state = excluded.state, record = excluded.record,"
        " height = excluded.height, tx_index = excluded.tx_index,"
        " event_index = excluded.event_index, tx_id = excluded.tx_id,"
        " time_ms = excluded.time_ms");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, booking->number);
    db_bind_u64(statement, 2, booking->asset);
    db_bind_bytes(statement, 3, BYTES_OF(booking->owner.bytes));
    db_bind_bytes(statement, 4, BYTES_OF(booking->renter.bytes));
    db_bind_i64(statement, 5, booking->state);
    db_bind_bytes(statement, 6, work->at.event->data);
    bind_place(statement, work, 7);
    return db_finish_later(statement);
}

static enum status remove_slot(const struct work *work) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, work->db, "DELETE FROM slot WHERE booking = $1");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->happening.booking.number);
    return db_finish_later(statement);
}

static enum status project_booking(const struct work *work) {
    const struct sharing_booking *booking = &work->happening.booking;
    const struct sharing_range range = {booking->asset, booking->from_ms, booking->until_ms};
    enum status status = put_booking_row(work);
    if (status == STATUS_OK) status = remove_slot(work); // an extension moves it
    if (status != STATUS_OK || booking->state == SHARING_SETTLED) return status;
    return put_slot(work, &range, booking->number);
}

// ---- blocks

static enum status project(const struct work *work) {
    enum status status = put_happening(work);
    if (status != STATUS_OK) return status;
    switch (work->happening.kind) {
    case HAPPENING_ASSET:
        return project_asset(work);
    case HAPPENING_BOOKING:
        return project_booking(work);
    case HAPPENING_CALENDAR:
    case HAPPENING_KINDS:
        break;
    }
    return project_range(work);
}

static enum status project_event(struct sharing *market, struct work *work) {
    if (!happening_decode(&work->happening, work->at.event->topic, work->at.event->data)) {
        // Of a later contract, which this program does not know.
        log_warning("sharing", "an event of another form is passed over");
        return STATUS_OK;
    }
    struct buf json = {0};
    happening_append_json(&json, &work->happening);
    news_note(&market->news, happening_kind_names[work->happening.kind], buf_bytes(&json));
    buf_clear(&json);
    return project(work);
}

enum status projection_apply(void *context, struct db *db, const struct index_block *given) {
    struct sharing *market = context;
    struct index_events events = index_events_of(given, &market->server->contract);
    enum status status = STATUS_OK;
    buf_reset(&market->news); // of an attempt that was rolled back
    while (status == STATUS_OK && index_events_next(&events)) {
        struct work work = {.db = db, .at = events.at};
        status = project_event(market, &work);
    }
    return status;
}

void projection_committed(void *context, const struct index_block *given) {
    struct sharing *market = context;
    (void)given;
    news_tell(&market->news, market->server);
}
