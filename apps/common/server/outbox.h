// SPDX-License-Identifier: Apache-2.0
// What a server has promised to send: the signed transactions of jobs, durable before anybody is
// told "accepted", in a small SQLite file of their own. Each account that signs has a queue, so
// that what one of them waits for holds up no other. After a stop or a crash the same bytes go out
// again, so their ids stay; the chain's own rules (sequence number, valid_until) keep them from
// running twice. Not in the index: that one is derived from the chain and may be dropped, and this
// is what is not on the chain yet.
//
// A job is done when its last transaction is final, whatever its receipt says. It fails when one of
// its transactions can never be final, as soon as those before it have run or never can: only then
// is it known what it did. Either way it is remembered for OUTBOX_KEPT_MS.
//
// What a failed job has left on the chain, its cleanup takes away: a call that becomes due when the
// job has ended in failure, and any of its transactions had done its work.
//
// Thread-safe, but of one queue only one thread at a time may put, forget, push and settle.
#ifndef LMM_SERVER_OUTBOX_H
#define LMM_SERVER_OUTBOX_H

#include "chaincore/chaincore.h"

enum { OUTBOX_KEPT_MS = 7 * 24 * 3600 * 1000, OUTBOX_JOB_BYTES = 32 };

struct outbox;
struct outbox_queue; // of one account, which signs all of its transactions, in lane 0

struct outbox_config {
    struct node *node;
    const char *path;
    struct account_id account; // that signed the jobs of files that do not say which did
};
// Reads what a former process has left; nothing goes out before outbox_push.
enum status outbox_open(struct outbox **out, const struct outbox_config *config) MUST_CHECK;
void outbox_close(struct outbox *outbox); // NULL is allowed

// An account's queue, made when there is none; borrowed until outbox_close. To be called before
// other threads use the outbox.
struct outbox_queue *outbox_queue_of(struct outbox *outbox, const struct account_id *account);
// Each that there is, in turn: those asked for, and those of accounts that a former process left
// jobs of. From NULL to NULL.
struct outbox_queue *outbox_next_queue(struct outbox *outbox, const struct outbox_queue *before);
const struct account_id *outbox_account(const struct outbox_queue *queue);

struct outbox_tx {
    struct hash id;
    uint64_t seq;
    uint64_t valid_until;
    struct bytes encoded;
};
struct outbox_call {
    struct account_id contract;
    struct bytes method;
    struct bytes arguments;
    uint64_t gas_limit;
};
struct outbox_entry {
    const uint8_t *job; // its id, of OUTBOX_JOB_BYTES
    bool is_listed;     // outbox_list tells it
    const struct outbox_tx *txs;
    size_t count;
    const struct outbox_call *cleanup; // NULL: it leaves nothing
    const uint8_t *cleans;             // NULL, or the job whose cleanup this is
};
// Durable when it returns OK. EXISTS: there was a job of this id.
enum status outbox_put(struct outbox_queue *queue, const struct outbox_entry *entry) MUST_CHECK;
// Takes a job back, unless one of its transactions has gone out: then false, and it stands.
bool outbox_forget(struct outbox_queue *queue, const uint8_t job[OUTBOX_JOB_BYTES]);

// Gives the node, in order, what it does not have. OK when it has all; else the refusal that came
// first. NONCE_GAP: the account's next number is missing, and nothing of the queue has it.
enum tx_code outbox_push(struct outbox_queue *queue) MUST_CHECK;
// Looks what has become of what went out: jobs end here.
void outbox_settle(struct outbox_queue *queue);
// Nothing is under way, and no cleanup is due.
bool outbox_is_empty(struct outbox_queue *queue);
// How many of its transactions are not final yet.
size_t outbox_count(struct outbox_queue *queue);
// A cleanup that is due, until outbox_put takes it over; NOT_FOUND when there is none. In the
// arena.
enum status outbox_find_cleanup(struct outbox_queue *queue, struct arena *arena,
                                uint8_t job[OUTBOX_JOB_BYTES], struct outbox_call *out) MUST_CHECK;

struct outbox_job {
    uint8_t id[OUTBOX_JOB_BYTES];
    struct account_id account; // that signed it
    uint64_t number;           // grows from job to job
    uint64_t created_ms;
    uint64_t finished_ms; // 0: it is under way
    enum tx_code code;    // when finished: OK when its end is on the chain, else why it is not
    size_t tx_count;
    struct hash *tx_ids; // in the arena
};
enum status outbox_find(struct outbox *outbox, const uint8_t job[OUTBOX_JOB_BYTES],
                        struct arena *arena, struct outbox_job *out) MUST_CHECK;
// A page of an account's listed jobs, the newest first: of those whose end stands in no block up to
// a height, which is where somebody else tells of them.
struct outbox_page {
    uint64_t height;
    uint64_t below; // this number; UINT64_MAX: from the newest on
    uint32_t length;
};
// In the arena.
enum status outbox_list(struct outbox_queue *queue, const struct outbox_page *page,
                        struct arena *arena, struct outbox_job **out, size_t *count) MUST_CHECK;

#endif
