// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/transaction_routes.h"

#include "apps/common/http/page.h"
#include "apps/common/http/text.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/event_proof.h"
#include "apps/common/server/tx_json.h"

enum { PAGE = 20, PLACE_BYTES = 12 };

static const struct http_paging by_place = {PAGE, LIMIT_QUERY_PAGE, PLACE_BYTES};
static const struct http_paging by_index = {PAGE, LIMIT_QUERY_PAGE, 4};

#define COLUMNS                                                                     \
    "t.height, t.tx_index, t.tx_id, t.time_ms, t.sender, t.action, t.action_count," \
    " t.contract, t.method, t.recipient, t.amount, t.code, t.gas_used, t.event_count"
static const char everybodys[] =
    "SELECT " COLUMNS " FROM chain_tx t WHERE (t.height, t.tx_index) < ($1, $2)"
    " ORDER BY t.height DESC, t.tx_index DESC LIMIT $3";
static const char an_accounts[] = "SELECT " COLUMNS " FROM chain_tx_account a JOIN chain_tx t"
                                  " ON t.height = a.height AND t.tx_index = a.tx_index"
                                  " WHERE a.account = $4 AND (a.height, a.tx_index) < ($1, $2)"
                                  " ORDER BY a.height DESC, a.tx_index DESC LIMIT $3";

struct wish {
    bool has_account;
    struct account_id account;
    struct http_page page;
};

static bool read_wish(struct wish *out, struct http_request *request,
                      struct http_response *response) {
    struct bytes text;
    *out = (struct wish){0};
    enum status status = http_query(request, "account", &text);
    out->has_account = status == STATUS_OK;
    if (status == STATUS_OK) status = address_decode(out->account.bytes, text);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        http_problem(response, STATUS_INVALID, "not_an_address",
                     "This is not an address; one begins with lmm1 and has 62 characters.");
        http_problem_violation(response, "account", "address", NULL);
        return false;
    }
    return http_page_read(&out->page, request, response, &by_place);
}

static void bind_wish(struct db_statement *statement, const struct wish *wish) {
    const uint8_t *token = wish->page.token;
    db_bind_u64(statement, 1, wish->page.is_behind ? load_u64_le(token) : INT64_MAX);
    db_bind_u64(statement, 2, wish->page.is_behind ? load_u32_le(token + 8) : 0);
    db_bind_u64(statement, 3, wish->page.length + 1);
    if (wish->has_account) db_bind_bytes(statement, 4, BYTES_OF(wish->account.bytes));
}

// One row more than the page has tells whether another page follows.
static enum status append_rows(struct buf *out, struct db_statement *statement,
                               const struct wish *wish, struct chain_tx_row *last, bool *has_more) {
    uint64_t count = 0;
    bool has_row = false;
    enum status status = STATUS_OK;
    *has_more = false;
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        *has_more = count == wish->page.length;
        if (*has_more) break;
        status = chain_tx_row_read(last, statement);
        if (status != STATUS_OK) return status;
        if (count++ > 0) buf_append_byte(out, ',');
        tx_json_summary(out, last);
        buf_append_byte(out, '}');
    }
    return status;
}

static enum status append_list(struct server *server, struct http_response *response,
                               const struct wish *wish, struct http_request *request) {
    struct buf *out = http_body_buf(response);
    struct db *db;
    struct db_statement *statement = NULL;
    struct chain_tx_row last = {0};
    bool has_more = false;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&statement, db, wish->has_account ? an_accounts : everybodys));
    bind_wish(statement, wish);
    TRY(append_rows(out, statement, wish, &last, &has_more));
    if (has_more) {
        uint8_t token[PLACE_BYTES];
        store_u64_le(token, last.height);
        store_u32_le(token + 8, last.index);
        http_page_link(request, response, BYTES_OF(token));
    }
out:
    db_release(statement);
    db_pool_give(server->readers, db);
    return status;
}

enum status get_transactions(void *context, struct http_request *request,
                             struct http_response *response) {
    struct server *server = context;
    struct wish wish;
    if (!read_wish(&wish, request, response)) return STATUS_OK;
    if (wish.page.is_behind && load_u64_le(wish.page.token) > INT64_MAX) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    buf_append_string(http_body_buf(response), "{\"items\":[");
    enum status status = append_list(server, response, &wish, request);
    if (status != STATUS_OK) return status;
    buf_append_string(http_body_buf(response), "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// ---- of a block

static void append_block(struct buf *out, const struct block *block, uint32_t first, uint32_t end) {
    struct tx *tx = mem_alloc(sizeof *tx);
    buf_append_string(out, "{\"items\":[");
    for (uint32_t i = first; i < end; i++) {
        struct chain_tx_row row;
        chain_tx_row_make(&row, block, i, tx);
        if (i > first) buf_append_byte(out, ',');
        tx_json_summary(out, &row);
        buf_append_byte(out, '}');
    }
    buf_append_string(out, "]}");
    mem_free(tx);
}

enum status get_block_transactions(void *context, struct http_request *request,
                                   struct http_response *response) {
    struct server *server = context;
    struct http_page page;
    struct buf encoded = {0};
    struct block block;
    uint64_t height;
    if (!chain_asked_height(request, response, &height) ||
        !http_page_read(&page, request, response, &by_index))
        return STATUS_OK;
    enum status status = node_read_block(server->node, height, &encoded);
    if (status == STATUS_OK)
        status = block_decode(&block, http_arena(request), buf_bytes(&encoded));
    if (status == STATUS_OK) {
        uint64_t first = page.is_behind ? (uint64_t)load_u32_le(page.token) + 1 : 0;
        uint64_t end = first + page.length < block.tx_count ? first + page.length : block.tx_count;
        uint8_t token[4];
        if (page.is_behind && first >= block.tx_count) {
            http_page_refuse(response);
        } else {
            append_block(http_body_buf(response), &block, (uint32_t)first, (uint32_t)end);
            store_u32_le(token, (uint32_t)end - 1);
            if (end < block.tx_count) http_page_link(request, response, BYTES_OF(token));
            http_set_type(response, "application/json");
        }
    }
    buf_clear(&encoded);
    return status;
}

// ---- one

enum status get_decoded_transaction(void *context, struct http_request *request,
                                    struct http_response *response) {
    struct server *server = context;
    struct buf encoded = {0};
    struct block block;
    struct hash id;
    struct node_tx found;
    if (!chain_asked_tx(request, response, &id)) return STATUS_OK;
    enum status status = node_find_tx(server->node, &id, &found);
    if (status == STATUS_OK && found.state != NODE_TX_FINAL) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) status = node_read_block(server->node, found.height, &encoded);
    if (status == STATUS_OK)
        status = block_decode(&block, http_arena(request), buf_bytes(&encoded));
    if (status == STATUS_OK && found.index >= block.tx_count) status = STATUS_CORRUPT;
    if (status == STATUS_OK) {
        tx_json_decoded(http_body_buf(response), server->node, &block, found.index);
        http_set_type(response, "application/json");
    }
    buf_clear(&encoded);
    return status;
}

// ---- an event of one

enum status get_tx_event_proof(void *context, struct http_request *request,
                               struct http_response *response) {
    struct server *server = context;
    struct hash id;
    struct node_tx found;
    uint64_t index;
    if (!chain_asked_tx(request, response, &id)) return STATUS_OK;
    if (text_u64(http_param(request, "index"), &index) != STATUS_OK || index >= LIMIT_TX_EVENTS)
        return STATUS_NOT_FOUND;
    enum status status = node_find_tx(server->node, &id, &found);
    if (status != STATUS_OK) return status;
    if (found.state != NODE_TX_FINAL) return STATUS_NOT_FOUND;
    struct node_event_wish wish = {.place = {found.height, found.index, (uint32_t)index}};
    const char *name = arena_format(http_arena(request), "event-%llu-%u-%u",
                                    (unsigned long long)found.height, found.index, (unsigned)index);
    return event_proof_answer(server, request, response, &wish, name);
}
