// SPDX-License-Identifier: Apache-2.0
// Agreement on blocks: Simplex (Chan and Pass, eprint 2023/463), one leader a view, as a pure state
// machine. An event goes in, actions come out; inside are no clock, no randomness, no I/O, no
// threads, and no memory beyond what consensus_init was given. Equal events give equal actions.
//
// A driver feeds it and does what it asks, in order. What it feeds is verified: signatures,
// certificates, and that a witness's index stands for the key that signed. What it appends to the
// log it makes durable (one fdatasync for all of a loop) before it reports signatures as made:
// EVENT_SIGNED. Nothing leaves the machine before its signature is reported, and the log keeps the
// order of actions, so a body is durable before its NOTARIZE, and the certificate that ended a view
// before anything of a later one. If the disk fails, the driver aborts.
//
// A process holds the keys of no, one or many witnesses of an epoch: its group. They sign alike, by
// one guard; only a proposal is its leader's alone.
//
// Not thread-safe. Pointers in actions are borrowed until the next step.
#ifndef LMM_CONSENSUS_CONSENSUS_H
#define LMM_CONSENSUS_CONSENSUS_H

#include "chaincore/chain/certificate.h"
#include "chaincore/chain/header.h"
#include "chaincore/consensus/guard.h"

enum { WITNESS_NONE = UINT16_MAX, PEER_NONE = UINT16_MAX };

// Witnesses of an epoch, as bits by index. Of a process: those whose keys it holds; with none it
// follows without signing.
struct witness_group {
    uint8_t bits[(LIMIT_WITNESSES + 7) / 8];
};
static inline bool group_has(const struct witness_group *group, uint16_t witness) {
    return witness < LIMIT_WITNESSES && group->bits[witness / 8] >> (witness % 8) & 1;
}
static inline void group_add(struct witness_group *group, uint16_t witness) {
    ENSURE(witness < LIMIT_WITNESSES);
    group->bits[witness / 8] |= (uint8_t)(1u << (witness % 8));
}

// What rules an epoch.
struct consensus_epoch {
    uint64_t epoch;
    uint64_t first_view; // the view of the boundary's header before it, and 1
    struct hash set_hash;
    struct hash leader_seed; // the chain's
    struct hash leader_id;   // of the block that many blocks before the boundary
    uint16_t witness_count;
    struct witness_group own; // whose keys this process holds
    uint32_t block_interval_ms;
    uint32_t epoch_blocks;
    bool leave_out_empty_blocks;
};

// The newest final block, and the view it is final by. Genesis has no certificate: NULL.
struct consensus_root {
    uint64_t epoch; // that goes on from it: the block's, or the next where a boundary is behind
    struct header header;
    struct hash id;
    uint64_t view;
    const struct certificate *certificate;
};

struct consensus_config {
    struct hash chain_id;
    uint32_t timeout_ms; // of a view, before any doubling: three times the usual delay or more
};

struct proposal {
    uint64_t epoch;
    uint64_t view;               // that of the header, or later: a repeat
    const struct header *header; // whose body the driver has
    struct hash id;
    struct signature signature; // of the view's leader
};

struct signed_vote {
    uint64_t epoch;
    uint64_t view;
    enum vote_kind kind;
    uint16_t witness;
    struct hash block_id; // zero in NULLIFY
    struct signature signature;
};

struct vote_signer {
    uint16_t witness;
    struct signature signature;
};

// The same vote of one witness or of many, as a group gives it.
struct signed_votes {
    uint64_t epoch;
    uint64_t view;
    enum vote_kind kind;
    struct hash block_id; // zero in NULLIFY
    uint16_t count;
    const struct vote_signer *signers; // in ascending order of witness; borrowed
};

// What is to be signed, and by whom.
struct sign_request {
    uint64_t epoch;
    uint64_t view;
    enum vote_kind kind;
    struct hash block_id;
    struct witness_group by; // of PROPOSE the leader alone
};

struct sealed { // a certificate, and what it is of
    uint64_t epoch;
    enum vote_kind kind;
    struct hash block_id; // zero in NULLIFY
    const struct certificate *certificate;
};

// Where I am and what I lack. Whoever is further answers with certificates and the block.
struct fetch {
    uint64_t epoch;
    uint64_t view;
    uint64_t final_height;
    uint64_t certificates_from; // the first view of which one is missing; 0: of none
    struct hash block_id;       // zero: no block is missing
};

// Unproven: that somebody is too far ahead for FETCH. A driver syncs final blocks from there, and
// takes it from peers that it has sent a FETCH to, once for each, and from nobody else.
struct peer_ahead {
    uint64_t epoch;
    uint64_t height;
};

enum record_kind { RECORD_ROOT, RECORD_BLOCK, RECORD_CERTIFICATE, RECORD_VOTES };

// A line of the write-ahead log. Of a block the driver keeps the body with it. What a group signs
// at once is one line, so that it is there as a whole or not at all: with a part of its NULLIFY
// lost, a group would never sign the rest, and without it the view might never end.
struct consensus_record {
    enum record_kind kind;
    union {
        const struct consensus_root *root; // where an epoch begins, or sync has arrived
        const struct header *block;
        struct sealed sealed;
        struct signed_votes votes; // own, proposals included
    };
};

enum consensus_event_kind {
    EVENT_TICK,        // nothing but the time
    EVENT_PROPOSAL,    // of the view's leader, whoever sent it
    EVENT_BLOCK,       // a header whose body came without a proposal: in answer to FETCH
    EVENT_VOTES,       // of other witnesses
    EVENT_CERTIFICATE, // of a quorum
    EVENT_FETCH,       // a peer lacks something
    EVENT_AHEAD,       // a peer is far ahead
    EVENT_EXECUTED,    // in answer to ACTION_EXECUTE
    EVENT_BUILT,       // in answer to ACTION_BUILD: executed already; NULL: none can be made now
    EVENT_SIGNED,      // in answer to ACTION_SIGN, by all who were asked: durable
    EVENT_WORK,        // whether a transaction waits or a timer is due; ACTION_FINAL takes it back
    EVENT_EPOCH,       // in answer to ACTION_EPOCH_END
    EVENT_SYNCED,      // final blocks up to this root, of the epoch given, are there and executed
};

// `wall_ms` dates blocks and may be wrong or jump; `now_ms` never goes back.
struct consensus_event {
    enum consensus_event_kind kind;
    uint16_t peer; // who sent it; PEER_NONE for what no message brought
    uint64_t wall_ms;
    uint64_t now_ms;
    union {
        struct proposal proposal;
        const struct header *block;
        struct signed_votes votes; // also of EVENT_SIGNED
        struct sealed sealed;
        struct fetch fetch;
        struct peer_ahead ahead;
        struct {
            struct hash id;
            bool is_valid;
        } executed;
        const struct header *built;
        bool has_work;
        const struct consensus_epoch *epoch;
        struct {
            const struct consensus_epoch *epoch;
            const struct consensus_root *root;
        } synced;
    };
};

enum consensus_action_kind {
    ACTION_APPEND,     // to the log
    ACTION_SIGN,       // append the signed votes to the log, sync, report EVENT_SIGNED
    ACTION_SEND,       // a message
    ACTION_SEND_BLOCK, // header and body, if it is there: to a peer who lacks it
    ACTION_EXECUTE,    // the parent is executed; report EVENT_EXECUTED
    ACTION_BUILD,      // make a block and execute it; report EVENT_BUILT
    ACTION_FINAL,      // final, parents first
    ACTION_EPOCH_END,  // the boundary is final: report EVENT_EPOCH
    ACTION_SYNC,       // fetch final blocks in bulk, from this peer; report EVENT_SYNCED
    ACTION_EVIDENCE,   // two signatures that contradict one another
    ACTION_TWIN,       // one of them by an own key: somebody else signs with it, and nothing is
                       // signed any more; to be logged as consensus_hold_back of GUARD_FOR_GOOD
    ACTION_HALT,       // more than a third are faulty, or this node is: sign nothing more
};

enum message_kind {
    MESSAGE_PROPOSAL,
    MESSAGE_VOTES,
    MESSAGE_CERTIFICATE,
    MESSAGE_FETCH,
    MESSAGE_AHEAD
};
enum send_to { SEND_ALL, SEND_WITNESS, SEND_PEER };

struct consensus_message {
    enum message_kind kind;
    union {
        struct proposal proposal; // the driver sends the body with it
        struct signed_votes votes;
        struct sealed sealed;
        struct fetch fetch;
        struct peer_ahead ahead;
    };
};

enum halt_reason {
    HALT_TWO_CERTIFICATES, // of two blocks in one view, or of a view that is null and final
    HALT_TWO_BRANCHES,     // a final block that does not descend from the root
    HALT_INVALID_FINAL,    // a final block that does not execute
};

struct consensus_action {
    enum consensus_action_kind kind;
    union {
        struct consensus_record record;
        struct sign_request sign;
        struct {
            enum send_to to;
            uint16_t target; // a witness's index, or a peer
            struct consensus_message message;
        } send;
        struct {
            uint16_t peer;
            struct hash id;
        } send_block;
        struct hash execute;
        struct {
            const struct header *parent;
            struct hash parent_id;
            uint64_t view;
            uint64_t time_ms;
            // Who signed the parent's certificate; NULL: it has none.
            const struct certificate *parent_certificate;
        } build;
        struct {
            const struct header *header;
            struct hash id;
            // Of the newest only; NULL below it.
            const struct certificate *certificate;
            // Views before it that this node knows to be null: their leaders missed their turns.
            uint64_t missed_views;
        } final;
        uint16_t sync_peer;
        struct {
            struct signed_vote first, second;
        } evidence;
        enum halt_reason halt;
    };
};

struct consensus;

// How much memory one takes.
size_t consensus_bytes(void);
// In memory of that size, aligned for anything. The root is the newest that is durable as final:
// the boundary before the epoch, or a block of it.
struct consensus *consensus_init(void *memory, const struct consensus_config *config,
                                 const struct consensus_epoch *epoch,
                                 const struct consensus_root *root);
// After a restart, before the first step: each record of the log that it needs (consensus_needs),
// in order, and all votes: they hold the key back, however old they are. They may show a twin
// (ACTION_TWIN): then the state's guard says so, and it is to be logged, as nothing else keeps it.
void consensus_restore(struct consensus *core, const struct consensus_record *record);
// Whether a start still needs it: else the log may drop it.
bool consensus_needs(const struct consensus *core, const struct consensus_record *record);

// At most LIMIT_CONSENSUS_ACTIONS of them.
struct consensus_actions {
    const struct consensus_action *list;
    size_t count;
};
struct consensus_actions consensus_step(struct consensus *core,
                                        const struct consensus_event *event);
// When it wants EVENT_TICK at the latest.
uint64_t consensus_wake_ms(const struct consensus *core);
// Whose signature a proposal needs. WITNESS_NONE for a view before the epoch's first.
uint16_t consensus_leader(const struct consensus *core, uint64_t view);
// Whether a block is among those that are not final and may be needed: a driver keeps their bodies.
bool consensus_knows(struct consensus *core, const struct hash *id);
// Whether EVENT_BLOCK with it would be taken: it was asked for last.
bool consensus_wants(const struct consensus *core, const struct hash *id);
// Whether a message of a peer could change anything: to be asked before its signatures are looked
// at, for whoever sends old ones again is no forger. What it says no to, a step would drop.
bool consensus_can_use(const struct consensus *core, const struct consensus_message *message);
// Nothing is signed any more in this epoch or in one before it; at any time. The driver logs the
// same as a NULLIFY in view GUARD_WHOLE_EPOCH, before the event that it comes ahead of.
void consensus_hold_back(struct consensus *core, uint64_t epoch);
// What the log may begin with, in place of all that consensus_needs does without.
void consensus_root_of(const struct consensus *core, struct consensus_root *out);

struct consensus_state {
    uint64_t epoch;
    uint64_t view;
    uint64_t final_height;
    uint64_t tip_height; // of the block a proposal would stand on
    uint64_t failures;   // views since the newest final block that brought nothing
    bool is_at_cap;      // nothing but repeats until a block is final
    bool is_between;     // the boundary is final, the next epoch not begun
    bool is_halted;
    struct sign_guard guard;
};
void consensus_look(const struct consensus *core, struct consensus_state *out);

#endif
