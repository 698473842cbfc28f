// SPDX-License-Identifier: Apache-2.0
// A chain of one contract, for contracts compiled natively: the functions of chaincore/sdk/lmm.h
// over a state in memory, so that sanitizers, coverage and property tests see the contract's own
// code. It keeps the chain's rules where a contract can notice them: bounds, all or nothing, a
// fresh memory for every call, views that change nothing. There is no gas, nobody pays deposits,
// and other contracts are what the test says they are.
//
// A contract is a shared library (see compile_native in chaincore/sdk/sdk.am); programs that use
// this export their own symbols to it. Its variables are put back before each call, by the
// library's symbol table. One mock at a time; not thread-safe.
#ifndef LMM_TESTS_MOCK_HOST_H
#define LMM_TESTS_MOCK_HOST_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/receipt.h"

struct mock_transfer {
    struct account_id to;
    uint64_t sent; // base units
};

struct mock_timer {
    uint64_t due_ms;
    uint64_t id;
    uint64_t gas;
    uint64_t price;
    struct account_id rest_to;
    char method[65];
    struct bytes arguments;
};

// What another contract does when it is called: the code, and what it returns in *answer.
typedef enum tx_code mock_contract(void *context, const struct account_id *contract,
                                   struct bytes method, struct bytes arguments, struct buf *answer);

struct mock {
    // set by the test
    struct account_id self, caller;
    struct hash chain_id, tx_id;
    uint64_t height, time_ms;
    uint64_t balance; // of the contract; calls with a value add to it
    uint64_t timer_price;
    uint32_t timer_left;   // percent of a timer's gas that its run leaves; it comes back
    uint32_t depth;        // 1: called by a transaction or a timer
    mock_contract *others; // NULL: there are none
    void *context;
    // of the last call; a call that failed has neither events nor transfers
    uint32_t refused_with;
    struct buf result;
    size_t event_count;
    struct event *events;
    size_t transfer_count;
    struct mock_transfer *transfers;
    // of all calls that went well
    size_t timer_count;
    struct mock_timer *timers;
    struct mock_chain *chain; // the rest
};

// NULL when there is no such library, or it has no symbol table to reset it by.
struct mock *mock_open(const char *library);
void mock_close(struct mock *mock);

// Runs an export by its name: "call.add", "pay.give", "view.total", "init". UNKNOWN_METHOD,
// NOT_PAYABLE as on the chain; a contract that traps ends the process.
enum tx_code mock_call(struct mock *mock, const char *export_name, struct bytes arguments,
                       uint64_t value);
// Moves time on and runs what is due, in order. How many ran; *failed counts those that failed.
size_t mock_run_timers(struct mock *mock, uint64_t time_ms, size_t *failed);
// Runs the first that is due by now; false when none is. *timer is the one that ran, and borrows
// until the mock is closed.
bool mock_run_timer(struct mock *mock, struct mock_timer *timer, enum tx_code *code);
// What all calls that went well have sent to the account, in all.
uint64_t mock_paid(const struct mock *mock, const struct account_id *to);
// What runs of timers have left to the account in all; of those that are the contract's own it goes
// to the balance.
uint64_t mock_left_by_timers(const struct mock *mock, const struct account_id *to);
// Borrowed until the next call. False when there is none.
bool mock_stored(const struct mock *mock, struct bytes key, struct bytes *value);
uint64_t mock_storage_count(const struct mock *mock);

#endif
