// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/faucet_routes.h"

#include "apps/common/json/json.h"
#include "chaincore/chaincore.h"

static const char usual[] = "100", most[] = "1000", enough[] = "10000";

enum {
    TRANSFER_GAS = 200000,
    VALID_BLOCKS = 1000,
    MAX_ATTEMPTS = 16 // each time another request took the sequence number first
};

struct wish {
    struct account_id to;
    struct amount amount;
};

static struct amount amount_of_text(const char *text) {
    struct amount amount;
    ENSURE(amount_parse(&amount, text) == STATUS_OK);
    return amount;
}

static bool refuse(struct http_response *response, const char *pointer, const char *rule,
                   const char *detail) {
    http_problem(response, STATUS_INVALID, "invalid_wish", detail);
    http_problem_violation(response, pointer, rule, detail);
    return false;
}

static bool read_members(struct wish *out, const json_t *object, struct http_response *response) {
    const char *address = json_string_value(json_object_get(object, "address"));
    const json_t *amount = json_object_get(object, "amount");
    const char *text = amount ? json_string_value(amount) : usual;
    if (!json_is_object(object)) return refuse(response, "", "type", "The body is a JSON object.");
    if (json_object_size(object) > (amount ? 2 : 1))
        return refuse(response, "", "unknown", "There is address, and amount, and nothing else.");
    if (!address || address_decode(out->to.bytes, bytes_of_string(address)) != STATUS_OK)
        return refuse(response, "/address", "address",
                      "This is not an address; one begins with lmm1 and has 62 characters.");
    if (!text || amount_parse(&out->amount, text) != STATUS_OK || amount_is_zero(out->amount) ||
        amount_units(out->amount) > amount_units(amount_of_text(most)))
        return refuse(response, "/amount", "amount",
                      "An amount of LMM as a string, more than 0 and at most 1000.");
    return true;
}

static bool read_wish(struct wish *out, struct http_request *request,
                      struct http_response *response) {
    struct json_fault fault;
    json_t *object;
    if (json_parse(&object, &fault, http_body(request), FAUCET_BODY_BYTES) != STATUS_OK)
        return refuse(response, "", fault.rule, fault.text);
    bool is_good = read_members(out, object, response);
    json_decref(object);
    return is_good;
}

// The faucet pays the deposit of an account that this makes: gas money bounds it.
static uint64_t gas_limit(const struct params *params) {
    uint64_t price = params->min_gas_price > 0 ? params->min_gas_price : 1;
    return TRANSFER_GAS + params->deposit_per_byte * ACCOUNT_BYTES / price + 1;
}

// Each market's server of one chain gives away by a lane of its own: else two that are asked at
// once take the same number.
static struct tx_lane lane_of(struct server *server, const struct devnet_account *faucet) {
    struct hash hash;
    hash_bytes(&hash, HASH_USER, bytes_of_string(server->market_name));
    bool is_alone = node_port(server->node) == 0;
    return (struct tx_lane){.account = faucet->id,
                            .number = is_alone ? 0 : load_u32_le(hash.bytes) | 1};
}

static enum tx_code submit(struct server *server, const struct wish *wish, struct hash *id) {
    const struct devnet_account *faucet = devnet_find(&server->devnet, "faucet");
    const struct tx_lane lane = lane_of(server, faucet);
    struct params params;
    struct node_head head;
    struct buf encoded = {0};
    enum tx_code code = TX_CODE_NOT_RUNNING;
    node_params(server->node, &params);
    node_head(server->node, &head);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        struct tx tx = {.version = TX_VERSION,
                        .sender = faucet->id,
                        .lane = lane.number,
                        .seq = node_next_seq(server->node, &lane),
                        .valid_until = head.header.height + VALID_BLOCKS,
                        .gas_limit = gas_limit(&params),
                        .gas_price = params.min_gas_price,
                        .action_count = 1};
        tx.actions[0].kind = TX_TRANSFER;
        tx.actions[0].transfer.to = wish->to;
        tx.actions[0].transfer.amount = wish->amount;
        ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &faucet->key, node_chain_id(server->node)) ==
               STATUS_OK);
        buf_reset(&encoded);
        tx_encode(&encoded, &tx);
        code = node_submit(server->node, buf_bytes(&encoded), id);
        if (code != TX_CODE_DUPLICATE && code != TX_CODE_WRONG_NONCE) break;
    }
    buf_clear(&encoded);
    return code;
}

enum status post_faucet(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct wish wish;
    struct account account;
    struct hash id;
    uint64_t unused;
    char text[65];
    if (!server->is_devnet) {
        http_problem_as(response, 404, "not_a_devnet", "Only a devnet has a faucet.");
        return STATUS_OK;
    }
    if (!read_wish(&wish, request, response)) return STATUS_OK;
    node_account(server->node, &wish.to, &account, &unused);
    if (amount_units(account.balance) >= amount_units(amount_of_text(enough))) {
        http_problem_as(response, 409, "has_enough", "This account has 10,000 LMM or more.");
        return STATUS_OK;
    }
    enum tx_code code = submit(server, &wish, &id);
    if (code != TX_CODE_OK) {
        server_tx_problem(response, code);
        return STATUS_OK;
    }
    hex_encode(text, BYTES_OF(id.bytes));
    buf_append_format(http_body_buf(response), "{\"id\":\"%s\",\"status\":\"pending\"}", text);
    http_set_code(response, 202);
    http_set_type(response, "application/json");
    http_set_header(response, "Location",
                    arena_format(http_arena(request), "/v1/transactions/%s", text));
    return STATUS_OK;
}
