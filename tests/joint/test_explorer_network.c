// SPDX-License-Identifier: Apache-2.0
// What a server tells of epochs, of whose turn it is, and of the nodes around it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/monitor/monitor.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/node/network.h"
#include "chaincore/node/node_watch.h"
#include "tests/joint/explorer_fixture.h"

enum { EPOCH_BLOCKS = 4, SOON_MS = 30 * 1000 };

static const json_t *nth(const json_t *list, const char *name, size_t index) {
    return json_array_get(json_object_get(list, name), index);
}
static bool is_null(const json_t *object, const char *name) {
    return json_is_null(json_object_get(object, name));
}

// ---- epochs

static uint64_t head_height(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    return head.header.height;
}

static void begin_epoch(uint64_t epoch) {
    struct hash id;
    while (head_height() < EPOCH_BLOCKS * epoch) pay(0, &fixture.ids[2], &id);
    await_index();
}

START_TEST(epochs_are_told_with_their_blocks_and_witnesses) {
    explorer_wish.epoch_blocks = EPOCH_BLOCKS;
    if (!begin(_i)) return;
    begin_epoch(2);
    uint64_t height = head_height();
    json_t *all = get_all("/v1/epochs", "/v1/epochs?perPage=1");
    ck_assert_uint_eq(json_array_size(all), height / EPOCH_BLOCKS + 1);
    int64_t transactions = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *item = json_array_get(all, i);
        int64_t epoch = number_of(item, "epoch"), first = epoch * EPOCH_BLOCKS;
        ck_assert_int_eq(epoch, (int64_t)(json_array_size(all) - 1 - i));
        ck_assert_int_eq(number_of(item, "first_height"), epoch == 0 ? 1 : first);
        ck_assert_int_eq(number_of(item, "end_height"), first + EPOCH_BLOCKS - 1);
        ck_assert_int_eq(number_of(item, "blocks"),
                         number_of(item, "last_height") - number_of(item, "first_height") + 1);
        ck_assert_int_eq(json_is_true(json_object_get(item, "is_over")),
                         number_of(item, "last_height") == first + EPOCH_BLOCKS - 1);
        ck_assert_int_eq(number_of(item, "missed_views"), 0);
        ck_assert_int_eq(number_of(item, "witnesses"), FIXTURE_WITNESSES);
        ck_assert_int_eq(number_of(item, "joined"), epoch == 0 ? FIXTURE_WITNESSES : 0);
        ck_assert_int_eq(number_of(item, "left"), 0);
        transactions += number_of(item, "transaction_count");
    }
    json_t *list = get_all("/v1/transactions", "/v1/transactions");
    ck_assert_int_eq(transactions, (int64_t)json_array_size(list));
    json_decref(list);
    json_decref(all);
    end();
}
END_TEST

START_TEST(an_epoch_names_who_served_in_it) {
    explorer_wish.epoch_blocks = EPOCH_BLOCKS;
    struct witnesses witnesses;
    char key[65];
    if (!begin(_i)) return;
    begin_epoch(1);
    ck_assert(node_witnesses(fixture.node, 1, &witnesses));
    json_t *epoch = get("/v1/epochs/{epoch}", "/v1/epochs/1", 200);
    ck_assert_uint_eq(json_array_size(json_object_get(epoch, "members")), FIXTURE_WITNESSES);
    for (size_t i = 0; i < FIXTURE_WITNESSES; i++) {
        hex_encode(key, BYTES_OF(witnesses.list[i].key.bytes));
        ck_assert_str_eq(text_of(nth(epoch, "members", i), "key"), key);
        ck_assert(json_is_false(json_object_get(nth(epoch, "members", i), "is_new")));
    }
    ck_assert_uint_eq(json_array_size(json_object_get(epoch, "gone")), 0);
    json_decref(epoch);
    static const char pattern[] = "/v1/epochs/{epoch}";
    get_refused(pattern, "/v1/epochs/99", 404, "not_found");
    get_refused(pattern, "/v1/epochs/18446744073709551615", 404, "not_found");
    get_refused(pattern, "/v1/epochs/x", 400, "not_an_epoch");
    get_refused("/v1/epochs", "/v1/epochs?perPage=0", 400, "invalid_query");
    get_refused("/v1/epochs", "/v1/epochs?nextPageToken=0000000000000000", 400, "invalid_query");
    end();
}
END_TEST

START_TEST(it_is_told_who_leads_next) {
    explorer_wish.epoch_blocks = EPOCH_BLOCKS;
    struct hash id;
    char path[48];
    if (!begin(_i)) return;
    begin_epoch(1);
    json_t *list = get("/v1/witnesses", "/v1/witnesses", 200);
    ck_assert_int_eq(number_of(list, "epoch"), (int64_t)(head_height() + 1) / EPOCH_BLOCKS);
    ck_assert_uint_eq(json_array_size(json_object_get(list, "leads")), FIXTURE_WITNESSES);
    ck_assert(json_is_false(json_object_get(nth(list, "items", 0), "is_absent")));
    int64_t view = number_of(list, "view"), leader = json_integer_value(nth(list, "leads", 0));
    uint64_t height = head_height();
    pay(0, &fixture.ids[2], &id);
    snprintf(path, sizeof path, "/v1/blocks/%llu", (unsigned long long)height + 1);
    json_t *block = get("/v1/blocks/{height}", path, 200);
    ck_assert_int_eq(number_of(block, "view"), view);
    ck_assert_int_eq(number_of(block, "leader"), leader);
    json_decref(block);
    json_decref(list);
    end();
}
END_TEST

// ---- nodes

static struct fixture second; // follows, and calls
static struct node_network networks[2];
static char votes[2][80], port_text[32];
static const char *called[1] = {port_text};

static void network_of(int i, const char *folder) {
    snprintf(votes[i], sizeof votes[i], "%.60s.votes", folder);
    networks[i] = (struct node_network){.address = i == 0 ? "127.0.0.1" : NULL,
                                        .votes_dir = votes[i],
                                        .is_first_start = true,
                                        .takes_private = true};
}

static void copy_bytes(struct buf *to, const struct buf *from) {
    buf_clear(to);
    buf_append(to, buf_bytes(from));
}

static void open_second(void) {
    fixture_init_counter(&second);
    network_of(1, second.folder);
    copy_bytes(&second.genesis, &fixture.genesis);
    copy_bytes(&second.contract_code, &fixture.contract_code);
    second.witness_key_count = 0;
    second.network = &networks[1];
    snprintf(port_text, sizeof port_text, "127.0.0.1:%u", node_port(fixture.node));
    networks[1].peers = called;
    networks[1].peer_count = 1;
    assert_ok(fixture_open(&second));
}

static bool begin_two(int engine) {
    char folder[] = "/tmp/lmm-votes-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    network_of(0, folder);
    assert_ok(file_remove_tree(folder));
    explorer_wish.network = &networks[0];
    if (!begin(engine)) return false;
    open_second();
    return true;
}

static void end_two(void) {
    fixture_close(&second);
    fixture_clear(&second);
    end();
    explorer_wish.network = NULL;
    for (int i = 0; i < 2; i++) assert_ok(file_remove_tree(votes[i]));
}

// Asks again until a list has so many items; what is there then.
static json_t *await_items(const char *path, size_t count) {
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    for (;;) {
        json_t *list = get(path, path, 200);
        if (json_array_size(json_object_get(list, "items")) == count) return list;
        json_decref(list);
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(fixture.node, head_height(), 20);
    }
}

START_TEST(peers_are_told_and_who_they_are_to_the_operator_alone) {
    static const char *const secret[] = {"node", "address", "is_trusted", "bytes_in", "bytes_out"};
    if (!begin_two(_i)) return;
    json_t *list = await_items("/v1/peers", 1);
    const json_t *peer = nth(list, "items", 0);
    ck_assert(json_is_true(json_object_get(list, "is_networked")));
    ck_assert_str_eq(text_of(peer, "direction"), "in");
    ck_assert_str_eq(text_of(peer, "address_class"), "private");
    ck_assert_int_eq(number_of(peer, "penalty"), 0);
    ck_assert(is_null(list, "node"));
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        ck_assert_msg(is_null(peer, secret[i]), "%s", secret[i]);
    json_decref(list);
    struct public_key key;
    char hex[65];
    ck_assert(node_network_key(second.node, &key));
    hex_encode(hex, BYTES_OF(key.bytes));
    explorer_key = EXPLORER_KEY_AUDIT;
    list = await_items("/v1/peers", 1);
    ck_assert_str_eq(text_of(nth(list, "items", 0), "node"), hex);
    ck_assert(strncmp(text_of(nth(list, "items", 0), "address"), "127.0.0.1:", 10) == 0);
    ck_assert(!is_null(list, "node"));
    json_decref(list);
    explorer_key = EXPLORER_KEY_OTHER;
    list = await_items("/v1/peers", 1);
    ck_assert(is_null(nth(list, "items", 0), "node"));
    json_decref(list);
    explorer_key = NULL;
    get_refused("/v1/peers", "/v1/peers?perPage=1", 400, "invalid_query");
    end_two();
}
END_TEST

START_TEST(nodes_are_told_where_each_wants_to_be_found) {
    struct node_news own = {.url = "http://127.0.0.1:8701", .price_per_mib = 150000000},
                     other = {.url = "https://far.example", .price_per_mib = 1};
    if (!begin_two(_i)) return;
    json_t *list = get("/v1/nodes", "/v1/nodes", 200);
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 0);
    json_decref(list);
    assert_ok(node_advertise(fixture.node, &own));
    assert_ok(node_advertise(second.node, &other));
    list = await_items("/v1/nodes", 2);
    ck_assert_str_eq(text_of(nth(list, "items", 0), "url"), own.url);
    ck_assert_str_eq(text_of(nth(list, "items", 0), "price_per_mib"), "1.5");
    ck_assert(json_is_true(json_object_get(nth(list, "items", 0), "is_self")));
    ck_assert_str_eq(text_of(nth(list, "items", 1), "url"), other.url);
    ck_assert_str_eq(text_of(nth(list, "items", 1), "price_per_mib"), "0.00000001");
    ck_assert(json_is_false(json_object_get(nth(list, "items", 1), "is_self")));
    json_decref(list);
    own = (struct node_news){.url = "no origin"};
    assert_status(node_advertise(fixture.node, &own), STATUS_INVALID);
    *own.url = '\0';
    assert_ok(node_advertise(second.node, &own)); // taken back
    json_decref(await_items("/v1/nodes", 1));
    get_refused("/v1/nodes", "/v1/nodes?perPage=1", 400, "invalid_query");
    end_two();
}
END_TEST

START_TEST(a_node_alone_has_no_peers) {
    struct buf metrics = {0};
    if (!begin(_i)) return;
    json_t *list = get("/v1/peers", "/v1/peers", 200);
    ck_assert(json_is_false(json_object_get(list, "is_networked")));
    ck_assert(is_null(list, "view"));
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 0);
    json_decref(list);
    monitor_append_agreement(&metrics, fixture.node);
    ck_assert_uint_eq(metrics.len, 0);
    end();
}
END_TEST

static void check_metric(const struct buf *metrics, const char *row, uint64_t least) {
    const char *at = strstr(buf_as_string((struct buf *)(uintptr_t)metrics), row);
    ck_assert_msg(at != NULL, "%s", row);
    ck_assert_msg(strtoull(at + strlen(row), NULL, 10) >= least, "%.80s", at);
}

START_TEST(what_is_agreed_on_is_counted) {
    struct buf metrics = {0};
    struct hash id;
    if (!begin_two(_i)) return;
    json_decref(await_items("/v1/peers", 1));
    for (int i = 0; i < PAYMENTS; i++) pay(0, &fixture.ids[2], &id);
    uint64_t height = head_height(), until_ms = clock_monotonic_ms() + SOON_MS;
    struct network_look look = {0};
    while (look.replica.agreement.final_height < height) {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(fixture.node, height, 20);
        ck_assert(node_network_look(fixture.node, &look));
    }
    monitor_append_agreement(&metrics, fixture.node);
    check_metric(&metrics, "\nlmm_consensus_view ", height);
    check_metric(&metrics, "\nlmm_consensus_keys ", FIXTURE_WITNESSES);
    check_metric(&metrics, "\nlmm_consensus_votes_signed_total{kind=\"notarize\"} ",
                 FIXTURE_WITNESSES * height);
    check_metric(&metrics, "\nlmm_consensus_certificates_total{kind=\"notarize\"} ", height);
    check_metric(&metrics, "\nlmm_consensus_certificates_total{kind=\"nullify\"} ", 0);
    check_metric(&metrics, "\nlmm_net_latency_seconds ", 0);
    check_metric(&metrics, "\nlmm_gossip_transactions_total{outcome=\"sent\"} ", PAYMENTS);
    check_metric(&metrics, "\nlmm_gossip_ids_total{outcome=\"undelivered\"} ", 0);
    check_metric(&metrics, "\nlmm_gossip_ids_open ", 0);
    buf_clear(&metrics);
    end_two();
}
END_TEST

static void forget_wishes(void) { explorer_wish = (struct explorer_wish){0}; }

void explorer_network_cases(TCase *cases) {
    tcase_add_checked_fixture(cases, forget_wishes, forget_wishes);
    tcase_add_loop_test(cases, epochs_are_told_with_their_blocks_and_witnesses, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, an_epoch_names_who_served_in_it, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, it_is_told_who_leads_next, 0, TEST_ENGINES);
    tcase_add_test(cases, a_node_alone_has_no_peers);
    tcase_add_test(cases, peers_are_told_and_who_they_are_to_the_operator_alone);
    tcase_add_test(cases, nodes_are_told_where_each_wants_to_be_found);
    tcase_add_test(cases, what_is_agreed_on_is_counted);
}
