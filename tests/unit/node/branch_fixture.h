// SPDX-License-Identifier: Apache-2.0
// Blocks of a node that does not run, made, executed and finalised by hand: as agreement does.
#ifndef LMM_TESTS_BRANCH_FIXTURE_H
#define LMM_TESTS_BRANCH_FIXTURE_H

#include "chaincore/node/node_branch.h"
#include "tests/unit/node/chain_fixture.h"

struct made {
    struct header header;
    struct hash id;
    struct buf body;
};
void made_clear(struct made *made);
uint32_t made_tx_count(const struct made *made);
// The head, without a body.
struct made made_head(struct fixture *at);

// Submits a transfer.
void branch_pay(struct fixture *at, int from, int to, struct hash *id);
uint16_t branch_leader(struct fixture *at, uint64_t epoch, uint64_t view);
// In a view that lies so far behind the parent's.
bool branch_try_build(struct fixture *at, const struct made *parent, uint64_t views,
                      struct made *out);
struct made branch_build(struct fixture *at, const struct made *parent, uint64_t views);
bool branch_take_in(struct fixture *at, const struct made *made);
// By all of the set whose keys the tests have.
struct certificate branch_certify(struct fixture *at, const struct made *made);
enum status branch_finalize_bare(struct fixture *at, const struct made *made);
enum status branch_finalize(struct fixture *at, const struct made *made); // with a certificate
void branch_check_head(struct fixture *at, const struct made *made);

#endif
