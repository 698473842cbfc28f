// SPDX-License-Identifier: Apache-2.0
// Many nodes, a witness each, that are all connected with one another: what each sends for a
// transfer that one of them is brought, of transactions and their ids alone and of everything.
// --quick: fewer nodes and transfers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/node/network.h"
#include "tests/bench/transfer_chain.h"

enum {
    NODES = 20,
    QUICK_NODES = 12, // more than are sent everything whole
    ROUNDS = 16,      // transfers of each sender
    QUICK_ROUNDS = 1,
    ROUND_MS = 500,
    BLOCK_INTERVAL_MS = 1000,
    STEP_MS = 20,
    LOOK_MS = 500, // a look is of a little while ago
};

static struct transfer_chain chain;
static struct node *nodes[NODES];
static int node_count = NODES;
static char folder[] = "/tmp/lmm-bench-XXXXXX";

static void pause_ms(long ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void open_node(int number) {
    char data[64], votes[64], texts[NODES][32];
    const char *peers[NODES];
    struct node_network network = {.address = "127.0.0.1",
                                   .peers = peers,
                                   .votes_dir = votes,
                                   .is_first_start = true,
                                   .takes_private = true,
                                   .per_address = LIMIT_PEERS};
    for (int i = 0; i < number; i++) {
        snprintf(texts[i], sizeof texts[i], "127.0.0.1:%u", node_port(nodes[i]));
        peers[network.peer_count++] = texts[i];
    }
    snprintf(data, sizeof data, "%s/%d", folder, number);
    snprintf(votes, sizeof votes, "%s/%d.votes", folder, number);
    struct node_config config = {.data_dir = data,
                                 .genesis = buf_bytes(&chain.genesis),
                                 .witness_keys = &chain.witnesses[number],
                                 .witness_key_count = 1,
                                 .network = &network};
    ENSURE(node_open(&nodes[number], &config) == STATUS_OK &&
           node_start(nodes[number]) == STATUS_OK);
}

static struct network_look look_at(int number) {
    struct network_look look;
    ENSURE(node_network_look(nodes[number], &look));
    return look;
}

static void await_peers(void) {
    for (int i = 0; i < node_count; i++)
        while (look_at(i).replica.keys_known < node_count - 1) pause_ms(STEP_MS);
}

struct sent {
    uint64_t transactions, all; // bytes
};

// Of all nodes.
static struct sent look_at_all(void) {
    struct sent sent = {0};
    pause_ms(LOOK_MS);
    for (int i = 0; i < node_count; i++) {
        struct network_look look = look_at(i);
        for (size_t class = 0; class < REPLICA_CLASSES; class ++) {
            bool is_of_them = strncmp(replica_class_name(class), "transaction", 11) == 0;
            sent.transactions += is_of_them ? look.host.bytes_out[class] : 0;
            sent.all += look.host.bytes_out[class];
        }
    }
    return sent;
}

static void submit_round(uint32_t round) {
    for (uint32_t sender = 0; sender < TRANSFER_SENDERS; sender++) {
        struct hash id;
        const struct buf *encoded = &chain.encoded[round * TRANSFER_SENDERS + sender];
        enum tx_code code =
            node_submit(nodes[sender % (uint32_t)node_count], buf_bytes(encoded), &id);
        if (code == TX_CODE_OK) continue;
        fprintf(stderr, "%s\n", tx_code_text(code));
        abort();
    }
}

static void await_final(uint32_t rounds) {
    for (int i = 0; i < node_count; i++) {
        for (uint32_t sender = 0; sender < TRANSFER_SENDERS;) {
            struct account account;
            uint64_t next_seq;
            node_account(nodes[i], &chain.ids[sender], &account, &next_seq);
            if (account.next_seq >= rounds)
                sender++;
            else
                pause_ms(STEP_MS);
        }
    }
}

static void print_row(const char *name, double value, const char *baseline, double baseline_value) {
    printf("{\"name\": \"%s\", \"value\": %.2f, \"unit\": \"B/transfer, each of %d nodes\", "
           "\"baseline\": \"%s\", \"baseline_value\": %.2f, \"ratio\": %.3f}\n",
           name, value, node_count, baseline, baseline_value, value / baseline_value);
}

static void run(uint32_t rounds) {
    for (int i = 0; i < node_count; i++) open_node(i);
    await_peers();
    struct sent before = look_at_all();
    for (uint32_t round = 0; round < rounds; round++) {
        submit_round(round);
        pause_ms(ROUND_MS);
    }
    await_final(rounds);
    struct sent after = look_at_all();
    double shares = (double)node_count * chain.count, len = (double)chain.encoded[0].len;
    print_row("mesh_transactions_sent", (double)(after.transactions - before.transactions) / shares,
              "the transfer itself, to all peers but one", len * (node_count - 2));
    print_row("mesh_all_sent", (double)(after.all - before.all) / shares, "the transfer itself",
              len);
    for (int i = 0; i < node_count; i++) node_close(nodes[i]);
}

int main(int count, char **arguments) {
    uint32_t rounds = ROUNDS;
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) {
        rounds = QUICK_ROUNDS;
        node_count = QUICK_NODES;
    }
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    log_set_level(LOG_ERROR);
    transfer_chain_make(&chain, &(struct transfer_rules){BLOCK_INTERVAL_MS, (uint16_t)node_count},
                        rounds);
    run(rounds);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    transfer_chain_clear(&chain);
    return EXIT_SUCCESS;
}
