// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/run.h"

#include "chaincore/chain/merkle.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/ballot.h"
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

// A module that comes with an action, and its first instance.
struct arrival {
    struct hash code_hash;
    struct vm_module *module;
    struct vm_instance *instance;
};

// Runs `init` or `upgrade` of a module that was just put in place, and settles for all that it
// added. A contract need not have either; it then takes no arguments.
static enum tx_code begin(struct run_tx *run, struct host_frame *frame,
                          const struct arrival *arrival, const char *export_name) {
    enum tx_code code = frame->arguments.len == 0 ? TX_CODE_OK : TX_CODE_UNKNOWN_METHOD;
    uint32_t function;
    if (vm_module_find_function(arrival->module, export_name, "", "", &function))
        code = call_function(frame, arrival->instance, function, &run->gas);
    run->contract_code = frame->contract_code;
    if (code == TX_CODE_OK) code = contract_settle(run, &frame->self, frame->stored_bytes);
    host_frame_clear(frame);
    return code;
}

static bool is_entry(struct bytes name) {
    static const char *const kinds[] = {"call.", "pay.", "view."};
    if (bytes_equal(name, bytes_of_string("init"))) return true;
    if (bytes_equal(name, bytes_of_string("upgrade"))) return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (bytes_start_with(name, bytes_of_string(kinds[i]))) return true;
    return false;
}

// Of another form the chain would never find it, and whoever deployed it would not be told.
static bool has_sound_entries(const struct vm_module *module) {
    struct vm_exported exported;
    for (uint32_t i = 0; vm_module_export(module, i, &exported); i++)
        if (is_entry(exported.name) && !exported.is_bare) return false;
    return true;
}

// Charges for a module that comes with an action, and looks whether it is one. Unless OK, nothing
// is taken.
static enum tx_code take_module(struct run_tx *run, const struct host_frame *frame,
                                struct bytes code, struct arrival *out) {
    struct module_cache *modules = run->block->modules;
    uint64_t price = GAS_DEPLOY_BASE + GAS_DEPLOY_BYTE * (uint64_t)code.len;
    *out = (struct arrival){0};
    if (!run_charge(&run->gas, price)) return TX_CODE_OUT_OF_GAS;
    hash_bytes(&out->code_hash, HASH_CODE, code);
    enum status status = module_cache_take(modules, &out->module, &out->code_hash, code);
    ENSURE(status != STATUS_NO_MEMORY); // what one machine lacks decides no block
    if (status != STATUS_OK) return TX_CODE_BAD_MODULE;
    enum tx_code result = call_charge_memory(frame, out->module, &run->gas);
    if (result == TX_CODE_OK && !has_sound_entries(out->module)) result = TX_CODE_BAD_MODULE;
    if (result == TX_CODE_OK) {
        status = module_cache_instance(modules, &out->instance, out->module);
        ENSURE(status != STATUS_NO_MEMORY);
        if (status != STATUS_OK) result = TX_CODE_BAD_MODULE;
    }
    if (result != TX_CODE_OK) module_cache_give(modules, out->module, NULL);
    return result;
}

enum tx_code run_install(struct run_tx *run, const struct account_id *id,
                         const struct run_module *module) {
    struct state_draft *draft = run->block->draft;
    struct contract_record record = {.right = module->right};
    struct host_frame frame;
    struct arrival arrival;
    struct contract_record other;
    if (contract_load(&other, state_draft_view(draft), id)) return TX_CODE_EXISTS;
    call_frame_of_run(&frame, run, run->tx ? &run->tx->sender : id);
    enum tx_code code = take_module(run, &frame, module->code, &arrival);
    if (code != TX_CODE_OK) return code;
    record.code_hash = arrival.code_hash;
    contract_code_take(draft, &record.code_hash, module->code);
    contract_store(draft, id, &record);
    frame.self = *id;
    frame.arguments = module->arguments;
    // Nobody paid for what stands in genesis; counted, it would thin out what others pay.
    if (run->payer) frame.stored_bytes = CONTRACT_BYTES + (int64_t)module->code.len;
    code = begin(run, &frame, &arrival, "init");
    module_cache_give(run->block->modules, arrival.module, arrival.instance);
    return code;
}

static struct upgrade_right right_of(bool has_upgrader, const struct account_id *upgrader) {
    if (!has_upgrader) return (struct upgrade_right){.kind = UPGRADE_BY_NOBODY};
    return (struct upgrade_right){.kind = UPGRADE_BY_ACCOUNT, .account = *upgrader};
}

enum tx_code run_deploy(struct run_tx *run, const struct tx_action *action, uint32_t action_index) {
    struct account_id id;
    struct run_module module = {
        .code = action->deploy.code,
        .arguments = action->deploy.arguments,
        .right = right_of(action->deploy.has_upgrader, &action->deploy.upgrader)};
    account_id_of_deployed(&id, run->tx_id, action_index);
    return run_install(run, &id, &module);
}

// The account that may, or anybody with what the witnesses have approved; they keep the right.
static bool may_upgrade(struct run_tx *run, const struct upgrade_right *right,
                        const struct tx_action *action) {
    struct approved_upgrade upgrade = {.contract = action->upgrade.contract};
    if (right->kind == UPGRADE_BY_ACCOUNT)
        return account_id_equal(&right->account, &run->tx->sender);
    if (right->kind != UPGRADE_BY_WITNESSES || action->upgrade.has_upgrader) return false;
    hash_bytes(&upgrade.code, HASH_CODE, action->upgrade.code);
    hash_bytes(&upgrade.arguments, HASH_ARGUMENTS, action->upgrade.arguments);
    return ballot_take_upgrade(run->block->draft, &upgrade);
}

enum tx_code run_upgrade(struct run_tx *run, const struct tx_action *action) {
    struct state_draft *draft = run->block->draft;
    const struct account_id *id = &action->upgrade.contract;
    struct contract_record record;
    struct host_frame frame;
    struct arrival arrival;
    struct bytes before;
    if (!contract_load(&record, state_draft_view(draft), id)) return TX_CODE_UNKNOWN_CONTRACT;
    if (!may_upgrade(run, &record.right, action)) return TX_CODE_NOT_UPGRADER;
    bool is_system = record.right.kind == UPGRADE_BY_WITNESSES;
    call_frame_of_run(&frame, run, &run->tx->sender);
    enum tx_code code = take_module(run, &frame, action->upgrade.code, &arrival);
    if (code != TX_CODE_OK) return code;
    ENSURE(contract_code(state_draft_view(draft), &record.code_hash, &before));
    frame.self = *id;
    frame.arguments = action->upgrade.arguments;
    if (!is_system) // whose code nobody pays for
        frame.stored_bytes = (int64_t)action->upgrade.code.len - (int64_t)before.len;
    contract_code_take(draft, &arrival.code_hash, action->upgrade.code);
    contract_code_leave(draft, &record.code_hash);
    record.code_hash = arrival.code_hash;
    if (!is_system)
        record.right = right_of(action->upgrade.has_upgrader, &action->upgrade.upgrader);
    contract_store(draft, id, &record);
    code = begin(run, &frame, &arrival, "upgrade");
    module_cache_give(run->block->modules, arrival.module, arrival.instance);
    return code;
}

static void make_events_root(struct hash *out, const struct block_tx *tx) {
    struct hash leaves[LIMIT_TX_EVENTS];
    for (uint32_t i = 0; i < tx->event_count; i++) event_leaf(&leaves[i], &tx->events[i]);
    merkle_list_root(out, leaves, tx->event_count);
}

static struct hash no_events_root(struct apply_block *block) {
    if (!block->has_no_events_root) merkle_list_root(&block->no_events_root, NULL, 0);
    block->has_no_events_root = true;
    return block->no_events_root;
}

void run_receipt(struct block_tx *out, const struct run_tx *run, enum tx_code code) {
    out->receipt = (struct receipt){.tx_id = *run->tx_id,
                                    .code = (uint16_t)code,
                                    .contract_code = run->contract_code,
                                    .gas_used = run->gas.used};
    if (code != TX_CODE_CONTRACT_REFUSED) out->receipt.contract_code = 0;
    out->event_count = code == TX_CODE_OK ? run->event_count : 0;
    out->events = run->events;
    if (out->event_count > 0)
        make_events_root(&out->receipt.events_root, out);
    else
        out->receipt.events_root = no_events_root(run->block);
    run->block->result_bytes += block_tx_result_bytes(out);
}

enum tx_code run_lock_deposit(struct run_tx *run, struct deposit *deposit, uint64_t bytes) {
    struct account payer;
    struct amount cost, left;
    uint64_t price = run->payer ? run->block->params.deposit_per_byte : 0;
    if (deposit_grow(deposit, bytes, price, &cost) != STATUS_OK ||
        amount_sub(&left, run->deposit_left, cost) != STATUS_OK)
        return TX_CODE_DEPOSIT_LIMIT;
    run->deposit_left = left;
    if (amount_is_zero(cost)) return TX_CODE_OK;
    if (run->is_timer) {
        // All together less than deposit_left was.
        ENSURE(amount_add(&run->locked, run->locked, cost) == STATUS_OK);
        return TX_CODE_OK;
    }
    account_load(&payer, state_draft_view(run->block->draft), run->payer);
    if (amount_sub(&payer.balance, payer.balance, cost) != STATUS_OK)
        return TX_CODE_INSUFFICIENT_FUNDS;
    payer.last_used = run->block->height;
    account_store(run->block->draft, run->payer, &payer);
    return TX_CODE_OK;
}

void run_return_deposit(struct run_tx *run, struct deposit *deposit, uint64_t bytes) {
    struct amount back = deposit_shrink(deposit, bytes);
    if (amount_is_zero(back)) return;
    // Nothing is freed before there is somebody to pay: genesis only adds, and locks nothing.
    ENSURE(run->payer);
    if (run->is_timer) {
        ENSURE(amount_add(&run->freed, run->freed, back) == STATUS_OK); // below the supply
        return;
    }
    account_pay_in(run->block, run->payer, back);
}
