// SPDX-License-Identifier: Apache-2.0
// How fast a node that was away catches up: BLOCKS blocks, three in four of them empty, from a peer
// that is another process, on the loopback, to a disk. The baseline is what the same number of
// small writes costs on that disk with a sync behind each. The peer's own folder lies in memory: it
// has made its blocks before. --quick: so few that it only shows that the program works.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>
#include <sys/resource.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "tests/bench/join_chain.h"

enum {
    EPOCH = 120, // a devnet's
    BEFORE = 300,
    BLOCKS = 10000,
    QUICK_BLOCKS = 400,
    TRANSFERS = 3, // in one block of four
    WRITES = 500,
    WRITE_BYTES = 400, // an empty block in its record
    WAIT_MS = 1000,
};

// --- the peer's process ---

struct offer {
    uint64_t height;
    uint16_t port;
};

static struct {
    int asks[2], offers[2];
    pid_t process;
} peer;

static struct node *open_node(const char *folder, size_t keys, const char *address) {
    static const char *peers[1];
    static char data[128], votes[128];
    struct node *node;
    snprintf(data, sizeof data, "%s/data", folder);
    // Whoever serves signs nothing, and leaves the votes of the one that makes blocks alone.
    snprintf(votes, sizeof votes, "%s/votes-%zu", folder, keys);
    peers[0] = address;
    struct node_network network = {.address = address ? NULL : "127.0.0.1",
                                   .peers = peers,
                                   .peer_count = address ? 1 : 0,
                                   .votes_dir = votes,
                                   .is_first_start = true,
                                   .takes_private = true};
    struct node_config config = {.data_dir = data,
                                 .genesis = buf_bytes(&join_chain.genesis),
                                 .witness_keys = join_chain.witnesses,
                                 .witness_key_count = keys,
                                 .network = &network};
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    return node;
}

static void make_blocks(const char *folder, uint64_t height) {
    static uint64_t seqs[JOIN_SENDERS];
    static unsigned next;
    struct node *node = open_node(folder, JOIN_WITNESSES, NULL);
    for (uint64_t at = join_height_of(node); at < height; at = join_height_of(node)) {
        for (int i = 0; at % 4 == 0 && i < TRANSFERS; i++, next = (next + 1) % JOIN_SENDERS)
            join_chain_submit(node, next, seqs[next]++);
        node_wait(node, at, WAIT_MS);
    }
    node_close(node);
}

static void be_peer(void) {
    char folder[64] = "/dev/shm/bench-catch-up.XXXXXX", otherwise[] = "/tmp/bench-catch-up.XXXXXX";
    struct node *node = NULL;
    uint64_t height;
    if (!mkdtemp(folder)) {
        memcpy(folder, otherwise, sizeof otherwise);
        ENSURE(mkdtemp(folder));
    }
    while (read(peer.asks[0], &height, sizeof height) == sizeof height) {
        node_close(node);
        make_blocks(folder, height);
        node = open_node(folder, 0, NULL);
        struct offer offer = {.height = join_height_of(node), .port = node_port(node)};
        ENSURE(write(peer.offers[1], &offer, sizeof offer) == sizeof offer);
    }
    node_close(node);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
}

static void start_peer(void) {
    ENSURE(pipe(peer.asks) == 0 && pipe(peer.offers) == 0);
    peer.process = fork();
    ENSURE(peer.process >= 0);
    // So that each notices when the other ends.
    close(peer.process > 0 ? peer.offers[1] : peer.asks[1]);
    if (peer.process > 0) return;
    be_peer();
    exit(0);
}

static struct offer ask_peer(uint64_t height) {
    struct offer offer;
    ENSURE(write(peer.asks[1], &height, sizeof height) == sizeof height);
    ENSURE(read(peer.offers[0], &offer, sizeof offer) == sizeof offer);
    return offer;
}

static void end_peer(void) {
    int state;
    close(peer.asks[1]);
    ENSURE(waitpid(peer.process, &state, 0) == peer.process && state == 0);
}

// --- what is measured ---

static double catch_up(const char *folder, const struct offer *offer, uint64_t *from) {
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", offer->port);
    uint64_t start_ns = clock_monotonic_ns();
    struct node *node = open_node(folder, 0, address);
    *from = join_height_of(node);
    for (uint64_t at = *from; at < offer->height; at = join_height_of(node))
        node_wait(node, at, WAIT_MS);
    double seconds = join_seconds_since(start_ns);
    node_close(node);
    return seconds;
}

static double syncs_a_second(const char *folder) {
    uint8_t block[WRITE_BYTES] = {1};
    char path[128];
    snprintf(path, sizeof path, "%s/baseline", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ENSURE(fd >= 0);
    uint64_t start_ns = clock_monotonic_ns();
    for (int i = 0; i < WRITES; i++)
        ENSURE(write(fd, block, sizeof block) == sizeof block && fdatasync(fd) == 0);
    close(fd);
    return WRITES / join_seconds_since(start_ns);
}

static double cpu_seconds(void) {
    struct rusage used;
    ENSURE(getrusage(RUSAGE_SELF, &used) == 0);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
    char folder[64] = "/tmp/bench-catch-up.XXXXXX";
    bool is_quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    uint64_t blocks = is_quick ? QUICK_BLOCKS : BLOCKS, from;
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    log_set_level(LOG_ERROR);
    join_chain_make(&(struct join_chain_rules){EPOCH, false});
    start_peer();
    struct offer offer = ask_peer(BEFORE);
    catch_up(folder, &offer, &from); // then it is away
    offer = ask_peer(BEFORE + blocks);
    double syncs = syncs_a_second(folder), cpu = cpu_seconds();
    double seconds = catch_up(folder, &offer, &from);
    double done = (double)(offer.height - from);
    cpu = cpu_seconds() - cpu;
    join_tell(&(struct join_figure){.name = "catch_up",
                                    .unit = "blocks/s",
                                    .value = done / seconds,
                                    .baseline = "a write and a sync each",
                                    .baseline_value = syncs});
    join_tell(&(struct join_figure){
        .name = "catch_up_time", .unit = "s for 10000 blocks", .value = seconds * BLOCKS / done});
    join_tell(&(struct join_figure){
        .name = "catch_up_cpu", .unit = "us a block", .value = cpu * 1e6 / done});
    end_peer();
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    join_chain_clear();
    return 0;
}
