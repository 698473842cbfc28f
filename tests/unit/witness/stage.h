// SPDX-License-Identifier: Apache-2.0
// One driver on a chain that counts what it is told, and messages of the witnesses around it.
#ifndef LMM_TESTS_UNIT_WITNESS_STAGE_H
#define LMM_TESTS_UNIT_WITNESS_STAGE_H

#include "chaincore/witness/driver.h"
#include "tests/support/false_disk.h"
#include "tests/unit/witness/suites.h"

enum { INTERVAL_MS = 500, EPOCH_BLOCKS = 10 };

// A set of one, or of four of which this holds the first key, where nothing gets a quorum, or all.
struct stage {
    struct false_disk disk;
    struct driver *driver;
    struct secret_key keys[5]; // the last is in no set
    struct witness_set set;
    struct header genesis;
    struct consensus_root root;
    struct certificate certificate;
    struct header finals[64];
    uint64_t final_height;
    uint64_t fails_at_height; // that the chain's disk has no room for; 0: none
    uint64_t sent, sent_unsynced, executed, syncs, bodies_looked_at, blames, votes_sent, evidence;
    uint64_t sent_of[WIRE_KINDS], bytes_sent;
    size_t first_key, key_count; // that the driver holds, one behind the other
    bool accepts_new_keys, is_first_start;
    bool has_twin; // its key is elsewhere
    uint64_t twins_met, slack_bytes;
    bool has_false_bodies, leaves_out_empty_blocks, has_unsound_set, is_further;
    enum status expected; // of driver_open
    size_t body_bytes;    // of proposals; 0: a few
    uint16_t strangers;   // peers from this number on; 0: nobody is one
    uint16_t full_peer;   // whose queue has no room; 0: none
    struct buf given;     // { u16 peer } to whom a block was sent
    uint64_t certificates_to[LIMIT_PEERS];
    uint64_t found; // final blocks that were read
    struct driver_time time;
};
extern struct stage stage;

// At genesis, with the first `own` keys of the set.
void stage_open(uint16_t witnesses, size_t own);
void stage_close(void);
// Again, from what its disk holds, with the keys and the root of now; as `expected` says.
void stage_open_driver(void);
enum status stage_run_for(uint64_t ms);

// A block by whoever leads its view, as its own driver would send it: on genesis, or on another.
struct block_place {
    uint64_t height; // and view
    struct hash parent;
};
void stage_make_proposal(struct buf *out);
void stage_make_proposal_at(struct buf *out, const struct block_place *place);
void stage_receive_proposal(struct hash *id);
void stage_receive_proposal_at(struct hash *id, const struct block_place *place);
// What another witness says about a block, in view 1 or another.
void stage_receive_vote_in(uint64_t view, enum vote_kind kind, uint16_t witness,
                           const struct hash *id);
void stage_receive_vote(enum vote_kind kind, uint16_t witness, const struct hash *id);
void stage_receive_message(const struct consensus_message *message);
void stage_epoch_rules(void *context, uint64_t epoch, struct consensus_epoch *rules,
                       struct witness_set *set);

#endif
