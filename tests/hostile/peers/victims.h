// SPDX-License-Identifier: Apache-2.0
// Processes that agree on a chain of their own, over the loopback, and what is seen of them from
// outside: four witnesses, of which the first is attacked and the last is told to move money all
// the time; and one that follows without having been told of anybody.
#ifndef LMM_TESTS_PEERS_VICTIMS_H
#define LMM_TESTS_PEERS_VICTIMS_H

#include <sys/types.h>

#include "chaincore/chain/genesis.h"
#include "chaincore/node/network.h"

enum {
    VICTIM_WITNESSES = 4,
    VICTIM_FOLLOWER = VICTIM_WITNESSES,
    VICTIMS,
    VICTIM_LOADER = VICTIM_WITNESSES - 1,
    VICTIM_ACCOUNTS = 4, // the loader's is the first
    VICTIM_TIMEOUT_MS = 3000,
    VICTIM_INTERVAL_MS = 100,
    VICTIM_EPOCH_BLOCKS = 300, // and from snapshot to snapshot
};

// Since the last reset.
struct victim_pace {
    uint64_t blocks;
    uint64_t longest_ms;  // between two final blocks, or since the last one
    uint64_t most_missed; // views without a block, in a row
};

struct victim_report {
    struct network_look look;
    struct node_health health;
    struct victim_pace pace;
    uint64_t height;
    uint64_t mempool_txs;
    struct node_past past;
};

struct victim {
    pid_t pid;
    int control;
    uint16_t port;
    struct public_key node_key;
    char log_path[128];
    long log_seen; // bytes of it
};

struct victims {
    char folder[64];
    struct buf genesis;
    struct hash chain_id;
    struct secret_key witnesses[VICTIM_WITNESSES];
    struct secret_key keys[VICTIM_ACCOUNTS];
    struct account_id ids[VICTIM_ACCOUNTS];
    uint32_t handshake_ms, silence_ms; // set before they are started, with the next
    uint64_t held_bytes;
    struct victim list[VICTIMS];
};

// Starts all, and returns when they make blocks. Ends the process where that fails.
void victims_start(struct victims *victims);
// False: one of them did not end as it should.
bool victims_stop(struct victims *victims);
// False: it is gone.
bool victim_ask(struct victim *victim, struct victim_report *out);
void victim_reset_pace(struct victim *victim);
// Whether its log has such a line since victim_skip_log.
bool victim_has_said(struct victim *victim, const char *text);
void victim_skip_log(struct victim *victim);
double victim_cpu_s(const struct victim *victim);
// The most memory that it has had at once since victim_reset_peak.
long victim_peak_kib(const struct victim *victim);
void victim_reset_peak(const struct victim *victim);

#endif
