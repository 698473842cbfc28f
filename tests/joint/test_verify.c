// SPDX-License-Identifier: Apache-2.0
// What `lmm verify` tells a person, and a program, of proofs that a node has made.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/crypto/address.h"
#include "chaincore/light/light.h"
#include "tests/support/light_chain.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

enum { FLIPS = 97 };
static const char PERIOD_IS_OVER[] = " That is more than 7 days ago: only one who follows\nthe "
                                     "chain can tell whether witnesses that "
                                     "have left since have signed another past.";

static struct fixture fixture;
static struct account_id deployed; // a contract of somebody's
static struct buf file, said, complained;
static int exit_status;

static struct receipt run_action(const struct tx_action *action, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = *action;
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, id), TX_CODE_OK);
    return fixture_await(&fixture, id);
}

static const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture.folder, name);
    return path;
}

static void set_up(void) {
    struct fixture_contract contract = {.name = "puppet", .path = "tests/support/puppet.wasm"};
    struct hash id;
    fixture_init(&fixture, &contract);
    assert_ok(fixture_open(&fixture));
    struct tx_action deploy = {.kind = TX_DEPLOY,
                               .deploy = {.code = buf_bytes(&fixture.contract_code)}};
    ck_assert_uint_eq(run_action(&deploy, &id).code, TX_CODE_OK);
    account_id_of_deployed(&deployed, &id, 0);
    assert_ok(file_replace(path_of("genesis"), node_genesis_bytes(fixture.node), 0600));
}

static void tear_down(void) {
    buf_clear(&file);
    buf_clear(&said);
    buf_clear(&complained);
    fixture_clear(&fixture);
}

// Has the contract say `topic` with the hash of the payload, and makes the file of its proof.
static struct node_tx prove(const struct account_id *contract, const char *topic,
                            const char *payload) {
    struct buf arguments = {0}, proof = {0};
    struct hash id, hash;
    struct node_tx found;
    hash_bytes(&hash, HASH_USER, bytes_of_string(payload));
    encode_u8(&arguments, PUPPET_EVENT);
    encode_bytes(&arguments, bytes_of_string(topic));
    encode_bytes(&arguments, BYTES_OF(hash.bytes));
    struct tx_action call = {.kind = TX_CALL,
                             .call = {.contract = *contract,
                                      .method = bytes_of_string("act"),
                                      .arguments = buf_bytes(&arguments)}};
    ck_assert_uint_eq(run_action(&call, &id).code, TX_CODE_OK);
    assert_ok(node_find_tx(fixture.node, &id, &found));
    struct node_event_wish wish = {.place = {found.height, found.index, 0},
                                   .payload = bytes_of_string(payload)};
    assert_ok(node_prove_event(fixture.node, &wish, &proof));
    buf_reset(&file);
    proof_file_write(&file, node_chain_id(fixture.node), buf_bytes(&proof));
    buf_clear(&proof);
    buf_clear(&arguments);
    return found;
}

static void verify(const char *genesis, const char *options) {
    char command[512];
    assert_ok(file_replace(path_of("proof"), buf_bytes(&file), 0600));
    const char *at = fixture.folder;
    snprintf(command, sizeof command,
             "./lmm verify %s/proof --genesis %s/%s %s >%s/said 2>%s/complained", at, at, genesis,
             options, at, at);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    exit_status = WEXITSTATUS(status);
    buf_reset(&said);
    buf_reset(&complained);
    assert_ok(file_read(&said, path_of("said"), 1 << 16));
    assert_ok(file_read(&complained, path_of("complained"), 1 << 16));
}

static void check_refused(const char *complaint) {
    ck_assert_int_eq(exit_status, 1);
    ck_assert_uint_eq(said.len, 0);
    ck_assert_str_eq(buf_as_string(&complained), complaint);
}

// The lines that are the same for every contract.
static void check_said(const struct node_tx *tx, const char *who, const char *rest) {
    char expected[1024], time[25], id[65];
    struct buf block = {0};
    struct header header;
    assert_ok(node_read_block(fixture.node, tx->height, &block));
    assert_ok(block_decode_header(&header, buf_bytes(&block)));
    buf_clear(&block);
    clock_format_utc(time, (int64_t)header.time_ms);
    hex_encode(id, BYTES_OF(tx->receipt.tx_id.bytes));
    snprintf(expected, sizeof expected,
             "Verified: final at %s (height %llu), signed by 4 of 4 witnesses.\n"
             "Genesis named them at 1970-01-01T00:00:01.000Z.%s\n%s said %s",
             time, (unsigned long long)tx->height, PERIOD_IS_OVER, who, rest);
    char *place = strstr(expected, "TX");
    ck_assert_ptr_nonnull(place);
    memmove(place + 64, place + 2, strlen(place + 2) + 1);
    memcpy(place, id, 64);
    ck_assert_str_eq(buf_as_string(&said), expected);
    ck_assert_int_eq(exit_status, 0);
    ck_assert_uint_eq(complained.len, 0);
}

static json_t *said_json(void) {
    json_error_t error;
    json_t *json = json_loadb((const char *)said.data, said.len, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s: %s", error.text, buf_as_string(&said));
    ck_assert_int_eq(exit_status, 0);
    return json;
}

START_TEST(a_good_proof_is_told_in_a_sentence) {
    char address[ADDRESS_CHARS + 1], who[160];
    struct node_tx tx = prove(&fixture.contract, "captured", "{\"what\": 1}");
    address_encode(address, fixture.contract.bytes);
    snprintf(who, sizeof who, "The chain's own contract puppet (%s)", address);
    verify("genesis", "");
    check_said(&tx, who, "\"captured\" in transaction TX.\nIt commits to:\n{\"what\": 1}\n");
    verify("genesis", "--json");
    json_t *json = said_json();
    ck_assert(json_is_true(json_object_get(json, "verified")));
    ck_assert_str_eq(json_string_value(json_object_get(json, "contract")), address);
    ck_assert_str_eq(json_string_value(json_object_get(json, "contract_name")), "puppet");
    ck_assert_str_eq(json_string_value(json_object_get(json, "topic")), "captured");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "height")), (json_int_t)tx.height);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "signers")), 4);
    ck_assert_str_eq(json_string_value(json_object_get(json, "trusted_since")),
                     "1970-01-01T00:00:01.000Z");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "hand_overs")), 0);
    ck_assert(json_is_true(json_object_get(json, "is_trusting_period_over")));
    json_decref(json);
}
END_TEST

START_TEST(a_contract_that_anybody_deployed_is_called_so_and_commands_no_terminal) {
    char address[ADDRESS_CHARS + 1], who[160];
    static const char topic[] = "captured\",\"topic\":\"x\x1b[2J";
    struct node_tx tx = prove(&deployed, topic, "a\x1b]0;b\x07\r\xc2\x9b\xff\tc");
    address_encode(address, deployed.bytes);
    snprintf(who, sizeof who,
             "Contract %s, which is no part of the chain's genesis: anybody may have deployed it. "
             "It",
             address);
    verify("genesis", "");
    check_said(&tx, who,
               "\"captured\",\"topic\":\"x\\x1b[2J\" in transaction TX.\nIt commits to:\n"
               "a\\x1b]0;b\\x07\\x0d\\xc2\\x9b\\xff\tc\n");
    verify("genesis", "--json");
    json_t *json = said_json();
    ck_assert_ptr_null(json_string_value(json_object_get(json, "contract_name")));
    ck_assert_str_eq(json_string_value(json_object_get(json, "topic")),
                     "captured\",\"topic\":\"x\\x1b[2J");
    json_decref(json);
}
END_TEST

// The proof of an event on a chain that began at this time and whose witnesses change; what is said
// of them.
static void verify_made(uint64_t begin_ms, const char *trust) {
    struct light_chain_plan plan = {.begin_ms = begin_ms,
                                    .epochs = 3,
                                    .epoch_blocks = 3,
                                    .interval_ms = 1000,
                                    .witnesses = 4,
                                    .change = 4};
    struct light_chain chain;
    struct light_chain_proof made;
    struct buf encoded = {0}, expected = {0};
    char time[25];
    light_chain_make(&chain, &plan);
    assert_ok(light_chain_prove(&made, &chain, 1, chain.count - 1));
    event_proof_encode(&encoded, &made.proof);
    buf_reset(&file);
    proof_file_write(&file, &chain.chain_id, buf_bytes(&encoded));
    assert_ok(file_replace(path_of("made"), buf_bytes(&chain.genesis), 0600));
    verify("made", "");
    ck_assert_int_eq(exit_status, 0);
    clock_format_utc(time, (int64_t)begin_ms);
    buf_append_format(&expected,
                      "signed by 3 of 4 witnesses.\n"
                      "The witnesses of genesis (%s) handed over to them in 2 steps.%s\n"
                      "The chain's own contract speaker (",
                      time, trust);
    ck_assert_msg(strstr(buf_as_string(&said), buf_as_string(&expected)) != NULL, "%s",
                  buf_as_string(&said));
    light_chain_proof_clear(&made);
    light_chain_clear(&chain);
    buf_clear(&encoded);
    buf_clear(&expected);
}

START_TEST(it_says_how_far_signatures_reach_in_time) {
    uint64_t now_ms = clock_wall_ms(), day_ms = UINT64_C(24) * 3600 * 1000;
    verify_made(now_ms - 6 * day_ms, "");
    verify_made(now_ms - 8 * day_ms, PERIOD_IS_OVER);
    verify_made(now_ms + day_ms, " By this computer's clock they signed in the future.");
}
END_TEST

START_TEST(a_flipped_bit_anywhere_is_not_verified) {
    static const char start[] = "lmm: not verified: ";
    prove(&fixture.contract, "captured", "{\"what\": 1}");
    for (size_t i = 0; i < FLIPS; i++) {
        size_t at = (file.len - 2) * i / (FLIPS - 1); // all but the last line's end
        file.data[at] ^= 1; // most digits stay digits: the form alone gives nothing away
        verify("genesis", "");
        file.data[at] ^= 1;
        ck_assert_msg(exit_status == 1 && said.len == 0, "byte %zu: %s", at, buf_as_string(&said));
        ck_assert_msg(strncmp(buf_as_string(&complained), start, sizeof start - 1) == 0, "%s",
                      buf_as_string(&complained));
    }
    verify("genesis", "");
    ck_assert_int_eq(exit_status, 0);
}
END_TEST

START_TEST(the_reason_is_told_why_a_proof_does_not_hold) {
    struct buf other = {0};
    struct arena arena = {0};
    struct genesis genesis;
    struct hash chain_id;
    prove(&fixture.contract, "captured", "{\"what\": 1}");
    buf_append(&other, node_genesis_bytes(fixture.node));
    other.data[1 + 4] ^= 1; // the first letter of its name
    assert_ok(file_replace(path_of("other"), buf_bytes(&other), 0600));
    verify("other", "");
    check_refused("lmm: not verified: the proof is of another chain\n");
    // A file that only claims to be of that chain.
    assert_ok(genesis_decode(&genesis, &arena, buf_bytes(&other)));
    genesis_chain_id(&chain_id, &genesis);
    arena_clear(&arena);
    char *claim = strstr(buf_as_string(&file), "\"chain_id\":\"");
    ck_assert_ptr_nonnull(claim);
    char digits[65];
    hex_encode(digits, BYTES_OF(chain_id.bytes));
    memcpy(claim + strlen("\"chain_id\":\""), digits, 64);
    verify("other", "");
    check_refused("lmm: not verified: the proof is of another chain\n");
    // The payload stands at the end.
    prove(&fixture.contract, "captured", "{\"what\": 1}");
    char *end = strstr(buf_as_string(&file), "\"}");
    ck_assert_ptr_nonnull(end);
    end[-1] = end[-1] == '0' ? '1' : '0';
    verify("genesis", "");
    check_refused("lmm: not verified: the content is not what the event commits to\n");
    buf_reset(&file);
    buf_append_string(&file, "{}\n");
    verify("genesis", "");
    ck_assert_int_eq(exit_status, 1);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&complained), "this is not a proof file"));
    verify("nothing", "");
    ck_assert_int_eq(exit_status, 2);
    buf_clear(&other);
}
END_TEST

// ---- what is no event

static void put_file(const struct buf *proof) {
    buf_reset(&file);
    proof_file_write(&file, node_chain_id(fixture.node), buf_bytes(proof));
}

static void check_member(const json_t *json, const char *name, const char *expected) {
    ck_assert_str_eq(json_string_value(json_object_get(json, name)), expected);
}

static void flips_are_refused(void) {
    for (size_t i = 0; i < FLIPS; i += 4) {
        size_t at = (file.len - 2) * i / (FLIPS - 1);
        file.data[at] ^= 1;
        verify("genesis", "");
        file.data[at] ^= 1;
        ck_assert_msg(exit_status == 1 && said.len == 0, "byte %zu: %s", at, buf_as_string(&said));
    }
}

START_TEST(a_transaction_is_told_with_what_came_of_it) {
    char id[65], sender[ADDRESS_CHARS + 1];
    struct buf proof = {0}, expected = {0};
    struct hash failed;
    struct node_tx tx = prove(&fixture.contract, "captured", "1");
    address_encode(sender, fixture.ids[0].bytes);
    hex_encode(id, BYTES_OF(tx.receipt.tx_id.bytes));
    assert_ok(node_prove_tx(fixture.node, &tx.receipt.tx_id, &(struct node_believed){0}, &proof));
    put_file(&proof);
    verify("genesis", "");
    buf_append_format(&expected, "Transaction %s, sent by %s, did what it says.\n", id, sender);
    ck_assert_int_eq(exit_status, 0);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&said), buf_as_string(&expected)));
    flips_are_refused();
    struct tx_action call = {.kind = TX_CALL,
                             .call = {.contract = fixture.contract,
                                      .method = bytes_of_string("nothing"),
                                      .arguments = bytes_of("", 0)}};
    ck_assert_uint_eq(run_action(&call, &failed).code, TX_CODE_UNKNOWN_METHOD);
    buf_reset(&proof);
    assert_ok(node_prove_tx(fixture.node, &failed, &(struct node_believed){0}, &proof));
    put_file(&proof);
    verify("genesis", "--json");
    json_t *json = said_json();
    hex_encode(id, BYTES_OF(failed.bytes));
    check_member(json, "kind", "transaction");
    check_member(json, "tx", id);
    check_member(json, "sender", sender);
    check_member(json, "code", "UNKNOWN_METHOD");
    json_decref(json);
    buf_clear(&proof);
    buf_clear(&expected);
}
END_TEST

// Makes the file of what stands under a key, and has it told.
static void verify_entry(enum state_space space, const struct account_id *id, struct bytes rest,
                         const char *options) {
    struct state_key key;
    struct buf proof = {0};
    state_key_make(&key, space, id, rest);
    assert_ok(
        node_prove_entry(fixture.node, state_key_bytes(&key), &(struct node_believed){0}, &proof));
    put_file(&proof);
    buf_clear(&proof);
    verify("genesis", options);
    ck_assert_int_eq(exit_status, 0);
}

START_TEST(an_entry_of_the_state_is_told_in_words) {
    static const struct account_id nobody = {{9}};
    struct account account;
    char address[ADDRESS_CHARS + 1], balance[AMOUNT_TEXT_MAX], expected[256];
    prove(&fixture.contract, "captured", "1"); // of genesis alone nothing is signed
    struct state_version *version = node_state(fixture.node);
    account_load(&account, state_version_view(version), &fixture.ids[0]);
    node_state_release(version);
    amount_format(balance, account.balance);
    address_encode(address, fixture.ids[0].bytes);
    verify_entry(STATE_ACCOUNT, &fixture.ids[0], bytes_of("", 0), "");
    snprintf(expected, sizeof expected,
             "After this block: Account %s holds %s LMM, and its next sequence number is %llu.\n",
             address, balance, (unsigned long long)account.next_seq);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&said), expected));
    flips_are_refused();
    verify_entry(STATE_ACCOUNT, &fixture.ids[0], bytes_of("", 0), "--json");
    json_t *json = said_json();
    check_member(json, "kind", "state");
    check_member(json, "address", address);
    check_member(json, "balance", balance);
    json_decref(json);
    address_encode(address, nobody.bytes);
    verify_entry(STATE_ACCOUNT, &nobody, bytes_of("", 0), "");
    snprintf(expected, sizeof expected, "After this block: Account %s is not there.\n", address);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&said), expected));
    address_encode(address, fixture.contract.bytes);
    verify_entry(STATE_CONTRACT, &fixture.contract, bytes_of("", 0), "");
    snprintf(expected, sizeof expected, "After this block: Contract %s has the code ", address);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&said), expected));
    verify_entry(STATE_STORAGE, &fixture.contract, bytes_of_string("key"), "");
    snprintf(expected, sizeof expected,
             "After this block: Contract %s keeps nothing under 6b6579.\n", address);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&said), expected));
}
END_TEST

START_TEST(a_block_is_told_by_its_id) {
    struct buf proof = {0};
    struct node_tx tx = prove(&fixture.contract, "captured", "1");
    assert_ok(node_prove_block(fixture.node, tx.height, &(struct node_believed){0}, &proof));
    put_file(&proof);
    verify("genesis", "");
    ck_assert_int_eq(exit_status, 0);
    ck_assert_ptr_nonnull(strstr(buf_as_string(&said), " is the chain's.\n"));
    flips_are_refused();
    verify("genesis", "--json");
    json_t *json = said_json();
    check_member(json, "kind", "block");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "height")), (json_int_t)tx.height);
    json_decref(json);
    buf_clear(&proof);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("lmm verify");
    TCase *cases = tcase_create("lmm verify");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_good_proof_is_told_in_a_sentence);
    tcase_add_test(cases, a_contract_that_anybody_deployed_is_called_so_and_commands_no_terminal);
    tcase_add_test(cases, it_says_how_far_signatures_reach_in_time);
    tcase_add_test(cases, a_flipped_bit_anywhere_is_not_verified);
    tcase_add_test(cases, the_reason_is_told_why_a_proof_does_not_hold);
    tcase_add_test(cases, a_transaction_is_told_with_what_came_of_it);
    tcase_add_test(cases, an_entry_of_the_state_is_told_in_words);
    tcase_add_test(cases, a_block_is_told_by_its_id);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
