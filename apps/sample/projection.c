// SPDX-License-Identifier: Apache-2.0
// From the contract's events to rows. The contract has decided; nothing is judged again here.
#include "apps/common/index/index_events.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/news.h"
#include "apps/sample/contract/rules.h"
#include "apps/sample/sample.h"
#include "chaincore/chaincore.h"

const char sample_drop[] = "DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS happening;";

struct work {
    struct db *db;
    struct index_event at;
    struct happening happening;
};

void happening_append_json(struct buf *out, const struct happening *happening) {
    buf_append_format(out, "{\"number\":%llu,\"what\":\"%s\",\"author\":",
                      (unsigned long long)happening->number, happening->what);
    chain_json_address(out, &happening->author);
    buf_append_string(out, ",\"text\":");
    http_append_json_string(out, happening->text);
    buf_append_byte(out, '}');
}

static enum status put_happening(const struct work *work) {
    struct db_statement *statement;
    const struct happening *happening = &work->happening;
    enum status status = db_prepare_rows(
        &statement, work->db,
        "happening (height, tx_index, event_index, what, number, author, text, time_ms)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->at.header->height);
    db_bind_u64(statement, 2, work->at.tx_index);
    db_bind_u64(statement, 3, work->at.event_index);
    db_bind_string(statement, 4, happening->what);
    db_bind_u64(statement, 5, happening->number);
    db_bind_bytes(statement, 6, BYTES_OF(happening->author.bytes));
    db_bind_bytes(statement, 7, happening->text);
    db_bind_u64(statement, 8, work->at.header->time_ms);
    return db_finish_later(statement);
}

static enum status put_entry_row(const struct work *work) {
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, work->db,
        "INSERT INTO entry (number, author, text, signed_ms, height, tx_index, event_index, tx_id,"
        " time_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $4)"
        " ON CONFLICT (number) DO UPDATE SET text = excluded.text, height = excluded.height,"
        " tx_index = excluded.tx_index, event_index = excluded.event_index,"
        " tx_id = excluded.tx_id, time_ms = excluded.time_ms");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->happening.number);
    db_bind_bytes(statement, 2, BYTES_OF(work->happening.author.bytes));
    db_bind_bytes(statement, 3, work->happening.text);
    db_bind_u64(statement, 4, work->at.header->time_ms);
    db_bind_u64(statement, 5, work->at.header->height);
    db_bind_u64(statement, 6, work->at.tx_index);
    db_bind_u64(statement, 7, work->at.event_index);
    db_bind_bytes(statement, 8, BYTES_OF(work->at.tx_id->bytes));
    return db_finish_later(statement);
}

static enum status remove_entry_row(const struct work *work) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, work->db, "DELETE FROM entry WHERE number = $1");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->happening.number);
    return db_finish_later(statement);
}

static enum status project_event(struct sample *market, struct work *work) {
    const struct event *event = work->at.event;
    static const struct {
        const char *topic;
        enum status (*project)(const struct work *work);
    } topics[] = {
        {"signed", put_entry_row}, {"amended", put_entry_row}, {"withdrawn", remove_entry_row}};
    struct decoder in = decoder_of(event->data);
    struct happening *happening = &work->happening;
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (!bytes_equal(event->topic, bytes_of_string(topics[i].topic))) continue;
        happening->what = topics[i].topic;
        happening->number = decode_u64(&in);
        decode_fixed(&in, happening->author.bytes, sizeof happening->author.bytes);
        happening->text = decode_bytes(&in, ENTRY_TEXT_MAX);
        if (in.status != STATUS_OK || decoder_left(&in) != 0) {
            // Of a later contract, which this program does not know.
            log_warning("sample", "an event of another form is passed over");
            return STATUS_OK;
        }
        struct buf json = {0};
        happening_append_json(&json, happening);
        news_note(&market->news, sample_hook_kinds[0].name, buf_bytes(&json));
        buf_clear(&json);
        enum status status = put_happening(work);
        return status == STATUS_OK ? topics[i].project(work) : status;
    }
    return STATUS_OK;
}

enum status projection_apply(void *context, struct db *db, const struct index_block *given) {
    struct sample *market = context;
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
    struct sample *market = context;
    (void)given;
    news_tell(&market->news, market->server);
}
