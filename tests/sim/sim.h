// SPDX-License-Identifier: Apache-2.0
// Agreement in one process: many state machines of chaincore/consensus, each with a driver, a disk
// and one key or a group of them, on a virtual clock and network. Everything is drawn from one
// seed, so a seed replays to the byte. Whatever a node does is judged at once (judge.c).
//
// Signatures are tags that only the holder of a key can make, and that everybody can
// check in nanoseconds; block bodies are not there, and a block executes if its state root is the
// function of its parent's that execute.c would have it be.
#ifndef LMM_TESTS_SIM_H
#define LMM_TESTS_SIM_H

#include "chaincore/consensus/consensus.h"
#include "chaincore/consensus/schedule.h"

enum {
    SIM_NODES = 128, // twins included
    SIM_BLOCKS = 8192,
    SIM_EPOCHS = 1024,
    SIM_SEEN = 64, // messages that a hostile node remembers
    SIM_START_MS = 1000 * 1000,
};

struct sim_random {
    uint64_t state;
};

// What a hostile node does beside what an honest one would, as bits.
enum {
    HOSTILE_MUTE = 1,              // sends nothing
    HOSTILE_SELECTIVE = 2,         // each message to some
    HOSTILE_EQUIVOCATE = 4,        // two blocks a turn
    HOSTILE_DOUBLE_VOTE = 8,       // every vote there is
    HOSTILE_REPLAY = 16,           // what others sent, again
    HOSTILE_FORGE = 32,            // what does not verify
    HOSTILE_INVALID = 64,          // blocks against the rules
    HOSTILE_LATE = 128,            // each message seconds later
    HOSTILE_AMNESIA = 256,         // forgets what it signed
    HOSTILE_TWIN = 512,            // two nodes with the same keys
    HOSTILE_SPLIT = 1024,          // its keys vote for different things
    HOSTILE_KEEPS_FINALIZE = 2048, // views end by its NOTARIZE, and nothing is final
    HOSTILE_KINDS = 12,
    HOSTILE_TWO_FACED = 4096, // where they are too many: together, of one mind for either half
};

struct sim_block {
    struct hash id;
    struct header header;
    uint64_t proposed_ms;
    bool is_held[SIM_NODES];    // by whom, body and all
    bool is_durable[SIM_NODES]; // on whose disk
};

struct sim_epoch {
    struct consensus_epoch rules; // without own keys
    struct hash boundary_id;
    struct schedule schedule;
    uint16_t members[LIMIT_WITNESSES]; // keys
    uint16_t index_of[SIM_NODES];      // of a key
};

enum packet_kind { PACKET_MESSAGE, PACKET_BLOCK, PACKET_SYNC_ASK, PACKET_SYNC };

// What is under way: shared by all it is sent to.
struct sim_packet {
    struct sim_packet *next_free;
    uint32_t references;
    uint16_t from; // the node
    enum packet_kind kind;
    struct consensus_message message;
    struct header header; // of a proposal or block; a sync's root
    union {
        struct certificate certificate;
        struct vote_signer signers[LIMIT_WITNESSES]; // of votes
    };
};

enum occasion_kind {
    AT_DELIVERY,
    AT_WAKE,
    AT_EXECUTED,
    AT_BUILT,
    AT_DURABLE,
    AT_FAULT,
    AT_WORK,
};

struct sim_occasion {
    uint64_t at_ms;
    uint64_t order;
    enum occasion_kind kind;
    uint16_t node;
    uint32_t life; // of the node: what was meant for an earlier one is lost
    bool is_valid;
    struct sim_packet *packet;
    struct sim_block *block;
};

struct disk_entry {
    enum record_kind kind;
    struct sim_block *block;   // of a block, a certificate, a root
    struct signed_votes votes; // its view and block of the other kinds too; the signers are its own
    enum vote_kind sealed_kind;
    uint64_t epoch;
    struct certificate *certificate;
};

struct sim_disk {
    struct disk_entry *entries;
    size_t count, capacity;
    size_t durable_count;
    size_t syncing_count; // what the sync under way covers
    bool is_syncing;
};

struct sim_node {
    uint16_t index;
    uint16_t first_key, key_count; // one behind the other; a twin has the other's
    uint32_t hostile;
    bool is_up;
    bool is_halted;                 // for good
    enum consensus_event_kind took; // last
    uint32_t life;
    struct consensus *core;
    int64_t clock_offset_ms;
    uint64_t wake_ms; // of the occasion that is set
    struct sim_disk disk;
    size_t reported; // entries whose signatures are reported
    uint64_t epoch;  // it is in
    uint64_t final_height;
    struct hash final_id;
    uint32_t side;             // of the partition
    bool has_asked[SIM_NODES]; // by FETCH, since one was ahead
    struct sim_packet *seen[SIM_SEEN];
    size_t seen_count;
    uint64_t slow_disk_ms;
};

// How a seed keeps blocks from being final until it heals, while views go on.
enum stall {
    STALL_NONE,
    STALL_AWAY, // hostile ones keep FINALIZE back, and an honest node is not there
    STALL_HELD, // somebody on the way keeps everybody's back
};

struct sim_faults {
    uint64_t lost, duplicated, reordered, held_back, late, crashes, crashes_of_all, torn,
        partitions;
    uint64_t clock_jumps, hostile_nodes, forged, refused, synced, unbuilt, useless, stalls;
};

struct sim_figures {
    uint64_t seeds, grouped_seeds, steps, messages, bytes, blocks, views, epochs, evidence,
        null_views, repeats, repeats_at_cap, twins_met;
    uint64_t overrun_seeds, forks, halts[3]; // by enum halt_reason
    uint64_t fetches, longest_recovery_ms, farthest_views;
    struct sim_faults faults;
};

struct sim_options {
    uint64_t seed;
    uint64_t seeds;
    uint16_t keys;   // 0: by the seed
    uint16_t group;  // of each node; 0: by the seed
    bool is_calm;    // no faults: for latencies
    bool is_overrun; // by hostile witnesses, in each seed
    bool is_traced;
};

struct sim {
    struct sim_options options;
    uint64_t seed;
    struct sim_random random;
    uint64_t now_ms;
    uint64_t order;
    struct sim_occasion *heap;
    size_t heap_count, heap_capacity;
    struct sim_packet *free_packets;

    struct consensus_config config;
    struct hash chain_id;
    uint16_t keys; // honest and hostile ones; twins share
    uint16_t node_count;
    uint16_t hostile_keys;
    bool is_overrun; // there are more of them than agreement bears
    bool is_two_faced;
    struct {
        uint64_t epoch, view;
        struct hash ids[2];
    } faces; // what the leader of their own shows to either half
    enum stall stall;
    uint16_t away; // the node; of STALL_AWAY
    struct sim_node nodes[SIM_NODES];
    struct sim_block *blocks;
    size_t block_count;
    uint32_t *block_table;
    struct sim_epoch *epochs;
    size_t epoch_count;

    bool is_healed;
    uint64_t heal_ms, heal_height, recovery_bound_ms;
    uint32_t loss_percent, duplicate_percent;
    int held_back; // the kind of vote that does not get through, or -1
    bool is_late;  // notarizations come once a node has given up the view, and no NULLIFY at all
    uint64_t fault_pause_ms;
    uint32_t delay_ms, jitter_ms;
    bool is_partitioned;
    uint64_t skew_ms;
    bool leave_out;

    struct hash *final_ids; // by height, of whoever was first
    uint64_t final_count;
    uint64_t step_count;
    uint64_t digest;
    const char *violation;
    char violation_text[256];
    struct judge *judge;
    struct overrun *overrun;

    struct sim_figures figures;
    uint32_t *latencies;
    size_t latency_count;
};

// world.c
uint64_t random_next(struct sim_random *random);
uint64_t random_below(struct sim *sim, uint64_t bound);
bool random_percent(struct sim *sim, uint32_t percent);
void world_open(struct sim *sim);
void world_close(struct sim *sim);
void world_begin(struct sim *sim, uint64_t seed);
void occasion_add(struct sim *sim, const struct sim_occasion *occasion);
bool occasion_next(struct sim *sim, struct sim_occasion *out);
struct sim_packet *packet_new(struct sim *sim, uint16_t from);
void packet_drop(struct sim *sim, struct sim_packet *packet);
struct sim_block *block_find(struct sim *sim, const struct hash *id);
struct sim_block *block_add(struct sim *sim, const struct header *header);
void block_state_root(struct hash *out, const struct header *parent, const struct hash *tx_root);
bool block_is_valid(struct sim *sim, const struct header *header);
struct sim_epoch *epoch_find(struct sim *sim, uint64_t epoch);
// Whose turns it has, when the rest is set.
void epoch_finish(struct sim_epoch *epoch);
// The epoch after a boundary.
struct sim_epoch *epoch_after(struct sim *sim, const struct sim_block *boundary);
void epoch_rules(const struct sim_epoch *epoch, const struct sim_node *node,
                 struct consensus_epoch *out);
bool node_holds(const struct sim_node *node, uint16_t key);
// Which of the set they are.
struct witness_group group_of(const struct sim_epoch *epoch, const struct sim_node *node);

// keys.c
void tag_sign(struct signature *out, const struct sim *sim, uint16_t key,
              const struct signed_vote *vote);
// As those witnesses, to `signers`; their keys are the caller's.
void tag_sign_votes(struct signed_votes *votes, struct sim *sim, const struct witness_group *by,
                    struct vote_signer signers[LIMIT_WITNESSES]);
bool tag_verify(struct sim *sim, const struct signed_vote *vote);
bool tag_verify_votes(struct sim *sim, const struct signed_votes *votes);
bool tag_verify_proposal(struct sim *sim, const struct proposal *proposal);
bool tag_verify_sealed(struct sim *sim, const struct sealed *sealed);

// disk.c
void disk_append(struct sim *sim, struct sim_node *node, const struct consensus_record *record);
void disk_crash(struct sim *sim, struct sim_node *node, bool is_all_lost);
void disk_compact(struct sim *sim, struct sim_node *node);
void disk_restore(struct sim *sim, struct sim_node *node);
void disk_clear(struct sim_node *node);
// The entries up to there are durable from now on, one after the other.
void disk_settle(struct sim *sim, struct sim_node *node, size_t count);
// Among the entries before one.
bool disk_has_root(const struct sim_node *node, size_t before, uint64_t epoch);
bool disk_has_notarized(const struct sim_node *node, size_t before,
                        const struct signed_votes *votes);
bool disk_has_ended(const struct sim_node *node, size_t before, struct sign_place place);
// Whether it says that nothing is signed any more.
bool disk_has_end(const struct sim_node *node);
// Whether it has signed what excludes this.
bool disk_excludes(const struct sim_node *node, const struct sealed *sealed);

// node.c
void node_begin(struct sim *sim, struct sim_node *node);
void node_feed(struct sim *sim, struct sim_node *node, struct consensus_event *event);
void node_occasion(struct sim *sim, const struct sim_occasion *occasion);
void node_crash(struct sim *sim, struct sim_node *node);
void node_restart(struct sim *sim, struct sim_node *node);
void node_receive(struct sim *sim, struct sim_node *node, struct sim_packet *packet);
struct sim_block *node_build(struct sim *sim, struct sim_node *node,
                             const struct consensus_action *action, uint64_t salt);

// network.c
struct packet_target {
    enum send_to to;
    uint16_t target;
};
void network_send(struct sim *sim, struct sim_node *from, struct packet_target target,
                  struct sim_packet *packet);
void network_send_to(struct sim *sim, struct sim_node *from, struct sim_node *to,
                     struct sim_packet *packet);
// Whether what is about to arrive does not: it will be sent again.
bool network_withholds(struct sim *sim, const struct sim_occasion *occasion);
void faults_begin(struct sim *sim);
void faults_happen(struct sim *sim);
void faults_heal(struct sim *sim);
struct sim_packet *packet_of_message(struct sim *sim, uint16_t from,
                                     const struct consensus_message *message);

// groups.c
// Who holds which keys, and who is hostile.
void groups_choose(struct sim *sim);

// hostile.c
// Whether the hostile node has dealt with it itself.
bool hostile_send(struct sim *sim, struct sim_node *node, const struct consensus_action *action);
void hostile_receive(struct sim *sim, struct sim_node *node, struct sim_packet *packet);
// Whether its state machine must not see that: its keys have said it besides what it knows of.
bool hostile_hides(struct sim *sim, const struct sim_node *node, const struct sim_packet *packet);
struct sim_block *hostile_build(struct sim *sim, struct sim_node *node,
                                const struct consensus_action *action);

// judge.c
void judge_open(struct sim *sim);
void judge_close(struct sim *sim);
void judge_begin(struct sim *sim);
__attribute__((format(printf, 2, 3))) void judge_fail(struct sim *sim, const char *format, ...);
void judge_final(struct sim *sim, struct sim_node *node, const struct consensus_action *action);
void judge_synced(struct sim *sim, struct sim_node *node, const struct sim_block *block);
// The next entry of the disk are votes, and durable.
void judge_signed(struct sim *sim, struct sim_node *node);
// They are sent.
void judge_votes(struct sim *sim, struct sim_node *node, const struct signed_votes *votes);
void judge_certificate(struct sim *sim, struct sim_node *node, const struct sealed *sealed);
void judge_built(struct sim *sim, struct sim_node *node, const struct sim_block *block);
void judge_evidence(struct sim *sim, struct sim_node *node, const struct consensus_action *action);
// Of two nodes with the same keys, one: it has signed that; it is about to take that in; it knows
// of the other; its disk does; it signs, or sends what it has signed; it has begun anew.
void judge_reported(struct sim *sim, struct sim_node *node, const struct signed_votes *votes);
void judge_heard(struct sim *sim, struct sim_node *node, const struct signed_votes *votes);
void judge_twin(struct sim *sim, struct sim_node *node);
void judge_silenced(struct sim *sim, const struct sim_node *node);
void judge_speaks(struct sim *sim, const struct sim_node *node);
void judge_restarted(struct sim *sim, const struct sim_node *node);
// The network heals now: how long recovery may take.
void judge_healed(struct sim *sim);
void judge_progress(struct sim *sim);
bool judge_is_done(const struct sim *sim);

// judge_overrun.c: what is left to ask where agreement is overrun.
void overrun_open(struct sim *sim);
void overrun_close(struct sim *sim);
void overrun_begin(struct sim *sim);
// A certificate that anybody has, and one that the node has logged or is about to take.
void overrun_certified(struct sim *sim, const struct sealed *sealed);
void overrun_logged(struct sim *sim, struct sim_node *node, const struct sealed *sealed);
// Whether it has to halt for what it has logged before.
bool overrun_must_halt(struct sim *sim, struct sim_node *node, const struct sealed *sealed);
bool overrun_is_certified(struct sim *sim, const struct signed_votes *what);
void overrun_restarted(struct sim *sim, struct sim_node *node);
void judge_halt(struct sim *sim, struct sim_node *node, enum halt_reason reason);
bool overrun_is_done(const struct sim *sim);
// Whether a block stands on the node's newest final one.
bool stands_on_final(struct sim *sim, const struct sim_node *node, const struct sim_block *block);

// trace.c
__attribute__((format(printf, 3, 4))) void trace(struct sim *sim, const struct sim_node *node,
                                                 const char *format, ...);

#endif
