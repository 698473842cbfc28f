// SPDX-License-Identifier: Apache-2.0
// The inside of the state machine. Internal to consensus/.
//
// A view has a place in two rings: one of votes, around the own view, and one of certificates, from
// the newest final view on. Blocks that are not final stand in a table. After each event `settle`
// (step.c) does whatever has become possible, in the order of its calls.
#ifndef LMM_CONSENSUS_CORE_H
#define LMM_CONSENSUS_CORE_H

#include "chaincore/consensus/consensus.h"
#include "chaincore/consensus/schedule.h"

enum block_stage { BLOCK_FREE, BLOCK_KNOWN, BLOCK_EXECUTING, BLOCK_VALID, BLOCK_INVALID };

struct block_slot {
    enum block_stage stage;
    bool is_stored; // its record is in the log
    struct hash id;
    struct header header;
    uint64_t notarized_view; // the newest known; 0: none
};

// The votes of one kind in one view: each witness's first.
struct ballot {
    uint16_t count;
    bool has[LIMIT_WITNESSES];
    bool is_reported[LIMIT_WITNESSES]; // as contradicting another
    struct hash ids[LIMIT_WITNESSES];
    struct signature signatures[LIMIT_WITNESSES];
};

enum { VOTE_KINDS = 4 };

struct view_votes {
    uint64_t view; // 0: free
    struct ballot ballots[VOTE_KINDS];
};

struct view_certificates {
    bool has_notarized;
    bool has_nullified;
    struct hash id; // of what is notarized
    struct certificate notarized;
    struct certificate nullified;
};

struct final_certificate {
    bool has;
    uint64_t epoch;
    uint64_t view;
    struct hash id;
    struct certificate certificate;
};

// What the group has signed of a kind last.
struct own_votes {
    struct signed_votes votes; // view 0: nothing
    struct vote_signer signers[LIMIT_WITNESSES];
};

struct consensus {
    struct consensus_config config;
    struct consensus_epoch epoch;
    struct schedule schedule;

    struct header root; // the newest final block
    struct hash root_id;
    uint64_t root_view;                // final by it
    struct final_certificate newest;   // of the root
    struct final_certificate boundary; // the one before this epoch
    struct final_certificate awaited;  // above the root, its blocks not all there
    bool is_between;
    bool is_halted;
    enum halt_reason halt;

    uint64_t view;
    uint64_t entered_ms;
    uint64_t quiet_ms; // since when no block has come
    uint64_t ready_ms; // since when there is something to wait for; 0: there is nothing
    uint64_t timer_ms; // when the view's timer was started; 0: not yet
    uint64_t failures;
    uint64_t ended_view; // the newest with a certificate
    bool is_started;     // by the first step
    bool is_build_asked;
    uint64_t build_again_ms; // the last attempt has failed: not before
    struct hash proposed_id; // own, where the guard has proposed
    bool has_work;
    struct sign_guard guard;

    uint64_t resend_ms;      // when own messages of the view go out again
    uint64_t asked;          // how often witnesses were asked: the next ones follow
    struct fetch wanted;     // in this step
    struct fetch last_fetch; // not sent at once again
    bool is_behind;          // the event's peer has shown it
    uint32_t syncs;          // asked for since witnesses were asked last

    uint64_t now_ms;
    uint64_t wall_ms;
    uint64_t wake_ms;
    uint16_t peer; // of the event

    // Of each place of the ring below; 0: it is free. Apart, so that a start touches little memory.
    uint64_t certified_views[LIMIT_VIEWS_KEPT];
    struct own_votes own[VOTE_KINDS]; // sent again: of the view, and FINALIZE until it is final
    struct block_slot blocks[LIMIT_BRANCH_BLOCKS];
    struct view_votes votes[LIMIT_VIEWS_COUNTED];
    struct view_certificates certificates[LIMIT_VIEWS_KEPT];
    struct consensus_root root_record;
    size_t action_count;
    struct consensus_action actions[LIMIT_CONSENSUS_ACTIONS];
};

static inline bool is_witness(const struct consensus *core) {
    for (size_t i = 0; i < sizeof core->epoch.own.bits; i++)
        if (core->epoch.own.bits[i] != 0) return true;
    return false;
}
static inline uint16_t core_quorum(const struct consensus *core) {
    return witness_quorum(core->epoch.witness_count);
}
static inline bool is_boundary(const struct consensus *core, const struct header *header) {
    return (header->height + 1) % core->epoch.epoch_blocks == 0;
}

// step.c
struct consensus_action *action_add(struct consensus *core, enum consensus_action_kind kind);
void core_halt(struct consensus *core, enum halt_reason reason);
// The next tick comes no later.
void core_wake_at(struct consensus *core, uint64_t ms);
void core_enter(struct consensus *core, uint64_t view);

// branch.c: blocks
struct block_slot *branch_find(struct consensus *core, const struct hash *id);
bool branch_has(const struct consensus *core, const struct hash *id);
// The header of a block that is executed, the root's included; NULL: it is not there.
const struct header *branch_executed(struct consensus *core, const struct hash *id);
// NULL when every place is taken by what is needed.
struct block_slot *branch_add(struct consensus *core, const struct hash *id,
                              const struct header *header);
void branch_execute(struct consensus *core);
// With what it stands on; NULL: the root, which is there.
void branch_store(struct consensus *core, struct block_slot *slot);
void branch_prune(struct consensus *core);
void branch_clear(struct consensus *core);

// ballots.c: votes
// Whether it is in the ring.
bool votes_is_counted(const struct consensus *core, uint64_t view);
// NULL outside the ring.
struct view_votes *votes_of(struct consensus *core, uint64_t view);
void votes_add(struct consensus *core, const struct signed_votes *votes);
void votes_note(struct consensus *core, const struct sealed *sealed);
// Whether a vote of one of these witnesses is known that excludes this one of it. The id is zero in
// NULLIFY; NULL: whichever, so that any of the kind excludes it.
bool votes_exclude(const struct consensus *core, const struct witness_group *by,
                   enum vote_kind kind, uint64_t view, const struct hash *id);
// From the log: what they make is sealed by the first step, which can have it logged.
void votes_restore(struct consensus *core, const struct signed_votes *votes);
// The own alone may be a quorum, and nobody else's come to seal it.
void votes_seal_own(struct consensus *core);
void votes_clear(struct consensus *core);
void votes_keep_own(struct consensus *core, const struct signed_votes *votes);

// seals.c: certificates
// NULL where none is known.
struct view_certificates *seals_of(struct consensus *core, uint64_t view);
void seals_add(struct consensus *core, const struct sealed *sealed, bool is_logged);
void seals_clear(struct consensus *core);
void certificate_copy(struct certificate *out, const struct certificate *certificate);

// base.c: what a proposal in a view may stand on
enum verdict { VERDICT_YES, VERDICT_WAIT, VERDICT_NO };
enum verdict base_check(struct consensus *core, uint64_t view, const struct hash *id);
// The executed block that a leader of the view builds on or repeats.
enum verdict base_find(struct consensus *core, uint64_t view, struct hash *id);
bool base_must_repeat(const struct consensus *core, const struct header *base);

// witness.c: what this node signs
void witness_lead(struct consensus *core);
void witness_notarize(struct consensus *core);
void witness_watch_time(struct consensus *core);
void witness_finalize(struct consensus *core, uint64_t view);
void witness_take_built(struct consensus *core, const struct header *header);
void witness_take_signed(struct consensus *core, const struct signed_votes *votes);
uint64_t witness_timeout_ms(const struct consensus *core);
void witness_resend(struct consensus *core);
void witness_meet_twin(struct consensus *core);

// finality.c
void finality_add(struct consensus *core, const struct sealed *sealed, bool is_logged);
void finality_settle(struct consensus *core);
void finality_begin_epoch(struct consensus *core, const struct consensus_epoch *epoch);
void finality_take_synced(struct consensus *core, const struct consensus_epoch *epoch,
                          const struct consensus_root *root);
void finality_set_epoch(struct consensus *core, const struct consensus_epoch *epoch);
// Whether another block of that view is certified as final.
bool finality_excludes(const struct consensus *core, uint64_t view, const struct hash *id);

// fetch.c
void fetch_want_block(struct consensus *core, const struct hash *id);
void fetch_want_certificates(struct consensus *core, uint64_t view);
void fetch_send(struct consensus *core, bool is_resending);
void fetch_answer(struct consensus *core, const struct fetch *fetch);
void fetch_take_ahead(struct consensus *core, const struct peer_ahead *ahead);
void fetch_send_final(struct consensus *core, enum send_to to, uint16_t target,
                      const struct final_certificate *final);
// What ended the view, as far as it is known.
void fetch_send_ended(struct consensus *core, enum send_to to, uint16_t target, uint64_t view);

#endif
