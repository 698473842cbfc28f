// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/genesis.h"

#include "chaincore/base/arena.h"
#include "tests/unit/chain/suites.h"

enum { MANY = 2 };

// One that is whole, to be made wrong in one place.
struct sample {
    struct genesis_account accounts[MANY];
    struct genesis_witness witnesses[MANY];
    struct genesis_contract contracts[MANY];
    struct genesis genesis;
};

static void make_sample(struct sample *out) {
    *out = (struct sample){
        .accounts = {{.id = {{1}}, .balance = amount_of_units(5)},
                     {.id = {{2}}, .balance = amount_of_units(6)}},
        .witnesses = {{.account = {{1}}, .key = {{3}}}, {.account = {{1}}, .key = {{4}}}},
        .contracts = {{.name = bytes_of_string("a")},
                      {.name = bytes_of_string("b-2"), .arguments = bytes_of_string("init")}}};
    out->genesis = (struct genesis){.name = bytes_of_string("test"),
                                    .time_ms = 7,
                                    .params = {.block_interval_ms = 1,
                                               .epoch_blocks = 2,
                                               .block_gas_limit = 1,
                                               .min_witnesses = 1,
                                               .protocol = 1},
                                    .account_count = MANY,
                                    .accounts = out->accounts,
                                    .witness_count = MANY,
                                    .witnesses = out->witnesses,
                                    .contract_count = MANY,
                                    .contracts = out->contracts};
}

static enum status read_again(const struct sample *sample) {
    struct buf encoded = {0};
    struct arena arena = {0};
    struct genesis back;
    genesis_encode(&encoded, &sample->genesis);
    enum status status = genesis_decode(&back, &arena, buf_bytes(&encoded));
    arena_clear(&arena);
    buf_clear(&encoded);
    return status;
}

static enum status read_head_again(const struct sample *sample) {
    struct buf encoded = {0};
    struct genesis_head back;
    genesis_head_encode(&encoded, &sample->genesis);
    enum status status = genesis_head_decode(&back, buf_bytes(&encoded));
    buf_clear(&encoded);
    return status;
}

START_TEST(a_genesis_comes_back_whole_and_in_no_part) {
    struct sample sample;
    struct buf encoded = {0}, again = {0};
    struct arena arena = {0};
    struct genesis back;
    make_sample(&sample);
    genesis_encode(&encoded, &sample.genesis);
    assert_ok(genesis_decode(&back, &arena, buf_bytes(&encoded)));
    genesis_encode(&again, &back);
    assert_bytes_equal(buf_bytes(&again), buf_bytes(&encoded));
    for (size_t len = 0; len < encoded.len; len++)
        ck_assert_int_ne(genesis_decode(&back, &arena, bytes_of(encoded.data, len)), STATUS_OK);
    buf_append_byte(&encoded, 0);
    assert_status(genesis_decode(&back, &arena, buf_bytes(&encoded)), STATUS_TRAILING);
    arena_clear(&arena);
    buf_clear(&encoded);
    buf_clear(&again);
}
END_TEST

START_TEST(what_no_chain_can_begin_with_is_refused) {
    enum { WRONG = 16 };
    struct sample samples[WRONG];
    for (int i = 0; i < WRONG; i++) make_sample(&samples[i]);
    assert_ok(read_again(&samples[0]));
    samples[0].genesis.params.block_interval_ms = 0;
    samples[1].genesis.params.epoch_blocks = 1;
    samples[2].genesis.params.block_gas_limit = 0;
    samples[3].accounts[1].id = samples[3].accounts[0].id;
    samples[4].accounts[0].id = (struct account_id){{9}};
    samples[5].accounts[1].balance = amount_of_units(GENESIS_MAX_SUPPLY - 4);
    samples[6].accounts[0].balance = samples[6].accounts[1].balance = amount_of_units(UINT64_MAX);
    samples[7].genesis.witness_count = 0;
    samples[8].witnesses[1].key = samples[8].witnesses[0].key;
    samples[9].contracts[1].name = samples[9].contracts[0].name;
    samples[10].contracts[1].name = bytes_of_string("../b");
    samples[11].contracts[0].name = bytes_of_string("");
    samples[12].contracts[0].name = bytes_of_string("c");
    samples[13].genesis.params.min_witnesses = 0;
    samples[14].genesis.params.min_witnesses = LIMIT_WITNESSES + 1;
    samples[15].genesis.params.protocol = 0;
    for (int i = 0; i < WRONG; i++) {
        bool is_of_accounts = i >= 3 && i <= 6; // which a head does not show
        assert_status(read_again(&samples[i]), STATUS_INVALID);
        assert_status(read_head_again(&samples[i]), is_of_accounts ? STATUS_OK : STATUS_INVALID);
    }
    make_sample(&samples[0]);
    samples[0].accounts[1].balance = amount_of_units(GENESIS_MAX_SUPPLY - 5);
    assert_ok(read_again(&samples[0]));
}
END_TEST

START_TEST(its_head_says_what_a_client_needs_and_names_the_chain) {
    struct sample sample;
    struct buf encoded = {0};
    struct genesis_head head;
    struct hash id, other;
    make_sample(&sample);
    genesis_head_encode(&encoded, &sample.genesis);
    assert_ok(genesis_head_decode(&head, buf_bytes(&encoded)));
    assert_bytes_equal(head.name, bytes_of_string("test"));
    ck_assert_uint_eq(head.time_ms, 7);
    ck_assert_uint_eq(head.params.epoch_blocks, 2);
    ck_assert_uint_eq(head.set.count, MANY);
    ck_assert(memcmp(&head.set.keys[1], &sample.witnesses[1].key, 32) == 0);
    ck_assert_uint_eq(head.contract_count, MANY);
    assert_bytes_equal(head.contracts[1].name, bytes_of_string("b-2"));
    genesis_chain_id(&id, &sample.genesis);
    genesis_head_id(&other, buf_bytes(&encoded));
    ck_assert(hash_equal(&id, &other));
    // What stands in it as a hash names the chain as well.
    sample.accounts[1].balance = amount_of_units(7);
    genesis_chain_id(&other, &sample.genesis);
    ck_assert(!hash_equal(&id, &other));
    make_sample(&sample);
    sample.contracts[1].arguments = bytes_of_string("Init");
    genesis_chain_id(&other, &sample.genesis);
    ck_assert(!hash_equal(&id, &other));
    for (size_t len = 0; len < encoded.len; len++)
        ck_assert_int_ne(genesis_head_decode(&head, bytes_of(encoded.data, len)), STATUS_OK);
    buf_append_byte(&encoded, 0);
    assert_status(genesis_head_decode(&head, buf_bytes(&encoded)), STATUS_TRAILING);
    buf_clear(&encoded);
}
END_TEST

START_TEST(the_largest_head_is_as_large_as_its_bound) {
    static struct genesis_witness witnesses[LIMIT_WITNESSES];
    static struct genesis_contract contracts[GENESIS_MAX_CONTRACTS];
    static uint8_t names[GENESIS_MAX_CONTRACTS][GENESIS_MAX_NAME];
    struct sample sample;
    struct buf encoded = {0};
    struct genesis_head head;
    make_sample(&sample);
    for (uint8_t i = 0; i < LIMIT_WITNESSES; i++) witnesses[i].key.bytes[0] = i;
    memset(names, 'n', sizeof names);
    for (uint8_t i = 0; i < GENESIS_MAX_CONTRACTS; i++) {
        names[i][0] = (uint8_t)('a' + i);
        contracts[i].name = BYTES_OF(names[i]);
    }
    sample.genesis.name = BYTES_OF(names[0]);
    sample.genesis.witness_count = LIMIT_WITNESSES;
    sample.genesis.witnesses = witnesses;
    sample.genesis.contract_count = GENESIS_MAX_CONTRACTS;
    sample.genesis.contracts = contracts;
    genesis_head_encode(&encoded, &sample.genesis);
    ck_assert_uint_eq(encoded.len, GENESIS_HEAD_MAX_BYTES);
    assert_ok(genesis_head_decode(&head, buf_bytes(&encoded)));
    buf_clear(&encoded);
}
END_TEST

Suite *genesis_suite(void) {
    Suite *suite = suite_create("genesis");
    TCase *cases = tcase_create("genesis");
    tcase_add_test(cases, a_genesis_comes_back_whole_and_in_no_part);
    tcase_add_test(cases, its_head_says_what_a_client_needs_and_names_the_chain);
    tcase_add_test(cases, the_largest_head_is_as_large_as_its_bound);
    tcase_add_test(cases, what_no_chain_can_begin_with_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
