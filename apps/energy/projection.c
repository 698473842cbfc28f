// SPDX-License-Identifier: Apache-2.0
// From the contract's events to rows (rows.c), and what is told of each: the event itself, and the
// change that it makes of the book, numbered by slot, so that a book read once can be kept up.
#include "apps/common/server/chain_json.h"
#include "apps/common/server/news.h"
#include "apps/energy/energy.h"

const char energy_drop[] =
    "DROP TABLE IF EXISTS zone; DROP TABLE IF EXISTS slot; DROP TABLE IF EXISTS level;"
    "DROP TABLE IF EXISTS placed; DROP TABLE IF EXISTS trade; DROP TABLE IF EXISTS position;"
    "DROP TABLE IF EXISTS meter; DROP TABLE IF EXISTS reading; DROP TABLE IF EXISTS happening;";

static enum status tell(struct energy *market, const struct work *work, const char *kind,
                        uint64_t part, const struct buf *json) {
    struct db_statement *statement;
    enum status status =
        db_prepare_rows(&statement, work->db,
                        "happening (height, tx_index, event_index, part, kind, data, time_ms)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->at.header->height);
    db_bind_u64(statement, 2, work->at.tx_index);
    db_bind_u64(statement, 3, work->at.event_index);
    db_bind_u64(statement, 4, part);
    db_bind_string(statement, 5, kind);
    db_bind_bytes(statement, 6, buf_bytes(json));
    db_bind_u64(statement, 7, work->at.header->time_ms);
    status = db_finish_later(statement);
    if (status == STATUS_OK) news_note(&market->news, kind, buf_bytes(json));
    return status;
}

static void append_change(struct buf *out, const struct happening *told,
                          const struct book_change *change) {
    buf_append_format(out, "{\"zone\":%u,\"slot\":%u,\"start\":", told->zone, told->slot);
    chain_json_time(out, slot_start_ms(told->slot));
    buf_append_format(out,
                      ",\"change\":%llu,\"side\":\"%s\",\"price\":%llu,\"wh\":%llu,"
                      "\"orders\":%llu}",
                      (unsigned long long)change->number, side_name(change->side),
                      (unsigned long long)change->price, (unsigned long long)change->level_wh,
                      (unsigned long long)change->level_orders);
}

static enum status project_event(struct energy *market, const struct work *work) {
    struct buf json = {0};
    struct book_change change;
    enum status status;
    TRY(rows_apply(work));
    if (work->happening.topic != TOPIC_ACCOUNT) {
        happening_append_json(&json, &work->happening);
        TRY(tell(market, work, happening_name(work->happening.topic), 0, &json));
    }
    TRY(rows_change_book(work, &change));
    if (change.has_change) {
        buf_reset(&json);
        append_change(&json, &work->happening, &change);
        TRY(tell(market, work, "book", 1, &json));
    }
out:
    buf_clear(&json);
    return status;
}

enum status projection_apply(void *context, struct db *db, const struct index_block *given) {
    struct energy *market = context;
    struct index_events events = index_events_of(given, &market->server->contract);
    enum status status = STATUS_OK;
    buf_reset(&market->news); // of an attempt that was rolled back
    while (status == STATUS_OK && index_events_next(&events)) {
        struct work work = {.db = db, .at = events.at};
        if (happening_decode(&work.happening, events.at.event))
            status = project_event(market, &work);
    }
    return status;
}

void projection_committed(void *context, const struct index_block *given) {
    struct energy *market = context;
    (void)given;
    news_tell(&market->news, market->server);
}
