// SPDX-License-Identifier: Apache-2.0
// What each of those that a server signs for may spend of its account, and has spent: by one
// transaction, in a day of UTC, and in all. In a small SQLite file of their own, so that no restart
// gives a day's money twice. Who has no limit is not counted.
//
// A job is reserved with the most that it may cost before the server signs, and settled with what
// it did cost when it has ended; in between all of it counts as spent. Who spends goes by an id
// that outlives its secrets: an API key that was rotated has spent what it had.
//
// A clock that was set back finds its day spent as it was.
//
// Thread-safe.
#ifndef LMM_SERVER_SPENDING_H
#define LMM_SERVER_SPENDING_H

#include "apps/common/server/outbox.h"
#include "chaincore/chain/amount.h"

struct spending;

enum spending_limit { SPENDING_TRANSACTION, SPENDING_DAY, SPENDING_TOTAL, SPENDING_LIMITS };

struct spending_terms {
    bool is_set[SPENDING_LIMITS]; // else as much as the account holds
    struct amount most[SPENDING_LIMITS];
};
bool spending_has_limits(const struct spending_terms *terms);

enum status spending_open(struct spending **out, const char *path) MUST_CHECK;
void spending_close(struct spending *spending); // NULL is allowed

// Durable when it returns OK; what was spent stays. OVERFLOW: a limit above INT64_MAX base units.
enum status spending_set(struct spending *spending, const char *spender,
                         const struct spending_terms *terms) MUST_CHECK;
struct spending_report {
    struct spending_terms terms;
    struct amount today; // with what is reserved
    struct amount total; // since there was a limit; likewise
};
// Nothing of anything for one of whom nothing is known.
enum status spending_read(struct spending *spending, const char *spender,
                          struct spending_report *out) MUST_CHECK;

// The most that one transaction may cost beyond what it moves is its gas limit times the price, and
// as much again in deposits.
struct spending_tx {
    uint64_t gas_limit;
    struct amount value; // that it moves
};
struct spending_job {
    const uint8_t *id; // of OUTBOX_JOB_BYTES
    uint64_t gas_price;
    const struct spending_tx *txs;
    size_t count;
    uint64_t cleanup_gas; // the limit of what may follow a failure; 0: nothing
};
// What a job would break.
struct spending_refusal {
    enum spending_limit limit;
    bool is_alone; // by itself, whatever was spent before
};
// FULL: *refusal says why. EXISTS: it is reserved already. Durable when it
// returns OK; then one of the next two has to follow.
enum status spending_reserve(struct spending *spending, const char *spender,
                             const struct spending_job *job,
                             struct spending_refusal *refusal) MUST_CHECK;
// It was accepted: it will be settled.
void spending_accept(struct spending *spending, const uint8_t id[OUTBOX_JOB_BYTES]);
// It was not, and costs nothing.
enum status spending_give_back(struct spending *spending,
                               const uint8_t id[OUTBOX_JOB_BYTES]) MUST_CHECK;

// What became of one transaction.
struct spending_outcome {
    bool was_run; // it is in a block, and paid for its gas
    bool is_done; // and did its work
    uint64_t gas_used;
};
// Asked for a job that was accepted, by this process or a former one. Fills `outcomes`, one a
// transaction in their order. BUSY: it, or a transaction of it, has not ended. NOT_FOUND: nobody
// knows it, so that it was never accepted, or ended longer ago than OUTBOX_KEPT_MS; spending_settle
// tells these apart.
typedef enum status spending_look(void *context, const uint8_t id[OUTBOX_JOB_BYTES],
                                  struct spending_outcome *outcomes, size_t count);
// Settles what has ended; to be called now and then. `look` is called without locks.
enum status spending_settle(struct spending *spending, spending_look *look,
                            void *context) MUST_CHECK;

// Refusals since the start.
uint64_t spending_refused(struct spending *spending, enum spending_limit limit);

#endif
