// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/hooks/sending.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"

static const struct hook_kind kinds[] = {{"event", "something was"},
                                         {"capture", "something ended"}};
enum { MOST = 512 };

// --- the source ---

static struct {
    pthread_mutex_t lock;
    struct hook_message messages[MOST];
    char data[MOST][32];
    size_t count;
    enum status status;
    unsigned reads;
    struct hook_place behind; // of the last reading
    uint64_t heights;         // the same
    const char *held;         // a filter, or NULL
    unsigned held_count;
    pthread_cond_t is_let_go;
} told = {.lock = PTHREAD_MUTEX_INITIALIZER, .is_let_go = PTHREAD_COND_INITIALIZER};

static bool is_behind(const struct hook_place *a, const struct hook_place *b) {
    return a->height != b->height ? a->height > b->height : a->position > b->position;
}

static enum status read_told(void *context, struct arena *arena, const struct hook_reading *reading,
                             struct hook_batch *out) {
    (void)context;
    pthread_mutex_lock(&told.lock);
    while (told.held && strcmp(told.held, reading->filter) == 0) {
        told.held_count++;
        pthread_cond_wait(&told.is_let_go, &told.lock);
        told.held_count--;
    }
    told.reads++;
    told.behind = reading->behind;
    told.heights = reading->heights;
    bool has_filter = *reading->filter != '\0';
    uint64_t last = has_filter ? reading->behind.height + reading->heights : UINT64_MAX;
    out->items = arena_alloc_array(arena, reading->max, sizeof *out->items);
    for (size_t i = 0; i < told.count && out->count < reading->max; i++) {
        const struct hook_message *it = &told.messages[i];
        unsigned kind = strcmp(it->kind, kinds[0].name) == 0 ? EVENT : CAPTURE;
        bool is_wanted = !*reading->filter || strstr(told.data[i], reading->filter);
        if (it->place.height > last) {
            out->has_more = true;
            break;
        }
        if (is_behind(&it->place, &reading->behind) && reading->kinds & kind && is_wanted) {
            out->items[out->count] = *it;
            out->items[out->count++].is_whole = has_filter;
        }
    }
    // A source with a filter says how far it has looked.
    if (out->has_more)
        out->looked = (struct hook_place){last, HOOK_LAST_POSITION};
    else if (has_filter && told.count > 0)
        out->looked = told.messages[told.count - 1].place;
    enum status status = told.status;
    pthread_mutex_unlock(&told.lock);
    return status;
}

void sending_hold(const char *filter) {
    pthread_mutex_lock(&told.lock);
    told.held = filter;
    pthread_cond_broadcast(&told.is_let_go);
    pthread_mutex_unlock(&told.lock);
}

unsigned sending_held(void) {
    pthread_mutex_lock(&told.lock);
    unsigned count = told.held_count;
    pthread_mutex_unlock(&told.lock);
    return count;
}

uint64_t sending_read_behind(void) {
    pthread_mutex_lock(&told.lock);
    uint64_t height = told.behind.height;
    pthread_mutex_unlock(&told.lock);
    return height;
}

uint64_t sending_read_heights(void) {
    pthread_mutex_lock(&told.lock);
    uint64_t heights = told.heights;
    pthread_mutex_unlock(&told.lock);
    return heights;
}

static uint64_t height_of_told(void *context) {
    (void)context;
    return told.count > 0 ? told.messages[told.count - 1].place.height : 0;
}

// --- the fixture ---

char folder[32];
static char path[64];
struct hooks *hooks;
struct hooks_config config;
struct receiver *receiver;
struct webhook hook;
char secret[HOOK_SECRET_CHARS + 1];

void sending_tell(uint64_t height, uint64_t position, const char *kind) {
    pthread_mutex_lock(&told.lock);
    size_t at = told.count++;
    snprintf(told.data[at], sizeof told.data[at], "{\"number\":%zu}", at);
    told.messages[at] = (struct hook_message){.place = {height, position},
                                              .kind = kind,
                                              .time_ms = 1700000000000 + height,
                                              .data = bytes_of_string(told.data[at])};
    pthread_mutex_unlock(&told.lock);
    if (hooks) hooks_wake(hooks);
}

void sending_begin(void) {
    assert_ok(hooks_open(&hooks, &config));
    assert_ok(hooks_start(hooks));
}

void sending_end(void) {
    hooks_close(hooks);
    hooks = NULL;
}

void sending_set_up(void) {
    static const char template[] = "/tmp/lmm-hooks-XXXXXX";
    assert_ok(crypto_init());
    log_set_level(LOG_ERROR);
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/webhooks.db", folder);
    told.count = told.reads = told.held_count = 0;
    told.held = NULL;
    told.status = STATUS_OK;
    config = (struct hooks_config){
        .path = path,
        .source = {.kinds = kinds, .kind_count = 2, .read = read_told, .height = height_of_told},
        .own_account = "server",
        .token_header = "X-Token-Signature",
        .rules = {.allows_http = true, .allows_private = true},
        .first_retry_ms = 1,
        .longest_retry_ms = 20};
    receiver = receiver_open(0);
    sending_begin();
}

void sending_tear_down(void) {
    sending_end();
    receiver_close(receiver);
    assert_ok(file_remove_tree(folder));
}

void sending_make(uint32_t wanted) {
    hook = (struct webhook){.kinds = wanted, .owner = "server"};
    snprintf(hook.url, sizeof hook.url, "http://127.0.0.1:%u/hook?a=b", receiver_port(receiver));
    assert_ok(hooks_make(hooks, &hook, NULL, secret));
}

struct webhook sending_get(void) {
    struct webhook out;
    assert_ok(hooks_get(hooks, hook.id, &out));
    return out;
}

// Until the answer to what the receiver has seen has come here too.
void await_cursor(uint64_t height, uint64_t position) {
    for (struct webhook now = sending_get();
         now.cursor.height != height || now.cursor.position != position; now = sending_get())
        sched_yield();
}

struct webhook await_state(enum hook_state state) {
    struct webhook now = sending_get();
    for (; now.state != state; now = sending_get()) sched_yield();
    return now;
}

struct webhook await_outcome(enum hook_outcome outcome) {
    struct webhook now = sending_get();
    for (; now.outcome != outcome; now = sending_get()) sched_yield();
    return now;
}

const struct receiver_post *post_at(size_t index) { return receiver_at(receiver, index); }

void assert_posted(size_t index, const char *id) {
    ck_assert_uint_gt(receiver_await(receiver, index + 1), index);
    ck_assert_str_eq(receiver_header(post_at(index), "webhook-id"), id);
    ck_assert(receiver_verifies(post_at(index), secret));
}

void sending_source_status(enum status status) {
    pthread_mutex_lock(&told.lock);
    told.status = status;
    pthread_mutex_unlock(&told.lock);
}

unsigned sending_reads(void) {
    pthread_mutex_lock(&told.lock);
    unsigned reads = told.reads;
    pthread_mutex_unlock(&told.lock);
    return reads;
}
