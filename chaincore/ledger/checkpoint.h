// SPDX-License-Identifier: Apache-2.0
// The state on disk: a SQLite file that follows behind. A checkpoint is one transaction with all
// that changed since the last, written by a thread of its own from a version that cannot change any
// more; so the file always holds the whole state at one height, whenever the process dies.
#ifndef LMM_LEDGER_CHECKPOINT_H
#define LMM_LEDGER_CHECKPOINT_H

#include "chaincore/ledger/cut.h"
#include "chaincore/ledger/state.h"

struct checkpoint;

// Opens or creates the file and loads its state: a version at its height, and the cut that was made
// there; or an empty version at height 0, and a cut of zeros, when there is none yet. The caller
// unrefs. CORRUPT, and why in the log, when the rows do not add up to the root in the cut's header.
enum status checkpoint_open(struct checkpoint **out, const char *path, struct state *state,
                            struct state_version **version, struct cut *cut) MUST_CHECK;
// Finishes what is being written. NULL is allowed.
void checkpoint_close(struct checkpoint *checkpoint);

// Begins to write the version, which is the state after the cut's block; keeps a reference. BUSY
// while another is being written: then this one is left out, and the next brings its changes too.
enum status checkpoint_start(struct checkpoint *checkpoint, struct state_version *version,
                             const struct cut *cut) MUST_CHECK;
// Waits until nothing is being written, and says how the last one went.
enum status checkpoint_wait(struct checkpoint *checkpoint) MUST_CHECK;
// What is on disk: the version, which the caller unrefs, and its cut. False when there is none yet.
bool checkpoint_newest(struct checkpoint *checkpoint, struct state_version **version,
                       struct cut *cut);

#endif
