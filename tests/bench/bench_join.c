// SPDX-License-Identifier: Apache-2.0
// How a node comes to a chain of BLOCKS blocks with transfers in them, on the loopback: by
// executing them, by a snapshot, and how it then fetches the blocks of before. The baseline reads
// the same blocks from the log of the one who serves them, on the same machine. --quick: so few
// that it only shows that the program works.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/tx.h"
#include "chaincore/node/node_arrive.h"

enum { BLOCKS = 10000, QUICK_BLOCKS = 300, EPOCH = 100, SENDERS = 16, WITNESSES = 4 };

struct sender {
    struct secret_key key;
    struct account_id id;
};

static struct sender senders[SENDERS];
static struct secret_key witnesses[WITNESSES];
static struct buf genesis_bytes;
static struct hash chain_id;
static char folder[64], at[32];
static const char *peers[1] = {at};
static uint64_t blocks = BLOCKS;

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void make_chain(void) {
    struct genesis_account accounts[SENDERS];
    struct genesis_witness listed[WITNESSES] = {0};
    struct public_key key;
    for (uint8_t i = 0; i < SENDERS; i++) {
        uint8_t seed[32] = {1, i};
        key_from_seed(&senders[i].key, &key, seed);
        account_id_of_key(&senders[i].id, &key);
        accounts[i] = (struct genesis_account){senders[i].id, amount_of_units(1000000000000)};
    }
    qsort(accounts, SENDERS, sizeof *accounts, compare_accounts);
    for (uint8_t i = 0; i < WITNESSES; i++) {
        uint8_t seed[32] = {2, i};
        key_from_seed(&witnesses[i], &listed[i].key, seed);
    }
    struct genesis genesis = {.name = bytes_of_string("bench"),
                              .params = {.block_interval_ms = 1,
                                         .epoch_blocks = EPOCH,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .min_witnesses = WITNESSES,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = SENDERS,
                              .accounts = accounts,
                              .witness_count = WITNESSES,
                              .witnesses = listed};
    genesis_encode(&genesis_bytes, &genesis);
    genesis_chain_id(&chain_id, &genesis);
}

struct place {
    char data[96], votes[96];
    struct node_network network;
};

// With the keys of all witnesses, or following with none.
static struct node_config describe(struct place *place, const char *name, bool is_first) {
    snprintf(place->data, sizeof place->data, "%s/%s", folder, name);
    snprintf(place->votes, sizeof place->votes, "%s/%s.votes", folder, name);
    place->network = (struct node_network){.address = is_first ? "127.0.0.1" : NULL,
                                           .peers = peers,
                                           .peer_count = is_first ? 0 : 1,
                                           .votes_dir = place->votes,
                                           .is_first_start = true,
                                           .takes_private = true};
    return (struct node_config){.data_dir = place->data,
                                .genesis = buf_bytes(&genesis_bytes),
                                .witness_keys = witnesses,
                                .witness_key_count = is_first ? WITNESSES : 0,
                                .network = &place->network,
                                .snapshots = {.kept = is_first ? 1 : 0, .every_blocks = EPOCH}};
}

static uint64_t height_of(struct node *node) {
    struct node_head head;
    node_head(node, &head);
    return head.header.height;
}

static void submit_round(struct node *node, uint64_t seq) {
    for (int i = 0; i < SENDERS; i++) {
        struct buf encoded = {0};
        struct hash id;
        struct tx tx = {.version = TX_VERSION,
                        .sender = senders[i].id,
                        .seq = seq,
                        .valid_until = 28000,
                        .gas_limit = 100000,
                        .gas_price = 1,
                        .action_count = 1};
        tx.actions[0].kind = TX_TRANSFER;
        tx.actions[0].transfer.to = senders[(i + 1) % SENDERS].id;
        tx.actions[0].transfer.amount = amount_of_units(1);
        ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &senders[i].key, &chain_id) == STATUS_OK);
        tx_encode(&encoded, &tx);
        ENSURE(node_submit(node, buf_bytes(&encoded), &id) == TX_CODE_OK);
        buf_clear(&encoded);
    }
}

static void make_blocks(struct node *node) {
    struct node_past past;
    for (uint64_t seq = 0; height_of(node) < blocks; seq++) {
        uint64_t height = height_of(node);
        submit_round(node, seq);
        node_wait(node, height, 10000);
    }
    for (node_past(node, &past); past.snapshot + EPOCH < blocks; node_past(node, &past))
        node_wait(node, height_of(node), 20);
}

static double seconds_since(uint64_t start_ns) {
    return (double)(clock_monotonic_ns() - start_ns) / 1e9;
}

static void tell(const char *name, double value, const char *unit, double baseline) {
    printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", \"baseline\": \"read the log\", "
           "\"baseline_value\": %.3f, \"ratio\": %.3f}\n",
           name, value, unit, baseline, baseline > 0 ? value / baseline : 0.0);
}

static double read_all(struct node *node) {
    struct buf block = {0};
    uint64_t start_ns = clock_monotonic_ns();
    for (uint64_t height = 1; height <= blocks; height++) {
        buf_reset(&block);
        ENSURE(node_read_block(node, height, &block) == STATUS_OK);
    }
    buf_clear(&block);
    return (double)blocks / seconds_since(start_ns);
}

static void measure_execution(double baseline) {
    struct place place;
    struct node *node;
    struct node_config config = describe(&place, "executes", false);
    uint64_t start_ns = clock_monotonic_ns();
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    while (height_of(node) < blocks) node_wait(node, height_of(node), 1000);
    double seconds = seconds_since(start_ns);
    tell("join_by_blocks", (double)blocks / seconds, "blocks/s", baseline);
    tell("join_by_blocks_time", seconds, "s", 0);
    node_close(node);
}

static void measure_snapshot(double baseline) {
    struct place place;
    struct node *node;
    struct node_past past;
    struct node_exchange exchange;
    struct node_config config = describe(&place, "joins", false);
    struct node_arrival arrival = {.far_ahead = blocks / 2};
    uint64_t start_ns = clock_monotonic_ns();
    ENSURE(node_arrive(&config, &arrival) == STATUS_OK);
    ENSURE(node_open(&node, &config) == STATUS_OK);
    double joined = seconds_since(start_ns);
    ENSURE(height_of(node) + EPOCH >= blocks / 2);
    start_ns = clock_monotonic_ns();
    ENSURE(node_start(node) == STATUS_OK);
    for (node_past(node, &past); past.is_filling; node_past(node, &past))
        node_wait(node, height_of(node), 5);
    double filled = seconds_since(start_ns);
    node_exchange(node, &exchange);
    tell("join_by_snapshot_time", joined, "s", 0);
    tell("join_fill", (double)exchange.filled_blocks / filled, "blocks/s", baseline);
    tell("join_fill_bytes", (double)exchange.filled_bytes / filled / 1e6, "MB/s", 0);
    tell("join_fill_time", filled, "s", 0);
    node_close(node);
}

int main(int count, char **arguments) {
    struct place place;
    struct node *node;
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) blocks = QUICK_BLOCKS;
    snprintf(folder, sizeof folder, "/tmp/bench-join.XXXXXX");
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    log_set_level(LOG_ERROR);
    make_chain();
    struct node_config config = describe(&place, "first", true);
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    snprintf(at, sizeof at, "127.0.0.1:%u", node_port(node));
    make_blocks(node);
    blocks = height_of(node);
    double baseline = read_all(node);
    measure_execution(baseline);
    measure_snapshot(baseline);
    node_close(node);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    buf_clear(&genesis_bytes);
    return 0;
}
