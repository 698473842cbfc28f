// SPDX-License-Identifier: Apache-2.0
// Calls from contract to contract. Whatever becomes of one, the caller goes on with its code: a
// call that does not end well left nothing behind but the gas that it used.
#include "chaincore/contract/call.h"
#include "chaincore/contract/host_functions.h"

// A call as the guest describes it: contract, method, its length, arguments, their length.
static enum vm_trap read_target(struct vm_instance *instance, struct host_frame *frame,
                                const uint64_t *arguments, struct call_target *out) {
    uint32_t method_len = (uint32_t)arguments[2], arguments_len = (uint32_t)arguments[4];
    CHARGE(GAS_CALL_OUT + GAS_HOST_BYTE * ((uint64_t)method_len + arguments_len));
    if (method_len == 0 || method_len > LIMIT_METHOD_NAME_BYTES ||
        arguments_len > LIMIT_CALL_ARGUMENT_BYTES)
        return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(contract, arguments[0], sizeof out->contract);
    MEMORY(method, arguments[1], method_len);
    MEMORY(data, arguments[3], arguments_len);
    memcpy(&out->contract, contract, sizeof out->contract);
    out->method = bytes_of(method, method_len);
    // Borrowed from memory that stands still: this contract does not run before the call is over.
    out->arguments = bytes_of(data, arguments_len);
    return VM_TRAP_NONE;
}

static bool is_running(const struct host_frame *frame, const struct account_id *contract) {
    for (; frame; frame = frame->below)
        if (account_id_equal(&frame->self, contract)) return true;
    return false;
}

static enum tx_code call_above(struct vm_instance *instance, struct host_frame *frame,
                               const struct call_target *target, struct run_gas *gas) {
    if (is_running(frame, &target->contract)) return TX_CODE_REENTRY;
    if (frame->depth == LIMIT_CONTRACT_DEPTH) return TX_CODE_CALL_DEPTH;
    struct host_frame above = {.modules = frame->modules,
                               .run = frame->run,
                               .chain_id = frame->chain_id,
                               .tx_id = frame->tx_id,
                               .block_height = frame->block_height,
                               .block_time_ms = frame->block_time_ms,
                               .view = frame->view,
                               .below = frame,
                               .depth = frame->depth + 1,
                               .pages_below = frame->pages_below + vm_instance_pages(instance),
                               .draft = target->kind == CALL_VIEW ? NULL : frame->draft,
                               .caller = frame->self};
    enum tx_code code = call_contract(&above, target, gas);
    if (code == TX_CODE_OK) {
        struct buf answer = frame->answer;
        frame->answer = above.result;
        above.result = answer;
    }
    frame->answer_code = above.contract_code;
    host_frame_clear(&above);
    return code;
}

static enum vm_trap call_out(struct vm_instance *instance, struct host_frame *frame,
                             const struct call_target *target, uint64_t gas_limit,
                             uint64_t *result) {
    uint64_t left = vm_gas_left(instance);
    struct run_gas gas = {.limit = gas_limit < left ? gas_limit : left};
    buf_reset(&frame->answer);
    frame->answer_code = 0;
    *result = call_above(instance, frame, target, &gas);
    CHARGE(gas.used);
    return VM_TRAP_NONE;
}

HOST_FUNCTION(call) {
    struct host_frame *frame = context;
    struct call_target target = {.kind = CALL_METHOD, .value = amount_of_units(arguments[5])};
    ONLY_IN_TRANSACTIONS(frame);
    enum vm_trap trap = read_target(instance, frame, arguments, &target);
    if (trap != VM_TRAP_NONE) return trap;
    return call_out(instance, frame, &target, arguments[6], result);
}

HOST_FUNCTION(view) {
    struct host_frame *frame = context;
    struct call_target target = {.kind = CALL_VIEW};
    enum vm_trap trap = read_target(instance, frame, arguments, &target);
    if (trap != VM_TRAP_NONE) return trap;
    return call_out(instance, frame, &target, arguments[5], result);
}

HOST_FUNCTION(answer_len) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = (uint32_t)frame->answer.len;
    return VM_TRAP_NONE;
}

HOST_FUNCTION(answer_read) {
    struct host_frame *frame = context;
    uint32_t offset = (uint32_t)arguments[1], len = (uint32_t)arguments[2];
    (void)result;
    CHARGE(GAS_HOST_BASE + GAS_HOST_BYTE * (uint64_t)len);
    if (offset > frame->answer.len || len > frame->answer.len - offset)
        return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(out, arguments[0], len);
    if (len > 0) memcpy(out, frame->answer.data + offset, len);
    return VM_TRAP_NONE;
}

HOST_FUNCTION(answer_code) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = frame->answer_code;
    return VM_TRAP_NONE;
}
