// SPDX-License-Identifier: Apache-2.0
// Signed transfers through one node in this process, brought in batches by two threads: verified,
// executed, committed to the tree, written and fsynced, signed by a quorum, in blocks at least ten
// milliseconds apart. With the vector lanes of the processor, and without; the baseline is
// libsodium's verification of the same signatures on the same number of threads, since that is what
// the work cannot go below without lanes. On a machine that others use too, the rows of processor
// time say more than those of rates. --quick: so few that it only shows that the program works.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/tx.h"
#include "chaincore/crypto/lanes.h"
#include "chaincore/node/node.h"

enum {
    SENDERS = 128,
    MOST_PER_SENDER = 256,
    MOST_TRANSFERS = SENDERS * MOST_PER_SENDER,
    QUICK_PER_SENDER = 2,
    THREADS = 2,
    TURNS = 4,
    SHARE = SENDERS / THREADS, // a batch: one of each sender of a thread's
};

struct sender {
    struct secret_key key;
    struct account_id id;
};

static struct sender senders[SENDERS];
static uint32_t per_sender = MOST_PER_SENDER, transfer_count = MOST_TRANSFERS;
static int turns = TURNS;
static struct buf encoded[MOST_TRANSFERS];
static struct secret_key witnesses[4];
static struct hash chain_id;
static struct node *node;

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void make_keys(void) {
    struct public_key key;
    for (uint32_t i = 0; i < SENDERS; i++) {
        uint8_t seed[32] = {1};
        store_u32_le(seed + 1, i);
        key_from_seed(&senders[i].key, &key, seed);
        account_id_of_key(&senders[i].id, &key);
    }
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[32] = {2, i};
        key_from_seed(&witnesses[i], &key, seed);
    }
}

static void make_genesis(struct buf *out) {
    struct genesis_account accounts[SENDERS];
    struct genesis_witness listed[4] = {0};
    for (int i = 0; i < SENDERS; i++)
        accounts[i] = (struct genesis_account){senders[i].id, amount_of_units(1000000000000)};
    qsort(accounts, SENDERS, sizeof *accounts, compare_accounts);
    for (int i = 0; i < 4; i++) key_public_of(&listed[i].key, &witnesses[i]);
    struct genesis genesis = {.name = bytes_of_string("bench"),
                              .params = {.block_interval_ms = 10,
                                         .epoch_blocks = 7200,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .min_witnesses = 4,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = SENDERS,
                              .accounts = accounts,
                              .witness_count = 4,
                              .witnesses = listed};
    genesis_encode(out, &genesis);
    genesis_chain_id(&chain_id, &genesis);
}

static void sign_all(void) {
    for (uint32_t i = 0; i < transfer_count; i++) {
        struct tx tx = {.version = TX_VERSION,
                        .sender = senders[i % SENDERS].id,
                        .seq = i / SENDERS,
                        .valid_until = 20000,
                        .gas_limit = 100000,
                        .gas_price = 1,
                        .action_count = 1};
        tx.actions[0].kind = TX_TRANSFER;
        tx.actions[0].transfer.to = senders[(i * 7 + 1) % SENDERS].id;
        tx.actions[0].transfer.amount = amount_of_units(1);
        ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &senders[i % SENDERS].key, &chain_id) == STATUS_OK);
        tx_encode(&encoded[i], &tx);
    }
}

// A thread takes the senders of its own, so that each sender's order is kept.
static void *submit_share(void *argument) {
    size_t first = *(const size_t *)argument * SHARE;
    for (size_t i = first; i < transfer_count; i += SENDERS) {
        struct node_submission items[SHARE] = {0};
        for (size_t k = 0; k < SHARE; k++) items[k].encoded = buf_bytes(&encoded[i + k]);
        node_submit_many(node, items, SHARE);
        for (size_t k = 0; k < SHARE; k++) {
            if (items[k].code == TX_CODE_OK) continue;
            fprintf(stderr, "%s\n", tx_code_text(items[k].code));
            abort();
        }
    }
    return NULL;
}

static void *verify_share(void *argument) {
    size_t first = *(const size_t *)argument;
    for (size_t i = first; i < transfer_count; i += THREADS) {
        struct tx tx;
        struct hash id;
        ENSURE(tx_decode(&tx, buf_bytes(&encoded[i])) == STATUS_OK);
        tx_id(&id, &tx);
        ENSURE(sign_verify(&tx.signatures[0].signature, &tx.signatures[0].key, SIGN_TRANSACTION,
                           &chain_id, &id));
    }
    return NULL;
}

static void run_threads(void *(*work)(void *)) {
    pthread_t threads[THREADS];
    size_t shares[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        shares[i] = i;
        ENSURE(pthread_create(&threads[i], NULL, work, &shares[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

static double rate_since(uint64_t start_ns) {
    return transfer_count * 1e9 / (double)(clock_monotonic_ns() - start_ns);
}

static void await_all(void) {
    for (;;) {
        bool is_done = true;
        struct node_head head;
        node_head(node, &head);
        for (int i = 0; i < SENDERS && is_done; i++) {
            struct account account;
            uint64_t next_seq;
            node_account(node, &senders[i].id, &account, &next_seq);
            is_done = account.next_seq == per_sender;
        }
        if (is_done) return;
        node_wait(node, head.header.height, 1000);
    }
}

static void remove_folder(const char *folder) {
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ENSURE(system(command) == 0);
}

// All threads' time together: what does not depend on who else uses the machine.
static double cpu_ns(void) {
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

struct figures {
    double rate;   // the best turn's
    double cpu_us; // for each transfer, the least
};

static void keep_best(struct figures *best, uint64_t start_ns, double cpu_start_ns) {
    double rate = rate_since(start_ns), cpu_us = (cpu_ns() - cpu_start_ns) / 1e3 / transfer_count;
    if (rate > best->rate) best->rate = rate;
    if (best->cpu_us == 0 || cpu_us < best->cpu_us) best->cpu_us = cpu_us;
}

static void measure_node(struct figures *best, bool with_lanes) {
    char folder[] = "/tmp/lmm-bench-XXXXXX";
    struct buf genesis = {0};
    ENSURE(mkdtemp(folder));
    make_genesis(&genesis);
    struct node_config config = {.data_dir = folder,
                                 .genesis = buf_bytes(&genesis),
                                 .witness_keys = witnesses,
                                 .witness_key_count = 4};
    lanes_switch(with_lanes);
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    uint64_t start = clock_monotonic_ns();
    double cpu_start = cpu_ns();
    run_threads(submit_share);
    await_all();
    keep_best(best, start, cpu_start);
    node_close(node);
    buf_clear(&genesis);
    remove_folder(folder);
}

static void measure_baseline(struct figures *best) {
    uint64_t start = clock_monotonic_ns();
    double cpu_start = cpu_ns();
    run_threads(verify_share);
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
    struct buf genesis = {0};
    struct figures with = {0}, without = {0}, baseline = {0};
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) {
        per_sender = QUICK_PER_SENDER;
        transfer_count = SENDERS * QUICK_PER_SENDER;
        turns = 1;
    }
    ENSURE(crypto_init() == STATUS_OK);
    make_keys();
    make_genesis(&genesis); // for the chain's id
    buf_clear(&genesis);
    sign_all();
    // In turns, since machines drift.
    for (int turn = 0; turn < turns; turn++) {
        measure_node(&with, true);
        measure_node(&without, false);
        measure_baseline(&baseline);
    }
    print_rows("transfers_in_process", &with, &baseline);
    print_rows("transfers_portable", &without, &baseline);
    for (uint32_t i = 0; i < transfer_count; i++) buf_clear(&encoded[i]);
    return EXIT_SUCCESS;
}
