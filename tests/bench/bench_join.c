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
#include "chaincore/node/node_arrive.h"
#include "tests/bench/join_chain.h"

enum { BLOCKS = 10000, QUICK_BLOCKS = 300, EPOCH = 100 };

static char folder[64], at[32];
static const char *peers[1] = {at};
static uint64_t blocks = BLOCKS;

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
                                .genesis = buf_bytes(&join_chain.genesis),
                                .witness_keys = join_chain.witnesses,
                                .witness_key_count = is_first ? JOIN_WITNESSES : 0,
                                .network = &place->network,
                                .takes_old_snapshot = true,
                                .snapshots = {.kept = is_first ? 1 : 0, .every_blocks = EPOCH}};
}

static void make_blocks(struct node *node) {
    struct node_past past;
    for (uint64_t seq = 0; join_height_of(node) < blocks; seq++) {
        uint64_t height = join_height_of(node);
        for (unsigned i = 0; i < JOIN_SENDERS; i++) join_chain_submit(node, i, seq);
        node_wait(node, height, 10000);
    }
    for (node_past(node, &past); past.snapshot + EPOCH < blocks; node_past(node, &past))
        node_wait(node, join_height_of(node), 20);
}

// A rate, beside that of reading; or what has no baseline.
static void tell(const char *name, double value, const char *unit, double baseline) {
    join_tell(&(struct join_figure){.name = name,
                                    .unit = unit,
                                    .value = value,
                                    .baseline = baseline > 0 ? "read the log" : NULL,
                                    .baseline_value = baseline});
}

static double read_all(struct node *node) {
    struct buf block = {0};
    uint64_t start_ns = clock_monotonic_ns();
    for (uint64_t height = 1; height <= blocks; height++) {
        buf_reset(&block);
        ENSURE(node_read_block(node, height, &block) == STATUS_OK);
    }
    buf_clear(&block);
    return (double)blocks / join_seconds_since(start_ns);
}

static void measure_execution(double baseline) {
    struct place place;
    struct node *node;
    struct node_config config = describe(&place, "executes", false);
    uint64_t start_ns = clock_monotonic_ns();
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    while (join_height_of(node) < blocks) node_wait(node, join_height_of(node), 1000);
    double seconds = join_seconds_since(start_ns);
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
    double joined = join_seconds_since(start_ns);
    ENSURE(join_height_of(node) + EPOCH >= blocks / 2);
    start_ns = clock_monotonic_ns();
    ENSURE(node_start(node) == STATUS_OK);
    for (node_past(node, &past); past.is_filling; node_past(node, &past))
        node_wait(node, join_height_of(node), 5);
    double filled = join_seconds_since(start_ns);
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
    join_chain_make(&(struct join_chain_rules){EPOCH, true});
    struct node_config config = describe(&place, "first", true);
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    snprintf(at, sizeof at, "127.0.0.1:%u", node_port(node));
    make_blocks(node);
    blocks = join_height_of(node);
    double baseline = read_all(node);
    measure_execution(baseline);
    measure_snapshot(baseline);
    node_close(node);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    join_chain_clear();
    return 0;
}
