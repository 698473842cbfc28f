// SPDX-License-Identifier: Apache-2.0
// A ledger without a node, block by block over boundaries of epochs: people with money, who stake,
// vote and serve. The supply must add up after every block.
#ifndef LMM_TESTS_EPOCHS_H
#define LMM_TESTS_EPOCHS_H

#include "chaincore/contract/apply.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/witnesses.h"

enum { EPOCHS_BLOCKS = 4 };
static const uint64_t EPOCHS_LMM = 100000000;

struct epochs {
    struct state *state;
    struct state_version *head;
    struct params params;
    struct apply_block block; // in the making
    struct run_tx run;        // who runs actions here pays no deposits
    uint64_t height;          // of it
    uint32_t leader;          // who makes it, if it is a number
};

void epochs_init(struct epochs *epochs, uint16_t min_witnesses);
// The same with epochs of another length.
void epochs_init_long(struct epochs *epochs, uint16_t min_witnesses, uint32_t epoch_blocks);
void epochs_clear(struct epochs *epochs);
// The nth of those whom tests know by number, and the key that it would sign with.
struct account_id epochs_id(uint32_t n);
void epochs_key(struct secret_key *secret, struct public_key *key, uint32_t n);

// In the block in the making. Out of nothing, and the supply knows of it.
void epochs_give(struct epochs *epochs, uint32_t to, uint64_t lmm);
// Gives somebody the least stake and so much money beside, and registers it.
void epochs_register(struct epochs *epochs, uint32_t who, uint64_t lmm, uint16_t commission);
// For `count` people from `first` on.
void epochs_vote(struct epochs *epochs, uint32_t voter, uint32_t first, uint32_t count);
void epochs_serve(struct epochs *epochs, const uint32_t *who, uint16_t count); // in this epoch

// Who makes this block and those behind it, with the commission that it was elected with; 0: nobody
// who is known.
void epochs_lead(struct epochs *epochs, uint32_t who);
// Ends the block and begins the next.
void epochs_next(struct epochs *epochs);
// The same until an epoch's first block is in the making.
void epochs_next_epoch(struct epochs *epochs);

// Of the draft.
const struct state_view *epochs_view(const struct epochs *epochs);
uint64_t epochs_balance(const struct epochs *epochs, uint32_t who);
void epochs_load(const struct epochs *epochs, struct witnesses *out); // who serve now

#endif
