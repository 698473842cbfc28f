// SPDX-License-Identifier: Apache-2.0
// What every market server answers about the chain itself.
#include <pthread.h>
#include <stdio.h>

#include "apps/common/monitor/monitor.h"
#include "apps/common/server/account_routes.h"
#include "apps/common/server/block_routes.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/chain_descriptions.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/contract_routes.h"
#include "apps/common/server/devnet_guard.h"
#include "apps/common/server/faucet_routes.h"
#include "apps/common/server/live.h"
#include "apps/common/server/metrics.h"
#include "apps/common/server/view_routes.h"
#include "apps/common/server/warp_routes.h"
#include "chaincore/chaincore.h"

enum { WAIT_FINAL_MS = 30000 };

// What an account that a transaction makes locks of its payer's money; a price beyond all money
// counts as all there can be.
static uint64_t account_price(const struct params *params) {
    struct amount price;
    bool fits =
        amount_mul(&price, amount_of_units(params->deposit_per_byte), ACCOUNT_BYTES) == STATUS_OK;
    return fits && amount_units(price) <= INT64_MAX ? amount_units(price) : INT64_MAX;
}

static enum status get_chain(void *context, struct http_request *request,
                             struct http_response *response) {
    struct server *server = context;
    struct witnesses witnesses;
    struct params params;
    struct node_head head;
    struct buf *out = http_body_buf(response);
    char time[25];
    (void)request;
    node_head(server->node, &head);
    node_params(server->node, &params);
    node_witnesses(server->node, head.header.epoch, &witnesses);
    clock_format_utc(time, (int64_t)head.header.time_ms);
    buf_append_string(out, "{\"chain_id\":\"");
    chain_json_digits(out, BYTES_OF(node_chain_id(server->node)->bytes));
    buf_append_string(out, "\",\"name\":");
    http_append_json_string(out, node_genesis(server->node)->name);
    buf_append_format(out, ",\"height\":%llu,\"id\":\"", (unsigned long long)head.header.height);
    chain_json_digits(out, BYTES_OF(head.id.bytes));
    buf_append_format(out,
                      "\",\"time\":\"%s\",\"block_interval_ms\":%u,\"witnesses\":%u,\"quorum\":%u,"
                      "\"min_gas_price\":%llu,\"block_gas_limit\":%llu,"
                      "\"account_deposit\":%llu,\"genesis_head\":\"",
                      time, params.block_interval_ms, witnesses.count,
                      witness_quorum(witnesses.count), (unsigned long long)params.min_gas_price,
                      (unsigned long long)params.block_gas_limit,
                      (unsigned long long)account_price(&params));
    chain_json_digits(out, node_genesis_head(server->node));
    buf_append_string(out, "\"}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static enum status get_parameters(void *context, struct http_request *request,
                                  struct http_response *response) {
    struct server *server = context;
    struct params params;
    struct buf *out = http_body_buf(response);
    (void)request;
    node_params(server->node, &params);
    buf_append_format(
        out,
        "{\"block_interval_ms\":%u,\"epoch_blocks\":%u,\"min_gas_price\":%llu,"
        "\"block_gas_limit\":%llu,\"deposit_per_byte\":%llu,"
        "\"min_witnesses\":%u,\"protocol\":%u,"
        "\"leave_out_empty_blocks\":%s,\"allow_floats\":%s}",
        params.block_interval_ms, params.epoch_blocks, (unsigned long long)params.min_gas_price,
        (unsigned long long)params.block_gas_limit, (unsigned long long)params.deposit_per_byte,
        params.min_witnesses, params.protocol, params.leave_out_empty_blocks ? "true" : "false",
        params.allow_floats ? "true" : "false");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

void server_tx_problem(struct http_response *response, enum tx_code code) {
    int http_code = 422;
    if (code == TX_CODE_MALFORMED) http_code = 400;
    if (code == TX_CODE_TOO_LARGE) http_code = 413;
    if (code == TX_CODE_DUPLICATE || code == TX_CODE_WRONG_NONCE || code == TX_CODE_NONCE_GAP)
        http_code = 409;
    if (code == TX_CODE_BAD_SIGNATURE || code == TX_CODE_NOT_AUTHORIZED) http_code = 403;
    if (code == TX_CODE_MEMPOOL_FULL || code == TX_CODE_NOT_RUNNING) http_code = 503;
    http_problem_as(response, http_code, tx_code_name(code), tx_code_text(code));
    if (http_code == 503) http_set_header(response, "Retry-After", "2");
}

void server_encoded_tx_problem(struct http_response *response, enum tx_code code,
                               struct bytes encoded) {
    struct tx_fault fault;
    char pointer[64], detail[128];
    server_tx_problem(response, code);
    if (code != TX_CODE_MALFORMED && code != TX_CODE_TOO_LARGE) return;
    tx_find_fault(&fault, encoded);
    const char *rule = fault.status == STATUS_TRUNCATED     ? "tx/complete"
                       : fault.status == STATUS_TRAILING    ? "tx/nothing-behind"
                       : fault.status == STATUS_UNSUPPORTED ? "tx/version"
                       : fault.status == STATUS_TOO_LARGE   ? "tx/bounds"
                                                            : "tx/form";
    bool is_item = fault.field &&
                   (strcmp(fault.field, "actions") == 0 || strcmp(fault.field, "signatures") == 0);
    int len = snprintf(pointer, sizeof pointer, "%s%s", fault.field ? "/" : "",
                       fault.field ? fault.field : "");
    if (is_item) snprintf(pointer + len, sizeof pointer - (size_t)len, "/%u", fault.index);
    if (fault.status == STATUS_TOO_LARGE && !fault.field)
        snprintf(detail, sizeof detail, "a transaction has at most %d bytes, one with code %d",
                 LIMIT_TX_BYTES, LIMIT_DEPLOY_TX_BYTES);
    else
        snprintf(detail, sizeof detail, "%s", status_text(fault.status));
    http_problem_violation(response, pointer, rule, detail);
}

static void append_tx(struct server *server, struct buf *out, const struct hash *id,
                      const struct node_tx *tx) {
    static const char *const states[] = {"unknown", "failed", "pending", "included", "final"};
    bool has_failed = tx->state == NODE_TX_FINAL && tx->receipt.code != TX_CODE_OK;
    buf_append_string(out, "{\"id\":\"");
    chain_json_digits(out, BYTES_OF(id->bytes));
    buf_append_format(out, "\",\"status\":\"%s\"", has_failed ? "failed" : states[tx->state]);
    if (tx->state >= NODE_TX_INCLUDED)
        buf_append_format(out, ",\"height\":%llu", (unsigned long long)tx->height);
    if (tx->state == NODE_TX_DROPPED) {
        buf_append_format(out, ",\"code\":\"%s\",\"message\":", tx_code_name(tx->code));
        http_append_json_string(out, bytes_of_string(tx_code_text(tx->code)));
    }
    if (tx->state == NODE_TX_FINAL) {
        enum tx_code code = (enum tx_code)tx->receipt.code;
        buf_append_format(out,
                          ",\"code\":\"%s\",\"contract_code\":%u,\"gas_used\":%llu,\"message\":",
                          tx_code_name(code), tx->receipt.contract_code,
                          (unsigned long long)tx->receipt.gas_used);
        http_append_json_string(out, bytes_of_string(tx_code_text(code)));
        struct buf sentence = {0};
        if (code == TX_CODE_CONTRACT_REFUSED && server_refusal(server, tx, &sentence)) {
            buf_append_string(out, ",\"contract_message\":");
            http_append_json_string(out, buf_bytes(&sentence));
        }
        buf_clear(&sentence);
        chain_json_tx_proof(out, id);
    }
    buf_append_byte(out, '}');
}

static bool waits_for_final(const struct http_request *request) {
    struct bytes wait;
    return http_query(request, "wait", &wait) == STATUS_OK &&
           bytes_equal(wait, bytes_of_string("final"));
}

// Answers with the transaction as it stands; parks the request first when it is to be final.
static enum status answer_tx(struct server *server, struct http_request *request,
                             struct http_response *response, const struct hash *id) {
    struct node_tx tx;
    bool waits = waits_for_final(request);
    if (waits) http_wait_for(request, BYTES_OF(id->bytes), WAIT_FINAL_MS);
    enum status status = node_find_tx(server->node, id, &tx);
    if (status != STATUS_OK) return status;
    if (tx.state == NODE_TX_UNKNOWN) return STATUS_NOT_FOUND;
    bool is_over = tx.state == NODE_TX_FINAL || tx.state == NODE_TX_DROPPED;
    if (waits && !is_over && http_park(request)) return STATUS_OK;
    append_tx(server, http_body_buf(response), id, &tx);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// Under an Idempotency-Key, whose answer of before was lost.
static bool is_sent_again(struct server *server, const struct http_request *request,
                          enum tx_code code, const struct hash *id) {
    uint8_t unused[IDEMPOTENCY_HASH];
    struct node_tx tx;
    if (code != TX_CODE_DUPLICATE && code != TX_CODE_WRONG_NONCE) return false;
    return http_idempotency_id(request, unused) &&
           node_find_tx(server->node, id, &tx) == STATUS_OK && tx.state != NODE_TX_UNKNOWN;
}

static enum status post_transaction(void *context, struct http_request *request,
                                    struct http_response *response) {
    struct server *server = context;
    struct hash id;
    char location[32 + 64 + 1] = "/v1/transactions/";
    enum tx_code code = node_submit(server->node, http_body(request), &id);
    // Called again after waiting, or sent again after a crash, it is known already: that is no
    // mistake of the client's.
    bool is_again = (code == TX_CODE_DUPLICATE && waits_for_final(request)) ||
                    is_sent_again(server, request, code, &id);
    if (code != TX_CODE_OK && !is_again) {
        server_encoded_tx_problem(response, code, http_body(request));
        return STATUS_OK;
    }
    hex_encode(location + strlen(location), BYTES_OF(id.bytes));
    http_set_code(response, 202);
    http_set_header(response, "Location", location);
    return answer_tx(server, request, response, &id);
}

static enum status get_transaction(void *context, struct http_request *request,
                                   struct http_response *response) {
    struct server *server = context;
    struct hash id;
    if (!chain_asked_tx(request, response, &id)) return STATUS_OK;
    return answer_tx(server, request, response, &id);
}

static void append_account(struct buf *out, const struct devnet_account *account) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, account->id.bytes);
    buf_append_format(out, "{\"role\":\"%s\",\"address\":\"%s\",\"path\":\"%s\"}", account->role,
                      address, account->path);
}

static enum status get_devnet(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    if (!devnet_may_ask(server, request, response)) return STATUS_OK;
    buf_append_format(out, "{\"api_key\":\"%s\",\"mnemonic\":\"%s\",\"accounts\":[",
                      server->api_key, devnet_mnemonic);
    for (int i = 0; i < DEVNET_ACCOUNTS; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_account(out, &server->devnet.accounts[i]);
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    http_set_header(response, "Cache-Control", "no-store");
    return STATUS_OK;
}

// The same for as long as the server is there: written once, when it is first asked for.
static struct bytes openapi_of(struct server *server) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (server->openapi.len == 0) {
        struct hash hash;
        openapi_write(&server->openapi,
                      &(struct openapi_config){.title = server->market_name,
                                               .version = "1",
                                               .tables = server->tables,
                                               .table_count = server->table_count});
        hash_bytes(&hash, HASH_ETAG, buf_bytes(&server->openapi));
        hex_encode(server->openapi_etag, BYTES_OF(hash.bytes));
    }
    pthread_mutex_unlock(&lock);
    return buf_bytes(&server->openapi);
}

static enum status get_openapi(void *context, struct http_request *request,
                               struct http_response *response) {
    struct server *server = context;
    (void)request;
    http_set_borrowed_body(response, openapi_of(server), NULL, NULL);
    http_set_etag(response, server->openapi_etag); // else each answer would be hashed
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static enum status get_docs(void *context, struct http_request *request,
                            struct http_response *response) {
    const struct server *server = context;
    (void)request;
    if (!server->has_pages) return STATUS_NOT_FOUND;
    http_set_code(response, 302);
    http_set_header(response, "Location", "/#/docs");
    return STATUS_OK;
}

static enum status get_livez(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context, (void)request;
    return http_answer_live(response);
}

// Behind by more than this, answers would be older than people expect.
enum { MAX_BLOCKS_BEHIND = 20 };

uint64_t server_blocks_behind(struct server *server) {
    struct node_head head;
    uint64_t indexed = index_height(server->index); // first: the head only grows
    node_head(server->node, &head);
    uint64_t behind = head.header.height - indexed;
    return behind > MAX_BLOCKS_BEHIND ? behind : 0;
}

static const char *tell_filling(struct http_request *request, const struct node_past *past) {
    if (http_is_head(request)) return "filling";
    return arena_format(http_arena(request),
                        "%llu blocks of before this node joined are still to be fetched",
                        (unsigned long long)(past->oldest - 1));
}

static enum status get_readyz(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    const char *problems[3 + MONITOR_PROBLEMS];
    struct monitor_problems of_node;
    struct node_past past;
    size_t count = 0;
    uint64_t behind = server_blocks_behind(server);
    if (!index_is_healthy(server->index)) problems[count++] = "the database is away";
    if (behind > 0)
        problems[count++] = http_is_head(request) ? "behind"
                                                  : arena_format(http_arena(request),
                                                                 "the index is %llu blocks behind",
                                                                 (unsigned long long)behind);
    node_past(server->node, &past);
    if (past.is_filling) problems[count++] = tell_filling(request, &past);
    monitor_node_problems(server->node, &of_node);
    for (size_t i = 0; i < of_node.count; i++) problems[count++] = of_node.list[i];
    return http_answer_ready(request, response, problems, count);
}

// What runs contracts for whoever asks.
enum { COMPUTING_NICENESS = 10 };

const struct http_lane server_lanes[SERVER_LANES] = {
    [SERVER_LANE_READ - 1] = {.threads = 4, .queue = 256, .wait_ms = 5000},
    [SERVER_LANE_SEARCH - 1] = {.threads = 2, .queue = 64, .wait_ms = 2000},
    [SERVER_LANE_WORK - 1] = {.threads = 4, .queue = 256, .wait_ms = 10000},
    [SERVER_LANE_TRY -
        1] = {.threads = 2, .queue = 64, .wait_ms = 5000, .niceness = COMPUTING_NICENESS},
    [SERVER_LANE_HOOKS - 1] = {.threads = 2, .queue = 32, .wait_ms = 5000},
    [SERVER_LANE_SIMULATE -
        1] = {.threads = 1, .queue = 16, .wait_ms = 5000, .niceness = COMPUTING_NICENESS},
};

const struct http_route server_routes[] = {
    {HTTP_GET, "/v1/chain", get_chain, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_chain},
    {HTTP_GET, "/v1/parameters", get_parameters, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_parameters},
    {HTTP_GET, "/v1/blocks", get_blocks, NULL, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_blocks},
    {HTTP_GET, "/v1/blocks/{height}", get_block, NULL, NULL, "application/json", 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_block},
    {HTTP_GET, "/v1/accounts/{address}", get_account, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_account},
    {HTTP_GET, "/v1/candidates", get_candidates, NULL, NULL, JSON_OR_CSV, 0, NULL, 0,
     &describes_get_candidates},
    {HTTP_GET, "/v1/contracts/{address}", get_contract, NULL, NULL, "application/json", 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_contract},
    {HTTP_GET, "/v1/contracts/{address}/abi", get_contract_abi, NULL, NULL,
     "application/octet-stream", 0, NULL, 0, &describes_get_contract_abi},
    {HTTP_GET, "/v1/contracts/{address}/views/{method}", get_contract_view, NULL, NULL,
     "application/json", 0, NULL, HTTP_LANE(SERVER_LANE_TRY), &describes_get_contract_view},
    {HTTP_POST, "/v1/contracts/{address}/views/{method}", post_contract_view, NULL,
     "application/json", "application/json", VIEW_BODY_BYTES, NULL,
     HTTP_LANE(SERVER_LANE_TRY) | HTTP_NO_EFFECT, &describes_post_contract_view},
    {HTTP_POST, "/v1/transactions", post_transaction, NULL, "application/octet-stream",
     "application/json", LIMIT_DEPLOY_TX_BYTES, NULL, 0, &describes_post_transaction},
    {HTTP_GET, "/v1/transactions/{id}", get_transaction, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_transaction},
    {HTTP_GET, "/v1/live", get_live, NULL, NULL, NULL, 0, NULL, HTTP_LANE(SERVER_LANE_READ),
     &describes_get_live},
    {HTTP_GET, "/v1/devnet", get_devnet, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_devnet},
    {HTTP_POST, "/v1/faucet", post_faucet, NULL, "application/json", "application/json",
     FAUCET_BODY_BYTES, NULL, 0, &describes_post_faucet},
    {HTTP_POST, "/v1/devnet/warp", post_warp, NULL, "application/json", "application/json",
     WARP_BODY_BYTES, NULL, 0, &describes_post_warp},
    {HTTP_GET, "/openapi.json", get_openapi, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_openapi},
    {HTTP_GET, "/docs", get_docs, NULL, NULL, NULL, 0, NULL, 0, &describes_get_docs},
    {HTTP_GET, "/livez", get_livez, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED,
     &describes_get_livez},
    {HTTP_GET, "/readyz", get_readyz, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED,
     &describes_get_readyz},
    {HTTP_GET, "/metrics", get_metrics, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED,
     &describes_get_metrics},
};
const size_t server_route_count = sizeof server_routes / sizeof *server_routes;
