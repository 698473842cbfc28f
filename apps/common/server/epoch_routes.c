// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/epoch_routes.h"

#include "apps/common/http/page.h"
#include "apps/common/http/text.h"
#include "apps/common/server/chain_json.h"

static const struct http_paging paging = {
    .usual = 20, .most = 100, .token_bytes = sizeof(uint64_t)};

// What the rows say of an epoch, as far as it has come.
struct epoch_row {
    uint64_t epoch;
    uint64_t first_height, last_height;
    int64_t first_time_ms, last_time_ms;
    uint64_t last_view;
    bool is_whole; // from its first block on, and the view before that is known
    uint64_t view_before;
    uint64_t transactions, gas_used;
};

#define COLUMNS                                                                             \
    "e.epoch, e.first_height, e.last_height, e.first_time_ms, e.last_time_ms, e.last_view," \
    " e.transactions, e.gas_used, b.epoch AS before_epoch, b.last_view AS before_view,"     \
    " b.last_height AS before_height"                                                       \
    " FROM chain_epoch e LEFT JOIN chain_epoch b ON b.epoch = e.epoch - 1"

static void read_row(struct epoch_row *out, struct db_statement *statement) {
    *out = (struct epoch_row){.epoch = db_column_u64(statement, "epoch"),
                              .first_height = db_column_u64(statement, "first_height"),
                              .last_height = db_column_u64(statement, "last_height"),
                              .first_time_ms = db_column_i64(statement, "first_time_ms"),
                              .last_time_ms = db_column_i64(statement, "last_time_ms"),
                              .last_view = db_column_u64(statement, "last_view"),
                              .transactions = db_column_u64(statement, "transactions"),
                              .gas_used = db_column_u64(statement, "gas_used")};
    out->is_whole = out->first_height == 1;
    if (out->epoch == 0 || db_column_is_null(statement, "before_epoch")) return;
    out->is_whole = db_column_u64(statement, "before_height") + 1 == out->first_height;
    out->view_before = db_column_u64(statement, "before_view");
}

struct epoch_change {
    uint16_t joined, left;
};

// Against those of the epoch before; all have joined in the first.
static struct epoch_change count_change(const struct state_view *view, uint64_t epoch,
                                        const struct witnesses *now) {
    struct witnesses before = {0};
    struct epoch_change change = {0};
    if (epoch > 0) witnesses_load(&before, view, epoch - 1);
    for (uint16_t i = 0; i < now->count; i++)
        if (witnesses_find(&before, &now->list[i].account) == before.count) change.joined++;
    for (uint16_t i = 0; i < before.count; i++)
        if (witnesses_find(now, &before.list[i].account) == now->count) change.left++;
    return change;
}

static void append_number(struct buf *out, const char *name, uint64_t number) {
    buf_append_format(out, ",\"%s\":%llu", name, (unsigned long long)number);
}

// Without the brace that ends it.
static void append_epoch(struct buf *out, const struct epoch_row *row, const struct params *params,
                         const struct state_view *view) {
    struct witnesses witnesses;
    uint64_t end = (row->epoch + 1) * params->epoch_blocks - 1;
    bool is_over = row->last_height == end;
    uint64_t blocks = row->last_height - row->first_height + 1;
    witnesses_load(&witnesses, view, row->epoch);
    struct epoch_change change = count_change(view, row->epoch, &witnesses);
    buf_append_format(out, "{\"epoch\":%llu,\"is_over\":%s", (unsigned long long)row->epoch,
                      is_over ? "true" : "false");
    append_number(out, "first_height", row->first_height);
    append_number(out, "last_height", row->last_height);
    append_number(out, "end_height", end);
    buf_append_string(out, ",\"began\":");
    chain_json_time(out, row->first_time_ms);
    buf_append_string(out, ",\"newest\":");
    chain_json_time(out, row->last_time_ms);
    append_number(out, "blocks", blocks);
    if (row->is_whole)
        append_number(out, "missed_views", row->last_view - row->view_before - blocks);
    else
        buf_append_string(out, ",\"missed_views\":null");
    append_number(out, "transaction_count", row->transactions);
    append_number(out, "gas_used", row->gas_used);
    append_number(out, "witnesses", witnesses.count);
    append_number(out, "quorum", witness_quorum(witnesses.count));
    append_number(out, "joined", change.joined);
    append_number(out, "left", change.left);
    chain_json_block_proof(out, row->last_height);
}

static enum status append_page(struct server *server, struct buf *out, uint64_t *from,
                               uint64_t length) {
    struct db_statement *statement;
    struct params params;
    struct db *db;
    bool has_row;
    uint64_t count = 0;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    struct state_version *version = node_state(server->node);
    node_params(server->node, &params);
    TRY(db_prepare(&statement, db,
                   "SELECT " COLUMNS " WHERE e.epoch <= $1 ORDER BY e.epoch DESC LIMIT $2"));
    db_bind_u64(statement, 1, *from);
    db_bind_u64(statement, 2, length + 1);
    *from = 0; // of the next page; 0: there is none, for the first epoch begins none
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        struct epoch_row row;
        read_row(&row, statement);
        if (count == length) {
            *from = row.epoch + 1;
            break;
        }
        if (count++ > 0) buf_append_byte(out, ',');
        append_epoch(out, &row, &params, state_version_view(version));
        buf_append_byte(out, '}');
    }
    db_release(statement);
out:
    node_state_release(version);
    db_pool_give(server->readers, db);
    return status;
}

// A token is the epoch above the page's first.
enum status get_epochs(void *context, struct http_request *request,
                       struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct http_page page;
    uint8_t token[sizeof(uint64_t)];
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    uint64_t from = page.is_behind ? load_u64_le(page.token) - 1 : INT64_MAX;
    if (from > INT64_MAX) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    buf_append_string(out, "{\"items\":[");
    enum status status = append_page(server, out, &from, page.length);
    if (status != STATUS_OK) return status;
    buf_append_string(out, "]}");
    store_u64_le(token, from);
    if (from > 0) http_page_link(request, response, BYTES_OF(token));
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static enum status find_row(struct epoch_row *out, struct server *server, uint64_t epoch) {
    struct db_statement *statement;
    struct db *db;
    bool has_row = false;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&statement, db, "SELECT " COLUMNS " WHERE e.epoch = $1"));
    db_bind_u64(statement, 1, epoch);
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && has_row) read_row(out, statement);
    db_release(statement);
    if (status == STATUS_OK && !has_row) status = STATUS_NOT_FOUND;
out:
    db_pool_give(server->readers, db);
    return status;
}

static void append_members(struct buf *out, const struct state_view *view, uint64_t epoch) {
    struct witnesses witnesses, before = {0};
    witnesses_load(&witnesses, view, epoch);
    if (epoch > 0) witnesses_load(&before, view, epoch - 1);
    buf_append_string(out, ",\"members\":[");
    for (uint16_t i = 0; i < witnesses.count; i++) {
        const struct witness *witness = &witnesses.list[i];
        bool is_new = witnesses_find(&before, &witness->account) == before.count;
        buf_append_format(out, "%s{\"index\":%u,\"key\":", i > 0 ? "," : "", i);
        chain_json_hex(out, BYTES_OF(witness->key.bytes));
        buf_append_string(out, ",\"account\":");
        chain_json_address(out, &witness->account);
        buf_append_format(out, ",\"commission\":%u,\"is_new\":%s}", witness->commission,
                          is_new ? "true" : "false");
    }
    buf_append_string(out, "],\"gone\":[");
    const char *comma = "";
    for (uint16_t i = 0; i < before.count; i++) {
        if (witnesses_find(&witnesses, &before.list[i].account) < witnesses.count) continue;
        buf_append_string(out, comma);
        chain_json_address(out, &before.list[i].account);
        comma = ",";
    }
    buf_append_byte(out, ']');
}

enum status get_epoch(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct epoch_row row;
    struct params params;
    uint64_t epoch;
    if (text_u64(http_param(request, "epoch"), &epoch) != STATUS_OK) {
        http_problem(response, STATUS_INVALID, "not_an_epoch", "An epoch is a number.");
        http_problem_violation(response, "epoch", "number", NULL);
        return STATUS_OK;
    }
    if (epoch > INT64_MAX) return STATUS_NOT_FOUND;
    enum status status = find_row(&row, server, epoch);
    if (status != STATUS_OK) return status;
    struct state_version *version = node_state(server->node);
    node_params(server->node, &params);
    append_epoch(out, &row, &params, state_version_view(version));
    append_members(out, state_version_view(version), epoch);
    buf_append_byte(out, '}');
    node_state_release(version);
    http_set_type(response, "application/json");
    return STATUS_OK;
}
