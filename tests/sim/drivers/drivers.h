// SPDX-License-Identifier: Apache-2.0
// The second layer of the simulator: many drivers (chaincore/witness) in one process, with the
// bytes of their messages, real signatures, and logs on disks that lose what was not synced; on a
// virtual clock and network. Everything is drawn from one seed. What the state machine decides is
// tried in tests/sim/sim.h, at a thousand times the speed; here it is what stands around it.
//
// The chain is a model: a block's body is any bytes, and its state root the function of its
// parent's that model_execute would have it be. Final blocks are durable.
#ifndef LMM_TESTS_SIM_DRIVERS_H
#define LMM_TESTS_SIM_DRIVERS_H

#include "chaincore/witness/driver.h"
#include "tests/sim/shared/forge.h"
#include "tests/support/false_disk.h"

enum {
    SIM_KEYS = LIMIT_WITNESSES,
    SIM_NODES = SIM_KEYS + (SIM_KEYS - 1) / 3, // twins included
    SIM_HEIGHTS = 2048,
    SIM_EPOCHS = 256,
    SIM_EXECUTED = 256,
    SIM_SEEN = 64, // messages that can be told again
    SIM_START_MS = 1000 * 1000,
};

struct sim_packet {
    uint32_t references;
    struct buf bytes;
};

enum occasion_kind { AT_DELIVERY, AT_RUN, AT_RESTART, AT_SYNC, AT_WORK, AT_FAULT };

struct sim_occasion {
    uint64_t at_ms, order;
    enum occasion_kind kind;
    uint16_t node, from;
    uint32_t life; // of the node; what was meant for an earlier one is lost
    struct sim_packet *packet;
};

struct model_block {
    struct header header;
    struct hash id;
    struct buf body;
    bool has_certificate;
    struct certificate certificate;
};

struct model_executed {
    struct hash id;
    struct hash state_root;
};

struct sim;

struct sim_node {
    struct sim *sim;
    uint16_t index;
    uint16_t keys[SIM_KEYS], key_count; // that it holds
    bool is_hostile;                    // its keys are at two nodes, or it is never there
    bool is_absent;
    bool has_others_keys; // since then: it has to be refused, and to be accepted
    bool has_work;
    bool is_aside; // on the other side of a partition
    bool is_up;
    bool is_twisted;  // something that it sent was changed on its way
    bool has_met;     // another with its keys, in this life, or
    bool is_silenced; // in any before it
    uint32_t life;
    struct driver *driver;
    struct sign_place reached; // when a run ended: all that led there is durable
    struct false_disk disk;
    uint64_t run_at_ms; // that is planned; 0: none
    uint64_t hurry;     // of runs that wake at once, in a row
    int64_t clock_offset_ms;
    uint64_t builds_from_ms; // no block can be made before
    struct {
        uint64_t epoch, view, first_ms, attempts;
    } unbuilt;                  // the newest view, of this life, in which none could be made
    struct model_block *finals; // by height
    uint64_t final_height;
    struct model_executed executed[SIM_EXECUTED];
    size_t executed_count;
};

struct sim_epoch {
    struct consensus_epoch rules; // without own keys
    struct witness_set set;
    struct hash boundary_id;
    uint16_t index_of[SIM_KEYS];
    uint16_t key_of[LIMIT_WITNESSES];
};

struct sim_figures {
    uint64_t seeds, large_seeds, grouped_seeds, empty_seeds, idle_seeds, runs, messages, bytes,
        blocks, epochs, evidence, syncs;
    uint64_t lost, duplicated, flipped, forged, spoiled, replayed, partitions;
    uint64_t kills, power_cuts, cuts_of_all, failed_disks, torn, compactions, unbuilt, refused,
        twins, twins_met, blamed, lost_logs, moved_keys, absent, last_cuts;
    uint64_t computed, remembered; // signatures
    uint64_t longest_recovery_ms;
};

// What an honest key has signed, by epoch, view and kind.
struct signed_note {
    bool is_taken;
    uint16_t key;
    uint64_t epoch, view;
    enum vote_kind kind;
    struct hash id;
};
enum { SIM_NOTES = 1 << 18 };

struct sim_options {
    uint16_t keys, group, hostile; // 0: by the seed; `hostile` of the keys
    bool is_calm;                  // no faults: what a block costs
};

struct sim {
    struct sim_options options;
    uint64_t seed, random, now_ms, order;
    struct sim_occasion *heap;
    size_t heap_count, heap_capacity;
    struct hash chain_id;
    struct header genesis;
    struct hash genesis_id;
    struct secret_key secrets[SIM_KEYS];
    struct public_key publics[SIM_KEYS];
    uint16_t keys, node_count, hostile_keys;
    uint16_t silent_keys;            // of honest nodes that do not know what they have signed
    uint64_t signed_until[SIM_KEYS]; // of honest nodes: the epoch after the last that it signed in
    uint64_t signs_from[SIM_KEYS];   // the same, when it came to a log that does not know it
    bool leaves_out, is_idle; // empty blocks; work comes and goes, also when all is well again
    bool is_large;            // epochs and trouble last as long as real ones
    uint64_t slack_bytes;     // of the logs; 0: as nodes have it
    struct sim_node nodes[SIM_NODES];
    struct sim_epoch epochs[SIM_EPOCHS];
    size_t epoch_count;
    uint32_t timeout_ms, delay_ms, jitter_ms, loss_percent, trouble_percent;
    bool is_healed, is_partitioned;
    uint64_t heal_ms, heal_height;
    struct sim_packet *seen[SIM_SEEN];
    uint64_t seen_count;
    struct hash final_ids[SIM_HEIGHTS];
    uint64_t final_count;
    struct signed_note *notes;
    uint64_t digest;
    const char *violation;
    char violation_text[256];
    struct sim_figures figures;
};

// world.c
uint64_t sim_random(struct sim *sim, uint64_t bound);
bool sim_percent(struct sim *sim, uint32_t percent);
void occasion_add(struct sim *sim, const struct sim_occasion *occasion);
bool occasion_next(struct sim *sim, struct sim_occasion *out);
struct sim_packet *packet_new(struct bytes bytes);
void packet_drop(struct sim_packet *packet);
void world_clear(struct sim *sim);

// model.c
struct driver_calls model_calls(struct sim_node *node);
void model_begin(struct sim *sim);
void model_reset(struct sim_node *node);
// Final blocks of another, up to one whose certificate it has; false: none are new.
bool model_copy(struct sim_node *node, const struct sim_node *from, struct consensus_root *root);
// The newest final block.
void model_root(const struct sim_node *node, struct consensus_root *out);

// groups.c
void groups_choose(struct sim *sim);
bool node_holds(const struct sim_node *node, uint16_t key);
// Which of the set they are.
struct witness_group group_of(const struct sim_epoch *epoch, const struct sim_node *node);
// A key goes from one node to another, and both come back.
void groups_move_key(struct sim *sim);

// nodes.c
void node_start(struct sim_node *node);
void node_run(struct sim_node *node);
enum crash_kind { CRASH_KILL, CRASH_POWER };
void node_crash(struct sim_node *node, enum crash_kind kind, uint64_t back_after_ms);
void node_deliver(struct sim_node *node, uint16_t from, struct bytes bytes);
void node_sync(struct sim_node *node, uint16_t from);
void node_change_work(struct sim_node *node);

// network.c
void network_send(struct sim_node *from, uint16_t peer, struct bytes message);
void network_plan_sync(struct sim_node *node, uint16_t peer);
void faults_begin(struct sim *sim);
void faults_happen(struct sim *sim);
void faults_heal(struct sim *sim);

// judge.c
__attribute__((format(printf, 2, 3))) void judge_fail(struct sim *sim, const char *format, ...);
void judge_begin(struct sim *sim);
void judge_sent(struct sim_node *node, struct bytes message);
void judge_final(struct sim_node *node, const struct hash *id, uint64_t height);
// A block is shown as final by it.
void judge_shown(struct sim_node *node, const struct certificate *certificate);
// A run has ended well; a life has begun, which knows of the views that any run before it came to.
void judge_ran(struct sim_node *node);
void judge_started(struct sim_node *node);
bool judge_is_done(struct sim *sim);
void judge_note(struct sim *sim, uint64_t number);
// Asked for a block, it has none.
void judge_build(struct sim_node *node, const struct driver_build *build, bool is_made);

#endif
