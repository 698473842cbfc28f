// SPDX-License-Identifier: Apache-2.0
// What a server is told of other nodes.
#include <stdio.h>

#include "apps/common/server/options.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

#define KEY_BUT_FIRST "00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY "0" KEY_BUT_FIRST

static struct config config;
static struct server_options options;
static char data[] = "data";

static void set_up(void) { config = (struct config){0}; }
static void tear_down(void) { config_clear(&config); }

#define read_flags(...) read_list((char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
static void read_list(char *const *flags) {
    config_clear(&config);
    server_options_read(&options, &config, flags);
}

static const char *faults(void) { return buf_as_string(&config.faults); }

#define assert_says(text) \
    ck_assert_msg(strstr(faults(), text) != NULL, "no \"%s\" in: %s", text, faults())

START_TEST(a_node_is_alone_or_among_others) {
    const struct node_network *network;
    char votes[64];
    read_flags("--devnet", "--data", data);
    ck_assert_ptr_null(server_options_network(&options));
    snprintf(votes, sizeof votes, "%s/votes", data);
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000, [2001:db8::1]:7001");
    ck_assert_str_eq(faults(), "");
    network = server_options_network(&options);
    ck_assert_ptr_nonnull(network);
    ck_assert_ptr_null(network->address);
    ck_assert_uint_eq(network->peer_count, 2);
    ck_assert_str_eq(network->peers[1], "[2001:db8::1]:7001");
    ck_assert_str_eq(network->votes_dir, votes);
    ck_assert_uint_eq(network->per_address, DEVNET_CONNECTIONS_PER_ADDRESS);
    read_flags("--devnet", "--data", data, "--peers", KEY "@10.0.0.1:7000");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(server_options_network(&options)->peers[0], KEY "@10.0.0.1:7000");
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000", "--votes",
               "elsewhere");
    network = server_options_network(&options);
    ck_assert_ptr_nonnull(network);
    ck_assert_str_eq(network->address, "127.0.0.1");
    ck_assert_uint_eq(network->port, 7000);
    ck_assert_str_eq(network->votes_dir, "elsewhere");
    ck_assert(network->takes_private);
}
END_TEST

START_TEST(what_is_no_peer_is_a_fault) {
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000,nowhere,192.0.2.1");
    assert_says("--peers: takes addresses and ports, as 192.0.2.1:7000, with the node's key and @ "
                "in front or without; not nowhere\n");
    assert_says("not 192.0.2.1\n");
    read_flags("--devnet", "--data", data, "--peers", "1234@192.0.2.1:7000");
    assert_says("not 1234@192.0.2.1:7000\n");
    read_flags("--devnet", "--data", data, "--peers",
               KEY "@192.0.2.1:7000, 192.0.2.1:7000, 1" KEY_BUT_FIRST "@192.0.2.1:7000");
    assert_says("--peers: has two keys for one address: 100");
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:0");
    assert_says("--peer-listen: takes ADDRESS:PORT, not 127.0.0.1:0\n");
    read_flags("--devnet", "--data", data, "--votes", "x");
    assert_says("--votes: says nothing without peers");
}
END_TEST

START_TEST(a_witness_behind_a_wall_says_where_it_is_found) {
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000");
    ck_assert_str_eq(faults(), "");
    ck_assert_ptr_null(server_options_network(&options)->announced);
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000", "--peer-announce",
               "[2001:db8::1]:7001");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(server_options_network(&options)->announced, "[2001:db8::1]:7001");
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000", "--peer-announce",
               "192.0.2.1");
    assert_says("--peer-announce: takes ADDRESS:PORT, not 192.0.2.1\n");
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000", "--peer-announce",
               "192.0.2.1:7000");
    assert_says("--peer-announce: says nothing without --peer-listen\n");
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000", "--peer-announce",
               "10.0.0.5:7001");
    ck_assert_str_eq(faults(), "");
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000", "--peer-announce",
               "[::]:7001");
    assert_says("--peer-announce: takes an address that others can reach");
    assert_says("not [::]:7001\n");
    read_flags("--data", data, "--peer-listen", "127.0.0.1:7000", "--peers", "9.9.9.9:7000",
               "--peer-announce", "10.0.0.5:7001");
    assert_says("--peer-announce: takes an address that others can reach");
    assert_says("not 10.0.0.5:7001\n");
}
END_TEST

#define ONE "11111111111111111111111111111111111111111111111111111111111111"
START_TEST(a_sentry_knows_its_nodes_and_a_hidden_one_its_sentries) {
    const struct node_network *network;
    read_flags("--devnet", "--data", data, "--peer-listen", "127.0.0.1:7000", "--sentry-for",
               "aa" ONE ",bb" ONE);
    ck_assert_str_eq(faults(), "");
    network = server_options_network(&options);
    ck_assert_uint_eq(network->guarded_count, 2);
    ck_assert_uint_eq(network->guarded[1].bytes[0], 0xBB);
    ck_assert(!network->is_hidden);
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000", "--hidden");
    ck_assert_str_eq(faults(), "");
    ck_assert(server_options_network(&options)->is_hidden);
    read_flags("--devnet", "--data", data, "--sentry-for", "aa" ONE);
    assert_says("--sentry-for: says nothing without peers");
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000", "--sentry-for", "aa");
    assert_says("--sentry-for: takes nodes' keys, 64 digits; not aa\n");
    read_flags("--devnet", "--data", data, "--hidden");
    assert_says("--hidden: goes with --peers");
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000", "--peer-listen",
               "127.0.0.1:7000", "--hidden");
    assert_says("--hidden: goes with --peers, its sentries, and no --peer-listen\n");
}
END_TEST

START_TEST(what_it_joins_by_and_keeps_for_others_is_said) {
    struct hash id = {.bytes = {0x0a, 0x1b}};
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000");
    ck_assert(!options.has_trusted);
    ck_assert_uint_eq(options.snapshots, 2);
    read_flags("--devnet", "--data", data);
    ck_assert_uint_eq(options.snapshots, 0); // nobody asks
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000", "--snapshots", "0",
               "--trust", "7199:0a1b000000000000000000000000000000000000000000000000000000000000");
    ck_assert_str_eq(faults(), "");
    ck_assert_uint_eq(options.snapshots, 0);
    ck_assert(options.has_trusted);
    ck_assert_uint_eq(options.trusted.height, 7199);
    ck_assert(hash_equal(&options.trusted.id, &id));
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000", "--snapshots", "9",
               "--trust", "7199");
    assert_says("--trust: takes a height and 64 hexadecimal digits");
    assert_says("--snapshots: ");
}
END_TEST

START_TEST(only_a_devnets_keys_are_new_unless_somebody_says_so) {
    read_flags("--devnet", "--data", data, "--peers", "192.0.2.1:7000");
    ck_assert(server_options_network(&options)->is_first_start);
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--peers", "192.0.2.1:7000");
    ck_assert(!server_options_network(&options)->is_first_start);
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--peers", "192.0.2.1:7000",
               "--first-start");
    ck_assert(server_options_network(&options)->is_first_start);
    read_flags("--devnet", "--data", data, "--first-start");
    assert_says("--first-start: says nothing without peers");
}
END_TEST

START_TEST(other_keys_are_accepted_where_somebody_says_so) {
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--peers", "192.0.2.1:7000");
    ck_assert(!server_options_network(&options)->accepts_new_keys);
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--peers", "192.0.2.1:7000",
               "--accept-new-keys");
    ck_assert_str_eq(faults(), "");
    ck_assert(server_options_network(&options)->accepts_new_keys);
    read_flags("--devnet", "--data", data, "--accept-new-keys");
    assert_says("--accept-new-keys: says nothing without peers");
}
END_TEST

START_TEST(a_devnets_witnesses_may_be_shared_out) {
    static struct server_keys keys, all;
    static struct devnet devnet;
    devnet_derive(&devnet);
    server_keys_of_devnet(&all, &devnet);
    read_flags("--devnet", "--data", data, "--witness-keys", "2, 4");
    ck_assert_str_eq(faults(), "");
    server_options_devnet_keys(&options, &keys, &devnet);
    ck_assert_uint_eq(keys.witness_count, 2);
    ck_assert_mem_eq(&keys.witnesses[0], &all.witnesses[1], sizeof all.witnesses[1]);
    ck_assert_mem_eq(&keys.witnesses[1], &all.witnesses[3], sizeof all.witnesses[3]);
    read_flags("--devnet", "--data", data, "--witness-keys", "1-2,4");
    ck_assert_str_eq(faults(), "");
    server_options_devnet_keys(&options, &keys, &devnet);
    ck_assert_uint_eq(keys.witness_count, 3);
    ck_assert_mem_eq(&keys.witnesses[2], &all.witnesses[3], sizeof all.witnesses[3]);
    static const char *const wrong[] = {"0", "1-", "-2", "3-2", "1,,2", "1-5", "1 2", "2,", "x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[8];
        snprintf(text, sizeof text, "%s", wrong[i]);
        read_flags("--devnet", "--data", data, "--witness-keys", text);
        assert_says("--witness-keys: takes numbers");
    }
    read_flags("--devnet", "--data", data, "--witnesses", "101", "--witness-keys", "76-101");
    ck_assert_str_eq(faults(), "");
    devnet_derive_with(&devnet, 101);
    server_options_devnet_keys(&options, &keys, &devnet);
    ck_assert_uint_eq(keys.witness_count, 26);
    ck_assert_mem_eq(&keys.witnesses[25], &devnet.witness_keys[100], sizeof *keys.witnesses);
    read_flags("--devnet", "--data", data, "--witnesses", "102");
    assert_says("--witnesses: ");
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--witnesses", "5");
    assert_says("--witnesses: is a devnet's");
    devnet_derive(&devnet);
    read_flags("--devnet", "--data", data, "--witness-keys", "none");
    server_options_devnet_keys(&options, &keys, &devnet);
    ck_assert_uint_eq(keys.witness_count, 0);
    read_flags("--devnet", "--data", data, "--witness-keys", "1,5");
    assert_says("--witness-keys: takes numbers from 1 to 4, as 1,3-4, or none; not 1,5\n");
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--witness-keys", "1");
    assert_says("--witness-keys: is a devnet's");
}
END_TEST

START_TEST(a_clock_is_a_devnets) {
    read_flags("--devnet", "--data", data, "--clock", "shared");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(options.clock, "shared");
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--clock", "shared");
    assert_says("--clock: is a devnet's");
    read_flags("--devnet", "--data", data, "--demo-after", "x");
    assert_says("--demo-after: says nothing without --demo");
    read_flags("--devnet", "--data", data, "--demo", "--peers", "192.0.2.1:7000");
    assert_says("--demo: among other nodes needs the --clock");
    read_flags("--devnet", "--data", data, "--demo", "--peers", "192.0.2.1:7000", "--clock", "x");
    ck_assert_str_eq(faults(), "");
    read_flags("--genesis", "g", "--keys", "k", "--data", data, "--write-genesis", "x");
    assert_says("--write-genesis: is a devnet's");
}
END_TEST

Suite *options_network_suite(void) {
    Suite *suite = suite_create("options_network");
    TCase *tests = tcase_create("options_network");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_node_is_alone_or_among_others);
    tcase_add_test(tests, what_is_no_peer_is_a_fault);
    tcase_add_test(tests, a_witness_behind_a_wall_says_where_it_is_found);
    tcase_add_test(tests, a_sentry_knows_its_nodes_and_a_hidden_one_its_sentries);
    tcase_add_test(tests, what_it_joins_by_and_keeps_for_others_is_said);
    tcase_add_test(tests, only_a_devnets_keys_are_new_unless_somebody_says_so);
    tcase_add_test(tests, other_keys_are_accepted_where_somebody_says_so);
    tcase_add_test(tests, a_devnets_witnesses_may_be_shared_out);
    tcase_add_test(tests, a_clock_is_a_devnets);
    suite_add_tcase(suite, tests);
    return suite;
}
