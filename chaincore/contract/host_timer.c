// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/host_functions.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/timer.h"

// The arguments of timer_set.
static enum vm_trap set_timer(struct vm_instance *instance, struct host_frame *frame,
                              const struct account_id *rest_to, const uint64_t *arguments,
                              uint64_t *result) {
    uint32_t method_len = (uint32_t)arguments[2], arguments_len = (uint32_t)arguments[4];
    struct timer timer = {.contract = frame->self, .rest_to = *rest_to, .gas_limit = arguments[5]};
    struct timer_place place = {.due_ms = arguments[0]};
    int64_t bytes;
    CHARGE(GAS_TIMER_SET + GAS_STORAGE_WRITE_BYTE * ((uint64_t)method_len + arguments_len));
    MEMORY(method, arguments[1], method_len);
    MEMORY(data, arguments[3], arguments_len);
    timer.method = bytes_of(method, method_len);
    timer.arguments = bytes_of(data, arguments_len);
    enum tx_code code = timer_set(frame->run, &timer, &place, &bytes);
    if (code != TX_CODE_OK) return host_stop(frame, code);
    frame->stored_bytes += bytes;
    *result = place.id;
    return VM_TRAP_NONE;
}

HOST_FUNCTION(timer_set) {
    struct host_frame *frame = context;
    ONLY_IN_TRANSACTIONS(frame);
    return set_timer(instance, frame, &frame->self, arguments, result);
}

HOST_FUNCTION(timer_set_for) {
    struct host_frame *frame = context;
    struct account_id rest_to;
    ONLY_IN_TRANSACTIONS(frame);
    CHARGE(GAS_TIMER_REST);
    MEMORY(account, arguments[0], sizeof rest_to);
    memcpy(&rest_to, account, sizeof rest_to);
    return set_timer(instance, frame, &rest_to, arguments + 1, result);
}

HOST_FUNCTION(timer_cancel) {
    struct host_frame *frame = context;
    struct timer_place place = {.due_ms = arguments[0], .id = arguments[1]};
    int64_t bytes = 0;
    ONLY_IN_TRANSACTIONS(frame);
    CHARGE(GAS_TIMER_SET);
    *result = timer_cancel(frame->run, &frame->self, &place, &bytes);
    frame->stored_bytes += bytes;
    return VM_TRAP_NONE;
}

HOST_FUNCTION(timer_price) {
    const struct host_frame *frame = context;
    struct params params;
    (void)arguments;
    // A view from outside has no block that knows the parameters: there they are read from the
    // state.
    CHARGE(frame->run ? GAS_HOST_BASE : GAS_STORAGE_READ);
    if (frame->run)
        params = frame->run->block->params;
    else
        parameters_load(&params, frame->view);
    *result = timer_price(&params);
    return VM_TRAP_NONE;
}
