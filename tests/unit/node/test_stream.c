// SPDX-License-Identifier: Apache-2.0
// Envelopes by signed transactions: a sender's row has no gap and no second end.
#include "chaincore/contract/stream.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;
static struct enc_secret_key reader;
static struct enc_public_key reader_key;

static void begin_chain(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
    enc_key_generate(&reader, &reader_key);
}
static void clear_chain(void) { fixture_clear(&fixture); }

static struct stream stream_of(int who) {
    struct stream stream;
    struct state_version *version = node_state(fixture.node);
    stream_load(&stream, state_version_view(version), &fixture.ids[who]);
    node_state_release(version);
    return stream;
}

// Appends the envelope that follows `stream`, as account 0 would send it to account 1.
static void add_envelope(struct tx *tx, struct buf *storage, const struct stream *stream) {
    struct envelope_key recipient = {.id = fixture.ids[1], .version = 1, .key = reader_key};
    struct envelope_place place = {.chain_id = *node_chain_id(fixture.node),
                                   .sender = fixture.ids[0],
                                   .seq = stream->seq + 1,
                                   .previous = stream->head};
    struct envelope_plain plain = {
        .recipient_count = 1, .recipients = &recipient, .content = bytes_of_string("4.2 degrees")};
    struct tx_action *action = &tx->actions[tx->action_count++];
    *action = (struct tx_action){.kind = TX_DATA};
    assert_ok(envelope_seal(&action->data, storage, &place, &plain));
}

static void check_code(struct receipt receipt, const char *expected) {
    ck_assert_str_eq(tx_code_name(receipt.code), expected);
}

START_TEST(a_row_grows_by_one_envelope_after_the_other) {
    struct tx tx;
    struct buf storage[2] = {{0}, {0}};
    struct hash head;
    for (uint64_t round = 0; round < 3; round++) {
        struct stream stream = stream_of(0);
        ck_assert_uint_eq(stream.seq, 2 * round);
        fixture_begin(&fixture, &tx, 0);
        add_envelope(&tx, &storage[0], &stream);
        stream.seq++;
        envelope_hash(&stream.head, &tx.actions[0].data);
        add_envelope(&tx, &storage[1], &stream);
        envelope_hash(&head, &tx.actions[1].data);
        check_code(fixture_run(&fixture, &tx, 0), "OK");
        stream = stream_of(0);
        ck_assert_uint_eq(stream.seq, 2 * round + 2);
        ck_assert(hash_equal(&stream.head, &head));
    }
    buf_clear(&storage[0]);
    buf_clear(&storage[1]);
}
END_TEST

START_TEST(a_gap_a_repeat_and_another_head_fail_and_change_nothing) {
    struct tx tx;
    struct buf storage = {0};
    struct stream stream = stream_of(0), other;
    fixture_begin(&fixture, &tx, 0);
    add_envelope(&tx, &storage, &stream);
    check_code(fixture_run(&fixture, &tx, 0), "OK");
    stream = stream_of(0);
    struct stream wrong[4] = {stream, stream, stream, stream};
    wrong[0].seq = 0;              // again
    wrong[1].seq = 2;              // a gap
    wrong[2].head.bytes[0] ^= 1;   // another envelope before it
    wrong[3].seq = UINT64_MAX - 1; // the end of all numbers
    for (int i = 0; i < 4; i++) {
        fixture_begin(&fixture, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[2], .amount = amount_of_units(9)}};
        add_envelope(&tx, &storage, &wrong[i]);
        check_code(fixture_run(&fixture, &tx, 0), "WRONG_ENVELOPE");
        other = stream_of(0);
        ck_assert_mem_eq(&other, &stream, sizeof stream);
    }
    struct account account;
    uint64_t next_seq;
    struct amount start;
    assert_ok(amount_parse(&start, "1000"));
    node_account(fixture.node, &fixture.ids[2], &account, &next_seq);
    ck_assert_int_eq(amount_compare(account.balance, start), 0); // not even the transfer before it
    buf_clear(&storage);
}
END_TEST

START_TEST(a_failing_action_behind_it_takes_the_envelope_back) {
    struct tx tx;
    struct buf storage = {0};
    struct stream stream = stream_of(0);
    fixture_begin(&fixture, &tx, 0);
    add_envelope(&tx, &storage, &stream);
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_RESIGN_CANDIDATE};
    check_code(fixture_run(&fixture, &tx, 0), "NOT_A_CANDIDATE");
    stream = stream_of(0);
    ck_assert_uint_eq(stream.seq, 0);
    buf_clear(&storage);
}
END_TEST

START_TEST(the_first_one_locks_a_deposit) {
    struct tx tx;
    struct buf storage = {0};
    struct account account;
    uint64_t next_seq;
    struct stream stream = stream_of(0);
    fixture_begin(&fixture, &tx, 0);
    add_envelope(&tx, &storage, &stream);
    check_code(fixture_run(&fixture, &tx, 0), "OK");
    node_account(fixture.node, &fixture.ids[0], &account, &next_seq);
    ck_assert_uint_eq(account.deposit.bytes, STREAM_BYTES);
    ck_assert_int_eq(
        amount_compare(account.deposit.amount, amount_of_units(UINT64_C(10) * STREAM_BYTES)), 0);
    // The second locks nothing more.
    stream = stream_of(0);
    fixture_begin(&fixture, &tx, 0);
    add_envelope(&tx, &storage, &stream);
    check_code(fixture_run(&fixture, &tx, 0), "OK");
    node_account(fixture.node, &fixture.ids[0], &account, &next_seq);
    ck_assert_uint_eq(account.deposit.bytes, STREAM_BYTES);
    buf_clear(&storage);
}
END_TEST

START_TEST(whom_it_was_sent_to_reads_it_out_of_the_block) {
    struct tx tx, sent;
    struct buf storage = {0}, plain = {0};
    struct hash id;
    struct buf encoded = {0}, whole = {0};
    static struct tx_proof proof;
    struct stream stream = stream_of(0);
    fixture_begin(&fixture, &tx, 0);
    add_envelope(&tx, &storage, &stream);
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    check_code(fixture_await(&fixture, &id), "OK");
    assert_ok(node_prove_tx(fixture.node, &id, &(struct node_believed){0}, &encoded));
    assert_ok(tx_proof_decode(&proof, buf_bytes(&encoded)));
    buf_append(&whole, proof.body);
    buf_append(&whole, proof.signatures);
    assert_ok(tx_decode(&sent, buf_bytes(&whole)));
    struct envelope_place place = {.chain_id = *node_chain_id(fixture.node),
                                   .sender = sent.sender,
                                   .seq = sent.actions[0].data.seq,
                                   .previous = sent.actions[0].data.previous};
    struct envelope_reader by = {.id = fixture.ids[1], .key = reader};
    assert_ok(envelope_open(&plain, &sent.actions[0].data, &place, &by));
    assert_bytes_equal(buf_bytes(&plain), bytes_of_string("4.2 degrees"));
    buf_clear(&encoded);
    buf_clear(&whole);
    buf_clear(&storage);
    buf_clear(&plain);
}
END_TEST

Suite *stream_suite(void) {
    Suite *suite = suite_create("stream");
    TCase *cases = tcase_create("stream");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, begin_chain, clear_chain);
    tcase_add_test(cases, a_row_grows_by_one_envelope_after_the_other);
    tcase_add_test(cases, a_gap_a_repeat_and_another_head_fail_and_change_nothing);
    tcase_add_test(cases, a_failing_action_behind_it_takes_the_envelope_back);
    tcase_add_test(cases, the_first_one_locks_a_deposit);
    tcase_add_test(cases, whom_it_was_sent_to_reads_it_out_of_the_block);
    suite_add_tcase(suite, cases);
    return suite;
}
