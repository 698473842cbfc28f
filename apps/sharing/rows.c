// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/text.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/event_proof.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chaincore.h"

enum { PAGE = 20, TOKEN_BYTES = 8 };

bool sharing_path_id(const struct http_request *request, uint64_t *out) {
    return text_u64(http_param(request, "id"), out) == STATUS_OK && *out <= INT64_MAX;
}

enum status sharing_answer_one(struct server *server, struct http_request *request,
                               struct http_response *response, const char *query,
                               sharing_answer_row *with_row) {
    struct db *db;
    struct db_statement *row = NULL;
    bool has_row;
    uint64_t id;
    if (!sharing_path_id(request, &id)) return STATUS_NOT_FOUND;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db, query));
    db_bind_u64(row, 1, id);
    TRY(db_step(row, &has_row));
    status = has_row ? with_row(server, request, response, row) : STATUS_NOT_FOUND;
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

void sharing_append_place(struct buf *out, struct db_statement *row, const char *kind) {
    buf_append_string(out, ",\"changed\":");
    chain_json_time(out, db_column_i64(row, "time_ms"));
    buf_append_format(out, ",\"final\":true,\"height\":%llu,\"tx\":",
                      (unsigned long long)db_column_u64(row, "height"));
    chain_json_hex(out, db_column_bytes(row, "tx_id"));
    buf_append_format(out, ",\"proof\":\"/v1/%s/%llu/proof\"}", kind,
                      (unsigned long long)db_column_u64(row, "number"));
}

enum status sharing_prove_row(struct server *server, struct http_request *request,
                              struct http_response *response, struct db_statement *row) {
    struct node_event_wish wish = {.place = {db_column_u64(row, "height"),
                                             (uint32_t)db_column_u64(row, "tx_index"),
                                             (uint32_t)db_column_u64(row, "event_index")}};
    const char *name = arena_format(http_arena(request), "sharing-%llu",
                                    (unsigned long long)db_column_u64(row, "number"));
    return event_proof_answer(server, request, response, &wish, name);
}

// ---- lists

static struct sharing_value *next_value(struct sharing_list *list, const char *text) {
    ENSURE(list->bound < (int)(sizeof list->values / sizeof *list->values));
    for (; *text; text++)
        if (*text == '$')
            buf_append_format(&list->query, "$%d", list->bound + 1);
        else
            buf_append_byte(&list->query, (uint8_t)*text);
    return &list->values[list->bound++];
}

void sharing_list_number(struct sharing_list *list, const char *text, int64_t value) {
    *next_value(list, text) = (struct sharing_value){.number = value};
}

void sharing_list_bytes(struct sharing_list *list, const char *text, struct bytes value) {
    *next_value(list, text) = (struct sharing_value){.is_bytes = true, .bytes = value};
}

void sharing_list_text(struct sharing_list *list, const char *text, struct bytes value) {
    *next_value(list, text) = (struct sharing_value){.is_text = true, .bytes = value};
}

static void bind_values(struct db_statement *row, const struct sharing_list *list) {
    for (int i = 0; i < list->bound; i++) {
        const struct sharing_value *value = &list->values[i];
        if (value->is_bytes)
            db_bind_bytes(row, i + 1, value->bytes);
        else if (value->is_text)
            db_bind_text(row, i + 1, value->bytes);
        else
            db_bind_i64(row, i + 1, value->number);
    }
}

bool sharing_read_page(struct http_page *out, struct http_request *request,
                       struct http_response *response) {
    static const struct http_paging paging = {PAGE, LIMIT_QUERY_PAGE, TOKEN_BYTES};
    if (!http_page_read(out, request, response, &paging)) return false;
    if (!out->is_behind || load_u64_be(out->token) <= INT64_MAX) return true;
    http_page_refuse(response);
    return false;
}

static enum status append_items(struct db *db, struct http_request *request,
                                struct http_response *response, const struct sharing_list *list,
                                const struct sharing_page_form *form) {
    struct buf *out = http_body_buf(response);
    struct db_statement *row;
    uint64_t count = 0;
    uint8_t last[TOKEN_BYTES];
    bool has_row = false;
    enum status status = db_prepare(&row, db, (const char *)list->query.data);
    if (status != STATUS_OK) return status;
    bind_values(row, list);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row &&
           count < form->page->length) {
        if (count++ > 0) buf_append_byte(out, ',');
        form->append(out, row);
        store_u64_be(last, db_column_u64(row, form->order_by));
    }
    db_release(row);
    if (status == STATUS_OK && has_row) http_page_link(request, response, BYTES_OF(last));
    return status;
}

enum status sharing_answer_list(struct server *server, struct http_request *request,
                                struct http_response *response, struct sharing_list *list,
                                const struct sharing_page_form *form) {
    struct db *db;
    // One more tells whether another page follows.
    sharing_list_number(list, " LIMIT $", (int64_t)form->page->length + 1);
    buf_append_byte(&list->query, 0);
    enum status status = db_pool_take(&db, server->searchers, SERVER_DB_TAKE_MS);
    if (status == STATUS_OK) {
        buf_append_string(http_body_buf(response), "{\"items\":[");
        status = append_items(db, request, response, list, form);
        db_pool_give(server->searchers, db);
        buf_append_string(http_body_buf(response), "]}");
        http_set_type(response, "application/json");
    }
    buf_clear(&list->query);
    return status;
}
