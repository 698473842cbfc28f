// SPDX-License-Identifier: Apache-2.0
// The third layer of the simulator: whole nodes (chaincore/node) in one process, with their
// ledgers, contracts and elections, on folders that lose what was not synced
// (tests/support/crash_disk.h), on a virtual clock and network. Everything is drawn from one seed.
// What the state machine decides is tried in tests/sim/sim.h and what stands around it in
// tests/sim/drivers/drivers.h, at many times the speed; here it is what a node does with it: what
// it executes, writes, shows and takes back.
#ifndef LMM_TESTS_SIM_NODES_H
#define LMM_TESTS_SIM_NODES_H

#include "chaincore/chain/tx.h"
#include "chaincore/node/node.h"
#include "tests/sim/occasions.h"
#include "tests/support/crash_disk.h"

enum {
    SIM_WITNESSES = 7, // of genesis, at most
    SIM_KEYS = 2 * SIM_WITNESSES,
    SIM_NODES = 8,
    SIM_ACCOUNTS = 8,
    SIM_HEIGHTS = 4096,
    SIM_TXS = 2048,
    SIM_START_MS = 1000 * 1000,
};

enum occasion_kind { AT_RUN, AT_RESTART, AT_FAULT, AT_SUBMIT };

struct sim;

struct sim_node {
    struct sim *sim;
    uint16_t index;
    bool is_up;
    bool is_doomed; // the power goes soon after it has started
    uint32_t life;
    struct crash_disk *disk;
    char folder[96];
    struct node *node;
    int64_t wall_offset_ms;
    uint64_t run_at_ms; // that is planned; 0: none
    uint64_t next_block_ms;
    bool must_prune;
    uint64_t segment_bytes;
    uint32_t certificates_in_file;
    uint64_t judged_height; // of this life
    uint64_t shown_height;  // of any
};

// What was sent, by whom, and how it fared with whoever admitted it.
struct sim_tx {
    struct hash id;
    uint16_t node;
    uint32_t life; // of the node
    uint16_t account;
    uint64_t seq;
    uint64_t at_ms;
};

struct sim_final {
    struct hash id;
    struct hash state_root;
};

struct sim_figures {
    uint64_t seeds, runs, blocks, epochs, sets, txs, refused, txs_final, txs_dropped, txs_pending,
        txs_lost, timers, contracts;
    uint64_t stops, kills, power_cuts, cuts_in_calls, cuts_in_starts, kills_in_calls, replays;
    uint64_t writes_lost, writes_torn, writes_kept, names_undone, names_kept;
    uint64_t clock_jumps, pruned;
    uint64_t longest_recovery_ms;
};

struct sim {
    uint64_t seed, now_ms;
    struct draws draws;
    struct draws inner; // of what the nodes themselves draw
    struct occasions occasions;
    char folder[64];

    struct buf genesis;
    struct buf code; // of the one contract
    struct account_id contract;
    struct secret_key keys[SIM_KEYS];
    struct public_key publics[SIM_KEYS];
    struct secret_key account_keys[SIM_ACCOUNTS];
    struct account_id accounts[SIM_ACCOUNTS];
    struct hash chain_id;
    uint16_t witnesses;
    uint32_t block_interval_ms, epoch_blocks;

    uint16_t node_count;
    struct sim_node nodes[SIM_NODES];
    bool is_healed;
    uint64_t heal_ms, heal_height;

    struct sim_tx *txs;
    size_t tx_count;
    struct sim_final *finals; // by height, of whoever showed it first
    uint64_t final_count;
    struct hash last_set;
    uint64_t digest;
    const char *violation;
    char violation_text[256];
    struct sim_figures figures;
};

// process.c: whose process it is that runs now: its clock, and its randomness.
void process_enter(const struct sim_node *node);
void process_leave(void);
void process_begin(struct sim *sim);

// world.c: genesis and keys by the seed.
void world_begin(struct sim *sim, uint64_t seed);
void world_end(struct sim *sim);
void world_open(struct sim *sim);
void world_close(struct sim *sim);

// life.c
void life_start(struct sim_node *node);
void life_run(struct sim_node *node);
void life_crash(struct sim_node *node, enum crash_kind kind, uint64_t back_after_ms);
void life_close(struct sim_node *node); // in order
// The same, and the power may go once it is down.
void life_stop(struct sim_node *node, uint64_t back_after_ms);
void life_plan(struct sim_node *node, uint64_t at_ms);

// workload.c
void workload_plan(struct sim *sim);
void workload_submit(struct sim *sim);

// faults.c
void faults_begin(struct sim *sim);
void faults_happen(struct sim *sim);
void faults_heal(struct sim *sim);

// judge.c
__attribute__((format(printf, 2, 3))) void judge_fail(struct sim *sim, const char *format, ...);
void judge_begin(struct sim *sim);
// After whatever may have shown more blocks.
void judge_shown(struct sim_node *node);
// It has begun anew.
void judge_started(struct sim_node *node);
bool judge_is_done(const struct sim *sim);
// Nothing goes wrong any more, and enough has come to pass.
void judge_end(struct sim *sim);
void judge_note(struct sim *sim, uint64_t number);

#endif
