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

static bool is_of_genesis(struct node *node, const struct account_id *id) {
    const struct genesis *genesis = node_genesis(node);
    for (uint32_t i = 0; i < genesis->contract_count; i++) {
        struct account_id each;
        struct buf name = {0};
        buf_append(&name, genesis->contracts[i].name);
        account_id_of_system_contract(&each, buf_as_string(&name));
        buf_clear(&name);
        if (account_id_equal(&each, id)) return true;
    }
    return false;
}

static enum status append_deployment(struct buf *out, struct db *db, const struct account_id *id) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status =
        db_prepare(&statement, db, "SELECT height, tx_id FROM chain_contract WHERE address = $1");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(id->bytes));
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && has_row) {
        buf_append_format(out, ",\"height\":%llu,\"tx\":",
                          (unsigned long long)db_column_u64(statement, "height"));
        chain_json_hex(out, db_column_bytes(statement, "tx_id"));
    } else if (status == STATUS_OK) {
        buf_append_string(out, ",\"height\":null,\"tx\":null");
    }
    db_release(statement);
    return status;
}

// All else that is told of a contract is of the chain itself, which is there without the index.
void contract_list_origin(struct buf *out, struct server *server, const struct account_id *id) {
    struct db *db;
    size_t begin = out->len;
    if (is_of_genesis(server->node, id)) {
        buf_append_string(out, ",\"height\":0,\"tx\":null");
        return;
    }
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status == STATUS_OK) status = append_deployment(out, db, id);
    db_pool_give(server->readers, db);
    if (status == STATUS_OK) return;
    log_warning("server", "the index cannot say where a contract comes from",
                log_text("status", status_name(status)));
    out->len = begin;
    buf_append_string(out, ",\"height\":null,\"tx\":null");
}

// A contract as the list shows it; `tx` is empty for one of genesis.
static enum status append_contract(struct buf *out, struct node *node, const struct account_id *id,
                                   uint64_t height, struct bytes tx) {
    struct contract_record record;
    if (!node_contract(node, id, &record)) return STATUS_CORRUPT; // none ever goes
    buf_append_string(out, "{\"address\":");
    chain_json_address(out, id);
    buf_append_string(out, ",\"name\":");
    contract_list_name(out, node, id);
    chain_json_hash(out, "code_hash", &record.code_hash);
    buf_append_format(out, ",\"height\":%llu,\"tx\":", (unsigned long long)height);
    if (tx.len > 0)
        chain_json_hex(out, tx);
    else
        buf_append_string(out, "null");
    chain_json_contract_proof(out, id);
    buf_append_byte(out, '}');
    return STATUS_OK;
}

// A page in the making: what was deployed, then the contracts of genesis, which no row has.
struct listing {
    struct node *node;
    struct buf *out;
    uint64_t length;
    uint64_t count;
    struct place last;
    bool has_more;
};

// Whether the page takes one more; the first that it does not take makes another page.
static bool takes_more(struct listing *list) {
    list->has_more = list->count == list->length;
    if (list->has_more) return false;
    if (list->count++ > 0) buf_append_byte(list->out, ',');
    return true;
}

static enum status append_row(struct listing *list, struct db_statement *statement) {
    struct account_id id;
    struct bytes address = db_column_bytes(statement, "address");
    list->last = (struct place){db_column_u64(statement, "height"),
                                (uint32_t)db_column_u64(statement, "tx_index"),
                                (uint32_t)db_column_u64(statement, "position")};
    if (address.len != sizeof id.bytes) return STATUS_CORRUPT;
    memcpy(id.bytes, address.data, address.len);
    return append_contract(list->out, list->node, &id, list->last.height,
                           db_column_bytes(statement, "tx_id"));
}

static enum status append_deployed(struct listing *list, struct db *db,
                                   const struct place *behind) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, db,
                   "SELECT height, tx_index, position, address, tx_id FROM chain_contract"
                   " WHERE (height, tx_index, position) < ($1, $2, $3)"
                   " ORDER BY height DESC, tx_index DESC, position DESC LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, behind->height);
    db_bind_u64(statement, 2, behind->tx_index);
    db_bind_u64(statement, 3, behind->position);
    db_bind_u64(statement, 4, list->length + 1);
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row && takes_more(list)) {
        status = append_row(list, statement);
        if (status != STATUS_OK) break;
    }
    db_release(statement);
    return status;
}

// The last one first; at height 0 a place is a number in genesis.
static enum status append_genesis(struct listing *list, const struct place *behind) {
    const struct genesis *genesis = node_genesis(list->node);
    uint32_t end = genesis->contract_count;
    if (behind->height == 0 && behind->position < end) end = behind->position;
    while (end > 0 && !list->has_more && takes_more(list)) {
        struct account_id id;
        struct buf name = {0};
        buf_append(&name, genesis->contracts[--end].name);
        account_id_of_system_contract(&id, buf_as_string(&name));
        buf_clear(&name);
        list->last = (struct place){.position = end};
        enum status status = append_contract(list->out, list->node, &id, 0, bytes_of("", 0));
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static enum status append_page(struct server *server, struct listing *list,
                               const struct http_page *page) {
    struct place behind = {.height = INT64_MAX};
    struct db *db;
    if (page->is_behind)
        behind = (struct place){load_u64_le(page->token), load_u32_le(page->token + 8),
                                load_u32_le(page->token + 12)};
    if (behind.height > INT64_MAX) return STATUS_INVALID;
    enum status status = db_pool_take(&db, server->searchers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = append_deployed(list, db, &behind);
    db_pool_give(server->searchers, db);
    return status == STATUS_OK ? append_genesis(list, &behind) : status;
}

enum status get_contracts(void *context, struct http_request *request,
                          struct http_response *response) {
    struct server *server = context;
    struct http_page page;
    uint8_t token[PLACE_BYTES];
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    struct listing list = {
        .node = server->node, .out = http_body_buf(response), .length = page.length};
    buf_append_string(list.out, "{\"items\":[");
    enum status status = append_page(server, &list, &page);
    if (status == STATUS_INVALID) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    buf_append_string(list.out, "]}");
    store_u64_le(token, list.last.height);
    store_u32_le(token + 8, list.last.tx_index);
    store_u32_le(token + 12, list.last.position);
    if (list.has_more) http_page_link(request, response, BYTES_OF(token));
    http_set_type(response, "application/json");
    return STATUS_OK;
}
