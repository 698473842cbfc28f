// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/test/renter.h"

#include <stdio.h>

#include "tests/support/unit.h"

void renter_open(const char *market) {
    raw_open_market(market, NULL);
    account_id_of_system_contract(&raw.market, "sharing");
}

static void expect_end(const struct hash *id, uint32_t refusal) {
    char path[160] = "/v1/transactions/";
    hex_encode(path + strlen(path), BYTES_OF(id->bytes));
    json_t *tx = server_get(&raw.server, path);
    ck_assert_int_eq(json_integer_value(json_object_get(tx, "contract_code")), refusal);
    ck_assert(!refusal || *member(tx, "contract_message"));
    json_decref(tx);
}

void renter_send(const char *method, const struct buf *arguments, uint64_t units,
                 uint32_t refusal) {
    static struct tx tx;
    struct hash id;
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, method, arguments);
    tx.actions[0].call.value = amount_of_units(units);
    raw_run(&tx, &id, refusal ? "CONTRACT_REFUSED" : "OK");
    expect_end(&id, refusal);
}

static void send_and_clear(const char *method, struct buf *arguments, uint64_t units,
                           uint32_t refusal) {
    renter_send(method, arguments, units, refusal);
    buf_clear(arguments);
}

void renter_list(const struct terms *terms, uint32_t refusal) {
    struct buf arguments = {0};
    encode_terms(&arguments, terms);
    send_and_clear("list", &arguments, 0, refusal);
}

void renter_number(const char *method, uint64_t number, uint32_t refusal) {
    struct buf arguments = {0};
    encode_u64(&arguments, number);
    send_and_clear(method, &arguments, 0, refusal);
}

uint64_t renter_block_ms(void) {
    json_t *head = server_get(&raw.server, "/v1/head");
    uint64_t time_ms = (uint64_t)json_integer_value(json_object_get(head, "time_ms"));
    json_decref(head);
    return time_ms;
}
