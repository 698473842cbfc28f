// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/block_routes.h"

#include "apps/common/http/page.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/chain_json.h"
#include "chaincore/chain/block.h"
#include "chaincore/chaincore.h"

static const struct http_paging paging = {
    .usual = 20, .most = LIMIT_QUERY_PAGE, .token_bytes = sizeof(uint64_t)};

// What a list shows of a block, without the brace that ends it.
static void append_summary(struct buf *out, const struct block *block) {
    const struct header *header = &block->header;
    struct hash id;
    char time[25];
    header_id(&id, header);
    clock_format_utc(time, (int64_t)header->time_ms);
    buf_append_format(out, "{\"height\":%llu", (unsigned long long)header->height);
    chain_json_hash(out, "id", &id);
    buf_append_format(out,
                      ",\"time\":\"%s\",\"epoch\":%llu,\"view\":%llu,\"leader\":%u,"
                      "\"transaction_count\":%u,\"gas_used\":%llu",
                      time, (unsigned long long)header->epoch, (unsigned long long)header->view,
                      header->leader, block->tx_count, (unsigned long long)header->gas_used);
    chain_json_block_proof(out, header->height);
}

static void append_roots(struct buf *out, const struct header *header) {
    chain_json_hash(out, "parent", &header->parent);
    chain_json_hash(out, "tx_root", &header->tx_root);
    chain_json_hash(out, "receipts_root", &header->receipts_root);
    chain_json_hash(out, "state_root", &header->state_root);
    chain_json_hash(out, "history_root", &header->history_root);
}

// A timer's run stands among the transactions, and nobody signed it.
static void append_transactions(struct buf *out, const struct block *block) {
    buf_append_string(out, ",\"transactions\":[");
    for (uint32_t i = 0; i < block->tx_count; i++) {
        const struct block_tx *tx = &block->txs[i];
        buf_append_format(out, "%s{\"index\":%u", i > 0 ? "," : "", i);
        chain_json_hash(out, "id", &tx->receipt.tx_id);
        buf_append_format(out,
                          ",\"is_timer\":%s,\"code\":\"%s\",\"gas_used\":%llu,"
                          "\"event_count\":%u",
                          tx->encoded.len == 0 ? "true" : "false",
                          tx_code_name((enum tx_code)tx->receipt.code),
                          (unsigned long long)tx->receipt.gas_used, tx->event_count);
        chain_json_tx_proof(out, &tx->receipt.tx_id);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
}

enum status get_block(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct buf encoded = {0};
    struct block block;
    uint64_t height;
    if (!chain_asked_height(request, response, &height)) return STATUS_OK;
    enum status status = node_read_block(server->node, height, &encoded);
    if (status == STATUS_OK)
        status = block_decode(&block, http_arena(request), buf_bytes(&encoded));
    if (status == STATUS_OK) {
        append_summary(out, &block);
        append_roots(out, &block.header);
        append_transactions(out, &block);
        buf_append_byte(out, '}');
        http_set_type(response, "application/json");
    }
    buf_clear(&encoded);
    return status;
}

// Appends the blocks from `height` down; `height` becomes that of the next page, 0 behind the last.
// A page also ends when much has been read for it: blocks may be large.
static enum status append_page(struct server *server, struct buf *out, uint64_t *height,
                               uint64_t length) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    enum status status = STATUS_OK;
    uint64_t count = 0;
    size_t bytes = 0;
    for (; *height > 0 && count < length && bytes < LIMIT_QUERY_PAGE_BYTES; (*height)--) {
        buf_reset(&encoded);
        status = node_read_block(server->node, *height, &encoded);
        if (status == STATUS_NOT_FOUND) {
            // Pruned, and so are those below.
            *height = 0;
            status = STATUS_OK;
            break;
        }
        if (status != STATUS_OK) goto out;
        TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
        if (count++ > 0) buf_append_byte(out, ',');
        append_summary(out, &block);
        buf_append_byte(out, '}');
        bytes += encoded.len;
        arena_reset(&arena);
    }
out:
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

enum status get_blocks(void *context, struct http_request *request,
                       struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct node_head head;
    struct http_page page;
    uint8_t token[sizeof(uint64_t)]; // the height that the next page begins with
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    node_head(server->node, &head);
    uint64_t height = page.is_behind ? load_u64_le(page.token) : head.header.height;
    if (height > head.header.height) {
        http_page_refuse(response);
        return STATUS_OK;
    }
    buf_append_string(out, "{\"items\":[");
    enum status status = append_page(server, out, &height, page.length);
    if (status != STATUS_OK) return status;
    buf_append_string(out, "]}");
    store_u64_le(token, height);
    if (height > 0) http_page_link(request, response, BYTES_OF(token));
    http_set_type(response, "application/json");
    return STATUS_OK;
}
