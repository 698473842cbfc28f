// SPDX-License-Identifier: Apache-2.0
// What peers do that mean no good, or are broken: each is a function, and a row that says what is
// to come of it.
#ifndef LMM_TESTS_PEERS_BEHAVIOURS_H
#define LMM_TESTS_PEERS_BEHAVIOURS_H

#include "tests/hostile/peers/caller.h"
#include "tests/hostile/peers/joiner.h"
#include "tests/hostile/peers/victims.h"

struct trial {
    struct victims *victims;
    struct victim *victim; // whom it is done to
    uint16_t from;         // whose addresses are this trial's: 256 of them from here on
    unsigned duration_ms;  // of floods
    unsigned attempts, closed;
    uint64_t bytes;      // said to the victim
    const char *failure; // it could not be done, or was answered wrongly
    // Of those that are done to a node of their own, which is gone when they end.
    const char *named; // what its log is to say; NULL: nothing
    bool is_named;
    struct joiner_report joined;
    double cpu_s;
    long had_kib, peak_kib; // before; above that
};

// What the node is to have done, besides going on.
enum outcome {
    OUTCOME_CLOSED,  // each attempt ended by it
    OUTCOME_REFUSED, // some of many
    OUTCOME_STAYS,   // what an honest node may do too, bounded: none ended by it
};

// A counter that has to have moved.
enum counted {
    COUNTED_CAUSE,   // host_counts.causes
    COUNTED_FAULT,   // replica_counts.faults, whose sum then ends the connection
    COUNTED_LIE,     // FAULT_SYNC, named by what the lie was
    COUNTED_USELESS, // messages that were not looked at
    COUNTED_BUSY,    // frames that were dropped
    COUNTED_PAUSED,  // the peer was not read for a while
    COUNTED_TXS,     // transactions that came
    COUNTED_RECORDS, // of where witnesses are, taken
    COUNTED_UNREAD,  // of these, more than a peer may say
    COUNTED_UNNOTED, // ids of transactions, more than are remembered of a peer
    COUNTED_JOINED,  // blocks of the node that joins in spite of it
};

struct behaviour {
    const char *name;
    const char *what;
    void (*run)(struct trial *trial);
    enum outcome outcome;
    enum counted counted;
    unsigned which;      // cause or fault
    const char *named;   // in the log; NULL: the cause's own name
    unsigned peak_mib;   // that the victim may need above what it had
    bool is_to_follower; // who has not been told of anybody: else to the first witness
};

extern const struct behaviour hands_behaviours[], frame_behaviours[], lie_behaviours[],
    flood_behaviours[], past_behaviours[], record_behaviours[], id_behaviours[];
extern const size_t hands_behaviour_count, frame_behaviour_count, lie_behaviour_count,
    flood_behaviour_count, past_behaviour_count, record_behaviour_count, id_behaviour_count;

// A caller that is connected, and one that has shaken hands; false, and the trial's failure.
bool trial_connect(struct trial *trial, struct caller *caller);
bool trial_meet(struct trial *trial, struct caller *caller);
// Waits for the victim to end it, and counts it.
void trial_end(struct trial *trial, struct caller *caller);
// It is no matter who ends it.
void trial_leave(struct trial *trial, struct caller *caller);
// The next frame of the kind that an honest node tells whoever listens; in `out`.
bool trial_overhear(struct trial *trial, uint8_t kind, struct buf *out);
// The same, decoded: a message of agreement, of any of the kinds of votes for VOTE_PROPOSE.
bool trial_overhear_vote(struct trial *trial, struct wire_message *out, struct buf *bytes);
void trial_fail(struct trial *trial, const char *why);

#endif
