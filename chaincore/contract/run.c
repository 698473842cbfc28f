// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/run.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/call.h"
#include "chaincore/contract/gas.h"

enum tx_code run_call(struct run_tx *run, const struct tx_action *action) {
    struct host_frame frame;
    struct call_target target = {.kind = CALL_METHOD,
                                 .contract = action->call.contract,
                                 .method = action->call.method,
                                 .arguments = action->call.arguments,
                                 .value = action->call.value};
    call_frame_of_run(&frame, run, &run->tx->sender);
    enum tx_code code = call_contract(&frame, &target, &run->gas);
    run->contract_code = frame.contract_code;
    host_frame_clear(&frame);
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

// A contract need not have an init; it then takes no arguments either.
static enum tx_code run_init(struct host_frame *frame, struct vm_instance *instance,
                             struct run_gas *gas) {
    enum tx_code code = call_export(frame, instance, "init", gas);
    return code == TX_CODE_UNKNOWN_METHOD && frame->arguments.len == 0 ? TX_CODE_OK : code;
}

enum tx_code run_install(struct run_tx *run, const struct account_id *id, struct bytes code,
                         struct bytes arguments) {
    struct module_cache *modules = run->block->modules;
    struct host_frame frame;
    struct hash code_hash;
    struct vm_instance *instance;
    uint64_t price = GAS_DEPLOY_BASE + GAS_DEPLOY_BYTE * (uint64_t)code.len;
    if (!run_charge(&run->gas, price)) return TX_CODE_OUT_OF_GAS;
    if (contract_exists(state_draft_view(run->block->draft), id)) return TX_CODE_EXISTS;
    hash_bytes(&code_hash, HASH_CODE, code);
    if (module_cache_take(modules, &instance, &code_hash, code) != STATUS_OK)
        return TX_CODE_BAD_MODULE;
    store_contract(run->block->draft, id, &code_hash, code);
    call_frame_of_run(&frame, run, run->tx ? &run->tx->sender : id);
    frame.self = *id;
    frame.arguments = arguments;
    enum tx_code outcome = run_init(&frame, instance, &run->gas);
    module_cache_give(modules, instance);
    run->contract_code = frame.contract_code;
    host_frame_clear(&frame);
    return outcome;
}

enum tx_code run_deploy(struct run_tx *run, const struct tx_action *action, uint32_t action_index) {
    struct account_id id;
    account_id_of_deployed(&id, run->tx_id, action_index);
    return run_install(run, &id, action->deploy.code, action->deploy.arguments);
}
