// SPDX-License-Identifier: Apache-2.0
// How a host function is written, and the list of those outside host.c. Internal to contract/.
#ifndef LMM_CONTRACT_HOST_FUNCTIONS_H
#define LMM_CONTRACT_HOST_FUNCTIONS_H

#include "chaincore/contract/gas.h"
#include "chaincore/contract/host.h"

// A function of the host: reads its arguments, fills *result when it has one.
#define HOST_FUNCTION(name)                                               \
    enum vm_trap host_##name(struct vm_instance *instance, void *context, \
                             const uint64_t *arguments, uint64_t *result)

static inline enum vm_trap host_stop(struct host_frame *frame, enum tx_code code) {
    frame->stopped_with = code;
    return VM_TRAP_HOST;
}

#define CHARGE(gas)                                                 \
    do {                                                            \
        if (!vm_charge(instance, (gas))) return VM_TRAP_OUT_OF_GAS; \
    } while (0)
// The one way from a contract's pointer to memory.
#define MEMORY(name, pointer, len)                                             \
    uint8_t *name = vm_memory(instance, (uint32_t)(pointer), (uint32_t)(len)); \
    if (!name) return VM_TRAP_MEMORY_BOUNDS
#define ONLY_IN_TRANSACTIONS(frame) \
    if (!(frame)->draft) return host_stop((frame), TX_CODE_READ_ONLY)

// host_call.c
HOST_FUNCTION(call);
HOST_FUNCTION(view);
HOST_FUNCTION(answer_len);
HOST_FUNCTION(answer_read);
HOST_FUNCTION(answer_code);

// host_timer.c
HOST_FUNCTION(timer_set);
HOST_FUNCTION(timer_set_for);
HOST_FUNCTION(timer_cancel);
HOST_FUNCTION(timer_price);

#endif
