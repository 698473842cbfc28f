// SPDX-License-Identifier: Apache-2.0
// The suites of this test program, and a table that a witness, or a group of them, sits at: the
// test plays the driver and the others. Signatures are not looked at by what is tested here, and so
// are not made.
#ifndef LMM_TESTS_UNIT_CONSENSUS_SUITES_H
#define LMM_TESTS_UNIT_CONSENSUS_SUITES_H

#include "chaincore/consensus/consensus.h"
#include "chaincore/consensus/schedule.h"
#include "tests/support/unit.h"

Suite *guard_suite(void);
Suite *schedule_suite(void);
Suite *view_suite(void);
Suite *proposal_suite(void);
Suite *epoch_suite(void);
Suite *fetch_suite(void);
Suite *restart_suite(void);
Suite *group_suite(void);

enum { TABLE_INTERVAL_MS = 500, TABLE_TIMEOUT_MS = 1000, TABLE_EPOCH_BLOCKS = 20 };

struct table {
    struct consensus *core;
    struct consensus_config config;
    struct consensus_epoch epoch;
    struct schedule schedule;
    struct header genesis;
    struct hash genesis_id;
    uint64_t now_ms;                  // both clocks
    struct consensus_actions actions; // of the last step
    size_t read;
};

// Witness `self` of four (or of the given count), at genesis.
void table_open(struct table *table, uint16_t count, uint16_t self);
// The group holds the keys of the first `own` witnesses.
void table_open_group(struct table *table, uint16_t count, uint16_t own);
// Another one out of the same memory, as after a restart.
void table_reopen(struct table *table);
void table_close(struct table *table);

void table_feed(struct table *table, struct consensus_event event);
void table_tick(struct table *table, uint64_t after_ms);
// A child of the parent for the view, by its leader.
void table_block(const struct table *table, struct header *out, const struct header *parent,
                 uint64_t view);
void table_propose(struct table *table, const struct header *header, uint64_t view);
void table_execute(struct table *table, const struct header *header, bool is_valid);
// One vote of a witness; NULL for NULLIFY.
void table_vote(struct table *table, enum vote_kind kind, uint64_t view,
                const struct header *header, uint16_t witness);
// A certificate of all but one witness.
void table_certify(struct table *table, enum vote_kind kind, uint64_t view,
                   const struct header *header);
void table_seal(struct table *table, struct certificate *out, uint64_t view);
// Reports the signatures asked for last as durable.
void table_signed(struct table *table, const struct sign_request *request);

// The n-th action of a kind in the last step; NULL: there are fewer.
const struct consensus_action *table_action(const struct table *table,
                                            enum consensus_action_kind kind, size_t nth);
// Whether it was asked in the last step to sign this.
const struct sign_request *table_asked(const struct table *table, enum vote_kind kind);
const struct consensus_message *table_sent(const struct table *table, enum message_kind kind,
                                           size_t nth);
// Where in the last step's actions it stands; SIZE_MAX: nowhere.
size_t table_place(const struct table *table, enum consensus_action_kind kind);
struct consensus_state table_state(const struct table *table);
// Makes the child of `parent` in this view notarized, and with FINALIZE final.
void table_agree(struct table *table, struct header *out, const struct header *parent,
                 uint64_t view, bool is_final);

#endif
