// SPDX-License-Identifier: Apache-2.0
#include "tests/support/raw.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/unit.h"

struct raw raw;

void raw_act_as(const char *role) {
    uint8_t seed[MNEMONIC_SEED_BYTES];
    struct derive_path path;
    struct derived_key derived;
    struct public_key public;
    const char *mnemonic = member(raw.server.ready, "mnemonic"), *path_text = NULL;
    size_t i;
    json_t *account;
    json_array_foreach(json_object_get(raw.server.ready, "accounts"), i, account) {
        if (strcmp(member(account, "role"), role) == 0) path_text = member(account, "path");
    }
    ck_assert_ptr_nonnull(path_text);
    assert_ok(mnemonic_to_seed(seed, bytes_of_string(mnemonic), bytes_of("", 0)));
    assert_ok(derive_path_parse(&path, bytes_of_string(path_text)));
    assert_ok(derive_along(&derived, BYTES_OF(seed), &path));
    key_from_seed(&raw.key, &public, derived.seed);
    account_id_of_key(&raw.sender, &public);
    address_encode(raw.address, raw.sender.bytes);
}

void raw_open_market(const char *market, const char *index) {
    snprintf(raw.program, sizeof raw.program, "./lmm-%s", market);
    server_init(&raw.server, raw.program);
    raw.server.index = index;
    if (raw.block_time) {
        raw.server.flags[0] = "--block-time";
        raw.server.flags[1] = raw.block_time;
    }
    if (raw.is_demo) raw.server.flags[raw.block_time ? 2 : 0] = "--demo";
    server_start(&raw.server);
    raw_act_as("server");
    raw_call_contract(market);
    assert_ok(hex_decode(raw.chain_id.bytes, sizeof raw.chain_id.bytes,
                         member(raw.server.ready, "chain_id")));
}

void raw_close(void) { server_clear(&raw.server); }

void raw_call_contract(const char *name) {
    raw.contract = name;
    account_id_of_system_contract(&raw.market, name);
}

void raw_note_refusal(enum raw_way way, uint32_t refusal) {
    const char *path = getenv("LMM_API_ASKED"), *host = raw.program + strlen("./lmm-");
    bool is_at_home = strcmp(host, raw.contract) == 0;
    if (!path || refusal == 0 || (way == RAW_BY_TX && is_at_home)) return;
    FILE *file = fopen(path, "a");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "refused %s/%u %s\n", raw.contract, refusal, way == RAW_BY_API ? "api" : "raw");
    ck_assert_int_eq(fclose(file), 0);
}

uint64_t raw_next_seq(void) {
    char path[128];
    snprintf(path, sizeof path, "/v1/accounts/%s", raw.address);
    json_t *account = server_get(&raw.server, path);
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(account, "next_seq"));
    json_decref(account);
    return seq;
}

void raw_run(struct tx *tx, struct hash *id, const char *code) {
    struct buf encoded = {0};
    struct reply reply;
    json_error_t error;
    char id_text[65], path[128];
    tx->version = TX_VERSION;
    tx->sender = raw.sender;
    tx->seq = raw_next_seq();
    tx->valid_until = 1000;
    tx->gas_limit = 500000000;
    tx->gas_price = 1;
    assert_ok(tx_sign(tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
    tx_encode(&encoded, tx);
    tx_id(id, tx);
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/transactions?wait=final",
                             .body = buf_bytes(&encoded),
                             .content_type = "application/octet-stream"},
               &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    reply_clear(&reply);
    hex_encode(id_text, BYTES_OF(id->bytes));
    snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", id_text);
    server_ask(&raw.server, &(struct ask){.path = path}, &reply);
    json_t *result = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    ck_assert_str_eq(member(result, "code"), code);
    server_await_index(&raw.server,
                       (uint64_t)json_integer_value(json_object_get(result, "height")));
    json_decref(result);
    reply_clear(&reply);
    buf_clear(&encoded);
}

void raw_add_call(struct tx *tx, const struct account_id *contract, const char *method,
                  const struct buf *arguments) {
    struct tx_action *action = &tx->actions[tx->action_count++];
    action->kind = TX_CALL;
    action->call.contract = *contract;
    action->call.method = bytes_of_string(method);
    action->call.arguments = buf_bytes(arguments);
}

uint64_t raw_expect_end(const char *path, enum raw_way way, uint32_t refusal) {
    char waiting[200];
    snprintf(waiting, sizeof waiting, "%s?wait=final", path);
    json_t *tx = server_get(&raw.server, waiting);
    ck_assert_str_eq(member(tx, "code"), refusal ? "CONTRACT_REFUSED" : "OK");
    ck_assert_int_eq(json_integer_value(json_object_get(tx, "contract_code")), refusal);
    ck_assert(!refusal || *member(tx, "contract_message"));
    uint64_t height = (uint64_t)json_integer_value(json_object_get(tx, "height"));
    server_await_index(&raw.server, height);
    json_decref(tx);
    raw_note_refusal(way, refusal);
    return height;
}

void raw_send(const char *method, const struct buf *arguments, uint64_t units, uint32_t refusal) {
    static struct tx tx;
    struct hash id;
    char path[96] = "/v1/transactions/";
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, method, arguments);
    tx.actions[0].call.value = amount_of_units(units);
    raw_run(&tx, &id, refusal ? "CONTRACT_REFUSED" : "OK");
    hex_encode(path + strlen(path), BYTES_OF(id.bytes));
    raw_expect_end(path, RAW_BY_TX, refusal);
}

long raw_ask(const char *method, const char *path, const char *body, uint32_t refusal) {
    struct reply reply;
    struct ask ask = {.path = path, .method = method, .content_type = "application/json"};
    if (body) ask.body = bytes_of_string(body);
    server_ask(&raw.server, &ask, &reply);
    long status = reply.status;
    if (status == 202) raw_expect_end(reply.location, RAW_BY_API, refusal);
    reply_clear(&reply);
    return status;
}
