// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mock_host.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"
#include "chaincore/ledger/state.h"
#include "chaincore/sdk/lmm.h"
#include "tests/support/native_memory.h"

// By account.
struct mock_sums {
    size_t count;
    struct mock_transfer *items;
};

struct mock_chain {
    void *handle;
    struct native_memory *memory;
    struct state *state;
    struct state_draft *draft;
    struct arena arena; // of all that is kept
    struct arena last;  // of the last call
    // the call at work
    jmp_buf end;
    enum tx_code code;
    bool may_write;
    struct bytes arguments;
    uint64_t value;
    struct buf answer;
    uint32_t answer_code;
    uint64_t next_timer;
    struct mock_sums paid; // by transfers
    struct mock_sums left; // by timers' runs
};

// The one that is running; host functions have no other way to it.
static struct mock *current;

_Noreturn static void stop(enum tx_code code) {
    current->chain->code = code;
    longjmp(current->chain->end, 1);
}

static void only_in_transactions(void) {
    if (!current->chain->may_write) stop(TX_CODE_READ_ONLY);
}

static void check_bound(bool is_within) {
    if (!is_within) stop(TX_CODE_HOST_BOUND);
}

// The host's functions read and write every byte that they are given: what is out of bounds is for
// the sanitizer to see.

int32_t lmm_storage_get(const void *key, uint32_t key_len, void *out, uint32_t capacity) {
    struct bytes value;
    check_bound(key_len > 0 && key_len <= LIMIT_STORAGE_KEY_BYTES);
    if (!state_get(state_draft_view(current->chain->draft), bytes_of(key, key_len), &value))
        return -1;
    if (capacity > 0 && value.len > 0)
        memcpy(out, value.data, value.len < capacity ? value.len : capacity);
    return (int32_t)value.len;
}

void lmm_storage_set(const void *key, uint32_t key_len, const void *value, uint32_t value_len) {
    only_in_transactions();
    check_bound(key_len > 0 && key_len <= LIMIT_STORAGE_KEY_BYTES &&
                value_len <= LIMIT_STORAGE_VALUE_BYTES);
    state_put(current->chain->draft, bytes_of(key, key_len), bytes_of(value, value_len));
}

int32_t lmm_storage_delete(const void *key, uint32_t key_len) {
    struct bytes value;
    only_in_transactions();
    check_bound(key_len > 0 && key_len <= LIMIT_STORAGE_KEY_BYTES);
    bool was_there =
        state_get(state_draft_view(current->chain->draft), bytes_of(key, key_len), &value);
    state_delete(current->chain->draft, bytes_of(key, key_len));
    return was_there;
}

int32_t lmm_storage_next(const void *prefix, uint32_t prefix_len, const void *after,
                         uint32_t after_len, void *out) {
    struct bytes key, value;
    check_bound(prefix_len <= LIMIT_STORAGE_KEY_BYTES && after_len <= LIMIT_STORAGE_KEY_BYTES);
    if (!state_next(state_draft_view(current->chain->draft), bytes_of(prefix, prefix_len),
                    bytes_of(after, after_len), &key, &value))
        return -1;
    memmove(out, key.data, key.len);
    return (int32_t)key.len;
}

uint32_t lmm_arguments_len(void) { return (uint32_t)current->chain->arguments.len; }

static void read_slice(struct bytes from, void *out, uint32_t offset, uint32_t len) {
    check_bound(offset <= from.len && len <= from.len - offset);
    if (len > 0) memcpy(out, from.data + offset, len);
}

void lmm_arguments_read(void *out, uint32_t offset, uint32_t len) {
    read_slice(current->chain->arguments, out, offset, len);
}

void lmm_return(const void *data, uint32_t len) {
    check_bound(len <= LIMIT_RETURN_BYTES);
    buf_reset(&current->result);
    buf_append(&current->result, bytes_of(data, len));
}

_Noreturn void lmm_refuse(uint32_t code) {
    current->refused_with = code;
    stop(TX_CODE_CONTRACT_REFUSED);
}

void lmm_caller(void *out) { memcpy(out, &current->caller, sizeof current->caller); }
void lmm_self(void *out) { memcpy(out, &current->self, sizeof current->self); }
void lmm_chain_id(void *out) { memcpy(out, &current->chain_id, sizeof current->chain_id); }
void lmm_tx_id(void *out) { memcpy(out, &current->tx_id, sizeof current->tx_id); }
uint32_t lmm_depth(void) { return current->depth; }
uint64_t lmm_value(void) { return current->chain->value; }
uint64_t lmm_block_time_ms(void) { return current->time_ms; }
uint64_t lmm_block_height(void) { return current->height; }

static void spend(uint64_t units) {
    if (units > current->balance) stop(TX_CODE_INSUFFICIENT_FUNDS);
    current->balance -= units;
}

void lmm_transfer(const void *to, uint64_t units) {
    struct mock_transfer transfer = {.sent = units};
    only_in_transactions();
    memcpy(&transfer.to, to, sizeof transfer.to);
    bool is_own = account_id_equal(&transfer.to, &current->self);
    spend(units);
    if (is_own) current->balance += units;
    current->transfers =
        mem_resize(current->transfers, (current->transfer_count + 1) * sizeof *current->transfers);
    current->transfers[current->transfer_count++] = transfer;
}

static size_t told_bytes(void) {
    size_t bytes = 0;
    for (size_t i = 0; i < current->event_count; i++)
        bytes += event_encoded_len(&current->events[i]);
    return bytes;
}

void lmm_event(const void *topic, uint32_t topic_len, const void *data, uint32_t data_len) {
    struct arena *arena = &current->chain->last;
    struct event event = {.contract = current->self,
                          .topic = bytes_of(topic, topic_len),
                          .data = bytes_of(data, data_len)};
    only_in_transactions();
    check_bound(topic_len > 0 && topic_len <= LIMIT_EVENT_TOPIC_BYTES &&
                data_len <= LIMIT_EVENT_DATA_BYTES && current->event_count < LIMIT_TX_EVENTS &&
                event_encoded_len(&event) <= LIMIT_TX_EVENT_BYTES - told_bytes());
    current->events =
        mem_resize(current->events, (current->event_count + 1) * sizeof *current->events);
    current->events[current->event_count++] =
        (struct event){.contract = event.contract,
                       .topic = arena_copy(arena, event.topic),
                       .data = arena_copy(arena, event.data)};
}

void lmm_hash(const void *data, uint32_t len, void *out) {
    struct hash hash;
    hash_bytes(&hash, HASH_USER, bytes_of(data, len));
    memcpy(out, &hash, sizeof hash);
}

int32_t lmm_verify(const void *key, const void *signature, const void *message, uint32_t len) {
    struct public_key public;
    struct signature given;
    memcpy(&public, key, sizeof public);
    memcpy(&given, signature, sizeof given);
    return sign_verify_raw(&given, &public, bytes_of(message, len));
}

static uint32_t call_other(const void *contract, struct bytes method, struct bytes arguments) {
    struct account_id id;
    memcpy(&id, contract, sizeof id);
    check_bound(method.len > 0 && method.len <= LIMIT_METHOD_NAME_BYTES &&
                arguments.len <= LIMIT_CALL_ARGUMENT_BYTES);
    buf_reset(&current->chain->answer);
    current->chain->answer_code = 0;
    if (account_id_equal(&id, &current->self)) return TX_CODE_REENTRY;
    if (!current->others) return TX_CODE_UNKNOWN_CONTRACT;
    enum tx_code code =
        current->others(current->context, &id, method, arguments, &current->chain->answer);
    if (code != TX_CODE_OK) buf_reset(&current->chain->answer);
    return code;
}

uint32_t lmm_call(const void *contract, const char *method, uint32_t method_len,
                  const void *arguments, uint32_t arguments_len, uint64_t value, uint64_t gas) {
    (void)gas;
    only_in_transactions();
    if (value > current->balance) return TX_CODE_INSUFFICIENT_FUNDS;
    uint32_t code =
        call_other(contract, bytes_of(method, method_len), bytes_of(arguments, arguments_len));
    if (code == TX_CODE_OK) current->balance -= value;
    return code;
}

uint32_t lmm_view(const void *contract, const char *method, uint32_t method_len,
                  const void *arguments, uint32_t arguments_len, uint64_t gas) {
    (void)gas;
    return call_other(contract, bytes_of(method, method_len), bytes_of(arguments, arguments_len));
}

uint32_t lmm_answer_len(void) { return (uint32_t)current->chain->answer.len; }
void lmm_answer_read(void *out, uint32_t offset, uint32_t len) {
    read_slice(buf_bytes(&current->chain->answer), out, offset, len);
}
uint32_t lmm_answer_code(void) { return current->chain->answer_code; }

uint32_t lmm_upgrade(const void *contract, const void *code_hash) {
    (void)contract, (void)code_hash;
    only_in_transactions();
    return TX_CODE_UNKNOWN_CONTRACT;
}

uint64_t lmm_timer_price(void) { return current->timer_price; }

uint64_t lmm_timer_set_for(const void *account, uint64_t due_ms, const char *method,
                           uint32_t method_len, const void *arguments, uint32_t arguments_len,
                           uint64_t gas) {
    struct mock_timer timer = {.due_ms = due_ms, .gas = gas, .price = current->timer_price};
    only_in_transactions();
    if (due_ms <= current->time_ms || method_len == 0 || method_len > LIMIT_METHOD_NAME_BYTES ||
        arguments_len > LIMIT_TIMER_ARGUMENT_BYTES)
        stop(TX_CODE_TIMER_BOUND);
    spend(gas * current->timer_price);
    timer.id = current->chain->next_timer++;
    memcpy(&timer.rest_to, account, sizeof timer.rest_to);
    memcpy(timer.method, method, method_len);
    timer.arguments = arena_copy(&current->chain->arena, bytes_of(arguments, arguments_len));
    current->timers =
        mem_resize(current->timers, (current->timer_count + 1) * sizeof *current->timers);
    current->timers[current->timer_count++] = timer;
    return timer.id;
}

uint64_t lmm_timer_set(uint64_t due_ms, const char *method, uint32_t method_len,
                       const void *arguments, uint32_t arguments_len, uint64_t gas) {
    return lmm_timer_set_for(&current->self, due_ms, method, method_len, arguments, arguments_len,
                             gas);
}

static void remove_timer(struct mock *mock, size_t index) {
    mock->timer_count--;
    memmove(&mock->timers[index], &mock->timers[index + 1],
            (mock->timer_count - index) * sizeof *mock->timers);
}

uint32_t lmm_timer_cancel(uint64_t due_ms, uint64_t id) {
    only_in_transactions();
    for (size_t i = 0; i < current->timer_count; i++) {
        if (current->timers[i].due_ms != due_ms || current->timers[i].id != id) continue;
        current->balance += current->timers[i].gas * current->timers[i].price;
        remove_timer(current, i);
        return 1;
    }
    return 0;
}

struct mock *mock_open(const char *library) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) fprintf(stderr, "%s\n", dlerror());
    struct native_memory *memory =
        handle ? native_memory_keep(library, handle, "lmm_arguments") : NULL;
    if (!memory) {
        if (handle) dlclose(handle);
        return NULL;
    }
    struct mock *mock = mem_alloc(sizeof *mock);
    mock->chain = mem_alloc(sizeof *mock->chain);
    mock->chain->handle = handle;
    mock->chain->memory = memory;
    mock->chain->state = state_create();
    struct state_version *empty = state_version_empty();
    mock->chain->draft = state_draft_begin(mock->chain->state, empty);
    state_version_unref(empty);
    mock->self = (struct account_id){{0xc0}};
    mock->timer_price = 1;
    mock->depth = 1;
    mock->height = 1;
    mock->time_ms = 1000;
    return mock;
}

void mock_close(struct mock *mock) {
    if (!mock) return;
    native_memory_free(mock->chain->memory);
    dlclose(mock->chain->handle);
    state_draft_drop(mock->chain->draft);
    state_free(mock->chain->state);
    arena_clear(&mock->chain->arena);
    arena_clear(&mock->chain->last);
    buf_clear(&mock->chain->answer);
    buf_clear(&mock->result);
    mem_free(mock->events);
    mem_free(mock->transfers);
    mem_free(mock->chain->paid.items);
    mem_free(mock->chain->left.items);
    mem_free(mock->timers);
    mem_free(mock->chain);
    mem_free(mock);
}

typedef void export_function(void);

static export_function *find(const struct mock *mock, const char *kind, const char *name) {
    char symbol[128];
    snprintf(symbol, sizeof symbol, "lmm_%s%s%s", kind, *name ? "_" : "", name);
    return (export_function *)dlsym(mock->chain->handle, symbol);
}

static export_function *find_export(const struct mock *mock, const char *export_name,
                                    uint64_t value) {
    if (strncmp(export_name, "call.", 5) == 0)
        return value == 0 ? find(mock, "method", export_name + 5) : NULL;
    if (strncmp(export_name, "pay.", 4) == 0) return find(mock, "payable", export_name + 4);
    if (value > 0) return NULL;
    if (strncmp(export_name, "view.", 5) == 0) return find(mock, "view", export_name + 5);
    if (strcmp(export_name, "upgrade") == 0) return find(mock, "upgraded", "");
    return find(mock, export_name, "");
}

static void forget_last(struct mock *mock) {
    arena_reset(&mock->chain->last);
    buf_reset(&mock->result);
    buf_reset(&mock->chain->answer);
    mock->event_count = mock->transfer_count = 0;
    mock->refused_with = 0;
}

static void run_export(struct mock *mock, export_function *function) {
    native_memory_restore(mock->chain->memory);
    current = mock;
    mock->chain->code = TX_CODE_OK;
    if (setjmp(mock->chain->end) == 0) function();
    current = NULL;
}

static void add_to(struct mock_sums *sums, const struct account_id *to, uint64_t units) {
    size_t i = 0;
    while (i < sums->count && !account_id_equal(&sums->items[i].to, to)) i++;
    if (i == sums->count) {
        sums->items = mem_resize(sums->items, ++sums->count * sizeof *sums->items);
        sums->items[i] = (struct mock_transfer){.to = *to};
    }
    sums->items[i].sent += units;
}

static uint64_t sum_of(const struct mock_sums *sums, const struct account_id *to) {
    for (size_t i = 0; i < sums->count; i++)
        if (account_id_equal(&sums->items[i].to, to)) return sums->items[i].sent;
    return 0;
}

uint64_t mock_paid(const struct mock *mock, const struct account_id *to) {
    return sum_of(&mock->chain->paid, to);
}

uint64_t mock_left_by_timers(const struct mock *mock, const struct account_id *to) {
    return sum_of(&mock->chain->left, to);
}

enum tx_code mock_call(struct mock *mock, const char *export_name, struct bytes arguments,
                       uint64_t value) {
    struct mock_chain *chain = mock->chain;
    export_function *function = find_export(mock, export_name, value);
    forget_last(mock);
    if (!function && value > 0 && find_export(mock, export_name, 0)) return TX_CODE_NOT_PAYABLE;
    if (!function) return TX_CODE_UNKNOWN_METHOD;
    size_t savepoint = state_savepoint(chain->draft), timer_count = mock->timer_count;
    struct mock_timer *timers = mem_alloc_array(timer_count + 1, sizeof *timers);
    if (timer_count > 0) memcpy(timers, mock->timers, timer_count * sizeof *timers);
    uint64_t balance = mock->balance;
    chain->may_write = strncmp(export_name, "view.", 5) != 0;
    chain->arguments = arguments;
    chain->value = value;
    mock->balance += value;
    run_export(mock, function);
    if (chain->code != TX_CODE_OK) {
        state_rollback(chain->draft, savepoint);
        mock->balance = balance;
        mock->event_count = mock->transfer_count = 0;
        mock->timer_count = timer_count;
        if (timer_count > 0) memcpy(mock->timers, timers, timer_count * sizeof *timers);
        buf_reset(&mock->result);
    }
    for (size_t i = 0; i < mock->transfer_count; i++)
        add_to(&chain->paid, &mock->transfers[i].to, mock->transfers[i].sent);
    mem_free(timers);
    return chain->code;
}

static size_t find_due(const struct mock *mock) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < mock->timer_count; i++) {
        const struct mock_timer *timer = &mock->timers[i];
        if (timer->due_ms > mock->time_ms) continue;
        if (best == SIZE_MAX || timer->due_ms < mock->timers[best].due_ms ||
            (timer->due_ms == mock->timers[best].due_ms && timer->id < mock->timers[best].id))
            best = i;
    }
    return best;
}

static void pay_rest(struct mock *mock, const struct mock_timer *timer) {
    uint64_t rest = timer->gas * mock->timer_left / 100 * timer->price;
    if (account_id_equal(&timer->rest_to, &mock->self))
        mock->balance += rest;
    else
        add_to(&mock->chain->left, &timer->rest_to, rest);
}

bool mock_run_timer(struct mock *mock, struct mock_timer *timer, enum tx_code *code) {
    struct account_id caller = mock->caller;
    size_t index = find_due(mock);
    char name[80];
    if (index == SIZE_MAX) return false;
    *timer = mock->timers[index];
    remove_timer(mock, index);
    snprintf(name, sizeof name, "call.%s", timer->method);
    mock->caller = mock->self;
    *code = mock_call(mock, name, timer->arguments, 0);
    mock->caller = caller;
    pay_rest(mock, timer);
    return true;
}

size_t mock_run_timers(struct mock *mock, uint64_t time_ms, size_t *failed) {
    size_t count = 0;
    struct mock_timer timer;
    enum tx_code code;
    *failed = 0;
    mock->time_ms = time_ms;
    mock->height++;
    while (mock_run_timer(mock, &timer, &code)) {
        if (code != TX_CODE_OK) ++*failed;
        count++;
    }
    return count;
}

bool mock_stored(const struct mock *mock, struct bytes key, struct bytes *value) {
    return state_get(state_draft_view(mock->chain->draft), key, value);
}

uint64_t mock_storage_count(const struct mock *mock) {
    return state_count(state_draft_view(mock->chain->draft));
}
