// SPDX-License-Identifier: Apache-2.0
// Signed transfers through one node in this process, brought in batches by two threads: verified,
// executed, committed to the tree, written and fsynced, signed by a quorum, in blocks at least ten
// milliseconds apart. With the vector lanes of the processor, and without; the baseline is
// libsodium's verification of the same signatures on the same number of threads, since that is what
// the work cannot go below without lanes. On a machine that others use too, the rows of processor
// time say more than those of rates. --quick: so few that it only shows that the program works.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/tx.h"
#include "chaincore/crypto/lanes.h"
#include "chaincore/node/node.h"
#include "tests/bench/transfer_chain.h"

enum {
    BLOCK_INTERVAL_MS = 10,
    PER_SENDER = 256,
    QUICK_PER_SENDER = 2,
    TURNS = 4,
    SHARE = TRANSFER_SENDERS / TRANSFER_THREADS, // a batch: one of each sender of a thread's
};

static struct transfer_chain chain;
static struct node *node;

// A thread takes the senders of its own, so that each sender's order is kept.
static void *submit_share(void *argument) {
    size_t first = *(const size_t *)argument * SHARE;
    for (size_t i = first; i < chain.count; i += TRANSFER_SENDERS) {
        struct node_submission items[SHARE] = {0};
        for (size_t k = 0; k < SHARE; k++) items[k].encoded = buf_bytes(&chain.encoded[i + k]);
        node_submit_many(node, items, SHARE);
        for (size_t k = 0; k < SHARE; k++) {
            if (items[k].code == TX_CODE_OK) continue;
            fprintf(stderr, "%s\n", tx_code_text(items[k].code));
            abort();
        }
    }
    return NULL;
}

static double rate_since(uint64_t start_ns) {
    return chain.count * 1e9 / (double)(clock_monotonic_ns() - start_ns);
}

static void await_all(void) {
    for (;;) {
        bool is_done = true;
        struct node_head head;
        node_head(node, &head);
        for (int i = 0; i < TRANSFER_SENDERS && is_done; i++) {
            struct account account;
            uint64_t next_seq;
            node_account(node, &chain.ids[i], &account, &next_seq);
            is_done = account.next_seq == chain.per_sender;
        }
        if (is_done) return;
        node_wait(node, head.header.height, 1000);
    }
}

struct figures {
    double rate;   // the best turn's
    double cpu_us; // for each transfer, the least
};

static void keep_best(struct figures *best, uint64_t start_ns, double cpu_start_ns) {
    double rate = rate_since(start_ns), cpu_us = (process_cpu_ns() - cpu_start_ns) / 1e3;
    cpu_us /= chain.count;
    if (rate > best->rate) best->rate = rate;
    if (best->cpu_us == 0 || cpu_us < best->cpu_us) best->cpu_us = cpu_us;
}

static void measure_node(struct figures *best, bool with_lanes) {
    char folder[] = "/tmp/lmm-bench-XXXXXX";
    ENSURE(mkdtemp(folder));
    struct node_config config = {.data_dir = folder,
                                 .genesis = buf_bytes(&chain.genesis),
                                 .witness_keys = chain.witnesses,
                                 .witness_key_count = TRANSFER_WITNESSES};
    lanes_switch(with_lanes);
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    uint64_t start = clock_monotonic_ns();
    double cpu_start = process_cpu_ns();
    transfer_threads_run(submit_share);
    await_all();
    keep_best(best, start, cpu_start);
    node_close(node);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
}

static void measure_baseline(struct figures *best) {
    uint64_t start = clock_monotonic_ns();
    double cpu_start = process_cpu_ns();
    transfer_chain_verify(&chain);
    keep_best(best, start, cpu_start);
}

static void print_rows(const char *name, const struct figures *figures,
                       const struct figures *baseline) {
    printf("{\"name\": \"%s\", \"value\": %.0f, \"unit\": \"transfers/s\", "
           "\"baseline\": \"libsodium verifications, as many threads\", "
           "\"baseline_value\": %.0f, \"ratio\": %.3f}\n",
           name, figures->rate, baseline->rate, figures->rate / baseline->rate);
    printf("{\"name\": \"%s_cpu\", \"value\": %.2f, \"unit\": \"us/transfer\", "
           "\"baseline\": \"a libsodium verification\", \"baseline_value\": %.2f, "
           "\"ratio\": %.3f}\n",
           name, figures->cpu_us, baseline->cpu_us, figures->cpu_us / baseline->cpu_us);
}

int main(int count, char **arguments) {
    struct figures with = {0}, without = {0}, baseline = {0};
    bool is_quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    ENSURE(crypto_init() == STATUS_OK);
    transfer_chain_make(&chain, &(struct transfer_rules){BLOCK_INTERVAL_MS, TRANSFER_WITNESSES},
                        is_quick ? QUICK_PER_SENDER : PER_SENDER);
    // In turns, since machines drift.
    for (int turn = 0; turn < (is_quick ? 1 : TURNS); turn++) {
        measure_node(&with, true);
        measure_node(&without, false);
        measure_baseline(&baseline);
    }
    print_rows("transfers_in_process", &with, &baseline);
    print_rows("transfers_portable", &without, &baseline);
    transfer_chain_clear(&chain);
    return EXIT_SUCCESS;
}
