// SPDX-License-Identifier: Apache-2.0
// The write-ahead log of a witness: what its state machine (consensus/consensus.h) asks to keep,
// and all that holds its keys back after a restart. Records go to memory first; one sync, at the
// end of a loop, makes all of them durable in their order. Whoever uses it aborts when a sync
// fails: what the disk then holds is known after a restart only.
//
// A file begins with what a start still needs, then grows; when most of it is of no use any more,
// the rest is copied to a new file, which counts once it is durable as a whole. A torn end is cut
// with a notice. Damage elsewhere is refused: a key whose votes are lost must not sign. A file
// names the group of keys that it is the log of.
//
// What no file can show is damage to the very last sync, if nothing was written behind it: that
// looks like a torn end. A disk that loses what it has confirmed, and stops there, is beyond this.
#ifndef LMM_WITNESS_VOTE_LOG_H
#define LMM_WITNESS_VOTE_LOG_H

#include "chaincore/consensus/consensus.h"
#include "chaincore/witness/disk.h"

struct vote_log;

struct vote_log_config {
    const struct disk *disk; // copied
    struct hash chain_id;
    struct hash group;     // vote_log_group: whose votes it keeps
    bool accepts_new_keys; // a log of another group is read too, until vote_log_take_over
    // Bytes that nobody can foretell: random_bytes, but where a run has to be repeated.
    void (*draw)(void *context, void *out, size_t len);
    void *context;
    uint64_t slack_bytes; // 0: LIMIT_VOTE_LOG_SLACK_BYTES
};

// Of the keys, in whatever order.
void vote_log_group(struct hash *out, const struct public_key *keys, size_t count);
// CORRUPT, with the place in the log; CONFLICT when it is another chain's or group's, but for one
// of no keys, which any may take over.
enum status vote_log_open(struct vote_log **out, const struct vote_log_config *config) MUST_CHECK;
void vote_log_close(struct vote_log *log); // NULL is allowed

// Whether there is nothing to start from: then vote_log_begin, once, with what the node stands on.
bool vote_log_is_new(const struct vote_log *log);
enum status vote_log_begin(struct vote_log *log, const struct consensus_root *root) MUST_CHECK;

// What consensus_init takes: the newest root. Its certificate goes to `certificate`.
enum status vote_log_root(const struct vote_log *log, struct consensus_root *out,
                          struct certificate *certificate) MUST_CHECK;
// Each record for consensus_restore, in order, and the body of a block; borrowed for the call. What
// was read at the start is freed behind the last.
struct vote_log_entry {
    struct consensus_record record;
    struct bytes body;
};
enum status vote_log_replay(struct vote_log *log,
                            void (*visit)(void *context, const struct vote_log_entry *entry),
                            void *context) MUST_CHECK;

// Of a block with its body. Durable after vote_log_sync.
void vote_log_append(struct vote_log *log, const struct vote_log_entry *entry);
bool vote_log_is_synced(const struct vote_log *log);
enum status vote_log_sync(struct vote_log *log) MUST_CHECK;
// Whether it was opened as another group's: what the own keys have signed it does not tell.
bool vote_log_is_others(const struct vote_log *log);
// Of those, one of a node without keys.
bool vote_log_is_nobodys(const struct vote_log *log);
// Begins it again as the own group's, with what the state machine needs. What holds the group back
// has been appended, and is synced: until the new file is whole, the other group is held back too.
enum status vote_log_take_over(struct vote_log *log, const struct consensus *core) MUST_CHECK;
// Where the log has grown beyond use, and is synced: drops what the state machine does without.
enum status vote_log_compact(struct vote_log *log, const struct consensus *core) MUST_CHECK;
// Of the file.
uint64_t vote_log_bytes(const struct vote_log *log);

#endif
