// SPDX-License-Identifier: Apache-2.0
// Contracts of the table of attacks on a state of their own, without a node.
#ifndef LMM_TESTS_GAS_STAGE_H
#define LMM_TESTS_GAS_STAGE_H

#include "chaincore/contract/call.h"
#include "tests/bench/gas_table.h"

enum { STAGE_RUNS = 5, STAGE_TIMERS = 1000, OTHER_AT = 64, METHOD_AT = 96 };

struct gas_stage {
    struct state *state;
    struct state_version *version;
    struct module_cache *modules;
    struct arena arena;
    struct apply_block block;
    struct account_id other; // a contract with a method "run" that does nothing
    uint8_t next;            // number of the next contract
};
extern struct gas_stage gas_stage;

void gas_stage_open(void);
void gas_stage_close(void);
void gas_stage_begin(void); // a block
void gas_stage_commit(void);
void gas_stage_drop(void);

// A contract with money of its own; the gas that its deployment used, unless NULL.
struct account_id gas_stage_install(struct bytes code, uint64_t *gas);
// The id of the next one.
struct account_id gas_stage_next_id(void);
// "run" of a contract, which must go well, within the block.
void gas_stage_call(const struct account_id *contract, struct run_gas *gas);

// So many timers of `other` as above, due at once, in a block of their own: the time of all runs,
// the best of some, with what the state and the tallies take. Afterwards the state is as before.
struct stage_timers {
    const char *method;
    bool is_for_many; // what each leaves goes to an account of its own: 0, 1, 2, …
};
double gas_stage_time_timers(const struct stage_timers *timers, uint64_t *gas);

// Imports a function of the host, the first as number 0.
void gas_import(struct attack *attack, const char *name);
// Instructions that store the bytes in memory.
void gas_put_bytes(struct buf *out, uint32_t at, const void *data, size_t len);
// A contract of this attack, in a block of its own.
struct account_id gas_stage_deploy(struct attack *attack);

#endif
