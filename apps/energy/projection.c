// SPDX-License-Identifier: Apache-2.0
// From the contract's events to rows. The contract has decided; nothing is judged again here.
#include "apps/common/server/chain_json.h"
#include "apps/common/server/news.h"
#include "apps/energy/contract/rules.h"
#include "apps/energy/energy.h"
#include "chaincore/chaincore.h"

const char energy_drop[] = "DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS happening;";

// An event, and where it stands.
struct work {
    struct db *db;
    const struct header *header;
    const struct hash *tx_id;
    uint32_t tx_index;
    uint32_t event_index;
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

static enum status run_and_release(struct db_statement *statement) {
    enum status status = db_run_later(statement);
    db_release(statement);
    return status;
}

static enum status put_happening(const struct work *work) {
    struct db_statement *statement;
    const struct happening *happening = &work->happening;
    enum status status = db_prepare_rows(
        &statement, work->db,
        "happening (height, tx_index, event_index, what, number, author, text, time_ms)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->header->height);
    db_bind_u64(statement, 2, work->tx_index);
    db_bind_u64(statement, 3, work->event_index);
    db_bind_string(statement, 4, happening->what);
    db_bind_u64(statement, 5, happening->number);
    db_bind_bytes(statement, 6, BYTES_OF(happening->author.bytes));
    db_bind_bytes(statement, 7, happening->text);
    db_bind_u64(statement, 8, work->header->time_ms);
    return run_and_release(statement);
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
    db_bind_u64(statement, 4, work->header->time_ms);
    db_bind_u64(statement, 5, work->header->height);
    db_bind_u64(statement, 6, work->tx_index);
    db_bind_u64(statement, 7, work->event_index);
    db_bind_bytes(statement, 8, BYTES_OF(work->tx_id->bytes));
    return run_and_release(statement);
}

static enum status remove_entry_row(const struct work *work) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, work->db, "DELETE FROM entry WHERE number = $1");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, work->happening.number);
    return run_and_release(statement);
}

static enum status project_event(struct energy *market, struct work *work,
                                 const struct event *event) {
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
            log_warning("energy", "an event of another form is passed over");
            return STATUS_OK;
        }
        struct buf json = {0};
        happening_append_json(&json, happening);
        news_note(&market->news, energy_hook_kinds[0].name, buf_bytes(&json));
        buf_clear(&json);
        enum status status = put_happening(work);
        return status == STATUS_OK ? topics[i].project(work) : status;
    }
    return STATUS_OK;
}

enum status projection_apply(void *context, struct db *db, const struct index_block *given) {
    struct energy *market = context;
    enum status status = STATUS_OK;
    buf_reset(&market->news); // of an attempt that was rolled back
    for (uint32_t i = 0; i < given->block->tx_count; i++) {
        const struct block_tx *tx = &given->block->txs[i];
        for (uint32_t k = 0; k < tx->event_count && status == STATUS_OK; k++) {
            struct work work = {.db = db,
                                .header = &given->block->header,
                                .tx_id = &tx->receipt.tx_id,
                                .tx_index = i,
                                .event_index = k};
            if (account_id_equal(&tx->events[k].contract, &market->server->contract))
                status = project_event(market, &work, &tx->events[k]);
        }
    }
    return status;
}

void projection_committed(void *context, const struct index_block *given) {
    struct energy *market = context;
    (void)given;
    news_tell(&market->news, market->server);
}
