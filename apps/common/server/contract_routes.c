// SPDX-License-Identifier: Apache-2.0
// What every market server answers about contracts: what stands under an address, what it says of
// itself, and its views. Arguments and results are Borsh, in hex.
#include "apps/common/server/contract_routes.h"
#include <stdio.h>

#include "apps/common/server/abi.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/tx_json.h"
#include "chaincore/chaincore.h"

enum { MAX_ARGUMENT_BYTES = LIMIT_HTTP_URI_BYTES / 2 };

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
    buf_append_format(out, ",\"state_bytes\":%llu,\"deposit\":\"%s\"}",
                      (unsigned long long)record.deposit.bytes, deposit);
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

// Answers with what went wrong in a view; the contract's own sentence where it has one.
static void view_problem(struct server *server, struct http_response *response,
                         const struct account_id *id, enum tx_code code, uint32_t contract_code) {
    struct buf module = {0}, sentence = {0};
    struct bytes abi;
    char number[11];
    bool is_unknown = code == TX_CODE_UNKNOWN_CONTRACT || code == TX_CODE_UNKNOWN_METHOD;
    http_problem_as(response, is_unknown ? 404 : 422, tx_code_name(code), tx_code_text(code));
    if (code == TX_CODE_CONTRACT_REFUSED) {
        snprintf(number, sizeof number, "%u", contract_code);
        http_problem_member(response, "contract_code", number);
        if (node_read_code(server->node, id, &module) == STATUS_OK &&
            abi_of_code(buf_bytes(&module), &abi) && abi_sentence(abi, contract_code, &sentence))
            http_problem_member(response, "contract_message", buf_as_string(&sentence));
    }
    buf_clear(&module);
    buf_clear(&sentence);
}

enum status get_contract_view(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    struct bytes text;
    struct buf result = {0};
    uint8_t arguments[MAX_ARGUMENT_BYTES];
    uint32_t contract_code;
    size_t len = 0;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    enum status status = http_query(request, "arguments", &text);
    if (status == STATUS_OK) {
        len = text.len / 2;
        status = text.len % 2 == 0 && len <= sizeof arguments
                     ? hex_decode(arguments, len, (const char *)text.data)
                     : STATUS_MALFORMED;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        http_problem(response, STATUS_INVALID, "not_hex", "`arguments` are bytes in hex.");
        return STATUS_OK;
    }
    enum tx_code code =
        node_query(server->node, &id, (const char *)http_param(request, "method").data,
                   bytes_of(arguments, len), &result, &contract_code);
    if (code == TX_CODE_OK) {
        buf_append_string(http_body_buf(response), "{\"result\":\"");
        chain_json_digits(http_body_buf(response), buf_bytes(&result));
        buf_append_string(http_body_buf(response), "\"}");
        http_set_type(response, "application/json");
    } else {
        view_problem(server, response, &id, code, contract_code);
    }
    buf_clear(&result);
    return STATUS_OK;
}
