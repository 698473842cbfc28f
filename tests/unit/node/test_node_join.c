// SPDX-License-Identifier: Apache-2.0
// A fifth node comes to four, on the loopback: by a snapshot, and then with all blocks of before.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/node/node_arrive.h"
#include "chaincore/node/node_fill.h"
#include "chaincore/node/node_internal.h"
#include "chaincore/node/snapshot_store.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

enum {
    NODES = 5,
    NEWCOMER = NODES - 1,
    EPOCH = 100,
    EVERY = 100,
    SOON_MS = 60 * 1000,
    SMALL = 4000
};

static struct fixture fixtures[NODES];
static struct node_network networks[NODES];
static char votes[NODES][80], texts[NODES][32];
static const char *peers[NODES][NODES];

// The first has the keys of all witnesses; the others follow it, and serve as it does.
static void set_up(void) {
    log_set_level(LOG_ERROR);
    for (int i = 0; i < NODES; i++) {
        fixture_init_slow(&fixtures[i], 1);
        fixture_set_epoch(&fixtures[i], EPOCH);
        fixtures[i].witness_key_count = i == 0 ? FIXTURE_WITNESSES : 0;
        fixtures[i].network = &networks[i];
        fixtures[i].segment_bytes = SMALL;
        fixtures[i].snapshots = (struct node_snapshots){.kept = 2, .every_blocks = EVERY};
        snprintf(votes[i], sizeof votes[i], "%.*s.votes", 64, fixtures[i].folder);
        networks[i] = (struct node_network){.address = "127.0.0.1",
                                            .peers = peers[i],
                                            .votes_dir = votes[i],
                                            .is_first_start = true,
                                            .takes_private = true,
                                            .per_address = 64, // all of them are on one machine
                                            .timeout_ms = 500};
    }
}

static void tear_down(void) {
    for (int i = 0; i < NODES; i++) fixture_close(&fixtures[i]);
    for (int i = 0; i < NODES; i++) {
        fixture_clear(&fixtures[i]);
        assert_ok(file_remove_tree(votes[i]));
    }
}

static void find_peers(int i) {
    networks[i].peer_count = 0;
    for (int other = 0; other < NODES; other++)
        if (other != i && networks[other].port > 0 && fixtures[other].node)
            peers[i][networks[i].peer_count++] = texts[other];
}

static void start(int i) {
    find_peers(i);
    assert_ok(fixture_open(&fixtures[i]));
    networks[i].port = node_port(fixtures[i].node);
    ck_assert_uint_ne(networks[i].port, 0);
    snprintf(texts[i], sizeof texts[i], "127.0.0.1:%u", networks[i].port);
}

static uint64_t height_of(int i) {
    struct node_head head;
    node_head(fixtures[i].node, &head);
    return head.header.height;
}

static struct node_past past_of(int i) {
    struct node_past past;
    node_past(fixtures[i].node, &past);
    return past;
}

static bool has_height(int i, uint64_t height) { return height_of(i) >= height; }
static bool has_snapshot(int i, uint64_t height) { return past_of(i).snapshot >= height; }
static bool is_whole(int i, uint64_t oldest) {
    return !past_of(i).is_filling && past_of(i).oldest <= oldest;
}

// Looks again with each block, and a few times a second.
static void await(bool (*is_so)(int i, uint64_t value), int i, uint64_t value) {
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    while (!is_so(i, value)) {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(fixtures[i].node, height_of(i), 20);
    }
}

static void run_chain(uint64_t height) {
    while (height_of(0) < height) {
        struct tx tx;
        uint64_t amount = 3;
        fixture_begin(&fixtures[0], &tx, 0);
        fixture_add_call(&fixtures[0], &tx, "add", BYTES_OF(amount));
        fixture_run(&fixtures[0], &tx, 0);
    }
}

static void start_four(uint64_t height) {
    for (int i = 0; i < NEWCOMER; i++) start(i);
    run_chain(height);
    for (int i = 0; i < NEWCOMER; i++) {
        await(has_height, i, height);
        await(has_snapshot, i, height / EVERY * EVERY - 1);
    }
}

static enum status arrive(const struct node_arrival *arrival) {
    struct bytes code;
    struct node_config config = fixture_config(&fixtures[NEWCOMER], &code);
    return node_arrive(&config, arrival);
}

// Block for block what the first has, with all that it says of them.
static void check_same(int i) {
    struct buf own = {0}, other = {0};
    uint64_t top = height_of(0);
    await(has_height, i, top);
    for (uint64_t height = 1; height <= top; height++) {
        struct node_believed nobody = {0};
        buf_reset(&own);
        buf_reset(&other);
        assert_ok(node_read_block(fixtures[i].node, height, &own));
        assert_ok(node_read_block(fixtures[0].node, height, &other));
        assert_bytes_equal(buf_bytes(&own), buf_bytes(&other));
        buf_reset(&own);
        if (height < top) assert_ok(node_prove_block(fixtures[i].node, height, &nobody, &own));
    }
    buf_clear(&own);
    buf_clear(&other);
}

static struct hash first_tx(void) {
    struct buf encoded = {0};
    struct arena arena = {0};
    struct block block;
    assert_ok(node_read_block(fixtures[0].node, 1, &encoded));
    assert_ok(block_decode(&block, &arena, buf_bytes(&encoded)));
    ck_assert_uint_gt(block.tx_count, 0);
    struct hash id = block.txs[0].receipt.tx_id;
    buf_clear(&encoded);
    arena_clear(&arena);
    return id;
}

START_TEST(a_fifth_node_joins_by_a_snapshot_and_fetches_what_was_before) {
    struct node_arrival arrival = {.far_ahead = EVERY};
    struct node_tx found;
    start_four(3 * EVERY + 7);
    find_peers(NEWCOMER);
    assert_ok(arrive(&arrival));
    assert_ok(fixture_open_idle(&fixtures[NEWCOMER]));
    ck_assert_uint_eq(height_of(NEWCOMER), 3 * EVERY - 1);
    ck_assert_uint_eq(past_of(NEWCOMER).oldest, 3 * EVERY);
    ck_assert(past_of(NEWCOMER).is_filling);
    fixture_close(&fixtures[NEWCOMER]);
    start(NEWCOMER);
    run_chain(3 * EVERY + 30);
    await(is_whole, NEWCOMER, 1);
    check_same(NEWCOMER);
    struct hash id = first_tx();
    assert_ok(node_find_tx(fixtures[NEWCOMER].node, &id, &found));
    ck_assert_int_eq(found.state, NODE_TX_FINAL);
    ck_assert_uint_eq(found.height, 1);
    // It stays so, and others may join by what it has.
    fixture_close(&fixtures[NEWCOMER]);
    start(NEWCOMER);
    ck_assert(!past_of(NEWCOMER).is_filling);
    ck_assert_uint_eq(past_of(NEWCOMER).oldest, 1);
    run_chain(4 * EVERY + 1);
    await(has_snapshot, NEWCOMER, 4 * EVERY - 1);
    check_same(NEWCOMER);
}
END_TEST

START_TEST(one_that_prunes_fetches_nothing_of_before) {
    struct node_arrival arrival = {.far_ahead = EVERY};
    fixtures[NEWCOMER].must_prune = true;
    start_four(EVERY + 7);
    find_peers(NEWCOMER);
    assert_ok(arrive(&arrival));
    start(NEWCOMER);
    run_chain(EVERY + 20);
    await(has_height, NEWCOMER, EVERY + 20);
    ck_assert(!past_of(NEWCOMER).is_filling);
    ck_assert_uint_eq(past_of(NEWCOMER).oldest, EVERY);
}
END_TEST

START_TEST(a_short_chain_is_executed_from_its_first_block) {
    struct node_arrival arrival = {.far_ahead = EVERY};
    for (int i = 0; i < NEWCOMER; i++) start(i);
    run_chain(30);
    for (int i = 0; i < NEWCOMER; i++) await(has_height, i, 30);
    find_peers(NEWCOMER);
    assert_ok(arrive(&arrival));
    ck_assert(!file_exists(fixtures[NEWCOMER].folder) || past_of(0).snapshot == 0);
    start(NEWCOMER);
    await(has_height, NEWCOMER, 30);
    ck_assert_uint_eq(past_of(NEWCOMER).oldest, 1);
    check_same(NEWCOMER);
}
END_TEST

START_TEST(it_joins_on_a_header_that_is_trusted_and_on_no_other) {
    struct node_arrival arrival = {.far_ahead = EVERY};
    struct buf encoded = {0};
    struct header header;
    start_four(EVERY + 7);
    find_peers(NEWCOMER);
    assert_ok(node_read_block(fixtures[0].node, EVERY - 1, &encoded));
    assert_ok(block_decode_header(&header, buf_bytes(&encoded)));
    struct node_trusted trusted = {.height = EVERY - 1};
    header_id(&trusted.id, &header);
    arrival.trusted = &trusted;
    assert_ok(arrive(&arrival));
    assert_ok(fixture_open_idle(&fixtures[NEWCOMER]));
    ck_assert_uint_eq(height_of(NEWCOMER), EVERY - 1);
    buf_clear(&encoded);
}
END_TEST

static bool stop_at_once(void *context) {
    (*(unsigned *)context)++;
    return true;
}

// It ends, where it would otherwise blame all of its peers and execute the chain from its first
// block.
START_TEST(what_it_believes_may_be_too_old_for_any_snapshot) {
    struct node_arrival arrival = {.far_ahead = EVERY};
    fixtures[NEWCOMER].refuses_old = true;
    start_four(EVERY + 7);
    find_peers(NEWCOMER);
    assert_status(arrive(&arrival), STATUS_TIMEOUT);
    ck_assert(!file_exists(fixtures[NEWCOMER].folder) || rmdir(fixtures[NEWCOMER].folder) == 0);
    fixtures[NEWCOMER].refuses_old = false;
    assert_ok(arrive(&arrival));
    start(NEWCOMER);
    ck_assert_uint_ge(height_of(NEWCOMER), EVERY - 1);
}
END_TEST

// One byte of the signatures, in the middle.
static void spoil_manifest(int i, uint64_t height) {
    char path[160];
    struct buf manifest = {0};
    snprintf(path, sizeof path, "%s/snapshots/%012" PRIu64 "/manifest", fixtures[i].folder, height);
    assert_ok(file_read(&manifest, path, SNAPSHOT_MAX_MANIFEST_BYTES));
    struct decoder in = decoder_of(buf_bytes(&manifest));
    (void)decode_u8(&in);
    (void)decode_bytes(&in, CUT_MAX_BYTES);
    struct bytes certificate = decode_bytes(&in, LIMIT_PROOF_BYTES);
    assert_ok(in.status);
    manifest.data[(size_t)(certificate.data - manifest.data) + certificate.len / 2] ^= 1;
    assert_ok(file_replace(path, buf_bytes(&manifest), 0600));
    buf_clear(&manifest);
}

// Where nobody else has a snapshot, it executes the chain, as if the liar were not there.
START_TEST(a_spoilt_manifest_costs_its_sender_alone_however_old_genesis_is) {
    struct node_arrival arrival = {.far_ahead = EVERY};
    fixtures[NEWCOMER].refuses_old = true;
    fixtures[0].snapshots.kept = 0;
    for (int i = 0; i < 2; i++) start(i);
    run_chain(EVERY + 7);
    await(has_snapshot, 1, EVERY - 1);
    spoil_manifest(1, EVERY - 1);
    find_peers(NEWCOMER);
    assert_ok(arrive(&arrival));
    start(NEWCOMER);
    await(has_height, NEWCOMER, EVERY + 7);
    ck_assert_uint_eq(past_of(NEWCOMER).oldest, 1);
}
END_TEST

START_TEST(it_ends_when_it_is_told_to) {
    unsigned asked = 0;
    struct node_arrival arrival = {.must_stop = stop_at_once, .context = &asked};
    start(0);
    find_peers(NEWCOMER);
    assert_status(arrive(&arrival), STATUS_CLOSED);
    ck_assert_uint_eq(asked, 1);
    // Nothing is asked where nothing can come, or the folder is not new.
    networks[NEWCOMER].peer_count = 0;
    assert_ok(arrive(&arrival));
    find_peers(NEWCOMER);
    start(NEWCOMER);
    fixture_close(&fixtures[NEWCOMER]);
    find_peers(NEWCOMER);
    assert_ok(arrive(&arrival));
    ck_assert_uint_eq(asked, 1);
}
END_TEST

// ---- what a process leaves that ends in the middle

START_TEST(pieces_that_came_are_gone_on_with) {
    struct fetch_calls calls = {0};
    struct fetch_plan plan, again;
    struct snapshot_store *store;
    struct buf manifest = {0}, piece = {0};
    struct bytes code;
    char folder[128];
    start_four(EVERY + 7);
    snprintf(folder, sizeof folder, "%s/snapshots/%012d", fixtures[1].folder, EVERY - 1);
    assert_ok(snapshot_read_manifest(&manifest, folder));
    assert_ok(snapshot_read_piece(&piece, folder, 0));
    struct node_config config = fixture_config(&fixtures[NEWCOMER], &code);
    assert_ok(snapshot_store_open(&store, &config, NULL));
    ck_assert(!snapshot_store_resume(store, &again));
    snapshot_store_use(&calls, store);
    manifest.data[manifest.len - 1] ^= 1;
    ck_assert(calls.begin(store, buf_bytes(&manifest), &plan) != STATUS_OK);
    manifest.data[manifest.len - 1] ^= 1;
    assert_ok(calls.begin(store, buf_bytes(&manifest), &plan));
    ck_assert_uint_eq(plan.height, EVERY - 1);
    ck_assert(!calls.has(store, 0));
    piece.data[piece.len - 1] ^= 1;
    assert_status(calls.keep(store, 0, buf_bytes(&piece)), STATUS_INVALID);
    ck_assert(!calls.has(store, 0));
    piece.data[piece.len - 1] ^= 1;
    assert_ok(calls.keep(store, 0, buf_bytes(&piece)));
    snapshot_store_close(store);
    // A process that finds genesis too old does not go on, and throws nothing away.
    config.takes_old_snapshot = false;
    assert_ok(snapshot_store_open(&store, &config, NULL));
    ck_assert(!snapshot_store_resume(store, &again));
    snapshot_store_close(store);
    // The next one.
    config.takes_old_snapshot = true;
    assert_ok(snapshot_store_open(&store, &config, NULL));
    ck_assert(snapshot_store_resume(store, &again));
    ck_assert_uint_eq(again.height, plan.height);
    ck_assert_uint_eq(again.piece_count, plan.piece_count);
    snapshot_store_use(&calls, store);
    ck_assert(calls.has(store, 0));
    // What the disk has spoilt meanwhile comes again.
    char path[160];
    snprintf(path, sizeof path, "%s/piece-00000", snapshot_store_folder(store));
    assert_ok(file_replace(path, bytes_of(piece.data, piece.len - 1), 0600));
    ck_assert(!calls.has(store, 0));
    calls.forget(store);
    ck_assert(!file_exists(snapshot_store_folder(store)));
    snapshot_store_close(store);
    buf_clear(&manifest);
    buf_clear(&piece);
}
END_TEST

// Joined, open, and with nobody to ask.
static struct node_fill *open_fill(struct fill_calls *calls) {
    struct node_fill *fill;
    struct node_arrival arrival = {.far_ahead = EVERY};
    start_four(EVERY + 7);
    find_peers(NEWCOMER);
    assert_ok(arrive(&arrival));
    assert_ok(fixture_open_idle(&fixtures[NEWCOMER]));
    assert_ok(node_fill_open(&fill, fixtures[NEWCOMER].node));
    ck_assert_ptr_nonnull(fill);
    node_fill_use(calls, fill);
    return fill;
}

static void read_first_block(struct buf *out, uint64_t height) {
    buf_reset(out);
    assert_ok(node_read_block(fixtures[0].node, height, out));
}

START_TEST(a_block_with_any_bit_changed_is_refused) {
    struct fill_calls calls;
    struct node_fill *fill = open_fill(&calls);
    struct buf block = {0};
    uint64_t height = calls.missing(fill);
    ck_assert_uint_eq(height, EVERY - 1);
    read_first_block(&block, height - 1);
    assert_status(calls.keep(fill, buf_bytes(&block)), STATUS_INVALID);
    read_first_block(&block, height);
    for (size_t bit = 0; bit < 8 * block.len; bit += 3) {
        block.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_status(calls.keep(fill, buf_bytes(&block)), STATUS_INVALID);
        block.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_status(calls.keep(fill, bytes_of(block.data, block.len - 1)), STATUS_INVALID);
    assert_ok(calls.keep(fill, buf_bytes(&block)));
    ck_assert_uint_eq(calls.missing(fill), height - 1);
    node_fill_close(fill);
    buf_clear(&block);
}
END_TEST

START_TEST(filling_goes_on_where_a_process_ended) {
    struct fill_calls calls;
    struct node_fill *fill = open_fill(&calls);
    struct buf block = {0};
    for (int i = 0; i < EVERY / 2; i++) {
        read_first_block(&block, calls.missing(fill));
        assert_ok(calls.keep(fill, buf_bytes(&block)));
    }
    uint64_t oldest = past_of(NEWCOMER).oldest;
    ck_assert_uint_lt(oldest, EVERY);
    node_fill_close(fill);
    fixture_close(&fixtures[NEWCOMER]);
    assert_ok(fixture_open_idle(&fixtures[NEWCOMER]));
    ck_assert_uint_eq(past_of(NEWCOMER).oldest, oldest);
    assert_ok(node_fill_open(&fill, fixtures[NEWCOMER].node));
    node_fill_use(&calls, fill);
    ck_assert_uint_eq(calls.missing(fill), oldest - 1);
    while (calls.missing(fill) > 0) {
        ck_assert(!node_fill_has_work(fill));
        read_first_block(&block, calls.missing(fill));
        assert_ok(calls.keep(fill, buf_bytes(&block)));
    }
    // The process ends before the history is made.
    ck_assert(node_fill_has_work(fill) && past_of(NEWCOMER).is_filling);
    assert_ok(node_fill_run(fill));
    node_fill_close(fill);
    fixture_close(&fixtures[NEWCOMER]);
    assert_ok(fixture_open_idle(&fixtures[NEWCOMER]));
    ck_assert(past_of(NEWCOMER).is_filling);
    assert_ok(node_fill_open(&fill, fixtures[NEWCOMER].node));
    ck_assert(node_fill_has_work(fill));
    while (node_fill_has_work(fill)) assert_ok(node_fill_run(fill));
    ck_assert(!past_of(NEWCOMER).is_filling);
    node_fill_close(fill);
    fixture_close(&fixtures[NEWCOMER]);
    start(NEWCOMER);
    check_same(NEWCOMER);
    buf_clear(&block);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("node_join");
    TCase *cases = tcase_create("join");
    tcase_set_timeout(cases, 240);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_fifth_node_joins_by_a_snapshot_and_fetches_what_was_before);
    tcase_add_test(cases, one_that_prunes_fetches_nothing_of_before);
    tcase_add_test(cases, a_short_chain_is_executed_from_its_first_block);
    tcase_add_test(cases, it_joins_on_a_header_that_is_trusted_and_on_no_other);
    tcase_add_test(cases, what_it_believes_may_be_too_old_for_any_snapshot);
    tcase_add_test(cases, a_spoilt_manifest_costs_its_sender_alone_however_old_genesis_is);
    tcase_add_test(cases, it_ends_when_it_is_told_to);
    tcase_add_test(cases, pieces_that_came_are_gone_on_with);
    tcase_add_test(cases, a_block_with_any_bit_changed_is_refused);
    tcase_add_test(cases, filling_goes_on_where_a_process_ended);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
