// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/call.h"

#include "chaincore/contract/gas.h"
#include "chaincore/contract/transfer.h"

enum { EXPORT_NAME_MAX = 8 + LIMIT_METHOD_NAME_BYTES };

static enum tx_code code_of_trap(enum vm_trap trap, const struct host_frame *frame) {
    switch (trap) {
    case VM_TRAP_NONE:
        return TX_CODE_OK;
    case VM_TRAP_OUT_OF_GAS:
        return TX_CODE_OUT_OF_GAS;
    case VM_TRAP_UNREACHABLE:
        return TX_CODE_TRAP_UNREACHABLE;
    case VM_TRAP_MEMORY_BOUNDS:
        return TX_CODE_TRAP_MEMORY;
    case VM_TRAP_DIVIDE_BY_ZERO:
    case VM_TRAP_INTEGER_OVERFLOW:
    case VM_TRAP_INVALID_CONVERSION:
        return TX_CODE_TRAP_ARITHMETIC;
    case VM_TRAP_TABLE_BOUNDS:
    case VM_TRAP_INDIRECT_UNDEFINED:
    case VM_TRAP_INDIRECT_TYPE:
    case VM_TRAP_INDIRECT_NULL:
        return TX_CODE_TRAP_CALL;
    case VM_TRAP_CALL_DEPTH:
    case VM_TRAP_STACK:
        return TX_CODE_TRAP_STACK;
    case VM_TRAP_HOST:
        return frame->stopped_with;
    }
    ENSURE(false && "a trap");
    return TX_CODE_TRAP_UNREACHABLE;
}

void host_frame_clear(struct host_frame *frame) {
    buf_clear(&frame->result);
    buf_clear(&frame->answer);
}

void call_frame_of_run(struct host_frame *out, struct run_tx *run,
                       const struct account_id *caller) {
    *out = (struct host_frame){.modules = run->block->modules,
                               .run = run,
                               .chain_id = run->block->chain_id,
                               .block_height = run->block->height,
                               .block_time_ms = run->block->time_ms,
                               .view = state_draft_view(run->block->draft),
                               .depth = 1,
                               .draft = run->block->draft,
                               .caller = *caller};
    if (run->tx_id) out->tx_id = *run->tx_id;
}

bool call_charge_code(struct run_gas *gas, size_t code_len) {
    return run_charge(gas,
                      GAS_CALL_BASE + GAS_CALL_CODE_KIB * (((uint64_t)code_len + 1023) / 1024));
}

enum tx_code call_charge_memory(const struct host_frame *frame, const struct vm_module *module,
                                struct run_gas *gas) {
    uint32_t pages = vm_module_initial_pages(module);
    if (!run_charge(gas, GAS_CALL_PAGE * (uint64_t)pages)) return TX_CODE_OUT_OF_GAS;
    return pages > LIMIT_CALL_PAGES - frame->pages_below ? TX_CODE_CALL_MEMORY : TX_CODE_OK;
}

enum tx_code call_function(struct host_frame *frame, struct vm_instance *instance,
                           uint32_t function, struct run_gas *gas) {
    struct vm_call call = {.function = function,
                           .gas_limit = gas->limit - gas->used,
                           .context = frame,
                           .has_page_limit = true,
                           .page_limit = LIMIT_CALL_PAGES - frame->pages_below};
    enum vm_trap trap = vm_call(instance, &call);
    ENSURE(run_charge(gas, call.gas_used));
    return code_of_trap(trap, frame);
}

static bool find_method(const struct vm_module *module, const char *kind, struct bytes method,
                        uint32_t *function) {
    char name[EXPORT_NAME_MAX];
    size_t len = strlen(kind);
    memcpy(name, kind, len);
    memcpy(name + len, method.data, method.len);
    name[len + method.len] = '\0';
    return strlen(name) == len + method.len &&
           vm_module_find_function(module, name, "", "", function);
}

// Money may come with a method that is exported as "pay.name" alone: what does not expect it would
// hold it for ever.
static enum tx_code find_target(const struct vm_module *module, const struct call_target *target,
                                uint32_t *function) {
    bool is_free = amount_is_zero(target->value);
    if (target->method.len > LIMIT_METHOD_NAME_BYTES) return TX_CODE_UNKNOWN_METHOD;
    if (target->kind == CALL_VIEW)
        return find_method(module, "view.", target->method, function) ? TX_CODE_OK
                                                                      : TX_CODE_UNKNOWN_METHOD;
    bool is_there = find_method(module, "call.", target->method, function);
    if (is_free && is_there) return TX_CODE_OK;
    if (find_method(module, "pay.", target->method, function)) return TX_CODE_OK;
    return is_there ? TX_CODE_NOT_PAYABLE : TX_CODE_UNKNOWN_METHOD;
}

// An instance is made only once it is paid for: a call that fails before must not cost a reset of
// all that the module has.
static enum tx_code run_in(struct host_frame *frame, struct vm_module *module, uint32_t function,
                           struct run_gas *gas) {
    struct vm_instance *instance = NULL;
    enum tx_code code = call_charge_memory(frame, module, gas);
    if (code == TX_CODE_OK) {
        ENSURE(module_cache_instance(frame->modules, &instance, module) == STATUS_OK);
        code = call_function(frame, instance, function, gas);
    }
    module_cache_give(frame->modules, module, instance);
    return code;
}

static enum tx_code run_target(struct host_frame *frame, const struct call_target *target,
                               struct run_gas *gas) {
    struct contract_record record;
    struct bytes code;
    struct vm_module *module;
    uint32_t function = 0;
    if (!contract_load(&record, frame->view, &frame->self)) return TX_CODE_UNKNOWN_CONTRACT;
    ENSURE(contract_code(frame->view, &record.code_hash, &code));
    if (!call_charge_code(gas, code.len)) return TX_CODE_OUT_OF_GAS;
    // Deployed code was accepted once; only memory can be short, and that must not decide a block.
    ENSURE(module_cache_take(frame->modules, &module, &record.code_hash, code) == STATUS_OK);
    enum tx_code result = find_target(module, target, &function);
    if (result == TX_CODE_OK) return run_in(frame, module, function, gas);
    module_cache_give(frame->modules, module, NULL);
    return result;
}

enum tx_code call_contract(struct host_frame *frame, const struct call_target *target,
                           struct run_gas *gas) {
    enum tx_code code = TX_CODE_OK;
    size_t savepoint = frame->draft ? state_savepoint(frame->draft) : 0;
    struct run_tx before = {0};
    struct arena_mark mark = {0};
    if (frame->draft) {
        before = *frame->run;
        mark = arena_mark(frame->run->block->arena);
    }
    frame->self = target->contract;
    frame->arguments = target->arguments;
    frame->value = target->value;
    if (!amount_is_zero(target->value)) {
        struct transfer transfer = {
            .from = &frame->caller, .to = &frame->self, .amount = frame->value};
        if (!run_charge(gas, transfer_gas(&transfer, frame->view))) return TX_CODE_OUT_OF_GAS;
        code = transfer_make(frame->run, &transfer);
    }
    if (code == TX_CODE_OK) code = run_target(frame, target, gas);
    if (code == TX_CODE_OK && frame->draft)
        code = contract_settle(frame->run, &frame->self, frame->stored_bytes);
    if (code != TX_CODE_CONTRACT_REFUSED) frame->contract_code = 0;
    if (code != TX_CODE_OK && frame->draft) {
        state_rollback(frame->draft, savepoint);
        // Events are all that a call leaves in the block's memory; many calls may fail in a block.
        arena_rewind(frame->run->block->arena, mark);
        frame->run->events = before.events;
        frame->run->event_capacity = before.event_capacity;
        frame->run->event_count = before.event_count;
        frame->run->event_bytes = before.event_bytes;
        frame->run->deposit_left = before.deposit_left;
        frame->run->locked = before.locked;
        frame->run->freed = before.freed;
    }
    return code;
}
