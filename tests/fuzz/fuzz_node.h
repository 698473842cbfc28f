// SPDX-License-Identifier: Apache-2.0
// A whole node for fuzzers, without blocks and with a replica whose network is the fuzzer.
#ifndef LMM_TESTS_FUZZ_NODE_H
#define LMM_TESTS_FUZZ_NODE_H

#include "chaincore/node/replica.h"
#include "tests/support/false_disk.h"

enum { FUZZ_WITNESSES = 4 };

struct fuzz_node {
    struct node *node;
    struct replica *replica;
    struct secret_key key; // of the last witness, its own; its account has money
    struct account_id account;
};
extern struct fuzz_node fuzz_node;

// Opens both, and closes them when the process ends. A sentry, of a peer whose key begins with 9.
// `draw` and the context of the calls are the node's own.
void fuzz_node_begin(const struct replica_calls *calls);

#endif
