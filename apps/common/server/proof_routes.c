// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/proof_routes.h"

#include "apps/common/server/chain_asked.h"
#include "apps/common/server/proof_answer.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chaincore.h"

enum status get_block_proof(void *context, struct http_request *request,
                            struct http_response *response) {
    struct server *server = context;
    struct node_believed believed;
    uint64_t height;
    struct buf proof = {0};
    if (!chain_asked_height(request, response, &height) ||
        !proof_asked(request, response, &believed))
        return STATUS_OK;
    const char *name = arena_format(http_arena(request), "block-%llu", (unsigned long long)height);
    enum status status = node_prove_block(server->node, height, &believed, &proof);
    status = proof_answer(server, request, response,
                          &(struct proof_made){status, buf_bytes(&proof), name});
    buf_clear(&proof);
    return status;
}

enum status get_tx_proof(void *context, struct http_request *request,
                         struct http_response *response) {
    struct server *server = context;
    struct node_believed believed;
    struct hash id;
    struct buf proof = {0};
    if (!chain_asked_tx(request, response, &id) || !proof_asked(request, response, &believed))
        return STATUS_OK;
    const char *name = arena_format(http_arena(request), "transaction-%.16s",
                                    (const char *)http_param(request, "id").data);
    enum status status = node_prove_tx(server->node, &id, &believed, &proof);
    status = proof_answer(server, request, response,
                          &(struct proof_made){status, buf_bytes(&proof), name});
    buf_clear(&proof);
    return status;
}

// Of what stands under the key, or that nothing does.
static enum status answer_entry(struct server *server, struct http_request *request,
                                struct http_response *response, const struct state_key *key,
                                const char *kind) {
    struct node_believed believed;
    struct buf proof = {0};
    if (!proof_asked(request, response, &believed)) return STATUS_OK;
    // The end of an address tells it from others.
    const char *name =
        arena_format(http_arena(request), "%s-%s", kind,
                     (const char *)http_param(request, "address").data + ADDRESS_CHARS - 8);
    enum status status = node_prove_entry(server->node, state_key_bytes(key), &believed, &proof);
    status = proof_answer(server, request, response,
                          &(struct proof_made){status, buf_bytes(&proof), name});
    buf_clear(&proof);
    return status;
}

enum status get_account_proof(void *context, struct http_request *request,
                              struct http_response *response) {
    struct account_id id;
    struct state_key key;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    state_key_make(&key, STATE_ACCOUNT, &id, bytes_of("", 0));
    return answer_entry(context, request, response, &key, "account");
}

enum status get_contract_proof(void *context, struct http_request *request,
                               struct http_response *response) {
    struct account_id id;
    struct state_key key;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    state_key_make(&key, STATE_CONTRACT, &id, bytes_of("", 0));
    return answer_entry(context, request, response, &key, "contract");
}

enum status get_storage_proof(void *context, struct http_request *request,
                              struct http_response *response) {
    struct account_id id;
    struct state_key key;
    uint8_t kept[LIMIT_STORAGE_KEY_BYTES];
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    struct bytes digits = http_param(request, "key");
    size_t len = digits.len / 2;
    if (digits.len % 2 || len > sizeof kept ||
        hex_decode(kept, len, (const char *)digits.data) != STATUS_OK) {
        http_problem(response, STATUS_INVALID, "not_hex",
                     "A contract's key is bytes in hex, 256 at most.");
        http_problem_violation(response, "key", "hex", NULL);
        return STATUS_OK;
    }
    state_key_make(&key, STATE_STORAGE, &id, bytes_of(kept, len));
    return answer_entry(context, request, response, &key, "storage");
}
