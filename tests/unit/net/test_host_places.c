// SPDX-License-Identifier: Apache-2.0
// A host of the usual limits, among as many as a chain may have witnesses.
#include "chaincore/base/memory.h"
#include "tests/unit/net/hosts.h"
#include "tests/unit/net/suites.h"

// What strangers that come get: half of all, but for those that a host calls itself.
enum { OTHERS = LIMIT_WITNESSES - 1, STRANGERS = 128 - 8, GUESTS = OTHERS + STRANGERS + 1 };

static struct test_host *guests; // the witnesses come first in it, and last to the host

static bool is_witness(void *context, const struct public_key *node) {
    (void)context;
    for (int i = 0; i < OTHERS; i++)
        if (memcmp(&guests[i].public, node, sizeof *node) == 0) return true;
    return false;
}

// It calls the first one, and keeps to it.
static void open_guest(int i) {
    uint8_t seed[32] = {99, (uint8_t)i, (uint8_t)(i >> 8)};
    struct test_host *guest = &guests[i];
    struct endpoint to = hosts_endpoint(0);
    key_from_seed(&guest->key, &guest->public, seed);
    guest->config = hosts[1].config;
    guest->config.address = NULL;
    guest->config.is_hidden = true;
    guest->config.node_key = &guest->key;
    guest->config.events.context = guest;
    assert_ok(host_open(&guest->host, &hosts_loop, &guest->config));
    assert_ok(book_add_fixed(host_book(guest->host), &to));
}

static void start(void) {
    hosts_start();
    guests = mem_alloc_array(GUESTS, sizeof *guests);
    hosts[0].config.limits = (struct host_limits){.per_owner = 1000, .per_site = 1000};
    hosts[0].config.events.is_trusted = is_witness;
    hosts_open(0);
}

static void stop(void) {
    int open = 0, before = hosts_closed;
    for (int i = 0; i < GUESTS; i++) {
        if (!guests[i].host) continue;
        host_close(guests[i].host, hosts_note_closed, NULL);
        open++;
    }
    await(hosts_closed == before + open);
    hosts_stop();
    mem_free(guests);
}

START_TEST(all_witnesses_have_places_whatever_strangers_take) {
    for (int i = OTHERS; i < GUESTS - 1; i++) {
        open_guest(i);
        await(hosts[0].joined == i - OTHERS + 1);
    }
    open_guest(GUESTS - 1);
    await(hosts_counts(0).causes[CAUSE_FULL] > 0);
    ck_assert_int_eq(hosts[0].joined, STRANGERS);
    for (int i = 0; i < OTHERS; i++) {
        open_guest(i);
        await(hosts[0].joined == STRANGERS + i + 1);
    }
    ck_assert_int_eq(hosts[0].left, 0);
    ck_assert_uint_eq(hosts_counts(0).peers, STRANGERS + OTHERS);
}
END_TEST

START_TEST(an_operator_may_name_all_other_witnesses) {
    struct book *book = book_open();
    for (int i = 0; i < OTHERS; i++) {
        struct endpoint endpoint = {.ip.bytes = {0x2A, (uint8_t)i}, .port = 7000};
        assert_ok(book_add_fixed(book, &endpoint));
    }
    book_close(book);
}
END_TEST

Suite *host_places_suite(void) {
    Suite *suite = suite_create("host_places");
    TCase *cases = tcase_create("host_places");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, all_witnesses_have_places_whatever_strangers_take);
    tcase_add_test(cases, an_operator_may_name_all_other_witnesses);
    suite_add_tcase(suite, cases);
    return suite;
}
