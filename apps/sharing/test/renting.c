// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/test/renting.h"

#include <stdio.h>

#include "tests/support/unit.h"

struct renting renting;

// Of struct booking (contract/records.h), from its end.
enum { MINUTES_FROM_END = 6 * 8, OUTCOME_FROM_END = 9 * 8 + 1 };

void renting_open(void) {
    renting.mock = mock_open("apps/sharing/contract/sharing.so");
    ck_assert_ptr_nonnull(renting.mock);
    renting.lock = key_pair_of(1);
    renting.phone = key_pair_of(2);
    renting.mock->chain_id = (struct hash){{7}};
}

void renting_close(void) { mock_close(renting.mock); }

struct account_id renting_account(enum person person) {
    return (struct account_id){{(uint8_t)(1 + person)}};
}

void renting_act_as(enum person person) { renting.mock->caller = renting_account(person); }

uint64_t renting_paid(enum person person) {
    struct account_id account = renting_account(person);
    return mock_paid(renting.mock, &account);
}

uint64_t renting_left(enum person person) {
    struct account_id account = renting_account(person);
    return mock_left_by_timers(renting.mock, &account);
}

uint32_t renting_call(const char *method, const struct buf *arguments, uint64_t units) {
    char name[80];
    bool is_payable = strcmp(method, "book") == 0 || strcmp(method, "extend") == 0;
    snprintf(name, sizeof name, "%s.%s", is_payable ? "pay" : "call", method);
    enum tx_code code = mock_call(renting.mock, name, buf_bytes(arguments), units);
    ck_assert_msg(code == TX_CODE_OK || code == TX_CODE_CONTRACT_REFUSED, "%s: %d", name, code);
    return code == TX_CODE_OK ? 0 : renting.mock->refused_with;
}

static uint32_t call_and_clear(const char *method, struct buf *arguments, uint64_t units) {
    uint32_t refusal = renting_call(method, arguments, units);
    buf_clear(arguments);
    return refusal;
}

uint32_t renting_list(const struct terms *terms) {
    struct buf arguments = {0};
    encode_terms(&arguments, terms);
    return call_and_clear("list", &arguments, 0);
}

uint32_t renting_number(const char *method, uint64_t number) {
    struct buf arguments = {0};
    encode_u64(&arguments, number);
    return call_and_clear(method, &arguments, 0);
}

uint32_t renting_pair(const char *method, uint64_t number, uint64_t more, uint64_t units) {
    struct buf arguments = {0};
    encode_u64(&arguments, number);
    encode_u64(&arguments, more);
    return call_and_clear(method, &arguments, units);
}

uint32_t renting_range(const char *method, const struct rental_range *range) {
    struct buf arguments = {0};
    encode_u64(&arguments, range->asset);
    encode_u64(&arguments, range->from_ms);
    encode_u64(&arguments, range->until_ms);
    return call_and_clear(method, &arguments, 0);
}

uint32_t renting_bind(uint64_t asset, const struct key_pair *lock, uint64_t counter) {
    struct buf arguments = {0};
    struct lock_binding binding = {.asset = asset, .counter = counter};
    memcpy(binding.owner, renting.mock->caller.bytes, sizeof binding.owner);
    memcpy(binding.lock, lock->public.bytes, sizeof binding.lock);
    encode_bind(&arguments, &binding, lock, &renting.mock->chain_id);
    return call_and_clear("bind_lock", &arguments, 0);
}

uint32_t renting_book(const struct rental_range *range, uint64_t units) {
    struct buf arguments = {0};
    encode_book(&arguments, range, &renting.phone);
    return call_and_clear("book", &arguments, units);
}

uint64_t renting_result(void) {
    ck_assert_uint_eq(renting.mock->result.len, 8);
    return load_u64_le(renting.mock->result.data);
}

struct challenge renting_challenge(enum challenge_command command, uint64_t booking,
                                   uint64_t time_ms) {
    struct challenge challenge = {.command = (uint8_t)command,
                                  .counter = renting.mock->height,
                                  .booking = booking,
                                  .height = renting.mock->height,
                                  .time_ms = time_ms};
    memcpy(challenge.lock, renting.lock.public.bytes, sizeof challenge.lock);
    return challenge;
}

static uint32_t use(const char *method, const struct challenge *challenge) {
    static const uint8_t none[32];
    struct buf arguments = {0};
    bool has_lock = memcmp(challenge->lock, none, sizeof none) != 0;
    encode_challenge(&arguments, challenge, &renting.phone, has_lock ? &renting.lock : NULL,
                     &renting.mock->chain_id);
    return call_and_clear(method, &arguments, 0);
}

uint32_t renting_start(const struct challenge *challenge) { return use("start", challenge); }

uint32_t renting_give_back(const struct challenge *challenge) {
    return use("give_back", challenge);
}

struct settled renting_settled(void) {
    ck_assert_uint_gt(renting.mock->event_count, 0);
    const struct event *event = &renting.mock->events[renting.mock->event_count - 1];
    ck_assert(bytes_equal(event->topic, bytes_of_string("settled")));
    const uint8_t *end = event->data.data + event->data.len;
    return (struct settled){.outcome = end[-OUTCOME_FROM_END],
                            .minutes = load_u64_le(end - MINUTES_FROM_END),
                            .bill = load_u64_le(end - MINUTES_FROM_END + 8),
                            .refund = load_u64_le(end - MINUTES_FROM_END + 16)};
}
