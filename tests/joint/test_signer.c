// SPDX-License-Identifier: Apache-2.0
// What a server's signer accepted gets onto the chain, whatever dies meanwhile.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "apps/common/db/db.h"
#include "apps/common/server/signer.h"
#include "chaincore/base/limits.h"
#include "tests/joint/signer_suites.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

enum { OURS = 0, OTHER = 1, MILL = 2, RECEIVER = 3 };

static struct fixture fixture;
static struct signer_set *signers;
static struct signer_key *signer; // that signs
static size_t named_count;        // accounts beside the own one: the mill, or none
static struct arena arena;
static char outbox_path[96], waiting_path[96];

static void open_with(const struct secret_key *own) {
    struct server_account mill = {.name = "mill", .key = fixture.keys[MILL]};
    struct signer_set_config config = {.node = fixture.node,
                                       .path = outbox_path,
                                       .own = own,
                                       .accounts = &mill,
                                       .account_count = named_count};
    assert_ok(signer_set_open(&signers, &config));
    signer = signer_set_own(signers);
}

static void open_signer(void) { open_with(&fixture.keys[OURS]); }

static void set_up(void) {
    named_count = 0;
    fixture_init_counter(&fixture);
    snprintf(outbox_path, sizeof outbox_path, "%s/outbox.db", fixture.folder);
    snprintf(waiting_path, sizeof waiting_path, "%s/waiting", fixture.folder);
    assert_ok(fixture_open_idle(&fixture));
    open_signer();
}

static void close_both(void) {
    if (fixture.node) node_stop(fixture.node);
    signer_set_close(signers);
    signers = NULL;
    fixture_close(&fixture);
}

static void tear_down(void) {
    close_both();
    fixture_clear(&fixture);
    arena_clear(&arena);
}

// As after kill -9: the mempool is gone.
static void crash(void) {
    close_both();
    unlink(waiting_path);
    assert_ok(fixture_open_idle(&fixture));
    open_signer();
}

static void start(void) {
    assert_ok(signer_set_start(signers));
    assert_ok(node_start(fixture.node));
}

static enum tx_code submit(uint8_t name, size_t count) {
    struct signer_order *orders = arena_alloc_array(&arena, count, sizeof *orders);
    enum tx_code code;
    for (size_t i = 0; i < count; i++)
        orders[i] = (struct signer_order){
            .action = {.kind = TX_TRANSFER,
                       .transfer = {.to = fixture.ids[RECEIVER], .amount = amount_of_units(1)}},
            .gas_limit = 2000000};
    struct signer_job job = {.id = {name}, .orders = orders, .count = count};
    assert_ok(signer_submit(signer, &job, &code));
    return code;
}

static struct outbox_job find(uint8_t name) {
    struct outbox_job job;
    const uint8_t id[OUTBOX_JOB_BYTES] = {name};
    assert_ok(signer_set_find_job(signers, id, &arena, &job));
    return job;
}

static bool is_known(uint8_t name) {
    struct outbox_job job;
    const uint8_t id[OUTBOX_JOB_BYTES] = {name};
    return signer_set_find_job(signers, id, &arena, &job) == STATUS_OK;
}

static void wait_for_block(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    node_wait(fixture.node, head.header.height, 20);
}

// The job at its end. The follower looks after each block, or after a second without one.
static struct outbox_job await(uint8_t name) {
    for (;;) {
        struct outbox_job job = find(name);
        if (job.finished_ms > 0) return job;
        wait_for_block();
    }
}

static struct node_tx tx_of(const struct hash *id) {
    struct node_tx found;
    assert_ok(node_find_tx(fixture.node, id, &found));
    return found;
}

static void check_all_final(const struct outbox_job *job) {
    ck_assert_int_eq(job->code, TX_CODE_OK);
    for (size_t i = 0; i < job->tx_count; i++) {
        struct node_tx found = tx_of(&job->tx_ids[i]);
        ck_assert_int_eq(found.state, NODE_TX_FINAL);
        ck_assert_uint_eq(found.receipt.code, TX_CODE_OK);
    }
}

static uint64_t balance_of_receiver(void) {
    struct account account;
    uint64_t seq;
    node_account(fixture.node, &fixture.ids[RECEIVER], &account, &seq);
    return amount_units(account.balance);
}

static void begin_raw(struct tx *tx, int from) {
    fixture_begin(&fixture, tx, from);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[OTHER], .amount = amount_of_units(1)}};
}

// A transfer that no signer knows of.
static void send_raw(struct tx *tx, int from) {
    struct hash id;
    begin_raw(tx, from);
    ck_assert_int_eq(fixture_submit(&fixture, tx, from, &id), TX_CODE_OK);
}

START_TEST(a_job_becomes_final_and_says_so) {
    start();
    ck_assert_int_eq(submit('a', 3), TX_CODE_OK);
    struct outbox_job job = await('a');
    ck_assert_uint_eq(job.tx_count, 3);
    check_all_final(&job);
    ck_assert(!is_known('b'));
}
END_TEST

START_TEST(after_a_crash_the_same_transactions_become_final_once) {
    uint64_t before = balance_of_receiver();
    ck_assert_int_eq(submit('a', 3), TX_CODE_OK);
    ck_assert_int_eq(submit('b', 1), TX_CODE_OK);
    struct outbox_job promised[] = {find('a'), find('b')};
    crash();
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(tx_of(&promised[i].tx_ids[0]).state, NODE_TX_UNKNOWN);
    start();
    ck_assert_int_eq(submit('c', 1), TX_CODE_OK); // its number follows theirs
    struct outbox_job kept[] = {await('a'), await('b'), await('c')};
    for (int i = 0; i < 3; i++) check_all_final(&kept[i]);
    for (int i = 0; i < 2; i++)
        ck_assert_mem_eq(promised[i].tx_ids, kept[i].tx_ids,
                         kept[i].tx_count * sizeof *kept[i].tx_ids);
    crash();
    start();
    ck_assert_int_eq(submit('d', 1), TX_CODE_OK);
    await('d');
    ck_assert_uint_eq(balance_of_receiver(), before + 6);
}
END_TEST

START_TEST(a_number_that_got_lost_is_filled) {
    struct tx raw;
    send_raw(&raw, OURS);
    send_raw(&raw, OURS);
    ck_assert_int_eq(submit('a', 2), TX_CODE_OK);
    crash();
    start();
    struct outbox_job job = await('a');
    check_all_final(&job);
}
END_TEST

START_TEST(a_number_that_was_used_otherwise_fails_the_job_and_no_other) {
    struct tx raw;
    ck_assert_int_eq(submit('a', 1), TX_CODE_OK);
    ck_assert_int_eq(submit('b', 1), TX_CODE_OK);
    crash();
    send_raw(&raw, OURS); // before the signer has sent anything
    start();
    ck_assert_str_eq(tx_code_name(await('a').code), "WRONG_NONCE");
    struct outbox_job other = await('b');
    check_all_final(&other);
}
END_TEST

START_TEST(what_has_expired_fails_with_that_name) {
    struct outbox *outbox;
    struct outbox_config config = {
        .node = fixture.node, .path = outbox_path, .account = fixture.ids[OURS]};
    struct tx tx;
    struct buf encoded = {0};
    struct outbox_tx kept = {0};
    const uint8_t job[OUTBOX_JOB_BYTES] = {'x'};
    signer_set_close(signers);
    fixture_begin(&fixture, &tx, OURS);
    tx.valid_until = 1;
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_TRANSFER};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[OURS], node_chain_id(fixture.node)));
    tx_encode(&encoded, &tx);
    tx_id(&kept.id, &tx);
    kept.seq = tx.seq;
    kept.valid_until = tx.valid_until;
    kept.encoded = buf_bytes(&encoded);
    assert_ok(outbox_open(&outbox, &config));
    struct outbox_queue *queue = outbox_queue_of(outbox, &config.account);
    struct outbox_entry entry = {.job = job, .txs = &kept, .count = 1};
    assert_ok(outbox_put(queue, &entry));
    ck_assert_int_eq(outbox_put(queue, &entry), STATUS_EXISTS);
    outbox_close(outbox);
    buf_clear(&encoded);
    assert_ok(node_start(fixture.node));
    fixture_begin(&fixture, &tx, OTHER);
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_TRANSFER};
    fixture_run(&fixture, &tx, OTHER);
    open_signer();
    ck_assert_int_eq(submit('a', 1), TX_CODE_OK); // not held up by it
    assert_ok(signer_set_start(signers));
    ck_assert_str_eq(tx_code_name(await('x').code), "EXPIRED");
    struct outbox_job next = await('a');
    check_all_final(&next);
}
END_TEST

START_TEST(a_job_larger_than_the_mempool_takes_goes_out_as_room_comes) {
    enum { COUNT = LIMIT_MEMPOOL_TXS_PER_LANE + 50 };
    ck_assert_int_eq(submit('a', COUNT), TX_CODE_OK);
    ck_assert_str_eq(tx_code_name(submit('b', 1)), "MEMPOOL_FULL");
    ck_assert(!is_known('b'));
    start();
    struct outbox_job job = await('a');
    ck_assert_uint_eq(job.tx_count, COUNT);
    check_all_final(&job);
    ck_assert_int_eq(submit('b', 1), TX_CODE_OK);
}
END_TEST

START_TEST(what_is_refused_leaves_nothing_behind) {
    signer_set_close(signers);
    struct secret_key poor;
    struct public_key public;
    uint8_t seed[32] = {9};
    key_from_seed(&poor, &public, seed);
    open_with(&poor);
    ck_assert_str_eq(tx_code_name(submit('a', 2)), "CANNOT_PAY_GAS");
    ck_assert(!is_known('a'));
}
END_TEST

// --- more accounts than one ---

// Opened again, with the mill's key beside the own one.
static void add_mill(void) {
    signer_set_close(signers);
    named_count = 1;
    open_signer();
}

static enum tx_code submit_as(const char *name, uint8_t job, size_t count) {
    signer = signer_set_find(signers, name);
    ck_assert_ptr_nonnull(signer);
    return submit(job, count);
}

static const struct account_id *sender_of(uint8_t name) {
    struct outbox_job *job = arena_alloc(&arena, sizeof *job);
    *job = find(name);
    return &job->account;
}

START_TEST(each_name_signs_by_its_own_account) {
    add_mill();
    start();
    ck_assert_ptr_null(signer_set_find(signers, "bakery"));
    ck_assert_str_eq(signer_name(signer_set_at(signers, 0)), "server");
    ck_assert_str_eq(signer_name(signer_set_at(signers, 1)), "mill");
    ck_assert_ptr_null(signer_set_at(signers, 2));
    ck_assert_int_eq(submit_as("mill", 'a', 2), TX_CODE_OK);
    ck_assert_int_eq(submit_as("server", 'b', 1), TX_CODE_OK);
    for (int i = 0; i < 2; i++) {
        struct outbox_job job = await((uint8_t) "ab"[i]);
        const struct account_id *account = &fixture.ids[i == 0 ? MILL : OURS];
        check_all_final(&job);
        ck_assert(account_id_equal(&job.account, account));
        struct account now;
        uint64_t seq;
        node_account(fixture.node, account, &now, &seq);
        ck_assert_uint_eq(seq, i == 0 ? 2 : 1);
    }
}
END_TEST

START_TEST(after_a_crash_the_jobs_of_both_accounts_go_out_as_they_were_signed) {
    add_mill();
    ck_assert_int_eq(submit_as("mill", 'a', 3), TX_CODE_OK);
    ck_assert_int_eq(submit_as("server", 'b', 2), TX_CODE_OK);
    ck_assert_uint_eq(signer_waiting(signer_set_find(signers, "mill")), 3);
    struct outbox_job promised[] = {find('a'), find('b')};
    crash();
    ck_assert_uint_eq(signer_waiting(signer_set_find(signers, "mill")), 3);
    ck_assert_uint_eq(signer_waiting(signer_set_own(signers)), 2);
    start();
    for (int i = 0; i < 2; i++) {
        struct outbox_job kept = await((uint8_t) "ab"[i]);
        check_all_final(&kept);
        ck_assert_uint_eq(kept.tx_count, promised[i].tx_count);
        ck_assert_mem_eq(promised[i].tx_ids, kept.tx_ids, kept.tx_count * sizeof *kept.tx_ids);
    }
    ck_assert(account_id_equal(sender_of('a'), &fixture.ids[MILL]));
    ck_assert(account_id_equal(sender_of('b'), &fixture.ids[OURS]));
    ck_assert_uint_eq(signer_waiting(signer_set_find(signers, "mill")), 0);
}
END_TEST

START_TEST(what_one_account_waits_for_holds_up_no_other) {
    enum { COUNT = LIMIT_MEMPOOL_TXS_PER_LANE + 1 };
    add_mill();
    ck_assert_int_eq(submit_as("mill", 'a', COUNT), TX_CODE_OK);
    ck_assert_str_eq(tx_code_name(submit_as("mill", 'b', 1)), "MEMPOOL_FULL");
    ck_assert_int_eq(submit_as("server", 'c', 1), TX_CODE_OK);
    ck_assert_int_eq(tx_of(&find('c').tx_ids[0]).state, NODE_TX_PENDING);
    start();
    struct outbox_job others = await('c');
    check_all_final(&others);
    struct outbox_job large = await('a');
    check_all_final(&large);
}
END_TEST

START_TEST(a_key_that_is_taken_away_leaves_what_it_has_signed) {
    add_mill();
    ck_assert_int_eq(submit_as("mill", 'a', 2), TX_CODE_OK);
    named_count = 0;
    crash();
    ck_assert_ptr_null(signer_set_find(signers, "mill"));
    ck_assert_ptr_null(signer_set_at(signers, 1));
    start();
    struct outbox_job job = await('a');
    check_all_final(&job);
    ck_assert(account_id_equal(&job.account, &fixture.ids[MILL]));
}
END_TEST

static void run_sql(const char *text) {
    char url[sizeof outbox_path + 8];
    struct db *db;
    snprintf(url, sizeof url, "sqlite:%s", outbox_path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, text));
    db_close(db);
}

START_TEST(a_file_of_before_accounts_were_kept_is_all_of_the_own_one) {
    ck_assert_int_eq(submit('a', 2), TX_CODE_OK);
    close_both();
    unlink(waiting_path);
    run_sql("ALTER TABLE job DROP COLUMN account;");
    named_count = 1;
    assert_ok(fixture_open_idle(&fixture));
    open_signer();
    start();
    struct outbox_job job = await('a');
    check_all_final(&job);
    ck_assert(account_id_equal(&job.account, &fixture.ids[OURS]));
}
END_TEST

START_TEST(a_list_has_the_jobs_of_its_account_alone) {
    struct outbox_page page = {.below = UINT64_MAX, .length = 10};
    struct signer_order order = {
        .action = {.kind = TX_TRANSFER, .transfer = {.to = fixture.ids[RECEIVER]}},
        .gas_limit = 2000000};
    struct outbox_job *jobs;
    enum tx_code code;
    size_t count;
    add_mill();
    for (uint8_t i = 0; i < 3; i++) {
        struct signer_job job = {.id = {i}, .is_listed = true, .orders = &order, .count = 1};
        signer = signer_set_at(signers, i % 2);
        assert_ok(signer_submit(signer, &job, &code));
        ck_assert_int_eq(code, TX_CODE_OK);
    }
    assert_ok(signer_list_jobs(signer_set_own(signers), &page, &arena, &jobs, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(jobs[0].id[0], 2);
    ck_assert_uint_eq(jobs[1].id[0], 0);
    assert_ok(signer_list_jobs(signer_set_find(signers, "mill"), &page, &arena, &jobs, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(jobs[0].id[0], 1);
}
END_TEST

// --- what a failed job leaves ---

enum { BEGIN = 5, TOO_MUCH = 2000, CLEANED = 100 }; // of the fixture's counter

static struct signer_order order_add(const uint64_t *amount) {
    return (struct signer_order){.action = {.kind = TX_CALL,
                                            .call = {.contract = fixture.contract,
                                                     .method = bytes_of_string("add"),
                                                     .arguments = BYTES_OF(*amount)}},
                                 .gas_limit = 20000000};
}

// Adds each amount, and CLEANED if that is to be cleaned up.
static void submit_adding(uint8_t name, const uint64_t *amounts, size_t count) {
    static const uint64_t cleaned = CLEANED;
    struct signer_order orders[4], cleanup = order_add(&cleaned);
    enum tx_code code;
    for (size_t i = 0; i < count; i++) orders[i] = order_add(&amounts[i]);
    struct signer_job job = {.id = {name}, .orders = orders, .count = count, .cleanup = &cleanup};
    assert_ok(signer_submit(signer, &job, &code));
    ck_assert_int_eq(code, TX_CODE_OK);
}

static uint64_t counter(void) {
    struct buf answer = {0};
    uint32_t contract_code;
    enum tx_code code = node_query(fixture.node, &fixture.contract, "count", bytes_of("", 0),
                                   &answer, &contract_code);
    ck_assert_int_eq(code, TX_CODE_OK);
    uint64_t value = load_u64_le(answer.data);
    buf_clear(&answer);
    return value;
}

static void await_counter(uint64_t wanted) {
    while (counter() != wanted) wait_for_block();
}

// A job whose number comes behind all that was sent before it.
static void settle_all(uint8_t name) {
    ck_assert_int_eq(submit(name, 1), TX_CODE_OK);
    await(name);
}

START_TEST(what_a_failed_job_left_is_cleaned_up) {
    static const uint64_t amounts[] = {1, 2, TOO_MUCH};
    start();
    submit_adding('a', amounts, 3);
    await_counter(BEGIN + 3 + CLEANED);
    settle_all('b');
    ck_assert_uint_eq(counter(), BEGIN + 3 + CLEANED); // once
}
END_TEST

START_TEST(what_went_well_or_did_nothing_is_not_cleaned_up) {
    static const uint64_t well[] = {1, 2}, nothing[] = {TOO_MUCH};
    start();
    submit_adding('a', well, 2);
    await('a');
    submit_adding('b', nothing, 1);
    await('b');
    settle_all('c');
    settle_all('d');
    ck_assert_uint_eq(counter(), BEGIN + 3);
}
END_TEST

START_TEST(a_crash_before_the_cleaning_up_does_not_spare_it) {
    static const uint64_t amounts[] = {1, TOO_MUCH};
    submit_adding('a', amounts, 2);
    assert_ok(node_start(fixture.node)); // without the signer's thread, nothing sees it end
    while (tx_of(&find('a').tx_ids[1]).state != NODE_TX_FINAL) wait_for_block();
    ck_assert_uint_eq(counter(), BEGIN + 1);
    crash();
    start();
    await_counter(BEGIN + 1 + CLEANED);
    crash();
    start();
    settle_all('b');
    ck_assert_uint_eq(counter(), BEGIN + 1 + CLEANED);
}
END_TEST

START_TEST(what_one_account_left_is_cleaned_up_by_that_account_once_its_key_is_back) {
    static const uint64_t amounts[] = {1, TOO_MUCH};
    add_mill();
    signer = signer_set_find(signers, "mill");
    submit_adding('a', amounts, 2);
    named_count = 0;
    crash();
    start();
    await('a');
    settle_all('b'); // of the own account, which cleans up after no other
    ck_assert_uint_eq(counter(), BEGIN + 1);
    named_count = 1;
    crash();
    start();
    await_counter(BEGIN + 1 + CLEANED);
}
END_TEST

START_TEST(a_job_refused_in_its_midst_ends_with_what_was_taken_of_it) {
    static const uint64_t amounts[] = {1, 2, 3}, cleaned = CLEANED;
    struct signer_order orders[3], cleanup = order_add(&cleaned);
    enum tx_code code;
    for (size_t i = 0; i < 3; i++) orders[i] = order_add(&amounts[i]);
    orders[1].gas_limit = 1;
    struct signer_job job = {.id = {'a'}, .orders = orders, .count = 3, .cleanup = &cleanup};
    assert_ok(signer_submit(signer, &job, &code));
    ck_assert_int_eq(code, TX_CODE_OK);
    ck_assert_uint_eq(find('a').tx_count, 3);
    ck_assert_uint_eq(find('a').finished_ms, 0);
    crash();
    start();
    await_counter(BEGIN + 1 + CLEANED);
    ck_assert_str_eq(tx_code_name(await('a').code), "GAS_LIMIT_TOO_LOW");
    settle_all('b');
    ck_assert_uint_eq(counter(), BEGIN + 1 + CLEANED);
}
END_TEST

START_TEST(a_job_refused_at_once_leaves_nothing_behind) {
    struct signer_order orders[2];
    static const uint64_t amount = 1;
    enum tx_code code;
    for (size_t i = 0; i < 2; i++) orders[i] = order_add(&amount);
    orders[0].gas_limit = 1;
    struct signer_job job = {.id = {'a'}, .orders = orders, .count = 2};
    assert_ok(signer_submit(signer, &job, &code));
    ck_assert_str_eq(tx_code_name(code), "GAS_LIMIT_TOO_LOW");
    ck_assert(!is_known('a'));
}
END_TEST

// --- another one who has the key ---

static void *race(void *unused) {
    struct tx tx;
    struct hash id;
    begin_raw(&tx, OURS);
    (void)!fixture_submit(&fixture, &tx, OURS, &id); // either of the two is first
    return unused;
}

START_TEST(whoever_uses_the_number_first_leaves_the_job_another) {
    enum { ROUNDS = 64 };
    pthread_t other;
    for (uint8_t i = 0; i < ROUNDS; i++) {
        ck_assert_int_eq(pthread_create(&other, NULL, race, NULL), 0);
        ck_assert_int_eq(submit(i, 1), TX_CODE_OK);
        ck_assert_int_eq(pthread_join(other, NULL), 0);
    }
    start();
    for (uint8_t i = 0; i < ROUNDS; i++) ck_assert_int_eq(await(i).code, TX_CODE_OK);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("signer");
    TCase *cases = tcase_create("signer");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_job_becomes_final_and_says_so);
    tcase_add_test(cases, after_a_crash_the_same_transactions_become_final_once);
    tcase_add_test(cases, a_number_that_got_lost_is_filled);
    tcase_add_test(cases, a_number_that_was_used_otherwise_fails_the_job_and_no_other);
    tcase_add_test(cases, what_has_expired_fails_with_that_name);
    tcase_add_test(cases, a_job_larger_than_the_mempool_takes_goes_out_as_room_comes);
    tcase_add_test(cases, what_is_refused_leaves_nothing_behind);
    tcase_add_test(cases, each_name_signs_by_its_own_account);
    tcase_add_test(cases, after_a_crash_the_jobs_of_both_accounts_go_out_as_they_were_signed);
    tcase_add_test(cases, what_one_account_waits_for_holds_up_no_other);
    tcase_add_test(cases, a_key_that_is_taken_away_leaves_what_it_has_signed);
    tcase_add_test(cases, a_file_of_before_accounts_were_kept_is_all_of_the_own_one);
    tcase_add_test(cases, a_list_has_the_jobs_of_its_account_alone);
    tcase_add_test(cases, what_one_account_left_is_cleaned_up_by_that_account_once_its_key_is_back);
    tcase_add_test(cases, a_job_refused_in_its_midst_ends_with_what_was_taken_of_it);
    tcase_add_test(cases, a_job_refused_at_once_leaves_nothing_behind);
    tcase_add_test(cases, what_a_failed_job_left_is_cleaned_up);
    tcase_add_test(cases, what_went_well_or_did_nothing_is_not_cleaned_up);
    tcase_add_test(cases, a_crash_before_the_cleaning_up_does_not_spare_it);
    tcase_add_test(cases, whoever_uses_the_number_first_leaves_the_job_another);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, money_cases());
    srunner_add_suite(runner, suite);
}
