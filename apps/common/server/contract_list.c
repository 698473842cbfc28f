// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/contract_list.h"

#include "apps/common/abi/abi_value.h"
#include "apps/common/http/page.h"
#include "apps/common/json/json.h"
#include "apps/common/server/chain_json.h"

// Each contract's code is read for its name, so a page is short.
enum { PAGE = 20, MOST = 100, PLACE_BYTES = 16, NAME_CHARS = 64 };

static const struct http_paging paging = {PAGE, MOST, PLACE_BYTES};

struct place {
    uint64_t height;
    uint32_t tx_index;
    uint32_t position;
};

void contract_list_name(struct buf *out, struct node *node, const struct account_id *id) {
    struct buf code = {0};
    struct bytes text;
    json_t *abi = NULL;
    if (node_read_code(node, id, &code) == STATUS_OK && abi_of_code(buf_bytes(&code), &text))
        abi = abi_parse(text);
    const json_t *name = json_object_get(abi, "name");
    if (json_is_string(name) && json_string_length(name) <= NAME_CHARS)
        http_append_json_string(out, json_string_bytes(name));
    else
        buf_append_string(out, "null");
    json_decref(abi);
    buf_clear(&code);
}

static enum status append_contract(struct buf *out, struct node *node,
                                   struct db_statement *statement, struct place *place) {
    struct account_id id;
    struct contract_record record;
    struct bytes address = db_column_bytes(statement, "address"),
                 tx = db_column_bytes(statement, "tx_id");
    *place = (struct place){db_column_u64(statement, "height"),
                            (uint32_t)db_column_u64(statement, "tx_index"),
                            (uint32_t)db_column_u64(statement, "position")};
    if (address.len != sizeof id.bytes) return STATUS_CORRUPT;
    memcpy(id.bytes, address.data, address.len);
    buf_append_string(out, "{\"address\":");
    chain_json_address(out, &id);
    buf_append_string(out, ",\"name\":");
    contract_list_name(out, node, &id);
    if (!node_contract(node, &id, &record)) return STATUS_CORRUPT; // none ever goes
    chain_json_hash(out, "code_hash", &record.code_hash);
    buf_append_format(out, ",\"height\":%llu,\"transaction\":", (unsigned long long)place->height);
    if (tx.len > 0)
        chain_json_hex(out, tx);
    else
        buf_append_string(out, "null");
    buf_append_byte(out, '}');
    return STATUS_OK;
}

static void bind_page(struct db_statement *statement, const struct http_page *page) {
    db_bind_u64(statement, 1, page->is_behind ? load_u64_le(page->token) : INT64_MAX);
    db_bind_u64(statement, 2, page->is_behind ? load_u32_le(page->token + 8) : 0);
    db_bind_u64(statement, 3, page->is_behind ? load_u32_le(page->token + 12) : 0);
    db_bind_u64(statement, 4, page->length + 1);
}

static enum status append_rows(struct buf *out, struct node *node, struct db_statement *statement,
                               const struct http_page *page, struct place *next) {
    struct place place = {0};
    uint64_t count = 0;
    bool has_row;
    enum status status;
    *next = (struct place){.height = UINT64_MAX};
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        if (count == page->length) {
            *next = place;
            break;
        }
        if (count++ > 0) buf_append_byte(out, ',');
        status = append_contract(out, node, statement, &place);
        if (status != STATUS_OK) return status;
    }
    return status;
}

enum status get_contracts(void *context, struct http_request *request,
                          struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct http_page page;
    struct place next;
    struct db *db;
    struct db_statement *statement = NULL;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    if (page.is_behind && load_u64_le(page.token) > INT64_MAX) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&statement, db,
                   "SELECT height, tx_index, position, address, tx_id FROM chain_contract"
                   " WHERE (height, tx_index, position) < ($1, $2, $3)"
                   " ORDER BY height DESC, tx_index DESC, position DESC LIMIT $4"));
    bind_page(statement, &page);
    buf_append_string(out, "{\"items\":[");
    TRY(append_rows(out, server->node, statement, &page, &next));
    buf_append_string(out, "]}");
    if (next.height != UINT64_MAX) {
        uint8_t token[PLACE_BYTES];
        store_u64_le(token, next.height);
        store_u32_le(token + 8, next.tx_index);
        store_u32_le(token + 12, next.position);
        http_page_link(request, response, BYTES_OF(token));
    }
    http_set_type(response, "application/json");
out:
    db_release(statement);
    db_pool_give(server->readers, db);
    return status;
}
