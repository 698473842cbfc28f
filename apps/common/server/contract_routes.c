// SPDX-License-Identifier: Apache-2.0
// What every market server answers about contracts: what stands under an address, what it says of
// itself, and its views. Arguments and results are Borsh, in hex.
#include "apps/common/server/contract_routes.h"
#include <stdio.h>

#include "apps/common/server/abi.h"
#include "chaincore/chaincore.h"

enum { MAX_ARGUMENT_BYTES = LIMIT_HTTP_URI_BYTES / 2 };

static void append_hex(struct buf *out, struct bytes bytes) {
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
}

// The one contract that a transaction may have been refused by; where there are several, nothing in
// the receipt says which.
static bool find_abi(struct server *server, const struct tx *tx, struct buf *code,
                     struct bytes *abi) {
    const struct account_id *called = NULL;
    struct bytes brought = bytes_of("", 0);
    uint32_t sources = 0;
    for (uint32_t i = 0; i < tx->action_count; i++) {
        const struct tx_action *action = &tx->actions[i];
        if (action->kind == TX_CALL) {
            if (called && account_id_equal(called, &action->call.contract)) continue;
            called = &action->call.contract;
        } else if (action->kind == TX_DEPLOY) {
            brought = action->deploy.code;
        } else if (action->kind == TX_UPGRADE) {
            brought = action->upgrade.code;
        } else {
            continue;
        }
        sources++;
    }
    if (sources != 1) return false;
    if (called && node_read_code(server->node, called, code) != STATUS_OK) return false;
    return abi_of_code(called ? buf_bytes(code) : brought, abi);
}

bool server_refusal(struct server *server, const struct node_tx *found, struct buf *out) {
    struct arena arena = {0};
    struct buf encoded = {0}, code = {0};
    struct block block;
    struct bytes abi;
    bool is_there = false;
    enum status status;
    TRY(node_read_block(server->node, found->height, &encoded));
    TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
    struct tx *tx = arena_alloc(&arena, sizeof *tx);
    if (found->index >= block.tx_count) TRY(STATUS_CORRUPT);
    TRY(tx_decode(tx, block.txs[found->index].encoded));
    is_there =
        find_abi(server, tx, &code, &abi) && abi_sentence(abi, found->receipt.contract_code, out);
out:
    buf_clear(&encoded);
    buf_clear(&code);
    arena_clear(&arena);
    return is_there;
}

static bool read_address(const struct http_request *request, struct http_response *response,
                         struct account_id *id) {
    if (address_decode(id->bytes, http_param(request, "address")) == STATUS_OK) return true;
    http_problem(response, STATUS_INVALID, "not_an_address",
                 "This is not an address; one begins with lmm1 and has 62 characters.");
    return false;
}

static void append_address(struct buf *out, const struct account_id *id) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, id->bytes);
    buf_append_format(out, "\"%s\"", address);
}

enum status get_contract(void *context, struct http_request *request,
                         struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    struct contract_record record;
    char deposit[AMOUNT_TEXT_MAX];
    struct buf *out = http_body_buf(response);
    if (!read_address(request, response, &id)) return STATUS_OK;
    if (!node_contract(server->node, &id, &record)) return STATUS_NOT_FOUND;
    buf_append_string(out, "{\"address\":");
    append_address(out, &id);
    buf_append_string(out, ",\"code_hash\":\"");
    append_hex(out, BYTES_OF(record.code_hash.bytes));
    buf_append_string(out, "\",\"upgrader\":");
    if (record.right.kind == UPGRADE_BY_ACCOUNT)
        append_address(out, &record.right.account);
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
    if (!read_address(request, response, &id)) return STATUS_OK;
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
    if (!read_address(request, response, &id)) return STATUS_OK;
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
        append_hex(http_body_buf(response), buf_bytes(&result));
        buf_append_string(http_body_buf(response), "\"}");
        http_set_type(response, "application/json");
    } else {
        view_problem(server, response, &id, code, contract_code);
    }
    buf_clear(&result);
    return STATUS_OK;
}
