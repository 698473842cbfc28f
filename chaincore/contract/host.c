// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/host_functions.h"
#include "chaincore/contract/transfer.h"

static enum vm_trap read_key(struct vm_instance *instance, struct host_frame *frame,
                             const uint64_t *arguments, struct state_key *out) {
    uint32_t len = (uint32_t)arguments[1];
    if (len == 0 || len > LIMIT_STORAGE_KEY_BYTES) return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(key, arguments[0], len);
    state_key_make(out, STATE_STORAGE, &frame->self, bytes_of(key, len));
    return VM_TRAP_NONE;
}

// Counts what an entry of the contract's is about to change to; below zero: it goes away.
static void note_entry(struct host_frame *frame, const struct state_key *key, int64_t value_len) {
    struct bytes before;
    int64_t flat = DEPOSIT_ENTRY_BYTES + (key->len - STATE_KEY_PREFIX);
    if (state_get(frame->view, state_key_bytes(key), &before))
        frame->stored_bytes -= flat + (int64_t)before.len;
    if (value_len >= 0) frame->stored_bytes += flat + value_len;
}

static HOST_FUNCTION(storage_get) {
    struct host_frame *frame = context;
    struct state_key key;
    struct bytes value;
    CHARGE(GAS_STORAGE_READ);
    enum vm_trap trap = read_key(instance, frame, arguments, &key);
    if (trap != VM_TRAP_NONE) return trap;
    uint32_t capacity = (uint32_t)arguments[3];
    MEMORY(out, arguments[2], capacity);
    if (!state_get(frame->view, state_key_bytes(&key), &value)) {
        *result = (uint32_t)-1;
        return VM_TRAP_NONE;
    }
    size_t copied = value.len < capacity ? value.len : capacity;
    CHARGE(GAS_HOST_BYTE * (uint64_t)copied);
    if (copied > 0) memcpy(out, value.data, copied);
    *result = (uint32_t)value.len;
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(storage_set) {
    struct host_frame *frame = context;
    struct state_key key;
    (void)result;
    ONLY_IN_TRANSACTIONS(frame);
    uint32_t len = (uint32_t)arguments[3];
    if (len > LIMIT_STORAGE_VALUE_BYTES) return host_stop(frame, TX_CODE_HOST_BOUND);
    CHARGE(GAS_STORAGE_WRITE + GAS_STORAGE_WRITE_BYTE * (arguments[1] + (uint64_t)len));
    enum vm_trap trap = read_key(instance, frame, arguments, &key);
    if (trap != VM_TRAP_NONE) return trap;
    MEMORY(value, arguments[2], len);
    note_entry(frame, &key, (int64_t)len);
    state_put(frame->draft, state_key_bytes(&key), bytes_of(value, len));
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(storage_delete) {
    struct host_frame *frame = context;
    struct state_key key;
    struct bytes value;
    ONLY_IN_TRANSACTIONS(frame);
    CHARGE(GAS_STORAGE_WRITE);
    enum vm_trap trap = read_key(instance, frame, arguments, &key);
    if (trap != VM_TRAP_NONE) return trap;
    *result = state_get(frame->view, state_key_bytes(&key), &value);
    if (*result) note_entry(frame, &key, -1);
    if (*result) state_delete(frame->draft, state_key_bytes(&key));
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(storage_next) {
    struct host_frame *frame = context;
    struct state_key prefix, after;
    struct bytes key, value, after_bytes = bytes_of("", 0);
    uint32_t prefix_len = (uint32_t)arguments[1], after_len = (uint32_t)arguments[3];
    CHARGE(GAS_STORAGE_NEXT);
    if (prefix_len > LIMIT_STORAGE_KEY_BYTES || after_len > LIMIT_STORAGE_KEY_BYTES)
        return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(prefix_data, arguments[0], prefix_len);
    MEMORY(after_data, arguments[2], after_len);
    MEMORY(out, arguments[4], LIMIT_STORAGE_KEY_BYTES);
    state_key_make(&prefix, STATE_STORAGE, &frame->self, bytes_of(prefix_data, prefix_len));
    if (after_len > 0) {
        state_key_make(&after, STATE_STORAGE, &frame->self, bytes_of(after_data, after_len));
        after_bytes = state_key_bytes(&after);
    }
    if (!state_next(frame->view, state_key_bytes(&prefix), after_bytes, &key, &value)) {
        *result = (uint32_t)-1;
        return VM_TRAP_NONE;
    }
    struct bytes own = bytes_of(key.data + STATE_KEY_PREFIX, key.len - STATE_KEY_PREFIX);
    memcpy(out, own.data, own.len);
    *result = (uint32_t)own.len;
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(arguments_len) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = (uint32_t)frame->arguments.len;
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(arguments_read) {
    struct host_frame *frame = context;
    uint32_t offset = (uint32_t)arguments[1], len = (uint32_t)arguments[2];
    (void)result;
    CHARGE(GAS_HOST_BASE + GAS_HOST_BYTE * (uint64_t)len);
    if (offset > frame->arguments.len || len > frame->arguments.len - offset)
        return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(out, arguments[0], len);
    if (len > 0) memcpy(out, frame->arguments.data + offset, len);
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(return_data) {
    struct host_frame *frame = context;
    uint32_t len = (uint32_t)arguments[1];
    (void)result;
    CHARGE(GAS_HOST_BASE + GAS_HOST_BYTE * (uint64_t)len);
    if (len > LIMIT_RETURN_BYTES) return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(data, arguments[0], len);
    buf_reset(&frame->result);
    buf_append(&frame->result, bytes_of(data, len));
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(refuse) {
    struct host_frame *frame = context;
    (void)instance, (void)result;
    frame->contract_code = (uint32_t)arguments[0];
    return host_stop(frame, TX_CODE_CONTRACT_REFUSED);
}

static enum vm_trap copy_out(struct vm_instance *instance, uint64_t pointer, struct bytes value) {
    CHARGE(GAS_HOST_BASE + GAS_HOST_BYTE * (uint64_t)value.len);
    MEMORY(out, pointer, value.len);
    memcpy(out, value.data, value.len);
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(caller) {
    const struct host_frame *frame = context;
    (void)result;
    return copy_out(instance, arguments[0], BYTES_OF(frame->caller.bytes));
}

static HOST_FUNCTION(depth) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = frame->depth;
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(self) {
    const struct host_frame *frame = context;
    (void)result;
    return copy_out(instance, arguments[0], BYTES_OF(frame->self.bytes));
}

static HOST_FUNCTION(chain_id) {
    const struct host_frame *frame = context;
    (void)result;
    return copy_out(instance, arguments[0], BYTES_OF(frame->chain_id.bytes));
}

static HOST_FUNCTION(tx_id) {
    const struct host_frame *frame = context;
    (void)result;
    return copy_out(instance, arguments[0], BYTES_OF(frame->tx_id.bytes));
}

static HOST_FUNCTION(value) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = amount_units(frame->value);
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(block_time) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = frame->block_time_ms;
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(block_height) {
    const struct host_frame *frame = context;
    (void)arguments;
    CHARGE(GAS_HOST_BASE);
    *result = frame->block_height;
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(transfer) {
    struct host_frame *frame = context;
    struct account_id to;
    (void)result;
    ONLY_IN_TRANSACTIONS(frame);
    MEMORY(to_data, arguments[0], sizeof to);
    memcpy(&to, to_data, sizeof to);
    struct transfer transfer = {
        .from = &frame->self, .to = &to, .amount = amount_of_units(arguments[1])};
    CHARGE(transfer_gas(&transfer, frame->view));
    enum tx_code code = transfer_make(frame->run, &transfer);
    return code == TX_CODE_OK ? VM_TRAP_NONE : host_stop(frame, code);
}

// False when a bound is in the way.
static bool add_event(struct run_tx *run, const struct event *event) {
    size_t bytes = event_encoded_len(event);
    if (run->event_count == LIMIT_TX_EVENTS || bytes > LIMIT_TX_EVENT_BYTES - run->event_bytes)
        return false;
    struct arena *arena = run->block->arena;
    if (run->event_count == run->event_capacity) {
        uint32_t capacity = run->event_capacity ? 2 * run->event_capacity : 8;
        struct event *grown = arena_alloc_array(arena, capacity, sizeof *grown);
        if (run->event_count > 0) memcpy(grown, run->events, run->event_count * sizeof *grown);
        run->events = grown;
        run->event_capacity = capacity;
    }
    run->event_bytes += bytes;
    run->events[run->event_count++] = (struct event){.contract = event->contract,
                                                     .topic = arena_copy(arena, event->topic),
                                                     .data = arena_copy(arena, event->data)};
    return true;
}

static HOST_FUNCTION(event) {
    struct host_frame *frame = context;
    uint32_t topic_len = (uint32_t)arguments[1], data_len = (uint32_t)arguments[3];
    (void)result;
    ONLY_IN_TRANSACTIONS(frame);
    CHARGE(GAS_EVENT + GAS_EVENT_BYTE * ((uint64_t)topic_len + data_len));
    if (topic_len == 0 || topic_len > LIMIT_EVENT_TOPIC_BYTES || data_len > LIMIT_EVENT_DATA_BYTES)
        return host_stop(frame, TX_CODE_HOST_BOUND);
    MEMORY(topic, arguments[0], topic_len);
    MEMORY(data, arguments[2], data_len);
    struct event event = {.contract = frame->self,
                          .topic = bytes_of(topic, topic_len),
                          .data = bytes_of(data, data_len)};
    return add_event(frame->run, &event) ? VM_TRAP_NONE : host_stop(frame, TX_CODE_HOST_BOUND);
}

static HOST_FUNCTION(hash) {
    uint32_t len = (uint32_t)arguments[1];
    struct hash hash;
    (void)context, (void)result;
    CHARGE(GAS_HASH + GAS_HASH_BYTE * (uint64_t)len);
    MEMORY(data, arguments[0], len);
    hash_bytes(&hash, HASH_USER, bytes_of(data, len));
    MEMORY(out, arguments[2], sizeof hash);
    memcpy(out, &hash, sizeof hash);
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(verify) {
    struct public_key key;
    struct signature signature;
    uint32_t len = (uint32_t)arguments[3];
    (void)context;
    CHARGE(GAS_VERIFY + GAS_HASH_BYTE * (uint64_t)len);
    MEMORY(key_data, arguments[0], sizeof key);
    MEMORY(signature_data, arguments[1], sizeof signature);
    MEMORY(message, arguments[2], len);
    memcpy(&key, key_data, sizeof key);
    memcpy(&signature, signature_data, sizeof signature);
    *result = sign_verify_raw(&signature, &key, bytes_of(message, len));
    return VM_TRAP_NONE;
}

static HOST_FUNCTION(upgrade) {
    struct host_frame *frame = context;
    struct account_id contract;
    struct hash code_hash;
    ONLY_IN_TRANSACTIONS(frame);
    CHARGE(GAS_UPGRADE);
    MEMORY(contract_data, arguments[0], sizeof contract);
    MEMORY(hash_data, arguments[1], sizeof code_hash);
    memcpy(&contract, contract_data, sizeof contract);
    memcpy(&code_hash, hash_data, sizeof code_hash);
    *result = contract_upgrade(frame->run, &frame->self, &contract, &code_hash);
    return VM_TRAP_NONE;
}

static const struct vm_host_function functions[] = {
    {"storage_get", "iiii", "i", host_storage_get},
    {"storage_set", "iiii", "", host_storage_set},
    {"storage_delete", "ii", "i", host_storage_delete},
    {"storage_next", "iiiii", "i", host_storage_next},
    {"arguments_len", "", "i", host_arguments_len},
    {"arguments_read", "iii", "", host_arguments_read},
    {"return_data", "ii", "", host_return_data},
    {"refuse", "i", "", host_refuse},
    {"caller", "i", "", host_caller},
    {"depth", "", "i", host_depth},
    {"self", "i", "", host_self},
    {"chain_id", "i", "", host_chain_id},
    {"tx_id", "i", "", host_tx_id},
    {"value", "", "I", host_value},
    {"transfer", "iI", "", host_transfer},
    {"block_time", "", "I", host_block_time},
    {"block_height", "", "I", host_block_height},
    {"event", "iiii", "", host_event},
    {"hash", "iii", "", host_hash},
    {"verify", "iiii", "i", host_verify},
    {"call", "iiiiiII", "i", host_call},
    {"view", "iiiiiI", "i", host_view},
    {"answer_len", "", "i", host_answer_len},
    {"answer_read", "iii", "", host_answer_read},
    {"answer_code", "", "i", host_answer_code},
    {"upgrade", "ii", "i", host_upgrade},
    {"timer_set", "IiiiiI", "I", host_timer_set},
    {"timer_set_for", "iIiiiiI", "I", host_timer_set_for},
    {"timer_cancel", "II", "i", host_timer_cancel},
    {"timer_price", "", "I", host_timer_price},
};

const struct vm_import_table *host_imports(void) {
    static const struct vm_import_table table = {
        .module = "lmm", .count = sizeof functions / sizeof *functions, .functions = functions};
    return &table;
}
