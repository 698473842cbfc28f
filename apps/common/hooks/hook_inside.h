// SPDX-License-Identifier: Apache-2.0
// Webhooks from the inside, shared by the files of this folder alone: hooks.c keeps them,
// hook_store.c has their rows, hook_sender.c is the thread, hook_attempt.c one attempt.
#ifndef LMM_HOOKS_INSIDE_H
#define LMM_HOOKS_INSIDE_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "apps/common/db/db.h"
#include "apps/common/hooks/hooks.h"
#include "chaincore/base/arena.h"

enum { HOOK_PAGE = 64, HOOK_SEARCHERS = 2 };

// What a webhook is to send next, as it was when nobody could change it.
struct hook_errand {
    struct hook *hook;
    uint64_t generation;
    uint64_t news;
    struct hook_reading reading;
    char filter[LIMIT_WEBHOOK_FILTER_BYTES + 1]; // that the reading borrows, and this
    char owner[LIMIT_SIGNER_NAME_BYTES + 1];
    bool is_again;
    struct hook_place again;
};

// Read and not yet sent.
struct hook_page {
    struct arena arena;
    struct hook_batch batch;
    size_t next;
    uint64_t generation; // of the webhook when it was read
};

// One attempt, in its webhook for good: the connection stays.
struct hook_flight {
    CURL *easy; // NULL: there has been none
    bool is_under_way;
    bool was_closed_address; // where it would have led
    bool is_again;
    uint64_t generation;
    struct hook_place place;
    char kind[64];
    uint64_t started_ms;
    uint64_t started_ns;
    size_t answer_bytes;
    struct buf body;
    struct curl_slist *headers;
};

struct hook {
    struct webhook shown;
    uint8_t secret[HOOK_SECRET_BYTES];
    uint8_t old_secret[HOOK_SECRET_BYTES];
    char token[LIMIT_WEBHOOK_TOKEN_BYTES + 1]; // "": none
    struct hook_place again[LIMIT_WEBHOOK_AGAIN];
    size_t again_count;
    uint64_t generation;      // grows whenever what is under way no longer counts
    bool is_searched;         // its page is a searcher's, and so it is not freed
    uint64_t search_after_ms; // of the monotonic clock, since the source was not to be had
    // The sender's own, or the searcher's.
    struct hook *next_removed;
    uint64_t seen_news;
    struct hook_place looked; // where the source has found nothing up to
    uint64_t looked_generation;
    uint64_t heights; // that the source looks through in one go
    struct hook_page page;
    struct hook_flight flight;
};

struct hooks {
    struct hooks_config config;
    pthread_t sender;
    pthread_t searchers[HOOK_SEARCHERS];
    size_t searcher_count;
    bool is_running; // the sender
    CURLM *multi;
    _Atomic uint64_t news;
    _Atomic bool must_stop;
    struct hook_errand due[LIMIT_WEBHOOKS_IN_ALL]; // the sender's own
    pthread_mutex_t lock;                          // of all that follows
    struct db *db;
    struct hook *list[LIMIT_WEBHOOKS_IN_ALL]; // by id
    size_t count;
    struct hook *removed; // for the sender to free
    // For the searchers, the oldest first: one for a webhook at most.
    struct hook_errand wanted[LIMIT_WEBHOOKS_IN_ALL];
    size_t wanted_count;
    pthread_cond_t has_wanted; // or the end has come
    uint64_t by_outcome[HOOK_OUTCOMES];
};

// --- hooks.c ---
void hook_free(struct hook *hook);

// --- hook_store.c, under the lock ---
enum status hook_store_open(struct hooks *hooks) MUST_CHECK;
// Begins a transaction. One that is not durable may be lost with the machine's power, not with the
// process.
enum status hook_store_begin(struct hooks *hooks, bool is_durable) MUST_CHECK;
enum status hook_store_put(struct hooks *hooks, const struct hook *hook) MUST_CHECK;
enum status hook_store_remove(struct hooks *hooks, const char *id) MUST_CHECK;
enum status hook_store_add_again(struct hooks *hooks, const char *id,
                                 const struct hook_place *place) MUST_CHECK;
enum status hook_store_drop_again(struct hooks *hooks, const char *id,
                                  const struct hook_place *place) MUST_CHECK;
enum status hook_store_log(struct hooks *hooks, const char *id,
                           const struct hook_delivery *delivery) MUST_CHECK;
enum status hook_store_deliveries(struct hooks *hooks, const char *id, struct arena *arena,
                                  struct hook_deliveries *page) MUST_CHECK;

// --- hook_sender.c ---
void *hooks_send(void *hooks);
void *hooks_search(void *hooks);

// --- hook_attempt.c ---
// Fills the flight, whose place, kind and time are set, and hands it to libcurl. Under the lock.
// False: there is no memory for it.
bool hook_attempt_begin(struct hooks *hooks, struct hook *hook, const struct hook_message *message);
// What became of it; `code` is that of HTTP or 0, retry_ms what the answer asked for.
enum hook_outcome hook_attempt_end(struct hooks *hooks, struct hook *hook, CURLcode result,
                                   int *code, uint64_t *retry_ms);
void hook_flight_clear(struct hook_flight *flight);

#endif
