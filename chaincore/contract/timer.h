// SPDX-License-Identifier: Apache-2.0
// Calls that contracts asked for at a time of their own. A timer is paid for when it is set, out of
// its contract's balance: gas limit times the price of that day, which stays its price. Its entry
// locks a deposit like any other state.
//
// Due timers run at the start of a block, ordered by (due, id), within a quarter of the block's
// gas, and of its bytes of receipts and events. One fits when its gas limit and the longest results
// fit into what is left of the quarters; the first that does not ends the run, and the rest is due
// in the next block. A timer that was set within a block is never
// due in it. Whatever becomes of a run, its timer is gone, its gas is paid and a receipt tells.
//
// What a run leaves is what was paid for gas and not used, with the deposits that it freed, its
// entry's among them, less those that it locked. All of that goes to whom the timer names, when the
// run has ended. Only where that is the contract itself may it come to less than nothing: other
// contracts hold other people's money, which is no purse for deposits, and the run fails.
//
// A run stands in the block in front of the transactions, with a receipt and events like one, but
// without bytes of its own: state says what runs, so a block with other runs has another root. Its
// id (receipt.tx_id) is the hash of contract, due time and timer id.
#ifndef LMM_CONTRACT_TIMER_H
#define LMM_CONTRACT_TIMER_H

#include "chaincore/contract/run.h"

struct timer {
    struct account_id contract;
    struct account_id rest_to; // who gets what its run leaves; may be the contract
    struct bytes method;
    struct bytes arguments;
    uint64_t gas_limit;
    uint64_t gas_price;
};

struct timer_place {
    uint64_t due_ms;
    uint64_t id; // counted up over the whole chain
};

void timer_encode(struct buf *out, const struct timer *timer);
// Slices borrow from `in`.
enum status timer_decode(struct timer *out, struct bytes in) MUST_CHECK;

// What a timer costs per gas that is set now: never nothing, else timers could breed.
uint64_t timer_price(const struct params *params);

// Takes the money from the contract's balance. OK, TIMER_BOUND or INSUFFICIENT_FUNDS. *bytes is
// what it adds to the contract's state.
enum tx_code timer_set(struct run_tx *run, const struct timer *timer, struct timer_place *place,
                       int64_t *bytes) MUST_CHECK;
// Pays back. False when the contract has no such timer.
bool timer_cancel(struct run_tx *run, const struct account_id *contract,
                  const struct timer_place *place, int64_t *bytes);

// The runs of one block, in the block's arena; at most LIMIT_BLOCK_TIMERS.
struct timer_runs {
    uint32_t count;
    struct block_tx *runs; // `encoded` is empty
};
// Runs what is due, before the first transaction.
void timers_run(struct apply_block *block, struct timer_runs *out);

// When the next one is due; false when there is none.
bool timer_next_due(const struct state_view *view, uint64_t *due_ms);
// What all timers hold. Walks them: for tests and debug builds.
enum status timer_sum(struct amount *out, const struct state_view *view) MUST_CHECK;

#endif
