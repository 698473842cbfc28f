// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/sponsor_routes.h"

#include <stdio.h>

#include "apps/common/http/openapi.h"
#include "apps/common/server/schema_words.h"
#include "apps/common/server/server.h"
#include "apps/common/server/sponsor.h"
#include "chaincore/base/ip.h"
#include "chaincore/chaincore.h"

// Of one transaction: room for a document of 60,000 bytes in a single call, and no more.
static const uint64_t SPONSORED_GAS = 12000000;
enum { DAY_S = 24 * 3600 };

static enum status no_sponsor(struct http_response *response) {
    http_problem_as(response, 404, "no_sponsor", "This server pays for nobody's transactions.");
    return STATUS_OK;
}

static enum status get_sponsor(void *context, struct http_request *request,
                               struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    char payer[ADDRESS_CHARS + 1], contract[ADDRESS_CHARS + 1];
    struct params params;
    (void)request;
    if (!server->sponsor) return no_sponsor(response);
    const struct sponsor_terms *terms = sponsor_terms(server->sponsor);
    node_params(server->node, &params);
    address_encode(payer, signer_account(server->payer)->bytes);
    address_encode(contract, server->contract.bytes);
    buf_append_format(out,
                      "{\"payer\":\"%s\",\"transactions\":%llu,\"gas_limit\":%llu,"
                      "\"gas_price\":%llu,\"contract\":\"%s\",\"methods\":[",
                      payer, (unsigned long long)terms->transactions,
                      (unsigned long long)SPONSORED_GAS, (unsigned long long)params.min_gas_price,
                      contract);
    for (size_t i = 0; terms->methods[i]; i++)
        buf_append_format(out, "%s\"%s\"", i ? "," : "", terms->methods[i]);
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// --- the terms ---

static bool is_sponsored_call(const struct server *server, const struct tx_action *action) {
    if (action->kind != TX_CALL) return false;
    bool is_ours = account_id_equal(&action->call.contract, &server->contract);
    if (!is_ours || !amount_is_zero(action->call.value)) return false;
    for (const char *const *method = sponsor_terms(server->sponsor)->methods; *method; method++)
        if (bytes_equal(action->call.method, bytes_of_string(*method))) return true;
    return false;
}

struct term {
    const char *pointer; // the field of the transaction
    const char *rule;
    const char *text;
};

// The first term that it does not meet; NULL when it meets all.
static const struct term *find_broken_term(struct server *server, const struct tx *tx) {
    static const struct term payer = {"/payer", "sponsor/payer", "the payer is not this server"},
                             signatures = {"/signatures", "sponsor/signatures",
                                           "there is to be the sender's signature alone"},
                             lane = {"/lane", "sponsor/lane", "only lane 0 is paid for"},
                             seq = {"/seq", "sponsor/first-transactions",
                                    "only an account's first transactions are paid for"},
                             price = {"/gas_price", "sponsor/gas-price",
                                      "the gas price is not the chain's least"},
                             limit = {"/gas_limit", "sponsor/gas-limit",
                                      "the gas limit is above that of the terms"},
                             actions = {"/actions", "sponsor/actions",
                                        "one call without value of the methods in the terms, or "
                                        "one set_enc_key, is paid for"};
    struct params params;
    node_params(server->node, &params);
    if (!tx->has_payer || !account_id_equal(&tx->payer, signer_account(server->payer)))
        return &payer;
    if (tx->signature_count != 1 || tx->signatures[0].role != TX_ROLE_SENDER) return &signatures;
    if (tx->lane != 0) return &lane;
    if (tx->seq >= sponsor_terms(server->sponsor)->transactions) return &seq;
    if (tx->gas_price != params.min_gas_price) return &price;
    if (tx->gas_limit > SPONSORED_GAS) return &limit;
    bool is_key = tx->action_count == 1 && tx->actions[0].kind == TX_SET_ENC_KEY;
    if (!is_key && (tx->action_count != 1 || !is_sponsored_call(server, &tx->actions[0])))
        return &actions;
    return NULL;
}

// The most that it may cost: its gas, as much again in deposits (contract/contract_record.h), and
// the deposit of an account that is not there yet.
static enum status find_cost(struct server *server, const struct tx *tx, struct amount *out) {
    struct params params;
    struct amount deposit;
    enum status status;
    node_params(server->node, &params);
    TRY(amount_mul(out, amount_of_units(tx->gas_price), tx->gas_limit));
    TRY(amount_add(out, *out, *out));
    if (tx->seq > 0) return STATUS_OK;
    TRY(amount_mul(&deposit, amount_of_units(params.deposit_per_byte), ACCOUNT_BYTES));
    TRY(amount_add(out, *out, deposit));
out:
    return status;
}

static bool can_pay_itself(struct server *server, const struct tx *tx, struct amount cost) {
    struct account account;
    uint64_t next_seq;
    node_account(server->node, &tx->sender, &account, &next_seq);
    return amount_compare(account.balance, cost) >= 0;
}

// --- paying ---

static void tell_accepted(struct http_response *response, const struct hash *id) {
    char location[32 + 64 + 1] = "/v1/transactions/";
    hex_encode(location + strlen(location), BYTES_OF(id->bytes));
    buf_append_format(http_body_buf(response), "{\"id\":\"%s\"}",
                      location + strlen("/v1/transactions/"));
    http_set_code(response, 202);
    http_set_type(response, "application/json");
    http_set_header(response, "Location", location);
}

static void tell_spent(struct http_request *request, struct http_response *response) {
    uint64_t now_s = clock_wall_ms() / 1000;
    http_problem_as(response, 429, "sponsor_budget_spent",
                    "What this server pays for others in a day is spent; try again tomorrow.");
    http_set_header(
        response, "Retry-After",
        arena_format(http_arena(request), "%llu", (unsigned long long)(DAY_S - now_s % DAY_S)));
}

// Sent before: its answer was lost, or it is asked for twice.
static bool is_known(struct server *server, const struct hash *id) {
    struct node_tx known;
    if (node_find_tx(server->node, id, &known) != STATUS_OK) return false;
    return known.state != NODE_TX_UNKNOWN && known.state != NODE_TX_DROPPED;
}

static enum status pay(struct server *server, struct http_request *request,
                       struct http_response *response, struct tx *tx, struct amount cost) {
    struct ip_address address = {0};
    struct buf encoded = {0};
    struct hash id;
    uint64_t day;
    (void)ip_parse(&address, http_client_address(request)); // else nobody's
    struct bytes client = ip_owner(&address);
    enum status status = sponsor_take(server->sponsor, client, cost, &day);
    if (status == STATUS_FULL) {
        tell_spent(request, response);
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    signer_pay(server->payer, tx, &encoded);
    enum tx_code code = node_submit(server->node, buf_bytes(&encoded), &id);
    buf_clear(&encoded);
    if (code == TX_CODE_OK) {
        tell_accepted(response, &id);
        return STATUS_OK;
    }
    server_tx_problem(response, code);
    return sponsor_give_back(server->sponsor, client, cost, day);
}

static enum status post_sponsor(void *context, struct http_request *request,
                                struct http_response *response) {
    struct server *server = context;
    struct bytes body = http_body(request);
    struct tx *tx = arena_alloc(http_arena(request), sizeof *tx);
    struct amount cost;
    struct hash id;
    if (!server->sponsor) return no_sponsor(response);
    enum status status = tx_decode(tx, body);
    if (status != STATUS_OK) {
        server_encoded_tx_problem(
            response, status == STATUS_TOO_LARGE ? TX_CODE_TOO_LARGE : TX_CODE_MALFORMED, body);
        return STATUS_OK;
    }
    tx_id(&id, tx);
    if (is_known(server, &id)) {
        tell_accepted(response, &id);
        return STATUS_OK;
    }
    const struct term *broken = find_broken_term(server, tx);
    status = broken ? STATUS_OK : find_cost(server, tx, &cost);
    if (status != STATUS_OK) return status;
    if (broken) {
        http_problem_as(response, 422, "outside_terms",
                        "This server does not pay for such a transaction.");
        http_problem_violation(response, broken->pointer, broken->rule, broken->text);
        return STATUS_OK;
    }
    if (can_pay_itself(server, tx, cost)) {
        http_problem_as(response, 422, "can_pay_itself",
                        "This account holds enough to pay for its own transaction.");
        return STATUS_OK;
    }
    return pay(server, request, response, tx, cost);
}

const struct http_route sponsor_routes[] = {
    {HTTP_GET, "/v1/sponsor", get_sponsor, NULL, NULL, "application/json", 0, NULL, 0,
     HTTP_DESCRIBED(
         "On what terms this server pays for others",
         {200, "The terms.",
          SCHEMA_OBJECT("\"payer\",\"transactions\",\"gas_limit\",\"gas_price\","
                        "\"contract\",\"methods\"",
                        "\"payer\":" SCHEMA_ADDRESS ",\"transactions\":" SCHEMA_COUNT
                        ",\"gas_limit\":" SCHEMA_COUNT ",\"gas_price\":" SCHEMA_COUNT
                        ",\"contract\":" SCHEMA_ADDRESS ",\"methods\":" SCHEMA_LIST(SCHEMA_TEXT))},
         {404, "`no_sponsor`.", NULL})},
    {HTTP_POST, "/v1/sponsor", post_sponsor, NULL, "application/octet-stream", "application/json",
     LIMIT_TX_BYTES, NULL, HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED(
         "Has a transaction paid for that its sender has signed",
         {202, "Sent; `Location` is the transaction's own address.",
          SCHEMA_OBJECT("\"id\"", "\"id\":" SCHEMA_HASH)},
         {400, "`MALFORMED`, with the field.", NULL},
         {403, "`BAD_SIGNATURE` or `NOT_AUTHORIZED`.", NULL}, {404, "`no_sponsor`.", NULL},
         {409, "`WRONG_NONCE` or `NONCE_GAP`.", NULL}, {413, "`TOO_LARGE`.", NULL},
         {422,
          "It is outside the terms, its sender can pay, or the chain refuses it: "
          "outside_terms, can_pay_itself, or a code of a transaction.",
          NULL},
         {503, "`MEMPOOL_FULL` or `NOT_RUNNING`.", NULL}, {429, "`sponsor_budget_spent`.", NULL})},
};
const size_t sponsor_route_count = sizeof sponsor_routes / sizeof *sponsor_routes;
