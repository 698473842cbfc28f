// SPDX-License-Identifier: Apache-2.0
// From final transactions to rows. The contract has decided what was captured; a document's bytes
// come from the transactions that carried them, the flags of its events from what the contract
// said. Nothing in a transaction is believed: a document that is no EPCIS, or whose events are not
// the ones that were registered, gives no rows, and its job says why. The same on every server.
//
// What the live stream is to tell is noted beside the rows, and told once they are committed: each
// new row, then how its job ended.
#include "apps/common/server/news.h"
#include "apps/supplychain/captured_documents.h"
#include "apps/supplychain/custody_rows.h"
#include "apps/supplychain/rows.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

const char supplychain_drop[] =
    "DROP TABLE IF EXISTS event; DROP TABLE IF EXISTS epc; DROP TABLE IF EXISTS context;"
    "DROP TABLE IF EXISTS job; DROP TABLE IF EXISTS job_event; DROP TABLE IF EXISTS job_tx;"
    "DROP TABLE IF EXISTS chunk; DROP TABLE IF EXISTS event_value;"
    "DROP TABLE IF EXISTS master_attribute; DROP TABLE IF EXISTS master_child;"
    "DROP TABLE IF EXISTS shipment; DROP TABLE IF EXISTS shipment_rule;"
    "DROP TABLE IF EXISTS reading; DROP TABLE IF EXISTS alarm; DROP TABLE IF EXISTS hand_over;"
    "DROP TABLE IF EXISTS custody_news;";

// A transaction being projected.
struct work {
    struct supplychain *market;
    struct db *db;
    const struct index_block *given;
    const struct block_tx *block_tx;
    const struct tx *tx;
    uint32_t tx_index, action_index;
    uint32_t next_event;    // of block_tx->events, not yet consumed
    uint32_t next_position; // among the transaction's rows
    struct arena scratch;   // for one event at a time
};

// One call of the contract: what it captured.
struct capture {
    uint8_t job[32];
    struct bytes document;
    uint32_t first_event; // the chain event of entry 0
    uint32_t entry_count;
    const uint8_t **entries;          // each of ENTRY_BYTES, as the contract emitted them
    const struct epcis_event *events; // of the document, once it is known to be what was registered
    struct hash context;
};

// ---- news

void append_event_news(struct buf *out, const struct event_news *news) {
    buf_append_string(out, "{\"id\":\"");
    append_place(out, news->place);
    buf_append_string(out, "\",\"eventID\":");
    http_append_json_string(out, news->event_id);
    buf_append_string(out, ",\"type\":");
    http_append_json_string(out, news->type);
    buf_append_string(out, ",\"eventTime\":");
    append_time(out, news->time_ms);
    buf_append_byte(out, '}');
}

void append_job_news(struct buf *out, const uint8_t job[32], bool is_success) {
    buf_append_string(out, "{\"captureID\":\"");
    append_hex(out, bytes_of(job, 32));
    buf_append_format(out, "\",\"running\":false,\"success\":%s}", is_success ? "true" : "false");
}

static void note_event(struct work *work, const struct place *place,
                       const struct epcis_event *event) {
    char storage[EVENT_HASH_URI_SIZE];
    struct event_news news = {.place = place,
                              .event_id = event_id_of(event, storage),
                              .type = event->type,
                              .time_ms = event->event_time_ms};
    struct buf json = {0};
    if (work->given->is_untold) return;
    append_event_news(&json, &news);
    news_note(&work->market->news, "event", buf_bytes(&json));
    buf_clear(&json);
}

static void note_job(struct work *work, const uint8_t job[32], bool is_success) {
    struct buf json = {0};
    if (work->given->is_untold) return;
    append_job_news(&json, job, is_success);
    news_note(&work->market->news, "capture", buf_bytes(&json));
    buf_clear(&json);
}

void projection_committed(void *context, const struct index_block *given) {
    struct supplychain *market = context;
    (void)given;
    news_tell(&market->news, market->server);
}

// ---- rows

static bool is_ours(const struct work *work, const struct tx_action *action) {
    return action->kind == TX_CALL &&
           account_id_equal(&action->call.contract, &work->market->server->contract);
}

// A receipt does not say whose refusal it is: it is the market's when no other code ran.
static uint32_t own_refusal(const struct work *work) {
    for (uint32_t i = 0; i < work->tx->action_count; i++) {
        const struct tx_action *action = &work->tx->actions[i];
        bool runs_code =
            action->kind == TX_CALL || action->kind == TX_DEPLOY || action->kind == TX_UPGRADE;
        if (runs_code && !is_ours(work, action)) return 0;
    }
    return work->block_tx->receipt.contract_code;
}

// What was closed on the chain stays so, whatever is tried under the same job later; and a drop
// does not hide why the job had failed. It was created with its first transaction: of those that
// staged it, or this one.
static const char put_job_sql[] =
    "INSERT INTO job (job, sender, height, tx_index, time_ms, created_ms, tx_id, code,"
    " contract_code, reason, event_count) VALUES ($1, $2, $3, $4, $5,"
    " coalesce((SELECT time_ms FROM job_tx WHERE job = $12 AND sender = $13"
    " ORDER BY height, tx_index LIMIT 1), $6), $7, $8, $9, $10, $11)"
    " ON CONFLICT (job, sender) DO UPDATE SET"
    " height = excluded.height, tx_index = excluded.tx_index, time_ms = excluded.time_ms,"
    " tx_id = excluded.tx_id, code = excluded.code, contract_code = excluded.contract_code,"
    " reason = excluded.reason, event_count = excluded.event_count"
    " WHERE job.reason = 'DROPPED' OR (job.code <> 0 AND excluded.reason <> 'DROPPED')"
    " RETURNING height";

static enum status run_put_job(struct work *work, struct db_statement *statement,
                               bool *has_changed) {
    *has_changed = false;
    // Where nobody is told, nobody asks.
    if (work->given->is_untold) return db_run_later(statement);
    return db_step(statement, has_changed);
}

// How a job ended, with so many events, or why not.
static enum status put_job(struct work *work, const uint8_t job[32], enum capture_reason reason,
                           uint32_t event_count) {
    struct db_statement *statement;
    const struct receipt *receipt = &work->block_tx->receipt;
    const struct header *header = &work->given->block->header;
    bool has_changed;
    enum status status = db_prepare(&statement, work->db, put_job_sql);
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, 32));
    db_bind_bytes(statement, 2, BYTES_OF(work->tx->sender.bytes));
    db_bind_u64(statement, 3, header->height);
    db_bind_u64(statement, 4, work->tx_index);
    db_bind_u64(statement, 5, header->time_ms);
    db_bind_u64(statement, 6, header->time_ms);
    db_bind_bytes(statement, 7, BYTES_OF(receipt->tx_id.bytes));
    db_bind_u64(statement, 8, receipt->code);
    db_bind_u64(statement, 9, own_refusal(work));
    db_bind_string(statement, 10, capture_reason_name(reason));
    db_bind_u64(statement, 11, event_count);
    db_bind_bytes(statement, 12, bytes_of(job, 32));
    db_bind_bytes(statement, 13, BYTES_OF(work->tx->sender.bytes));
    status = run_put_job(work, statement, &has_changed);
    db_release(statement);
    if (status == STATUS_OK && has_changed)
        note_job(work, job, receipt->code == TX_CODE_OK && reason == CAPTURE_IS_WELL);
    return status;
}

static enum status put_job_tx(struct work *work, const uint8_t job[32]) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, work->db,
                   "INSERT INTO job_tx (job, sender, height, tx_index, time_ms, tx_id)"
                   " VALUES ($1, $2, $3, $4, $5, $6)"
                   " ON CONFLICT (job, sender, height, tx_index) DO NOTHING");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, 32));
    db_bind_bytes(statement, 2, BYTES_OF(work->tx->sender.bytes));
    db_bind_u64(statement, 3, work->given->block->header.height);
    db_bind_u64(statement, 4, work->tx_index);
    db_bind_u64(statement, 5, work->given->block->header.time_ms);
    db_bind_bytes(statement, 6, BYTES_OF(work->block_tx->receipt.tx_id.bytes));
    return db_finish_later(statement);
}

static enum status put_context(struct work *work, struct bytes context, struct hash *hash) {
    struct db_statement *statement;
    hash_bytes(hash, HASH_USER, context);
    enum status status = db_prepare(&statement, work->db,
                                    "INSERT INTO context (hash, body) VALUES ($1, $2)"
                                    " ON CONFLICT (hash) DO NOTHING");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(hash->bytes));
    db_bind_bytes(statement, 2, context);
    return db_finish_later(statement);
}

static enum status put_epcs(struct work *work, const struct epcis_event *event,
                            const struct place *place) {
    struct db_statement *statement;
    enum status status =
        db_prepare_rows(&statement, work->db, "epc (id, place, height, tx_index, position)");
    for (size_t i = 0; i < event->epc_count && status == STATUS_OK; i++) {
        db_bind_text(statement, 1, event->epcs[i].id);
        db_bind_u64(statement, 2, event->epcs[i].place);
        db_bind_u64(statement, 3, place->height);
        db_bind_u64(statement, 4, place->tx_index);
        db_bind_u64(statement, 5, place->position);
        status = db_run_later(statement);
    }
    db_release(statement);
    return status;
}

static enum status put_row(struct work *work, const struct capture *capture, uint32_t index,
                           const struct place *place, const struct event_values *values) {
    struct db_statement *statement;
    char storage[EVENT_HASH_URI_SIZE];
    const struct epcis_event *event = &capture->events[index];
    enum status status = db_prepare_rows(
        &statement, work->db,
        "event (height, tx_index, position, event_id, hash, time_ms, record_ms, is_declaration,"
        " sender, tx_id, chain_event, entry, context, body, type, action, biz_step, disposition,"
        " read_point, biz_location)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, place->height);
    db_bind_u64(statement, 2, place->tx_index);
    db_bind_u64(statement, 3, place->position);
    db_bind_text(statement, 4, event_id_of(event, storage));
    db_bind_bytes(statement, 5, BYTES_OF(event->hash));
    db_bind_i64(statement, 6, event->event_time_ms);
    db_bind_u64(statement, 7, work->given->block->header.time_ms);
    db_bind_u64(statement, 8, event->is_error_declaration);
    db_bind_bytes(statement, 9, BYTES_OF(work->tx->sender.bytes));
    db_bind_bytes(statement, 10, BYTES_OF(work->block_tx->receipt.tx_id.bytes));
    db_bind_u64(statement, 11, capture->first_event + index / ENTRIES_PER_EVENT);
    db_bind_u64(statement, 12, index % ENTRIES_PER_EVENT);
    db_bind_bytes(statement, 13, BYTES_OF(capture->context.bytes));
    db_bind_bytes(statement, 14, event->text);
    rows_bind_columns(statement, 15, values);
    return db_finish_later(statement);
}

// The rows of entry `index` of what was captured, which stands at `place`.
static enum status put_event(struct work *work, const struct capture *capture, uint32_t index,
                             const struct place *place) {
    struct event_values values;
    const struct epcis_event *event = &capture->events[index];
    enum status status;
    arena_reset(&work->scratch);
    event_values_collect(&values, &work->scratch, event);
    TRY(put_row(work, capture, index, place, &values));
    TRY(put_epcs(work, event, place));
    TRY(rows_put_values(work->db, &values, place));
    note_event(work, place, event);
out:
    return status;
}

static enum status put_master_data(struct work *work, const struct epcis_document *document) {
    struct master_data data;
    arena_reset(&work->scratch);
    master_data_collect(&data, &work->scratch, document);
    return rows_put_master_data(work->db, &work->tx->sender, &data);
}

static enum status put_job_event(struct work *work, const struct capture *capture, uint32_t index,
                                 const struct place *row) {
    struct db_statement *statement;
    char storage[EVENT_HASH_URI_SIZE];
    const struct epcis_event *event = &capture->events[index];
    enum status status =
        db_prepare_rows(&statement, work->db,
                        "job_event (job, sender, position, event_id, hash, row_height,"
                        " row_tx_index, row_position)");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(capture->job, 32));
    db_bind_bytes(statement, 2, BYTES_OF(work->tx->sender.bytes));
    db_bind_u64(statement, 3, index);
    db_bind_text(statement, 4, event_id_of(event, storage));
    db_bind_bytes(statement, 5, BYTES_OF(event->hash));
    db_bind_u64(statement, 6, row->height);
    db_bind_u64(statement, 7, row->tx_index);
    db_bind_u64(statement, 8, row->position);
    return db_finish_later(statement);
}

// Is the document what was registered, entry by entry?
static enum capture_reason check_document(const struct capture *capture,
                                          const struct captured_document *read) {
    if (read->reason != CAPTURE_IS_WELL) return read->reason;
    if (read->document.event_count != capture->entry_count) return CAPTURE_OTHER_EVENT_COUNT;
    for (uint32_t i = 0; i < capture->entry_count; i++) {
        const uint8_t *entry = read->entries.data + (size_t)i * ENTRY_BYTES;
        bool is_same = (entry[0] | ENTRY_IS_KNOWN) == (capture->entries[i][0] | ENTRY_IS_KNOWN) &&
                       memcmp(entry + 1, capture->entries[i] + 1, ENTRY_BYTES - 1) == 0;
        if (!is_same) return CAPTURE_OTHER_EVENT;
    }
    return CAPTURE_IS_WELL;
}

// Has the sender an event of this eventID and content, for a declaration to the byte, in a row? The
// same bytes mean something else under another context, which the hash tells.
static enum status find_row(bool *found, struct place *out, struct work *work,
                            const struct epcis_event *event) {
    struct db_statement *statement;
    char storage[EVENT_HASH_URI_SIZE];
    enum status status = db_flush_rows(work->db);
    if (status != STATUS_OK) return status;
    status = db_prepare(
        &statement, work->db,
        event->is_error_declaration
            ? "SELECT height, tx_index, position FROM event WHERE event_id = $1 AND sender = $2"
              " AND hash = $3 AND is_declaration = 1 AND body = $4 LIMIT 1"
            : "SELECT height, tx_index, position FROM event WHERE event_id = $1 AND sender = $2"
              " AND hash = $3 AND is_declaration = 0 LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, event_id_of(event, storage));
    db_bind_bytes(statement, 2, BYTES_OF(work->tx->sender.bytes));
    db_bind_bytes(statement, 3, BYTES_OF(event->hash));
    if (event->is_error_declaration) db_bind_bytes(statement, 4, event->text);
    status = db_step(statement, found);
    if (status == STATUS_OK && *found)
        *out = (struct place){db_column_u64(statement, "height"),
                              (uint32_t)db_column_i64(statement, "tx_index"),
                              (uint32_t)db_column_i64(statement, "position")};
    db_release(statement);
    return status;
}

// The contract calls known what its sender registered before, under whatever document: an entry
// that came with a document of other content, which gave no rows, does not keep the true one from
// its row.
static enum status put_events(struct work *work, const struct capture *capture) {
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < capture->entry_count; i++) {
        struct place place;
        bool has_row = false;
        if (capture->entries[i][0] & ENTRY_IS_KNOWN)
            TRY(find_row(&has_row, &place, work, &capture->events[i]));
        if (!has_row) {
            place = (struct place){work->given->block->header.height, work->tx_index,
                                   work->next_position++};
            TRY(put_event(work, capture, i, &place));
        }
        TRY(put_job_event(work, capture, i, &place));
    }
out:
    return status;
}

static bool is_captured(const struct work *work, const struct event *event) {
    return account_id_equal(&event->contract, &work->market->server->contract) &&
           bytes_equal(event->topic, bytes_of_string("captured"));
}

// What other contracts told in the same transaction, or this one of custody, is none of a capture.
static void skip_other_events(struct work *work) {
    const struct block_tx *tx = work->block_tx;
    while (work->next_event < tx->event_count && !is_captured(work, &tx->events[work->next_event]))
        work->next_event++;
}

// The entries that the contract told of for this call: its next chain events, until all are there.
static bool take_entries(struct work *work, struct capture *capture, uint32_t expected) {
    const struct block_tx *tx = work->block_tx;
    skip_other_events(work);
    capture->first_event = work->next_event;
    capture->entries =
        arena_alloc_array(work->given->arena, expected + 1, sizeof *capture->entries);
    while (capture->entry_count < expected && work->next_event < tx->event_count) {
        const struct event *event = &tx->events[work->next_event++];
        struct decoder in = decoder_of(event->data);
        uint8_t job[32];
        decode_fixed(&in, job, sizeof job);
        uint32_t first = decode_u32(&in), count = decode_u32(&in);
        if (in.status != STATUS_OK || decoder_left(&in) != (size_t)count * ENTRY_BYTES ||
            first != capture->entry_count || count > expected - first ||
            memcmp(job, capture->job, sizeof job) != 0)
            return false;
        for (uint32_t i = 0; i < count; i++)
            capture->entries[capture->entry_count++] = in.next + (size_t)i * ENTRY_BYTES;
    }
    return capture->entry_count == expected;
}

static enum status project_read(struct work *work, struct capture *capture,
                                const struct captured_document *read) {
    enum capture_reason reason = check_document(capture, read);
    enum status status = STATUS_OK;
    if (reason == CAPTURE_IS_WELL) {
        capture->events = read->document.events;
        TRY(put_context(work, read->document.context, &capture->context));
        TRY(put_events(work, capture));
        TRY(put_master_data(work, &read->document));
    }
    TRY(put_job(work, capture->job, reason, reason == CAPTURE_IS_WELL ? capture->entry_count : 0));
out:
    return status;
}

static enum status project_document(struct work *work, struct capture *capture) {
    struct captured_document read;
    captured_document_read(&read, work->market->rules, capture->document);
    enum status status = project_read(work, capture, &read);
    captured_document_clear(&read);
    return status;
}

static enum status project_capture(struct work *work, struct decoder *arguments) {
    struct capture capture = {0};
    decode_fixed(arguments, capture.job, sizeof capture.job);
    capture.document = decode_bytes(arguments, CAPTURE_MAX_BYTES);
    uint32_t count = decode_u32(arguments);
    // The contract has read the same bytes in the same way.
    ENSURE(arguments->status == STATUS_OK && take_entries(work, &capture, count));
    const struct captured_document *read =
        captured_documents_find(work->given->prepared, work->tx_index, work->action_index);
    return read ? project_read(work, &capture, read) : project_document(work, &capture);
}

static enum status project_stage(struct work *work, struct decoder *arguments) {
    struct chunk chunk = {.height = work->given->block->header.height};
    uint8_t job[32];
    decode_fixed(arguments, job, sizeof job);
    chunk.position = decode_u32(arguments);
    chunk.body = decode_bytes(arguments, CAPTURE_MAX_BYTES);
    ENSURE(arguments->status == STATUS_OK);
    enum status status;
    TRY(chunk_put(work->db, &(struct chunk_job){&work->tx->sender, job}, &chunk));
    TRY(put_job_tx(work, job));
out:
    return status;
}

// How many entries the contract told of from its next chain event on, for this job.
static uint32_t count_entries(struct work *work, const uint8_t job[32]) {
    uint32_t count = 0;
    skip_other_events(work);
    for (uint32_t i = work->next_event; i < work->block_tx->event_count; i++) {
        const struct event *event = &work->block_tx->events[i];
        struct bytes data = event->data;
        if (!is_captured(work, event) || data.len < ENTRIES_AT || memcmp(data.data, job, 32) != 0)
            break;
        count += load_u32_le(data.data + 36);
    }
    return count;
}

static enum status project_close(struct work *work, struct decoder *arguments) {
    struct capture capture = {0};
    struct buf document = {0};
    decode_fixed(arguments, capture.job, sizeof capture.job);
    uint32_t staged = decode_u32(arguments), kept = 0;
    ENSURE(arguments->status == STATUS_OK);
    ENSURE(take_entries(work, &capture, count_entries(work, capture.job)));
    struct chunk_job of = {&work->tx->sender, capture.job};
    enum status status = chunks_take(work->db, &of, &kept, &document);
    capture.document = buf_bytes(&document);
    if (status == STATUS_OK)
        status = kept == staged ? project_document(work, &capture)
                                : put_job(work, capture.job, CAPTURE_STAGED_TOO_LONG_AGO, 0);
    buf_clear(&document);
    return status;
}

// What was staged is of no use any more; its transactions stay told of.
static enum status project_drop(struct work *work, struct decoder *arguments) {
    uint8_t job[32];
    struct buf unused = {0};
    uint32_t count;
    decode_fixed(arguments, job, sizeof job);
    ENSURE(arguments->status == STATUS_OK);
    struct chunk_job of = {&work->tx->sender, job};
    enum status status = chunks_take(work->db, &of, &count, &unused);
    buf_clear(&unused);
    if (status == STATUS_OK) status = put_job(work, job, CAPTURE_DROPPED, 0);
    return status;
}

static enum status project_action(struct work *work, const struct tx_action *action) {
    static const struct {
        const char *method;
        enum status (*project)(struct work *, struct decoder *);
        bool ends_when_failed; // the job of a transaction that failed
    } methods[] = {{"capture", project_capture, true},
                   {"stage", project_stage, true},
                   {"close", project_close, true},
                   {"drop", project_drop, false}};
    if (!is_ours(work, action)) return STATUS_OK;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (!bytes_equal(action->call.method, bytes_of_string(methods[i].method))) continue;
        struct decoder arguments = decoder_of(action->call.arguments);
        if (work->block_tx->receipt.code == TX_CODE_OK) return methods[i].project(work, &arguments);
        if (!methods[i].ends_when_failed) return STATUS_OK;
        // A failed transaction did nothing; whoever captured wants to know why.
        uint8_t job[32];
        decode_fixed(&arguments, job, sizeof job);
        return arguments.status == STATUS_OK ? put_job(work, job, CAPTURE_IS_WELL, 0) : STATUS_OK;
    }
    return STATUS_OK;
}

// What was captured, by the transaction's calls.
static enum status project_calls(struct work *work) {
    enum status status = STATUS_OK;
    struct tx *tx = arena_alloc(work->given->arena, sizeof *tx);
    ENSURE(tx_decode(tx, work->block_tx->encoded) == STATUS_OK);
    work->tx = tx;
    for (uint32_t k = 0; k < tx->action_count && status == STATUS_OK; k++) {
        work->action_index = k;
        status = project_action(work, &tx->actions[k]);
    }
    arena_clear(&work->scratch);
    return status;
}

// What became of custody, by what the contract told: whoever called it.
static enum status project_custody(const struct work *work) {
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < work->block_tx->event_count && status == STATUS_OK; i++) {
        const struct event *event = &work->block_tx->events[i];
        struct custody_told told = {.header = &work->given->block->header,
                                    .tx_id = &work->block_tx->receipt.tx_id,
                                    .tx_index = work->tx_index,
                                    .event_index = i,
                                    .news = work->given->is_untold ? NULL : &work->market->news};
        if (account_id_equal(&event->contract, &work->market->server->contract))
            status = custody_project(work->db, &told, event);
    }
    return status;
}

enum status projection_apply(void *context, struct db *db, const struct index_block *given) {
    struct supplychain *market = context;
    enum status status = STATUS_OK;
    buf_reset(&market->news); // of an attempt that was rolled back
    for (uint32_t i = 0; i < given->block->tx_count && status == STATUS_OK; i++) {
        struct work work = {.market = market,
                            .db = db,
                            .given = given,
                            .block_tx = &given->block->txs[i],
                            .tx_index = i};
        // A timer's run has no calls of its own.
        if (work.block_tx->encoded.len > 0) status = project_calls(&work);
        if (status == STATUS_OK) status = project_custody(&work);
    }
    if (status == STATUS_OK) status = chunks_forget_old(db, given->block->header.height);
    return status;
}

void *projection_prepare(void *context, const struct index_block *given) {
    return captured_documents_of(context, given);
}

void projection_discard(void *context, void *prepared) {
    (void)context;
    captured_documents_free(prepared);
}
