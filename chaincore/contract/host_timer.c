// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/host_functions.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/timer.h"

HOST_FUNCTION(timer_set) {
    struct host_frame *frame = context;
    uint32_t method_len = (uint32_t)arguments[2], arguments_len = (uint32_t)arguments[4];
    struct timer timer = {.contract = frame->self, .gas_limit = arguments[5]};
    struct timer_place place = {.due_ms = arguments[0]};
    int64_t bytes;
    ONLY_IN_TRANSACTIONS(frame);
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
