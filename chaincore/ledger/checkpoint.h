// SPDX-License-Identifier: Apache-2.0
// The state on disk: a SQLite file that follows behind. A checkpoint is one transaction with all
// that changed since the last, written by a thread of its own from a version that cannot change any
// more; so the file always holds the whole state at one height, whenever the process dies. What
// fails to be written is tried again, by itself and whenever a newer one comes; how that goes is
// for the owner to watch: as long as it fails, what a start has to execute again grows.
#ifndef LMM_LEDGER_CHECKPOINT_H
#define LMM_LEDGER_CHECKPOINT_H

#include "chaincore/ledger/cut.h"
#include "chaincore/ledger/state.h"

struct checkpoint;

struct checkpoint_config {
    const char *path;
    struct state *state;
    // Called by the writer's thread after each attempt; may be NULL.
    void (*on_attempt)(void *context);
    void *context;
    // No thread: checkpoint_start returns when it has been tried, and what failed is tried again
    // with the next one. For whoever has to repeat a run, call by call.
    bool writes_at_once;
};

// Opens or creates the file and loads its state: a version at its height, and the cut that was made
// there; or an empty version at height 0, and a cut of zeros, when there is none yet. The caller
// unrefs. CORRUPT, and why in the log, when the rows do not add up to the root in the cut's header.
enum status checkpoint_open(struct checkpoint **out, const struct checkpoint_config *config,
                            struct state_version **version, struct cut *cut) MUST_CHECK;
// Finishes what is being written, and what waits unless the last attempt failed. NULL is allowed.
void checkpoint_close(struct checkpoint *checkpoint);

// Has the version written, which is the state after the cut's block; keeps a reference. It waits
// while another is being written; when a newer one comes meanwhile, this one is left out.
void checkpoint_start(struct checkpoint *checkpoint, struct state_version *version,
                      const struct cut *cut);
// Waits until nothing is being written, nor to be written for the first time, and says how the last
// attempt went.
enum status checkpoint_wait(struct checkpoint *checkpoint) MUST_CHECK;
struct checkpoint_health {
    uint64_t height;   // on disk; 0 when nothing is
    enum status last;  // of the attempts since the file was opened
    uint32_t failures; // in a row, up to the last
};
void checkpoint_health(struct checkpoint *checkpoint, struct checkpoint_health *out);
// What is on disk: the version, which the caller unrefs, and its cut. False when there is none yet.
bool checkpoint_newest(struct checkpoint *checkpoint, struct state_version **version,
                       struct cut *cut);

#endif
