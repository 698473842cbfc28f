// SPDX-License-Identifier: Apache-2.0
// The guest book over HTTP: read from the rows; signed, amended and withdrawn by transactions of
// the server's own key. No rule is judged here: what is wrong, the contract refuses, and the
// transaction's status says why.
#include "apps/common/http/page.h"
#include "apps/common/json/json.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/event_proof.h"
#include "apps/common/server/signing.h"
#include "apps/energy/contract/rules.h"
#include "apps/energy/energy.h"
#include "chaincore/chaincore.h"

enum { PAGE = 20, NUMBER_BYTES = 8, GAS = 2000000 };

#define COLUMNS "number, author, text, signed_ms, height, tx_index, event_index, tx_id, time_ms"

static void append_entry(struct buf *out, struct db_statement *row) {
    unsigned long long number = db_column_u64(row, "number");
    struct account_id author;
    int64_t signed_ms = db_column_i64(row, "signed_ms"), time_ms = db_column_i64(row, "time_ms");
    struct bytes id = db_column_bytes(row, "author");
    ENSURE(id.len == sizeof author.bytes);
    memcpy(author.bytes, id.data, id.len);
    buf_append_format(out, "{\"number\":%llu,\"author\":", number);
    chain_json_address(out, &author);
    buf_append_string(out, ",\"text\":");
    http_append_json_string(out, db_column_bytes(row, "text"));
    buf_append_string(out, ",\"signed\":");
    chain_json_time(out, signed_ms);
    buf_append_string(out, ",\"changed\":");
    chain_json_time(out, time_ms);
    buf_append_format(out, ",\"final\":true,\"height\":%llu,\"tx\":",
                      (unsigned long long)db_column_u64(row, "height"));
    chain_json_hex(out, db_column_bytes(row, "tx_id"));
    buf_append_format(out, ",\"proof\":\"/v1/entries/%llu/proof\"}", number);
}

// ---- the list, newest first

static enum status append_entries(struct db *db, struct http_request *request,
                                  struct http_response *response, const struct http_page *page) {
    struct buf *out = http_body_buf(response);
    struct db_statement *row;
    uint64_t count = 0;
    uint8_t last[NUMBER_BYTES];
    bool has_row = false;
    enum status status = db_prepare(
        &row, db, "SELECT " COLUMNS " FROM entry WHERE number < $1 ORDER BY number DESC LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, page->is_behind ? load_u64_be(page->token) : INT64_MAX);
    db_bind_u64(row, 2, page->length + 1); // one more tells whether another page follows
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row && count < page->length) {
        if (count++ > 0) buf_append_byte(out, ',');
        append_entry(out, row);
        store_u64_be(last, db_column_u64(row, "number"));
    }
    db_release(row);
    if (status == STATUS_OK && has_row) http_page_link(request, response, BYTES_OF(last));
    return status;
}

enum status get_entries(void *context, struct http_request *request,
                        struct http_response *response) {
    static const struct http_paging paging = {PAGE, LIMIT_QUERY_PAGE, NUMBER_BYTES};
    struct server *server = context;
    struct http_page page;
    struct db *db;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    if (page.is_behind && load_u64_be(page.token) > INT64_MAX) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    buf_append_string(http_body_buf(response), "{\"items\":[");
    status = append_entries(db, request, response, &page);
    db_pool_give(server->readers, db);
    buf_append_string(http_body_buf(response), "]}");
    http_set_type(response, "application/json");
    return status;
}

// ---- one

// The path's {number}.
static bool read_number(const struct http_request *request, uint64_t *out) {
    struct bytes text = http_param(request, "number");
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *out > INT64_MAX / 10 - 1) return false;
        *out = *out * 10 + (uint64_t)(text.data[i] - '0');
    }
    return true;
}

typedef enum status answer_entry(struct server *server, struct http_request *request,
                                 struct http_response *response, struct db_statement *row);

static enum status answer(struct server *server, struct http_request *request,
                          struct http_response *response, answer_entry *with_row) {
    struct db *db;
    struct db_statement *row = NULL;
    bool has_row;
    uint64_t number;
    if (!read_number(request, &number)) return STATUS_NOT_FOUND;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db, "SELECT " COLUMNS " FROM entry WHERE number = $1"));
    db_bind_u64(row, 1, number);
    TRY(db_step(row, &has_row));
    status = has_row ? with_row(server, request, response, row) : STATUS_NOT_FOUND;
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

static enum status show(struct server *server, struct http_request *request,
                        struct http_response *response, struct db_statement *row) {
    (void)server;
    (void)request;
    append_entry(http_body_buf(response), row);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

enum status get_entry(void *context, struct http_request *request, struct http_response *response) {
    return answer(context, request, response, show);
}

// Of the event that gave the entry the text it has.
static enum status prove(struct server *server, struct http_request *request,
                         struct http_response *response, struct db_statement *row) {
    struct node_event_wish wish = {.place = {db_column_u64(row, "height"),
                                             (uint32_t)db_column_u64(row, "tx_index"),
                                             (uint32_t)db_column_u64(row, "event_index")}};
    const char *name = arena_format(http_arena(request), "entry-%llu",
                                    (unsigned long long)db_column_u64(row, "number"));
    return event_proof_answer(server, request, response, &wish, name);
}

enum status get_entry_proof(void *context, struct http_request *request,
                            struct http_response *response) {
    return answer(context, request, response, prove);
}

// ---- what the server signs

static bool refuse(struct http_response *response, const char *pointer, const char *detail) {
    http_problem(response, STATUS_INVALID, "invalid_entry", detail);
    http_problem_violation(response, pointer, "entry/form", detail);
    return false;
}

// Appends the text of the body, {"text": "…"}. False: the response says what is wrong.
static bool read_text(struct buf *out, struct http_request *request,
                      struct http_response *response) {
    static const char *const members[] = {"text", NULL};
    struct bytes body = http_body(request);
    struct json_fault fault;
    struct buf pointer = {0};
    json_t *object = NULL;
    bool is_good = false;
    if (json_parse(&object, &fault, body, body.len) != STATUS_OK)
        refuse(response, "", fault.text);
    else if (!json_is_object(object))
        refuse(response, "", "The body is a JSON object.");
    else if (!json_has_only(object, members, &pointer))
        refuse(response, buf_as_string(&pointer), "There is no such member.");
    else if (!json_is_string(json_object_get(object, "text")))
        refuse(response, "/text", "The text is a string.");
    else
        is_good = true;
    if (is_good) encode_bytes(out, json_string_bytes(json_object_get(object, "text")));
    buf_clear(&pointer);
    json_decref(object);
    return is_good;
}

static enum status call(struct server *server, struct http_request *request,
                        struct http_response *response, const char *method,
                        const struct buf *arguments) {
    bool is_paid = strcmp(method, "sign") == 0;
    struct signer_order order = {
        .action = {.kind = TX_CALL,
                   .call = {.contract = server->contract,
                            .method = bytes_of_string(method),
                            .arguments = buf_bytes(arguments),
                            .value = amount_of_units(is_paid ? ENTRY_DEPOSIT_UNITS : 0)}},
        .gas_limit = GAS};
    return signing_answer_order(server, request, response, &order);
}

enum status post_entry(void *context, struct http_request *request,
                       struct http_response *response) {
    struct buf arguments = {0};
    enum status status = STATUS_OK;
    if (read_text(&arguments, request, response))
        status = call(context, request, response, "sign", &arguments);
    buf_clear(&arguments);
    return status;
}

enum status put_entry(void *context, struct http_request *request, struct http_response *response) {
    struct buf arguments = {0};
    uint64_t number;
    enum status status = STATUS_OK;
    if (!read_number(request, &number)) return STATUS_NOT_FOUND;
    encode_u64(&arguments, number);
    if (read_text(&arguments, request, response))
        status = call(context, request, response, "amend", &arguments);
    buf_clear(&arguments);
    return status;
}

enum status delete_entry(void *context, struct http_request *request,
                         struct http_response *response) {
    struct buf arguments = {0};
    uint64_t number;
    if (!read_number(request, &number)) return STATUS_NOT_FOUND;
    encode_u64(&arguments, number);
    enum status status = call(context, request, response, "withdraw", &arguments);
    buf_clear(&arguments);
    return status;
}
