// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/bans.h"
#include "tests/unit/net/suites.h"

static struct bans bans;

static void start(void) { bans = (struct bans){0}; }

static struct ip_address at(const char *text) {
    struct ip_address address;
    ck_assert_msg(ip_parse(&address, text), "%s", text);
    return address;
}

static struct public_key numbered(unsigned number) {
    return (struct public_key){{(uint8_t)number, (uint8_t)(number >> 8), 1}};
}

START_TEST(a_node_is_banned_until_then) {
    struct public_key liar = numbered(1), other = numbered(2);
    bans_add_node(&bans, &liar, bytes_of(NULL, 0), 1000);
    ck_assert(bans_has_node(&bans, &liar, 999));
    ck_assert(!bans_has_node(&bans, &liar, 1000));
    ck_assert(!bans_has_node(&bans, &other, 0));
}
END_TEST

START_TEST(an_address_is_banned_until_then) {
    struct ip_address liar = at("8.8.8.8"), other = at("8.8.8.9");
    bans_add_owner(&bans, ip_owner(&liar), 1000);
    ck_assert(bans_has_owner(&bans, ip_owner(&liar), 999));
    ck_assert(!bans_has_owner(&bans, ip_owner(&liar), 1000));
    ck_assert(!bans_has_owner(&bans, ip_owner(&other), 0));
}
END_TEST

// An IPv4 address begins with the eight zero bytes that are the whole network of ::1.
START_TEST(an_address_of_one_kind_bans_none_of_the_other) {
    struct ip_address v4 = at("8.8.8.8"), v6 = at("::1");
    bans_add_owner(&bans, ip_owner(&v4), 1000);
    ck_assert(!bans_has_owner(&bans, ip_owner(&v6), 0));
    start();
    bans_add_owner(&bans, ip_owner(&v6), 1000);
    ck_assert(!bans_has_owner(&bans, ip_owner(&v4), 0));
    ck_assert(bans_has_owner(&bans, ip_owner(&v6), 0));
}
END_TEST

START_TEST(who_changes_its_key_is_known_by_its_address) {
    struct ip_address address = at("2a00:1450::1"), neighbour = at("2a00:1450::2"),
                      other = at("2a00:1450:0:1::1");
    for (unsigned i = 0; i < BANS_NODES_OF_OWNER; i++) {
        struct public_key node = numbered(i);
        ck_assert(!bans_has_owner(&bans, ip_owner(&address), 0));
        bans_add_node(&bans, &node, ip_owner(&address), 1000 + i);
    }
    ck_assert(bans_has_owner(&bans, ip_owner(&neighbour), 999));
    ck_assert(!bans_has_owner(&bans, ip_owner(&neighbour), 1000)); // the first has served its time
    ck_assert(!bans_has_owner(&bans, ip_owner(&other), 0));
}
END_TEST

START_TEST(nodes_without_an_address_of_their_own_ban_none) {
    struct ip_address address = at("8.8.8.8");
    for (unsigned i = 0; i < 2 * BANS_NODES_OF_OWNER; i++) {
        struct public_key node = numbered(i);
        bans_add_node(&bans, &node, bytes_of(NULL, 0), 1000);
    }
    ck_assert(!bans_has_owner(&bans, ip_owner(&address), 0));
}
END_TEST

// Each with an address of its own, in one /48.
START_TEST(a_site_of_which_many_are_banned_is_banned) {
    struct ip_address neighbour = at("2a00:1450:1:ffff::1"), other = at("2a00:1450:2::1");
    for (unsigned i = 0; i < BANS_OWNERS_OF_SITE; i++) {
        struct ip_address liar = at("2a00:1450:1::1");
        liar.bytes[7] = (uint8_t)i;
        ck_assert(!bans_has_owner(&bans, ip_owner(&neighbour), 0));
        bans_add_owner(&bans, ip_owner(&liar), 1000);
    }
    ck_assert(bans_has_owner(&bans, ip_owner(&neighbour), 999));
    ck_assert(!bans_has_owner(&bans, ip_owner(&neighbour), 1000));
    ck_assert(!bans_has_owner(&bans, ip_owner(&other), 0));
}
END_TEST

// A node's ban is a part of its address's.
START_TEST(nodes_of_many_addresses_ban_their_site_too) {
    struct ip_address neighbour = at("2a00:1450:1:ffff::1");
    for (unsigned i = 0; i < BANS_OWNERS_OF_SITE * BANS_NODES_OF_OWNER; i++) {
        struct ip_address liar = at("2a00:1450:1::1");
        struct public_key node = numbered(i);
        liar.bytes[7] = (uint8_t)i;
        ck_assert(!bans_has_owner(&bans, ip_owner(&neighbour), 0));
        bans_add_node(&bans, &node, ip_owner(&liar), 1000);
    }
    ck_assert(bans_has_owner(&bans, ip_owner(&neighbour), 0));
}
END_TEST

START_TEST(neighbours_of_an_old_address_are_nobodys_site) {
    struct ip_address neighbour = at("8.8.8.200");
    for (unsigned i = 0; i < 100; i++) {
        struct ip_address liar = at("8.8.8.1");
        liar.bytes[15] = (uint8_t)i;
        bans_add_owner(&bans, ip_owner(&liar), 1000);
    }
    ck_assert(!bans_has_owner(&bans, ip_owner(&neighbour), 0));
}
END_TEST

START_TEST(the_latest_bans_count) {
    for (unsigned i = 0; i <= LIMIT_BANS; i++) {
        struct public_key node = numbered(i);
        bans_add_node(&bans, &node, bytes_of(NULL, 0), 1000);
    }
    struct public_key first = numbered(0), second = numbered(1), last = numbered(LIMIT_BANS);
    ck_assert(!bans_has_node(&bans, &first, 0));
    ck_assert(bans_has_node(&bans, &second, 0));
    ck_assert(bans_has_node(&bans, &last, 0));
}
END_TEST

Suite *bans_suite(void) {
    Suite *suite = suite_create("bans");
    TCase *cases = tcase_create("bans");
    tcase_add_checked_fixture(cases, start, NULL);
    tcase_add_test(cases, a_node_is_banned_until_then);
    tcase_add_test(cases, an_address_is_banned_until_then);
    tcase_add_test(cases, an_address_of_one_kind_bans_none_of_the_other);
    tcase_add_test(cases, who_changes_its_key_is_known_by_its_address);
    tcase_add_test(cases, nodes_without_an_address_of_their_own_ban_none);
    tcase_add_test(cases, a_site_of_which_many_are_banned_is_banned);
    tcase_add_test(cases, nodes_of_many_addresses_ban_their_site_too);
    tcase_add_test(cases, neighbours_of_an_old_address_are_nobodys_site);
    tcase_add_test(cases, the_latest_bans_count);
    suite_add_tcase(suite, cases);
    return suite;
}
