// SPDX-License-Identifier: Apache-2.0
// Four nodes, each a process with one witness key, on the loopback: each is brought a quarter of
// the transfers and hears of the rest from the others, and all agree on the blocks. First as fast
// as they take them; then at half that rate, for how long it is from a transfer's submission to its
// finality, on the node that was asked. --quick: so few that it only shows that the program works.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/network.h"
#include "tests/bench/transfer_chain.h"

enum {
    NODES = TRANSFER_WITNESSES,
    SHARE = TRANSFER_SENDERS / NODES, // a batch: one of each sender of a node's
    BLOCK_INTERVAL_MS = 500,          // a devnet's
    FAST = 512,                       // of each sender, as fast as they are taken
    PACED = 256,
    QUICK = 2,
    MOST_WAITING = 256, // of each sender: all together are half of what a mempool holds
    MOST_LATENCY_MS = 20000,
};

struct figures {
    double fast_s, cpu_us;
    uint64_t bytes_out;
    uint32_t latencies[MOST_LATENCY_MS]; // how many took so many milliseconds
};

// What the processes share.
struct shared {
    pthread_barrier_t barrier;
    uint16_t ports[NODES];
    struct figures figures[NODES];
};

static struct transfer_chain chain;
static struct shared *shared;
static uint32_t fast = FAST;
static char folder[] = "/tmp/lmm-bench-XXXXXX";

// ---- inside a process

static struct node *node;
static int own;                        // its number
static uint64_t sent_ns[FAST + PACED]; // when the batch of that number was taken, from `fast` on

static void meet(void) { (void)pthread_barrier_wait(&shared->barrier); }

static void open_node(void) {
    char data[64], votes[64], texts[NODES][32];
    const char *peers[NODES];
    struct node_network network = {.address = "127.0.0.1",
                                   .peers = peers,
                                   .votes_dir = votes,
                                   .is_first_start = true,
                                   .takes_private = true};
    for (int i = 0; i < own; i++) {
        snprintf(texts[i], sizeof texts[i], "127.0.0.1:%u", shared->ports[i]);
        peers[network.peer_count++] = texts[i];
    }
    snprintf(data, sizeof data, "%s/%d", folder, own);
    snprintf(votes, sizeof votes, "%s/%d.votes", folder, own);
    struct node_config config = {.data_dir = data,
                                 .genesis = buf_bytes(&chain.genesis),
                                 .witness_keys = &chain.witnesses[own],
                                 .witness_key_count = 1,
                                 .network = &network};
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    shared->ports[own] = node_port(node);
}

static void sleep_until(uint64_t when_ns) {
    struct timespec when = {.tv_sec = (time_t)(when_ns / 1000000000),
                            .tv_nsec = (long)(when_ns % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR) {}
}

static void await_peers(void) {
    struct node_health health;
    do {
        sleep_until(clock_monotonic_ns() + 10 * 1000 * 1000);
        node_health(node, &health);
    } while (health.peers < NODES - 1);
}

static uint64_t final_seq(uint32_t sender) {
    struct account account;
    uint64_t next_seq;
    node_account(node, &chain.ids[sender], &account, &next_seq);
    return account.next_seq;
}

// Of the senders from one on, the one of whom the fewest are final.
static uint64_t least_final(uint32_t first, uint32_t count) {
    uint64_t least = UINT64_MAX;
    for (uint32_t i = first; i < first + count; i++) {
        uint64_t seq = final_seq(i);
        if (seq < least) least = seq;
    }
    return least;
}

static void await_final(uint32_t first, uint32_t count, uint64_t number) {
    for (;;) {
        struct node_head head;
        node_head(node, &head);
        if (least_final(first, count) >= number) return;
        node_wait(node, head.header.height, 1000);
    }
}

static void submit_batch(uint32_t number) {
    struct node_submission items[SHARE] = {0};
    size_t first = (size_t)number * TRANSFER_SENDERS + (size_t)own * SHARE;
    for (size_t k = 0; k < SHARE; k++) items[k].encoded = buf_bytes(&chain.encoded[first + k]);
    node_submit_many(node, items, SHARE);
    for (size_t k = 0; k < SHARE; k++) {
        if (items[k].code == TX_CODE_OK) continue;
        fprintf(stderr, "%s\n", tx_code_text(items[k].code));
        abort();
    }
}

static uint64_t bytes_out(void) {
    struct network_look look;
    uint64_t bytes = 0;
    ENSURE(node_network_look(node, &look));
    for (int i = 0; i < CHANNEL_CLASSES_MAX; i++) bytes += look.host.bytes_out[i];
    return bytes;
}

static void run_fast(struct figures *out) {
    uint64_t start_ns = clock_monotonic_ns(), bytes_before = bytes_out();
    double cpu_before = process_cpu_ns();
    for (uint32_t number = 0; number < fast; number++) {
        if (number >= MOST_WAITING)
            await_final((uint32_t)own * SHARE, SHARE, number - MOST_WAITING);
        submit_batch(number);
    }
    await_final(0, TRANSFER_SENDERS, fast);
    out->fast_s = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    out->cpu_us = (process_cpu_ns() - cpu_before) / 1e3 / (fast * TRANSFER_SENDERS);
    sleep_until(clock_monotonic_ns() + 500 * 1000 * 1000); // a look is of a little while ago
    out->bytes_out = bytes_out() - bytes_before;
}

static double rate(void) {
    double longest_s = 0;
    for (int i = 0; i < NODES; i++)
        if (shared->figures[i].fast_s > longest_s) longest_s = shared->figures[i].fast_s;
    return fast * TRANSFER_SENDERS / longest_s;
}

// Notes for each own sender what has become final by now.
static void *watch(void *argument) {
    struct figures *figures = argument;
    uint64_t seen[SHARE], left = (uint64_t)SHARE * (chain.per_sender - fast);
    for (int i = 0; i < SHARE; i++) seen[i] = fast;
    for (struct node_head head; left > 0; node_wait(node, head.header.height, 1000)) {
        node_head(node, &head);
        uint64_t now_ns = clock_monotonic_ns();
        for (uint32_t i = 0; i < SHARE; i++) {
            uint64_t final = final_seq((uint32_t)own * SHARE + i);
            for (; seen[i] < final; seen[i]++, left--) {
                uint64_t ms =
                    (now_ns - __atomic_load_n(&sent_ns[seen[i]], __ATOMIC_ACQUIRE)) / (1000 * 1000);
                figures->latencies[ms < MOST_LATENCY_MS ? ms : MOST_LATENCY_MS - 1]++;
            }
        }
    }
    return NULL;
}

// A transfer's time begins when it was due, though the one before it was late.
static void run_paced(struct figures *out) {
    pthread_t watcher;
    uint64_t step_ns = (uint64_t)(SHARE * NODES * 2 * 1e9 / rate());
    uint64_t due_ns = clock_monotonic_ns() + step_ns * (uint64_t)own / NODES;
    ENSURE(pthread_create(&watcher, NULL, watch, out) == 0);
    for (uint32_t number = fast; number < chain.per_sender; number++, due_ns += step_ns) {
        sleep_until(due_ns);
        __atomic_store_n(&sent_ns[number], due_ns, __ATOMIC_RELEASE);
        submit_batch(number);
    }
    pthread_join(watcher, NULL);
}

static void be_node(int number) {
    own = number;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    log_set_level(LOG_ERROR);
    for (int i = 0; i < NODES; i++) {
        if (i == own) open_node();
        meet();
    }
    await_peers();
    meet();
    run_fast(&shared->figures[own]);
    meet();
    run_paced(&shared->figures[own]);
    meet();
    node_close(node);
    exit(EXIT_SUCCESS);
}

// ---- outside

static void run_nodes(void) {
    pthread_barrierattr_t across;
    pid_t pids[NODES];
    ENSURE(pthread_barrierattr_init(&across) == 0 &&
           pthread_barrierattr_setpshared(&across, PTHREAD_PROCESS_SHARED) == 0 &&
           pthread_barrier_init(&shared->barrier, &across, NODES) == 0);
    for (int i = 0; i < NODES; i++) {
        pids[i] = fork();
        ENSURE(pids[i] >= 0);
        if (pids[i] == 0) be_node(i);
    }
    for (int i = 0; i < NODES; i++) {
        int status;
        ENSURE(wait(&status) > 0);
        if (status == 0) continue;
        // The others would wait for it at the barrier.
        for (int k = 0; k < NODES; k++) kill(pids[k], SIGKILL);
        (void)!file_remove_tree(folder);
        fprintf(stderr, "a node ended early\n");
        exit(EXIT_FAILURE);
    }
}

static unsigned latency_at(double share) {
    uint64_t all = 0, below = 0;
    for (int i = 0; i < NODES; i++)
        for (unsigned ms = 0; ms < MOST_LATENCY_MS; ms++) all += shared->figures[i].latencies[ms];
    for (unsigned ms = 0; ms < MOST_LATENCY_MS; ms++) {
        for (int i = 0; i < NODES; i++) below += shared->figures[i].latencies[ms];
        if ((double)below >= share * (double)all) return ms;
    }
    return MOST_LATENCY_MS;
}

static void print_row(const char *name, double value, const char *unit, const char *baseline,
                      double baseline_value) {
    printf("{\"name\": \"%s\", \"value\": %.2f, \"unit\": \"%s\", \"baseline\": \"%s\", "
           "\"baseline_value\": %.2f, \"ratio\": %.3f}\n",
           name, value, unit, baseline, baseline_value, value / baseline_value);
}

static void print_rows(double verify_s, double verify_cpu_us) {
    double cpu_us = 0, bytes = 0, transfers = fast * TRANSFER_SENDERS;
    for (int i = 0; i < NODES; i++) {
        cpu_us += shared->figures[i].cpu_us;
        bytes += (double)shared->figures[i].bytes_out / NODES / transfers;
    }
    print_row("transfers_four_nodes", rate(), "transfers/s",
              "libsodium verifications on as many processors, each four times",
              chain.count / verify_s / NODES);
    print_row("transfers_four_nodes_cpu", cpu_us, "us/transfer", "four libsodium verifications",
              NODES * verify_cpu_us);
    print_row("transfers_four_nodes_sent", bytes, "B/transfer, each node", "the transfer itself",
              (double)chain.encoded[0].len);
    print_row("finality_latency_median", latency_at(0.5), "ms", "a block's interval",
              BLOCK_INTERVAL_MS);
    print_row("finality_latency", latency_at(0.99), "ms, of 99 in 100", "a block's interval",
              BLOCK_INTERVAL_MS);
}

int main(int count, char **arguments) {
    uint32_t paced = PACED;
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) fast = paced = QUICK;
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(shared != MAP_FAILED);
    transfer_chain_make(&chain, &(struct transfer_rules){BLOCK_INTERVAL_MS, NODES}, fast + paced);
    uint64_t start_ns = clock_monotonic_ns();
    double cpu_before = process_cpu_ns();
    transfer_chain_verify(&chain);
    double verify_s = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    double verify_cpu_us = (process_cpu_ns() - cpu_before) / 1e3 / chain.count;
    run_nodes();
    print_rows(verify_s, verify_cpu_us);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    transfer_chain_clear(&chain);
    ENSURE(munmap(shared, sizeof *shared) == 0);
    return EXIT_SUCCESS;
}
