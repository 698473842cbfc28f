// SPDX-License-Identifier: Apache-2.0
// Looks at all that a node's folder holds, which no node may have open: each block of the log, in
// its order and under its roots; each certificate that is kept, with its signatures; the state, and
// that it is the one which its block's header names. Executes nothing.
//
// Opening the folder cuts the torn end that a crash, or a copy of a file that grows, leaves.
#ifndef LMM_CLI_CHAIN_WALK_H
#define LMM_CLI_CHAIN_WALK_H

#include "chaincore/crypto/hash.h"

struct chain_walk {
    struct hash chain_id;
    uint64_t first; // block that is there; 1 of an archive
    uint64_t newest;
    struct hash newest_id;
    uint64_t certificates;
    uint64_t state_height; // 0: no checkpoint is there yet
    struct hash state_root;
    char fault[160]; // a sentence, when something is wrong
};

// CORRUPT, BUSY when a node has it open, NOT_FOUND, or how it cannot be read; then `fault` says
// what.
enum status chain_walk_run(struct chain_walk *out, const char *folder) MUST_CHECK;

#endif
