// SPDX-License-Identifier: Apache-2.0
// A new node, in a process of its own, that joins the victims' chain by a snapshot and fetches what
// was before. It knows two places: at the first there is whoever the trial makes of it; at the
// second nobody answers, until an honest node is put there.
#ifndef LMM_TESTS_PEERS_JOINER_H
#define LMM_TESTS_PEERS_JOINER_H

#include "tests/hostile/peers/caller.h"
#include "tests/hostile/peers/victims.h"

struct joiner_report {
    uint64_t joined; // the snapshot's height; 0: it came by blocks
    uint64_t oldest; // block that is there; 1: all are
    uint64_t height;
    struct node_exchange exchange;
    struct host_counts host;
};

struct joiner {
    struct victim victim; // its process, control and log
    int place, second;    // listen
    uint16_t honest_port;
    pid_t passing; // the process that stands at the second place; 0: none
    char folder[96];
};

// Until the chain has a snapshot that two ranges of blocks are below, so that two peers are asked.
bool joiner_await_snapshot(const struct victims *victims);
// False: there is no process.
bool joiner_start(struct joiner *joiner, const struct victims *victims);
// Answers its next call, hands and hellos. The caller is initialised, with what it says of itself.
bool joiner_answer(struct joiner *joiner, struct caller *caller, unsigned ms);
// From now on the honest node is at the second place.
void joiner_show_honest(struct joiner *joiner);
// Once it has all blocks. False: it has not within a minute, or is gone.
bool joiner_await(struct joiner *joiner, struct joiner_report *out);
// False: it did not end as it should.
bool joiner_end(struct joiner *joiner);

#endif
