// SPDX-License-Identifier: Apache-2.0
// Entering a contract: from an action, from a timer, from outside, or from another contract.
// Internal to contract/.
#ifndef LMM_CONTRACT_CALL_H
#define LMM_CONTRACT_CALL_H

#include "chaincore/contract/host.h"

enum call_kind { CALL_METHOD, CALL_VIEW };

struct call_target {
    enum call_kind kind;
    struct account_id contract;
    struct bytes method;
    struct bytes arguments;
    struct amount value; // moves from the caller before the contract runs
};

// Runs it in `frame`, which says who calls, what for, and on what state; the rest is filled from
// the target. Unless OK, nothing that the call did remains. The caller clears the frame.
enum tx_code call_contract(struct host_frame *frame, const struct call_target *target,
                           struct run_gas *gas);

// A frame at the bottom of a transaction.
void call_frame_of_run(struct host_frame *out, struct run_tx *run, const struct account_id *caller);

// Gas for a call before its first instruction, by size, so that the cache does not show in it: for
// the code before its module is taken, for the initial memory before an instance is.
bool call_charge_code(struct run_gas *gas, size_t code_len);
// OK, OUT_OF_GAS, or CALL_MEMORY when the calls below leave too little.
enum tx_code call_charge_memory(const struct host_frame *frame, const struct vm_module *module,
                                struct run_gas *gas);
// Runs a function of an instance that is paid for.
enum tx_code call_function(struct host_frame *frame, struct vm_instance *instance,
                           uint32_t function, struct run_gas *gas);

#endif
