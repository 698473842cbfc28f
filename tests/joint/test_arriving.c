// SPDX-License-Identifier: Apache-2.0
// What a process answers while its node fetches a snapshot of real peers: asked from within, so
// that it is there when it is asked.
#include <stdio.h>
#include <string.h>

#include "apps/common/monitor/arriving.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "tests/support/prometheus.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

enum { EVERY = 100 };

static struct fixture first, newcomer;
static struct node_network networks[2];
static char votes[2][80], text[32];
static const char *peers[1] = {text};
static const struct http_config http = {.address = "127.0.0.1"};
static struct arriving *arriving;
static unsigned times_told;
static struct node_arrival_progress newest;
static bool must_end;

static void set_up_node(struct fixture *fixture, int number) {
    fixture_init_slow(fixture, 1);
    fixture_set_epoch(fixture, EVERY);
    fixture->network = &networks[number];
    snprintf(votes[number], sizeof votes[number], "%.60s.votes", fixture->folder);
    networks[number] = (struct node_network){.address = "127.0.0.1",
                                             .votes_dir = votes[number],
                                             .is_first_start = true,
                                             .takes_private = true,
                                             .timeout_ms = 500};
}

static void set_up(void) {
    log_set_level(LOG_ERROR);
    set_up_node(&first, 0);
    set_up_node(&newcomer, 1);
    first.snapshots = (struct node_snapshots){.kept = 1, .every_blocks = EVERY};
    newcomer.witness_key_count = 0;
    networks[1].peers = peers;
    networks[1].peer_count = 1;
    times_told = 0;
    must_end = false;
    newest = (struct node_arrival_progress){0};
}

static void tear_down(void) {
    arriving_close(arriving);
    arriving = NULL;
    fixture_clear(&newcomer);
    fixture_clear(&first);
    for (int i = 0; i < 2; i++)
        if (file_exists(votes[i])) assert_ok(file_remove_tree(votes[i]));
}

static void run_first(uint64_t height) {
    struct node_head head;
    struct node_past past;
    assert_ok(fixture_open(&first));
    snprintf(text, sizeof text, "127.0.0.1:%u", node_port(first.node));
    for (node_head(first.node, &head); head.header.height < height; node_head(first.node, &head)) {
        struct tx tx;
        fixture_begin(&first, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = first.ids[1], .amount = amount_of_units(1)}};
        ck_assert_uint_eq(fixture_run(&first, &tx, 0).code, 0);
    }
    for (node_past(first.node, &past); past.snapshot == 0; node_past(first.node, &past))
        node_wait(first.node, head.header.height, 5);
}

static void check_answers(void) {
    struct answer answer = {0};
    char expected[120] = "this node looks for a snapshot of the chain among its peers";
    uint16_t port = arriving_port(arriving);
    ask_get(&answer, port, "/livez", "");
    ck_assert_int_eq(answer.code, 200);
    ask_get(&answer, port, "/readyz?verbose", "");
    ck_assert_int_eq(answer.code, 503);
    if (newest.pieces > 0)
        snprintf(expected, sizeof expected,
                 "this node joins by a snapshot of height %u: %u of %u pieces are here",
                 (unsigned)newest.height, newest.pieces_here, newest.pieces);
    assert_has(&answer, expected);
    ask_get(&answer, port, "/metrics", "");
    ck_assert_int_eq(answer.code, 200);
    prometheus_read(answer_text(&answer));
    ck_assert_double_eq(prometheus_value("lmm_arrival_height"), (double)newest.height);
    ck_assert_double_eq(prometheus_value("lmm_arrival_pieces_here"), (double)newest.pieces_here);
    ck_assert_double_eq(prometheus_value("process_start_time_seconds"), 1);
    ask_get(&answer, port, "/v1/chain", "");
    ck_assert_int_eq(answer.code, 404); // not there yet
    answer_clear(&answer);
}

static void tell(void *context, const struct node_arrival_progress *progress) {
    (void)context;
    struct arriving_config config = {.http = &http, .market = "sample", .started_ms = 1000};
    if (times_told++ == 0) assert_ok(arriving_open(&arriving, &config));
    newest = *progress;
    arriving_tell(arriving, progress);
    check_answers();
}

static bool must_stop(void *context) {
    (void)context;
    return must_end;
}

static enum status arrive(void) {
    struct bytes code;
    struct node_config config = fixture_config(&newcomer, &code);
    struct node_arrival wish = {.far_ahead = EVERY, .must_stop = must_stop, .tell = tell};
    return node_arrive(&config, &wish);
}

START_TEST(who_joins_says_how_far_it_is) {
    run_first(EVERY + 5);
    assert_ok(arrive());
    ck_assert_uint_gt(times_told, 1);
    ck_assert_uint_eq(newest.height, EVERY - 1);
    ck_assert_uint_gt(newest.pieces, 0);
    ck_assert_uint_eq(newest.pieces_here, newest.pieces);
    ck_assert_uint_gt(newest.bytes, 0);
    assert_ok(fixture_open_idle(&newcomer));
    // Its folder is not new any more: nothing is fetched, and nobody told.
    fixture_close(&newcomer);
    times_told = 0;
    assert_ok(arrive());
    ck_assert_uint_eq(times_told, 0);
}
END_TEST

START_TEST(who_finds_nobody_says_so) {
    snprintf(text, sizeof text, "127.0.0.1:1");
    must_end = true; // after it has told once
    assert_status(arrive(), STATUS_CLOSED);
    ck_assert_uint_eq(times_told, 1);
    ck_assert_uint_eq(newest.pieces, 0);
}
END_TEST

START_TEST(an_address_that_is_taken_is_refused) {
    struct arriving *second;
    struct arriving_config config = {.http = &http};
    assert_ok(arriving_open(&arriving, &config));
    struct http_config same = {.address = http.address, .port = arriving_port(arriving)};
    config.http = &same;
    assert_status(arriving_open(&second, &config), STATUS_BUSY);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("arriving");
    TCase *cases = tcase_create("arriving");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, who_joins_says_how_far_it_is);
    tcase_add_test(cases, who_finds_nobody_says_so);
    tcase_add_test(cases, an_address_that_is_taken_is_refused);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
