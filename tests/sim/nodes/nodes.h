// SPDX-License-Identifier: Apache-2.0
// The third layer of the simulator: whole nodes (chaincore/node) in one process, with their
// ledgers, contracts and elections, on folders that lose what was not synced
// (tests/support/crash_disk.h), on a virtual clock and network. Everything is drawn from one seed.
// What the state machine decides is tried in tests/sim/sim.h and what stands around it in
// tests/sim/drivers/drivers.h, at many times the speed; here it is what a node does with it: what
// it executes, writes, shows and takes back, and what it makes of others' blocks.
//
// A seed has one node, which holds all keys and makes blocks alone; or four to seven that agree by
// their replicas (node/replica.h), hostile ones and their twins among them, and in the end one that
// joins with an empty disk.
#ifndef LMM_TESTS_SIM_NODES_H
#define LMM_TESTS_SIM_NODES_H

#include "chaincore/chain/tx.h"
#include "chaincore/node/replica.h"
#include "tests/sim/nodes/view.h"
#include "tests/sim/occasions.h"
#include "tests/support/crash_disk.h"

enum {
    SIM_WITNESSES = 7, // of genesis, at most
    SIM_KEYS = 2 * SIM_WITNESSES,
    SIM_TWINS = 2,
    SIM_NODES = SIM_WITNESSES + SIM_TWINS + 1,
    SIM_NUMBERS = 2 * SIM_NODES, // of its peers, that a node chooses among
    SIM_SEEN = 64,               // frames that can be told again
    SIM_ACCOUNTS = 8,
    SIM_DROPS = 64,
    SIM_HEIGHTS = 4096,
    SIM_TXS = 2048,
    SIM_START_MS = 1000 * 1000,
};

enum occasion_kind { AT_RUN, AT_RESTART, AT_FAULT, AT_SUBMIT, AT_FRAME, AT_MEETING, AT_PARTING };

// What a hostile node does to what it sends, as bits; all of it is in its reach, for it holds keys.
enum hostility {
    HOSTILE_WITHHOLDS = 1,   // some kinds, from some
    HOSTILE_REPLAYS = 2,     // what anybody has sent
    HOSTILE_FORGES = 4,      // what others have signed
    HOSTILE_SPOILS = 8,      // bodies and headers of others
    HOSTILE_EQUIVOCATES = 16 // signs one thing for some, and another for others
};

struct sim;

// Evidence, by whom it is against: one punishment stands for all of an epoch.
struct sim_charge {
    uint64_t epoch;
    uint16_t witness;
};

struct sim_node {
    struct sim *sim;
    uint16_t index;
    bool is_up;
    bool is_doomed; // killed in a call: the power goes soon after its next start
    unsigned cuts;  // of its disk that are to come while it joins
    uint32_t life;
    struct crash_disk *disk;
    char folder[96];
    struct node *node;
    uint16_t keys[SIM_KEYS], key_count; // that it holds
    int64_t wall_offset_ms;
    // Of those that agree.
    struct public_key node_key;
    struct replica *replica;
    struct disk_folder *votes;
    uint32_t hostility;  // 0: honest, but for its twin
    bool is_hostile;     // its keys are not bound by what they sign
    bool is_newcomer;    // who joins in the end
    bool is_aside;       // on the other side of a partition
    bool has_lost_votes; // what its keys have signed it cannot know
    bool is_pair;        // another has the same keys, and neither knows of the other
    bool has_met;        // but for having met it, in this life, or
    bool is_silenced;    // in any before it
    struct sim_double {
        uint64_t view;
        struct hash first, other;
    } two;                          // that a hostile one has voted for
    struct hash another;            // that it has proposed last, besides what it says to the first
    struct hash dropped[SIM_DROPS]; // of late, and not looked at yet
    size_t dropped_count;
    uint64_t hurry;              // of runs that want another at once, in a row
    uint16_t peers[SIM_NUMBERS]; // by the number that it knows them by; PEER_NONE: free
    uint64_t run_at_ms;          // that is planned; 0: none
    bool must_prune;
    uint64_t segment_bytes;
    uint32_t certificates_in_file;
    uint64_t judged_height;                   // of this life
    uint64_t shown_height;                    // of any
    struct sim_charge charges[LIMIT_CHARGES]; // that it had when it last had run
    size_t charge_count;
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

// A connection of two nodes, the one with the lower index first. Frames of one class arrive in the
// order in which they were sent, one way; what is under way when it ends is lost.
struct sim_link {
    bool is_open;
    bool is_planned;     // that they meet
    bool is_known[2];    // to each of them; it may have ended, and one not know yet
    uint32_t time;       // of how many this is the one
    uint16_t number[2];  // of the other, at each
    unsigned penalty[2]; // that each gave
    uint64_t banned_until_ms;
    uint64_t last_ms[2][REPLICA_CLASSES]; // when the last one arrives that each has sent
};

struct sim_options {
    uint16_t nodes; // 0: by the seed
};

struct sim_figures {
    uint64_t seeds, many_seeds, large_seeds, last_cuts, runs, blocks, epochs, sets, txs, refused,
        txs_final, txs_dropped, txs_pending, txs_lost, timers, contracts;
    uint64_t stops, kills, power_cuts, cuts_in_calls, cuts_in_starts, kills_in_calls, cuts_in_joins,
        replays;
    uint64_t writes_lost, writes_torn, writes_kept, names_undone, names_kept;
    uint64_t clock_jumps, pruned;
    uint64_t frames, bytes, frames_dropped, connections, breaks, partitions, cuts_of_all,
        lost_votes, wiped, joined;
    uint64_t hostile, twins, twins_met, liars_silenced, withheld, replayed, forged, spoiled,
        equivocated, penalised, punished;
    uint64_t charges_kept; // over restarts
    uint64_t longest_recovery_ms, longest_join_ms, longest_charge_blocks;
};

struct signed_note;

struct sim {
    struct sim_options options;
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
    bool is_large; // epochs and trouble last as long as real ones, and logs of votes get as long

    uint16_t node_count;
    struct sim_node nodes[SIM_NODES];
    bool is_healed;
    bool is_quiet;   // nothing is sent any more
    bool is_settled; // and all that was sent has come to its end
    uint64_t heal_ms, heal_height, join_ms, join_height, look_ms;

    struct sim_link links[SIM_NODES][SIM_NODES];
    uint32_t timeout_ms, delay_ms, jitter_ms, drop_percent, break_percent;
    bool is_partitioned, leaves_out;
    struct packet *seen[SIM_SEEN];
    uint64_t seen_count;
    struct signed_note *notes;
    uint16_t submissions; // so far

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

static inline bool sim_is_many(const struct sim *sim) { return sim->node_count > 1; }

// world.c: genesis, keys and who holds them, by the seed.
void world_begin(struct sim *sim, uint64_t seed);
void world_end(struct sim *sim);
void world_open(struct sim *sim);
void world_close(struct sim *sim);
// It has a new disk, with nothing on it.
void world_wipe(struct sim_node *node);

// life.c
void life_start(struct sim_node *node);
void life_run(struct sim_node *node);
void life_crash(struct sim_node *node, enum crash_kind kind, uint64_t back_after_ms);
void life_close(struct sim_node *node); // in order
// The same, and the power may go once it is down.
void life_stop(struct sim_node *node, uint64_t back_after_ms);
void life_plan(struct sim_node *node, uint64_t at_ms);
// Its votes are gone, or all that it had; and it does not come back as if nothing had been.
void life_lose_votes(struct sim_node *node, bool loses_all);

// lone.c and agreeing.c: one run of a node that is up, and when the next one is due.
enum status lone_run(struct sim_node *node) MUST_CHECK;
enum status agreeing_open(struct sim_node *node) MUST_CHECK;
void agreeing_close(struct sim_node *node);
enum status agreeing_run(struct sim_node *node) MUST_CHECK;
uint64_t agreeing_wake_ms(struct sim_node *node);

// links.c: connections, and frames on them.
void links_begin(struct sim *sim);
void links_clear(struct sim *sim);
// It has begun a life, or ended one.
void links_came(struct sim_node *node);
void links_left(struct sim_node *node);
struct replica_calls links_calls(struct sim_node *node);
// To a node, at once or on its way behind what went before: what is on the wire, whoever made it.
void links_put(struct sim_node *from, uint16_t to, uint8_t kind, struct bytes payload);
// Which of the connections of these two is open; 0: none.
uint32_t links_time(const struct sim_node *a, uint16_t b);
void links_deliver(struct sim_node *to, uint16_t from, const struct packet *packet);
void links_meet(struct sim *sim, uint16_t a, uint16_t b);
void links_part(struct sim_node *node, uint16_t from);
// A connection ends; each of both learns of it after a while.
void links_break(struct sim *sim, uint16_t a, uint16_t b);
void links_split(struct sim *sim, bool is_partitioned);

// hostile.c: what becomes of what a hostile node sends to one.
void hostile_send(struct sim_node *from, uint16_t to, uint8_t kind, struct bytes payload);
// Whether it keeps from its own process what comes: there it would find what it has signed besides.
bool hostile_hides(struct sim_node *node, const struct packet *packet);

// votes.c: what honest keys have signed, and that it never contradicts itself.
void votes_begin(struct sim *sim);
void votes_judge(struct sim_node *node, uint8_t kind, struct bytes payload);
// Whether its process has told of a vote of the witness that excludes this.
bool votes_told_other(const struct sim_node *node, uint16_t witness, const struct sealed *sealed);

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
// Called by a node when it drops a transaction; `context` is the sim_node.
void judge_note_dropped(void *context, const struct hash *id);
// It has begun anew.
void judge_started(struct sim_node *node);
// judge_end.c
// Begins what is to come last, too.
bool judge_is_done(struct sim *sim);
// Nothing goes wrong any more, and enough has come to pass.
void judge_end(struct sim *sim);
// judge_evidence.c: who is punished, and that all are who have to be.
struct block_tx;
void judge_evidence(struct sim_node *node, const struct tx *tx, const struct block_tx *shown);
void judge_charges(struct sim_node *node); // after each run
// After each run, and when it has begun anew.
void judge_twin(struct sim_node *node);
void judge_silence(struct sim_node *node);
// It has begun anew: what it had, and the chain has not punished, it has.
void judge_kept_charges(struct sim_node *node);
bool judge_has_charges(const struct sim *sim);
void judge_note(struct sim *sim, uint64_t number);

#endif
