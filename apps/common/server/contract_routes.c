// SPDX-License-Identifier: Apache-2.0
// What every market server answers about contracts: what stands under an address, and what it says
// of itself.
#include "apps/common/server/contract_routes.h"

#include "apps/common/server/chain_asked.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/contract_list.h"
#include "apps/common/server/tx_json.h"
#include "chaincore/chaincore.h"

bool server_refusal(struct server *server, const struct node_tx *found, struct buf *out) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    bool is_there = false;
    enum status status;
    TRY(node_read_block(server->node, found->height, &encoded));
    TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
    struct tx *tx = arena_alloc(&arena, sizeof *tx);
    if (found->index >= block.tx_count) TRY(STATUS_CORRUPT);
    TRY(tx_decode(tx, block.txs[found->index].encoded));
    is_there = tx_json_sentence(out, server->node, tx, found->receipt.contract_code);
out:
    buf_clear(&encoded);
    arena_clear(&arena);
    return is_there;
}

enum status get_contract(void *context, struct http_request *request,
                         struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    struct contract_record record;
    char deposit[AMOUNT_TEXT_MAX];
    struct buf *out = http_body_buf(response);
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    if (!node_contract(server->node, &id, &record)) return STATUS_NOT_FOUND;
    buf_append_string(out, "{\"address\":");
    chain_json_address(out, &id);
    buf_append_string(out, ",\"code_hash\":\"");
    chain_json_digits(out, BYTES_OF(record.code_hash.bytes));
    buf_append_string(out, "\",\"upgrader\":");
    if (record.right.kind == UPGRADE_BY_ACCOUNT)
        chain_json_address(out, &record.right.account);
    else
        buf_append_string(out,
                          record.right.kind == UPGRADE_BY_WITNESSES ? "\"witnesses\"" : "null");
    amount_format(deposit, record.deposit.amount);
    buf_append_format(out, ",\"state_bytes\":%llu,\"deposit\":\"%s\"",
                      (unsigned long long)record.deposit.bytes, deposit);
    contract_list_origin(out, server, &id);
    chain_json_contract_proof(out, &id);
    buf_append_byte(out, '}');
    http_set_type(response, "application/json");
    return STATUS_OK;
}

enum status get_contract_abi(void *context, struct http_request *request,
                             struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    struct buf code = {0};
    struct bytes abi;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    enum status status = node_read_code(server->node, &id, &code);
    if (status == STATUS_OK && !abi_of_code(buf_bytes(&code), &abi)) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        buf_append(http_body_buf(response), abi);
        // A stranger's bytes: nothing that a browser would run.
        http_set_type(response, "application/octet-stream");
    }
    buf_clear(&code);
    return status;
}
