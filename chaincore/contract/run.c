// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/run.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/gas.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/view.h"

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

// The code hash of a contract, and its code. UNKNOWN_CONTRACT when there is none.
static enum tx_code find_code(const struct state_view *view, const struct account_id *contract,
                              struct hash *code_hash, struct bytes *code) {
    struct state_key key;
    struct bytes value;
    state_key_make(&key, STATE_CONTRACT, contract, bytes_of("", 0));
    if (!state_get(view, state_key_bytes(&key), &value)) return TX_CODE_UNKNOWN_CONTRACT;
    ENSURE(value.len == sizeof *code_hash);
    memcpy(code_hash, value.data, sizeof *code_hash);
    state_key_make(&key, STATE_CODE, code_hash, bytes_of("", 0));
    ENSURE(state_get(view, state_key_bytes(&key), code));
    return TX_CODE_OK;
}

struct invocation {
    struct module_cache *modules;
    const char *export; // "call.name"
    struct host_frame *frame;
    struct run_gas *gas;
};

// Gas for a call before its first instruction: by size, so that the cache does not show in it.
static bool charge_entry(struct run_gas *gas, size_t code_len, uint32_t pages) {
    uint64_t kib = (code_len + 1023) / 1024;
    return run_charge(gas, GAS_CALL_BASE + GAS_CALL_CODE_KIB * kib) &&
           run_charge(gas, GAS_CALL_PAGE * (uint64_t)pages);
}

static enum tx_code invoke(const struct invocation *invocation, struct vm_instance *instance,
                           size_t code_len) {
    const struct vm_module *module = vm_instance_module(instance);
    struct host_frame *frame = invocation->frame;
    struct run_gas *gas = invocation->gas;
    uint32_t function;
    if (!vm_module_find_function(module, invocation->export, "", "", &function))
        return TX_CODE_UNKNOWN_METHOD;
    if (!charge_entry(gas, code_len, vm_module_initial_pages(module))) return TX_CODE_OUT_OF_GAS;
    struct vm_call call = {
        .function = function, .gas_limit = gas->limit - gas->used, .context = frame};
    enum vm_trap trap = vm_call(instance, &call);
    ENSURE(run_charge(gas, call.gas_used));
    return code_of_trap(trap, frame);
}

static enum tx_code run_contract(const struct invocation *invocation) {
    struct host_frame *frame = invocation->frame;
    struct hash code_hash;
    struct bytes code;
    struct vm_instance *instance;
    enum tx_code result = find_code(frame->view, &frame->self, &code_hash, &code);
    if (result != TX_CODE_OK) return result;
    // Deployed code was accepted once; only memory can be short, and that must not decide a block.
    ENSURE(module_cache_take(invocation->modules, &instance, &code_hash, code) == STATUS_OK);
    result = invoke(invocation, instance, code.len);
    module_cache_give(invocation->modules, instance);
    return result;
}

static void make_frame(struct host_frame *out, struct run_tx *run, const struct account_id *self,
                       struct bytes arguments, struct buf *result) {
    *out = (struct host_frame){.view = state_draft_view(run->block->draft),
                               .draft = run->block->draft,
                               .run = run,
                               .self = *self,
                               .block_height = run->block->height,
                               .block_time_ms = run->block->time_ms,
                               .arguments = arguments,
                               .result = result};
    if (run->tx) out->caller = run->tx->sender;
    if (run->tx_id) out->tx_id = *run->tx_id;
}

// "call." or "view." and the method's name, as an export is named.
static void export_name(char out[8 + LIMIT_METHOD_NAME_BYTES], const char *kind,
                        struct bytes method) {
    size_t len = strlen(kind);
    memcpy(out, kind, len);
    memcpy(out + len, method.data, method.len);
    out[len + method.len] = '\0';
}

enum tx_code run_call(struct run_tx *run, const struct tx_action *action) {
    struct host_frame frame;
    struct buf result = {0};
    char export[8 + LIMIT_METHOD_NAME_BYTES];
    export_name(export, "call.", action->call.method);
    make_frame(&frame, run, &action->call.contract, action->call.arguments, &result);
    frame.value = action->call.value;
    enum tx_code code = TX_CODE_OK;
    if (!amount_is_zero(frame.value)) {
        if (!run_charge(&run->gas, GAS_TRANSFER)) return TX_CODE_OUT_OF_GAS;
        code = (enum tx_code)account_transfer(run->block->draft, &run->tx->sender, &frame.self,
                                              frame.value);
    }
    struct invocation invocation = {
        .modules = run->block->modules, .export = export, .frame = &frame, .gas = &run->gas};
    if (code == TX_CODE_OK) code = run_contract(&invocation);
    run->contract_code = frame.contract_code;
    buf_clear(&result);
    return code;
}

static bool contract_exists(const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    state_key_make(&key, STATE_CONTRACT, id, bytes_of("", 0));
    return state_get(view, state_key_bytes(&key), &value);
}

static void store_contract(struct state_draft *draft, const struct account_id *id,
                           const struct hash *code_hash, struct bytes code) {
    struct state_key key;
    state_key_make(&key, STATE_CODE, code_hash, bytes_of("", 0));
    state_put(draft, state_key_bytes(&key), code);
    state_key_make(&key, STATE_CONTRACT, id, bytes_of("", 0));
    state_put(draft, state_key_bytes(&key), BYTES_OF(code_hash->bytes));
}

enum tx_code run_install(struct run_tx *run, const struct account_id *id, struct bytes code,
                         struct bytes arguments) {
    struct module_cache *modules = run->block->modules;
    struct host_frame frame;
    struct buf result = {0};
    struct hash code_hash;
    struct vm_instance *instance;
    uint64_t price = GAS_DEPLOY_BASE + GAS_DEPLOY_BYTE * (uint64_t)code.len;
    if (!run_charge(&run->gas, price)) return TX_CODE_OUT_OF_GAS;
    if (contract_exists(state_draft_view(run->block->draft), id)) return TX_CODE_EXISTS;
    hash_bytes(&code_hash, HASH_CODE, code);
    if (module_cache_take(modules, &instance, &code_hash, code) != STATUS_OK)
        return TX_CODE_BAD_MODULE;
    store_contract(run->block->draft, id, &code_hash, code);
    make_frame(&frame, run, id, arguments, &result);
    struct invocation invocation = {
        .modules = modules, .export = "init", .frame = &frame, .gas = &run->gas};
    enum tx_code outcome = invoke(&invocation, instance, code.len);
    module_cache_give(modules, instance);
    // A contract need not have an init; it then takes no arguments either.
    if (outcome == TX_CODE_UNKNOWN_METHOD && arguments.len == 0) outcome = TX_CODE_OK;
    run->contract_code = frame.contract_code;
    buf_clear(&result);
    return outcome;
}

enum tx_code run_deploy(struct run_tx *run, const struct tx_action *action, uint32_t action_index) {
    struct account_id id;
    account_id_of_deployed(&id, run->tx_id, action_index);
    return run_install(run, &id, action->deploy.code, action->deploy.arguments);
}

enum tx_code view_call(struct buf *out, const struct view_request *request,
                       uint32_t *contract_code) {
    struct host_frame frame = {.view = request->view,
                               .self = *request->contract,
                               .block_height = request->height,
                               .block_time_ms = request->time_ms,
                               .arguments = request->arguments};
    char export[8 + LIMIT_METHOD_NAME_BYTES];
    struct buf result = {0};
    struct run_gas gas = {.limit = request->gas_limit};
    *contract_code = 0;
    if (request->method.len > LIMIT_METHOD_NAME_BYTES) return TX_CODE_UNKNOWN_METHOD;
    export_name(export, "view.", request->method);
    frame.result = &result;
    struct invocation invocation = {
        .modules = request->modules, .export = export, .frame = &frame, .gas = &gas};
    enum tx_code code = run_contract(&invocation);
    if (code == TX_CODE_OK) buf_append(out, buf_bytes(&result));
    if (code == TX_CODE_CONTRACT_REFUSED) *contract_code = frame.contract_code;
    buf_clear(&result);
    return code;
}
