// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/test/raw.h"

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

void raw_open(void) { raw_open_on(NULL); }

void raw_open_on(const char *index) {
    server_init(&raw.server, "./lmm-supplychain");
    raw.server.index = index;
    server_start(&raw.server);
    raw_act_as("server");
    account_id_of_system_contract(&raw.market, "supplychain");
    assert_ok(hex_decode(raw.chain_id.bytes, sizeof raw.chain_id.bytes,
                         member(raw.server.ready, "chain_id")));
}

void raw_close(void) { server_clear(&raw.server); }

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

void raw_encode_job(struct buf *out, uint8_t job) {
    uint8_t id[32];
    memset(id, job, sizeof id);
    encode_fixed(out, id, sizeof id);
}

void raw_encode_events(struct buf *out, const struct epcis_document *document, size_t first,
                       uint32_t count) {
    encode_u32(out, count);
    for (size_t i = first; i < first + count; i++) {
        const struct epcis_event *event = &document->events[i];
        char uri[EVENT_HASH_URI_SIZE];
        struct bytes id = event->id;
        struct hash hash;
        event_hash_print(uri, event->hash);
        encode_u8(out, id.len > 0 ? 2 : 0); // whether an eventID was given
        encode_fixed(out, event->hash, EVENT_HASH_SIZE);
        hash_bytes(&hash, HASH_USER, id.len > 0 ? id : bytes_of_string(uri));
        encode_fixed(out, &hash, sizeof hash);
        hash_bytes(&hash, HASH_USER, event->text);
        encode_fixed(out, &hash, sizeof hash);
    }
}

void raw_encode_entries(struct buf *out, const char *text) {
    struct epcis_document document;
    struct epcis_fault fault;
    assert_ok(epcis_document_split(&document, &fault, bytes_of_string(text)));
    ck_assert_uint_eq(document.event_count, 1);
    raw_encode_events(out, &document, 0, 1);
    epcis_document_clear(&document);
}

json_t *raw_get_job(uint8_t job) {
    char path[80] = "/capture/";
    uint8_t id[32];
    memset(id, job, sizeof id);
    hex_encode(path + strlen(path), BYTES_OF(id));
    return server_get(&raw.server, path);
}

void raw_check_failed(uint8_t job, const char *code) {
    json_t *found = raw_get_job(job);
    const json_t *errors = json_object_get(found, "errors"), *error = json_array_get(errors, 0);
    ck_assert(json_is_false(json_object_get(found, "running")));
    ck_assert(json_is_false(json_object_get(found, "success")));
    ck_assert_uint_eq(json_array_size(errors), 1);
    ck_assert_str_eq(member(error, "code"), code);
    ck_assert_str_ne(member(error, "detail"), "");
    json_decref(found);
}

void raw_check_job(uint8_t job, bool is_success, size_t rows) {
    json_t *found = raw_get_job(job);
    char *text = json_dumps(found, 0);
    ck_assert_msg(json_is_true(json_object_get(found, "success")) == is_success, "%s", text);
    ck_assert_msg(json_is_false(json_object_get(found, "running")), "%s", text);
    free(text);
    json_decref(found);
    json_t *list = server_get(&raw.server, "/v1/events");
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), rows);
    json_decref(list);
}
