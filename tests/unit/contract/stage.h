// SPDX-License-Identifier: Apache-2.0
// Puppets (tests/support/puppet.c) on a state of their own, without a node: scripts, transactions
// applied one by one, and what came of them.
#ifndef LMM_TESTS_STAGE_H
#define LMM_TESTS_STAGE_H

#include "chaincore/contract/account.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/timer.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"

enum { STAGE_PUPPETS = 20, STAGE_GAS = 100000000 };
static const uint64_t ALL_GAS = UINT64_MAX;

struct stage {
    struct state *state;
    struct module_cache *modules;
    struct arena arena;
    struct apply_block block;
    struct buf code;
    struct account_id user, sponsor; // with 1,000 LMM each
    struct account_id puppets[STAGE_PUPPETS];
    struct tx tx;         // the last one
    struct block_tx done; // and what came of it
    uint64_t next_seq;
    struct timer_runs timers; // of this block
};

void stage_init(struct stage *stage);
void stage_clear(struct stage *stage);
// The next transaction of the user: no actions yet.
struct tx *stage_begin(struct stage *stage);
void stage_add_call(struct stage *stage, int puppet, const char *method, const struct buf *script,
                    uint64_t value);
// Applies it; the code's name.
const char *stage_apply(struct stage *stage);
// All of it, for one call of `act` (of `pay` with a value).
const char *stage_act(struct stage *stage, int puppet, const struct buf *script, uint64_t value);
// A later block: fees of the one before are paid out, due timers run.
void stage_next_block(struct stage *stage, uint64_t time_ms);
uint64_t stage_balance(const struct stage *stage, const struct account_id *id);
// A view, on the draft.
const char *stage_look(struct stage *stage, int puppet, const struct buf *script, struct buf *out);
// The value that a puppet stored under a key; empty when there is none.
struct bytes stage_stored(const struct stage *stage, int puppet, const char *key);

// The bytes that a puppet's deposit counts, held against what the state holds of it.
uint64_t stage_counted_bytes(const struct stage *stage, const struct account_id *contract);
void stage_add_code(struct stage *stage, enum tx_action_kind kind,
                    const struct account_id *contract, struct bytes code,
                    const struct account_id *upgrader);

// Scripts, act by act.
void script_set(struct buf *out, const char *key, const char *value);
void script_delete(struct buf *out, const char *key);
void script_call(struct buf *out, enum puppet_act act, const struct account_id *contract,
                 const char *method, const struct buf *script);
// The same with a value and a limit.
void script_call_with(struct buf *out, const struct account_id *contract, const struct buf *script,
                      uint64_t value, uint64_t gas);
void script_numbers(struct buf *out, enum puppet_act act, const uint32_t *numbers, size_t count);
void script_transfer(struct buf *out, const struct account_id *to, uint64_t units);
void script_event(struct buf *out, const char *topic);
// Events "loud" that are so many bytes together, as encoded: at least STAGE_LOUD_BYTES.
enum { STAGE_LOUD_BYTES = 32 + 4 + 4 + 4 };
void script_shouts(struct buf *out, size_t bytes);

// The last transaction's events.
void check_event(const struct stage *stage, uint32_t index, const char *topic);
// Of an event "came": the code that a call ended with.
void check_came(const struct stage *stage, uint32_t index, const char *code);

#endif
