// SPDX-License-Identifier: Apache-2.0
// What became of captures: one job, and the list of them.
#include "apps/common/server/abi.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/signing.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

// A job as GS1's binding shows it, and what the chain knows of it.
struct job {
    uint8_t id[32];
    struct account_id sender;
    int64_t created_ms;
    int64_t finished_ms;
    bool is_running;
    bool is_success;
    enum tx_code code;
    uint32_t contract_code;
    enum capture_reason reason; // why no rows came of it
    const struct hash *txs;     // in the order of the chain
    size_t tx_count;
    uint64_t height;    // 0: it has no row
    struct place place; // in a list
    uint64_t event_count;
};

struct job_list {
    struct job *jobs;
    uint32_t count;
    bool has_more; // than are there
};

static void append_sentence(struct buf *out, const struct supplychain *market,
                            const struct job *job) {
    struct buf sentence = {0};
    const char *text =
        job->reason == CAPTURE_IS_WELL ? tx_code_text(job->code) : capture_reason_text(job->reason);
    if (job->code == TX_CODE_CONTRACT_REFUSED &&
        abi_sentence(market->abi, job->contract_code, &sentence))
        text = buf_as_string(&sentence);
    http_append_json_string(out, bytes_of_string(text));
    buf_clear(&sentence);
}

static void append_job(struct buf *out, const struct supplychain *market, const struct job *job) {
    buf_append_string(out, "{\"captureID\":\"");
    append_hex(out, BYTES_OF(job->id));
    buf_append_string(out, "\",\"createdAt\":");
    append_time(out, job->created_ms);
    if (!job->is_running) {
        buf_append_string(out, ",\"finishedAt\":");
        append_time(out, job->finished_ms);
    }
    buf_append_format(out,
                      ",\"running\":%s,\"success\":%s,\"captureErrorBehaviour\":\"rollback\","
                      "\"errors\":[",
                      job->is_running ? "true" : "false", job->is_success ? "true" : "false");
    if (!job->is_success) {
        buf_append_format(
            out,
            "{\"type\":\"epcisException:CaptureException\",\"title\":\"%s\",\"code\":\"%s\","
            "\"contract_code\":%u,\"detail\":",
            "The events were not captured",
            job->reason == CAPTURE_IS_WELL ? tx_code_name(job->code)
                                           : capture_reason_name(job->reason),
            job->contract_code);
        append_sentence(out, market, job);
        buf_append_byte(out, '}');
    }
    buf_append_string(out, "],\"tx\":[");
    for (size_t i = 0; i < job->tx_count; i++) {
        buf_append_string(out, i ? ",\"" : "\"");
        append_hex(out, BYTES_OF(job->txs[i].bytes));
        buf_append_byte(out, '"');
    }
    buf_append_byte(out, ']');
    if (job->height == 0) return;
    buf_append_format(out, ",\"height\":%llu", (unsigned long long)job->height);
    // Of the transaction that ended it.
    if (job->tx_count > 0) chain_json_tx_proof(out, &job->txs[job->tx_count - 1]);
}

static void read_job_row(struct db_statement *statement, struct arena *arena, struct job *out) {
    *out = (struct job){.code = (enum tx_code)db_column_i64(statement, "code"),
                        .contract_code = (uint32_t)db_column_i64(statement, "contract_code"),
                        .height = db_column_u64(statement, "height"),
                        .event_count = db_column_u64(statement, "event_count")};
    struct bytes id = db_column_bytes(statement, "job"), tx = db_column_bytes(statement, "tx_id");
    struct bytes sender = db_column_bytes(statement, "sender");
    ENSURE(id.len == sizeof out->id && tx.len == sizeof *out->txs);
    ENSURE(sender.len == sizeof out->sender.bytes);
    memcpy(out->id, id.data, id.len);
    memcpy(out->sender.bytes, sender.data, sender.len);
    out->txs = (const struct hash *)arena_copy(arena, tx).data;
    out->tx_count = 1;
    out->created_ms = db_column_i64(statement, "created_ms");
    out->finished_ms = db_column_i64(statement, "time_ms");
    out->place = (struct place){out->height, (uint32_t)db_column_i64(statement, "tx_index"), 0};
    out->reason = capture_reason_of_name(db_column_text(statement, "reason"));
    out->is_success = out->code == TX_CODE_OK && out->reason == CAPTURE_IS_WELL;
}

static enum status find_row_of(struct db *db, const struct account_id *account, struct arena *arena,
                               const uint8_t id[32], struct job *out) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status =
        db_prepare(&statement, db, "SELECT * FROM job WHERE job = $1 AND sender = $2");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(id, 32));
    db_bind_bytes(statement, 2, BYTES_OF(account->bytes));
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && has_row) read_job_row(statement, arena, out);
    db_release(statement);
    return status == STATUS_OK && !has_row ? STATUS_NOT_FOUND : status;
}

// Of whichever account the server sent it by: as long as the outbox remembers, it says which.
static enum status find_job_row(struct db *db, struct server *server, struct arena *arena,
                                const uint8_t id[32], struct job *out) {
    struct outbox_job kept;
    struct signer_key *signer;
    enum status status = signer_set_find_job(server->signers, id, arena, &kept);
    if (status == STATUS_OK) return find_row_of(db, &kept.account, arena, id, out);
    for (size_t i = 0; status == STATUS_NOT_FOUND; i++) {
        if (!(signer = signer_set_at(server->signers, i))) break;
        status = find_row_of(db, signer_account(signer), arena, id, out);
    }
    return status;
}

// Puts the transactions that staged the job before the one that ended it; the last ones, when it
// was staged and dropped again and again.
static enum status read_job_txs(struct db *db, struct arena *arena, struct job *job) {
    struct db_statement *statement;
    struct buf ids = {0};
    bool has_row;
    enum status status = db_prepare(&statement, db,
                                    "SELECT tx_id FROM (SELECT tx_id, height, tx_index FROM job_tx"
                                    " WHERE job = $1 AND sender = $2 AND tx_id <> $3"
                                    " ORDER BY height DESC, tx_index DESC LIMIT $4) AS newest"
                                    " ORDER BY height, tx_index");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(job->id));
    db_bind_bytes(statement, 2, BYTES_OF(job->sender.bytes));
    db_bind_bytes(statement, 3, BYTES_OF(job->txs->bytes));
    db_bind_u64(statement, 4, CAPTURE_TOLD_TXS - 1);
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row)
        buf_append(&ids, db_column_bytes(statement, "tx_id"));
    db_release(statement);
    buf_append(&ids, BYTES_OF(job->txs->bytes));
    job->txs = (const struct hash *)arena_copy(arena, buf_bytes(&ids)).data;
    job->tx_count = ids.len / sizeof *job->txs;
    buf_clear(&ids);
    return status;
}

// A page of them; `next` is the token of the one behind it, as its last place among the job's
// events.
static enum status append_job_events(struct db *db, const struct job *job, const struct page *page,
                                     struct buf *out) {
    struct db_statement *statement;
    bool has_row = false;
    uint64_t first = page->has_behind ? (uint64_t)page->behind.position + 1 : 0, shown = 0;
    enum status status =
        db_prepare(&statement, db,
                   "SELECT event_id, hash, row_height, row_tx_index, row_position FROM job_event"
                   " WHERE job = $1 AND sender = $2 AND position >= $4 ORDER BY position"
                   " LIMIT $3");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(job->id));
    db_bind_bytes(statement, 2, BYTES_OF(job->sender.bytes));
    db_bind_u64(statement, 3, page->length);
    db_bind_u64(statement, 4, first);
    buf_append_format(out, ",\"event_count\":%llu,\"events\":[",
                      (unsigned long long)job->event_count);
    for (; (status = db_step(statement, &has_row)) == STATUS_OK && has_row; shown++) {
        char uri[EVENT_HASH_URI_SIZE];
        struct bytes hash = db_column_bytes(statement, "hash");
        struct place row = {db_column_u64(statement, "row_height"),
                            (uint32_t)db_column_i64(statement, "row_tx_index"),
                            (uint32_t)db_column_i64(statement, "row_position")};
        event_hash_print(uri, hash.data);
        buf_append_string(out, shown ? ",{\"id\":\"" : "{\"id\":\"");
        append_place(out, &row);
        buf_append_string(out, "\",\"eventID\":");
        http_append_json_string(out, db_column_text(statement, "event_id"));
        buf_append_format(out, ",\"hash\":\"%s\"}", uri);
    }
    buf_append_byte(out, ']');
    if (shown == page->length && first + shown < job->event_count)
        buf_append_format(out, ",\"next\":\"%llu-0-%llu\"", (unsigned long long)job->height,
                          (unsigned long long)(first + shown - 1));
    db_release(statement);
    return status;
}

// Of a capture without a row: it is on its way, or never got onto the chain.
static void show_accepted(const struct outbox_job *kept, struct job *out) {
    bool has_failed = kept->finished_ms > 0 && kept->code != TX_CODE_OK;
    *out = (struct job){.sender = kept->account,
                        .created_ms = (int64_t)kept->created_ms,
                        .finished_ms = (int64_t)kept->finished_ms,
                        .is_running = !has_failed,
                        .is_success = !has_failed,
                        .code = kept->code,
                        .txs = kept->tx_ids,
                        .tx_count = kept->tx_count,
                        // No block is at height 0, so no row has such a place.
                        .place = {0, (uint32_t)(kept->number >> 32), (uint32_t)kept->number}};
    memcpy(out->id, kept->id, sizeof out->id);
}

static enum status find_accepted(struct server *server, struct arena *arena, const uint8_t id[32],
                                 struct job *out) {
    struct outbox_job kept;
    enum status status = signer_set_find_job(server->signers, id, arena, &kept);
    if (status == STATUS_OK) show_accepted(&kept, out);
    return status;
}

// It was accepted before its first block was made, and says so as long as that is remembered.
static enum status recall_creation(struct server *server, struct arena *arena, struct job *job) {
    struct outbox_job kept;
    enum status status = signer_set_find_job(server->signers, job->id, arena, &kept);
    if (status == STATUS_OK) job->created_ms = (int64_t)kept.created_ms;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status get_capture_job(void *context, struct http_request *request,
                            struct http_response *response) {
    struct server *server = context;
    struct job job;
    struct db *db;
    uint8_t id[32];
    struct buf *out = http_body_buf(response);
    const char *text = (const char *)http_param(request, "id").data;
    struct page page;
    if (hex_decode(id, sizeof id, text) != STATUS_OK) return STATUS_NOT_FOUND;
    if (!read_page(request, response, &page)) return STATUS_OK;
    if (http_query_count(request) == 0) page.length = LIMIT_QUERY_PAGE;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = find_job_row(db, server, http_arena(request), id, &job);
    if (status == STATUS_OK) {
        status = read_job_txs(db, http_arena(request), &job);
        if (status == STATUS_OK) status = recall_creation(server, http_arena(request), &job);
        append_job(out, server->market, &job);
        if (status == STATUS_OK && job.is_success) status = append_job_events(db, &job, &page, out);
        buf_append_byte(out, '}');
    } else if (status == STATUS_NOT_FOUND) {
        status = find_accepted(server, http_arena(request), id, &job);
        if (status == STATUS_OK) append_job(out, server->market, &job);
        if (status == STATUS_OK) buf_append_byte(out, '}');
        if (status == STATUS_NOT_FOUND && server_blocks_behind(server) > 0)
            status = STATUS_UNAVAILABLE;
    }
    db_pool_give(server->readers, db);
    http_set_type(response, "application/json");
    http_set_header(response, "Cache-Control", "no-store");
    return status;
}

struct listing {
    struct db *db;
    struct server *server;
    struct signer_key *signer; // whose jobs; NULL: nobody's
    struct arena *arena;
    const struct page *page;
    struct job_list *out;
};

// Takes those that have no row, even now, until the page is full.
static enum status take_accepted(struct listing *listing, const struct outbox_job *kept,
                                 size_t count) {
    struct job_list *out = listing->out;
    for (size_t i = 0; i < count && !out->has_more; i++) {
        struct job row;
        enum status status =
            find_row_of(listing->db, &kept[i].account, listing->arena, kept[i].id, &row);
        if (status == STATUS_OK) continue;
        if (status != STATUS_NOT_FOUND) return status;
        out->has_more = out->count == listing->page->length;
        if (!out->has_more) show_accepted(&kept[i], &out->jobs[out->count++]);
    }
    return STATUS_OK;
}

// Those without a row, the newest first.
static enum status list_accepted(struct listing *listing) {
    const struct page *page = listing->page;
    struct outbox_page wanted = {.height = index_height(listing->server->index),
                                 .below = UINT64_MAX,
                                 .length = page->length + 1};
    enum status status = STATUS_OK;
    size_t count = wanted.length;
    if (page->has_behind)
        wanted.below = (uint64_t)page->behind.tx_index << 32 | page->behind.position;
    while (count == wanted.length && !listing->out->has_more) {
        struct outbox_job *kept;
        TRY(signer_list_jobs(listing->signer, &wanted, listing->arena, &kept, &count));
        TRY(take_accepted(listing, kept, count));
        if (count > 0) wanted.below = kept[count - 1].number;
    }
out:
    return status;
}

// Those with a row, the newest first, on what is left of the page.
static enum status list_rows(struct listing *listing) {
    const struct page *page = listing->page;
    struct job_list *out = listing->out;
    struct db_statement *statement = NULL;
    bool has_row, has_behind = page->has_behind && page->behind.height > 0;
    enum status status;
    TRY(db_prepare(&statement, listing->db,
                   has_behind ? "SELECT * FROM job WHERE sender = $1 AND (height, tx_index) <"
                                " (CAST($3 AS BIGINT), CAST($4 AS BIGINT))"
                                " ORDER BY height DESC, tx_index DESC LIMIT $2"
                              : "SELECT * FROM job WHERE sender = $1"
                                " ORDER BY height DESC, tx_index DESC LIMIT $2"));
    db_bind_bytes(statement, 1, BYTES_OF(signer_account(listing->signer)->bytes));
    db_bind_u64(statement, 2, page->length - out->count + 1);
    if (has_behind) {
        db_bind_u64(statement, 3, page->behind.height);
        db_bind_u64(statement, 4, page->behind.tx_index);
    }
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        out->has_more = out->count == page->length;
        if (out->has_more) break;
        read_job_row(statement, listing->arena, &out->jobs[out->count++]);
    }
out:
    db_release(statement);
    return status;
}

static enum status find_jobs(struct listing *listing) {
    const struct page *page = listing->page;
    enum status status = STATUS_OK;
    *listing->out = (struct job_list){
        .jobs = arena_alloc_array(listing->arena, page->length, sizeof(struct job))};
    if (!listing->signer) return STATUS_OK;
    if (!page->has_behind || page->behind.height == 0) TRY(list_accepted(listing));
    if (!listing->out->has_more) TRY(list_rows(listing));
out:
    return status;
}

static enum status complete_row(struct listing *listing, struct job *job) {
    if (job->height == 0) return STATUS_OK;
    enum status status = read_job_txs(listing->db, listing->arena, job);
    if (status != STATUS_OK) return status;
    return recall_creation(listing->server, listing->arena, job);
}

// The page ends early when its text is long.
static enum status write_jobs(struct listing *listing, struct buf *out) {
    struct job_list *list = listing->out;
    enum status status = STATUS_OK;
    uint32_t shown = 0;
    buf_append_byte(out, '[');
    for (; shown < list->count && out->len < LIMIT_QUERY_PAGE_BYTES; shown++) {
        TRY(complete_row(listing, &list->jobs[shown]));
        if (shown > 0) buf_append_byte(out, ',');
        append_job(out, listing->server->market, &list->jobs[shown]);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
    list->has_more |= shown < list->count;
    list->count = shown;
out:
    return status;
}

static void add_next_link(struct arena *arena, struct http_response *response,
                          const struct page *page, const struct place *last) {
    struct buf link = {0};
    buf_append_format(&link, "</capture?perPage=%u&nextPageToken=", page->length);
    append_place(&link, last);
    buf_append_string(&link, ">; rel=\"next\"");
    gs1_set_next(response, arena_copy_string(arena, buf_bytes(&link)));
    buf_clear(&link);
}

enum status get_capture_jobs(void *context, struct http_request *request,
                             struct http_response *response) {
    struct server *server = context;
    struct db *db;
    struct job_list list;
    struct page page;
    struct arena *arena = http_arena(request);
    if (!read_page(request, response, &page)) return STATUS_OK;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    struct listing listing = {.db = db,
                              .server = server,
                              .signer = signing_reader(server, request),
                              .arena = arena,
                              .page = &page,
                              .out = &list};
    TRY(find_jobs(&listing));
    TRY(write_jobs(&listing, http_body_buf(response)));
    if (list.has_more) add_next_link(arena, response, &page, &list.jobs[list.count - 1].place);
    http_set_type(response, "application/json");
out:
    db_pool_give(server->readers, db);
    return status;
}
