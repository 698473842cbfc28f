// SPDX-License-Identifier: Apache-2.0
// The thread that sends. Each webhook has at most one attempt under way, all of them go on side by
// side in one libcurl multi handle. The lock is not held while the source is read or the network is
// waited for: what a webhook was then, and is no longer, its generation tells.
//
// What fits a filter may take the source seconds to find. So other threads, the searchers, do that:
// each takes an errand, fills the webhook's page, and wakes the sender.
#include <stdlib.h>

#include "apps/common/hooks/hook_inside.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/crypto/sign.h"

enum { LONGEST_WAIT_MS = 60 * 1000, SOURCE_RETRY_MS = 1000, STOP_GRACE_MS = 2000 };
enum { FEWER_HEIGHTS = 4 }; // so many times, when what was looked through took too long

static bool is_before(const struct hook_place *a, const struct hook_place *b) {
    return a->height != b->height ? a->height < b->height : a->position < b->position;
}

static bool is_same(const struct hook_place *a, const struct hook_place *b) {
    return a->height == b->height && a->position == b->position;
}

// A clock that was set back keeps nobody waiting for longer than any failure would.
static uint64_t wait_of(const struct hooks *hooks, const struct webhook *shown, uint64_t now_ms) {
    uint64_t wait_ms = shown->next_try_ms > now_ms ? shown->next_try_ms - now_ms : 0;
    return wait_ms <= hooks->config.longest_retry_ms ? wait_ms : 0;
}

// --- ends, under the lock ---

static void fail(struct hooks *hooks, struct webhook *shown, enum hook_outcome outcome,
                 uint64_t retry_ms) {
    uint64_t now_ms = clock_wall_ms(), delay_ms = hooks->config.first_retry_ms;
    uint32_t random;
    if (shown->failures++ == 0) shown->failing_since_ms = now_ms;
    for (uint64_t i = 1; i < shown->failures && delay_ms < hooks->config.longest_retry_ms; i++)
        delay_ms *= 2;
    random_bytes(&random, sizeof random);
    delay_ms = delay_ms / 2 + random % (delay_ms / 2 + 1); // so that many do not come at once
    if (delay_ms < retry_ms) delay_ms = retry_ms;
    if (delay_ms > hooks->config.longest_retry_ms) delay_ms = hooks->config.longest_retry_ms;
    shown->next_try_ms = now_ms + delay_ms;
    bool is_dead = now_ms >= shown->failing_since_ms &&
                   now_ms - shown->failing_since_ms >= hooks->config.dead_after_ms;
    if (outcome == HOOK_GONE || is_dead) shown->state = HOOK_DISABLED;
}

static void succeed(struct webhook *shown) {
    shown->failures = shown->failing_since_ms = shown->next_try_ms = 0;
    shown->delivered_ms = clock_wall_ms();
}

static void drop_again(struct hook *hook, const struct hook_place *place) {
    for (size_t i = 0; i < hook->again_count; i++) {
        if (!is_same(&hook->again[i], place)) continue;
        hook->again_count--;
        memmove(&hook->again[i], &hook->again[i + 1],
                (hook->again_count - i) * sizeof hook->again[0]);
        return;
    }
}

// How an attempt ended: what holds from now on, and its row. Where that cannot be written the same
// message goes out again after a restart, as it may at any time.
static void settle(struct hooks *hooks, struct hook *hook, struct hook_delivery *delivery,
                   bool is_again) {
    enum status status;
    bool is_over = delivery->outcome == HOOK_DELIVERED || delivery->outcome == HOOK_NO_MESSAGE;
    delivery->number = hook->shown.attempts;
    hooks->by_outcome[delivery->outcome]++;
    if (is_over && is_again)
        drop_again(hook, &delivery->place);
    else if (is_over)
        hook->shown.cursor = delivery->place;
    TRY(hook_store_begin(hooks, false));
    if (is_over && is_again) TRY(hook_store_drop_again(hooks, hook->shown.id, &delivery->place));
    TRY(hook_store_log(hooks, hook->shown.id, delivery));
    TRY(hook_store_put(hooks, hook));
    TRY(db_commit(hooks->db));
out:
    db_rollback(hooks->db);
    if (status != STATUS_OK)
        log_warning("hooks", "a delivery cannot be written down",
                    log_text("status", status_name(status)));
}

static enum status put(struct hooks *hooks, const struct hook *hook) {
    enum status status;
    TRY(hook_store_begin(hooks, false));
    TRY(hook_store_put(hooks, hook));
    TRY(db_commit(hooks->db));
out:
    db_rollback(hooks->db);
    return status;
}

static void tell(const struct webhook *shown, const struct hook_delivery *delivery) {
    if (delivery->outcome == HOOK_DELIVERED) return;
    log_info("hooks", "not delivered", log_text("id", shown->id),
             log_text("outcome", hook_outcome_name(delivery->outcome)),
             log_number("code", delivery->code), log_number("failures", (int64_t)shown->failures));
    if (shown->state == HOOK_DISABLED)
        log_warning("hooks", "a webhook is disabled", log_text("id", shown->id),
                    log_text("outcome", hook_outcome_name(delivery->outcome)));
}

static void end_attempt(struct hooks *hooks, struct hook *hook, CURLcode result) {
    struct hook_flight *flight = &hook->flight;
    struct webhook *shown = &hook->shown;
    struct hook_delivery delivery = {.place = flight->place,
                                     .kind = flight->kind,
                                     .started_ms = flight->started_ms,
                                     .attempt = shown->failures + 1};
    uint64_t retry_ms;
    delivery.outcome = hook_attempt_end(hooks, hook, result, &delivery.code, &retry_ms);
    delivery.took_ms = (clock_monotonic_ns() - flight->started_ns) / 1000000;
    if (flight->generation != hook->generation) return;
    shown->attempts++;
    shown->outcome = delivery.outcome;
    if (delivery.outcome == HOOK_DELIVERED) {
        succeed(shown);
        if (!flight->is_again) hook->page.next++;
    } else {
        fail(hooks, shown, delivery.outcome, retry_ms);
    }
    settle(hooks, hook, &delivery, flight->is_again);
    tell(shown, &delivery);
}

static bool end_attempts(struct hooks *hooks) {
    const CURLMsg *message;
    bool has_ended = false;
    int left;
    pthread_mutex_lock(&hooks->lock);
    while ((message = curl_multi_info_read(hooks->multi, &left))) {
        char *hook = NULL;
        CURLcode result = message->data.result;
        if (message->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &hook);
        end_attempt(hooks, (struct hook *)(void *)hook, result);
        has_ended = true;
    }
    pthread_mutex_unlock(&hooks->lock);
    return has_ended;
}

// --- beginnings ---

static uint64_t heights_of(const struct hook *hook) {
    return hook->heights > 0 ? hook->heights : LIMIT_WEBHOOK_HEIGHTS;
}

// Under the lock. False: there is nothing to do before *wait_ms.
static bool find_errand(struct hooks *hooks, size_t index, struct hook_errand *out,
                        uint64_t *wait_ms) {
    struct hook *hook = hooks->list[index];
    uint64_t until_ms = wait_of(hooks, &hook->shown, clock_wall_ms()), news = hooks->news;
    if (hook->shown.state != HOOK_ACTIVE || hook->flight.is_under_way) return false;
    if (hook->is_searched) return false; // who searches wakes the sender
    bool has_page =
        hook->page.generation == hook->generation && hook->page.next < hook->page.batch.count;
    if (hook->again_count == 0 && !has_page && hook->seen_news == news) return false;
    if (until_ms > 0) {
        if (until_ms < *wait_ms) *wait_ms = until_ms;
        return false;
    }
    uint64_t monotonic_ms = clock_monotonic_ms();
    if (hook->search_after_ms > monotonic_ms && hook->again_count == 0 && !has_page) {
        uint64_t left_ms = hook->search_after_ms - monotonic_ms;
        if (left_ms < *wait_ms) *wait_ms = left_ms;
        return false;
    }
    *out = (struct hook_errand){.hook = hook,
                                .generation = hook->generation,
                                .news = news,
                                .is_again = hook->again_count > 0};
    if (out->is_again) out->again = hook->again[0];
    bool has_looked = hook->looked_generation == hook->generation &&
                      is_before(&hook->shown.cursor, &hook->looked);
    memcpy(out->filter, hook->shown.filter, sizeof out->filter);
    memcpy(out->owner, hook->shown.owner, sizeof out->owner);
    out->reading = (struct hook_reading){.behind = has_looked ? hook->looked : hook->shown.cursor,
                                         .kinds = hook->shown.kinds,
                                         .max = HOOK_PAGE,
                                         .filter = out->filter,
                                         .owner = out->owner,
                                         .heights = heights_of(hook)};
    return true;
}

// The message at one place, of whatever kind. NOT_FOUND.
static enum status read_again(struct hooks *hooks, struct arena *arena,
                              const struct hook_errand *errand, struct hook_message *out) {
    const struct hook_source *source = &hooks->config.source;
    struct hook_reading reading = {.behind = errand->again,
                                   .kinds = UINT32_MAX,
                                   .max = 1,
                                   .filter = errand->filter,
                                   .owner = errand->owner,
                                   .heights = 1};
    struct hook_batch batch = {0};
    if (reading.behind.position > 0)
        reading.behind.position--;
    else
        reading.behind = (struct hook_place){errand->again.height - 1, HOOK_LAST_POSITION};
    enum status status = source->read(source->context, arena, &reading, &batch);
    if (status != STATUS_OK) return status;
    if (batch.count == 0 || !is_same(&batch.items[0].place, &errand->again))
        return STATUS_NOT_FOUND;
    *out = batch.items[0];
    return STATUS_OK;
}

// The next message behind the cursor, from what was read before or anew. NOT_FOUND.
static enum status read_next(struct hooks *hooks, const struct hook_errand *errand,
                             struct hook_message *out) {
    const struct hook_source *source = &hooks->config.source;
    struct hook_page *page = &errand->hook->page;
    if (page->generation != errand->generation || page->next >= page->batch.count) {
        arena_reset(&page->arena);
        page->batch = (struct hook_batch){0};
        page->next = 0;
        page->generation = errand->generation;
        struct hook_batch batch = {0};
        enum status status = source->read(source->context, &page->arena, &errand->reading, &batch);
        if (status != STATUS_OK) return status;
        page->batch = batch;
    }
    if (page->batch.count == 0) return STATUS_NOT_FOUND;
    *out = page->batch.items[page->next];
    return STATUS_OK;
}

// A webhook that is gone by now is in the list of removed ones, which nobody but this thread frees.
static void begin_attempt(struct hooks *hooks, const struct hook_errand *errand,
                          const struct hook_message *message) {
    struct hook *hook = errand->hook;
    pthread_mutex_lock(&hooks->lock);
    if (hook->generation == errand->generation) {
        hook->flight.is_again = errand->is_again;
        if (!hook_attempt_begin(hooks, hook, message))
            fail(hooks, &hook->shown, HOOK_UNREACHABLE, SOURCE_RETRY_MS);
    }
    pthread_mutex_unlock(&hooks->lock);
}

static void give_up_again(struct hooks *hooks, const struct hook_errand *errand) {
    struct hook *hook = errand->hook;
    struct hook_delivery delivery = {.place = errand->again,
                                     .kind = "",
                                     .attempt = 1,
                                     .started_ms = clock_wall_ms(),
                                     .outcome = HOOK_NO_MESSAGE};
    pthread_mutex_lock(&hooks->lock);
    if (hook->generation == errand->generation) {
        hook->shown.attempts++;
        settle(hooks, hook, &delivery, true);
    }
    pthread_mutex_unlock(&hooks->lock);
}

// The source took too long for this webhook.
static void fail_search(struct hooks *hooks, const struct hook_errand *errand, uint64_t *wait_ms) {
    struct hook *hook = errand->hook;
    struct hook_delivery delivery = {.kind = "", .outcome = HOOK_SEARCH};
    enum status status = STATUS_OK;
    pthread_mutex_lock(&hooks->lock);
    if (hook->generation == errand->generation) {
        hook->heights = (heights_of(hook) + FEWER_HEIGHTS - 1) / FEWER_HEIGHTS;
        hook->shown.outcome = HOOK_SEARCH;
        hooks->by_outcome[HOOK_SEARCH]++;
        fail(hooks, &hook->shown, HOOK_SEARCH, SOURCE_RETRY_MS);
        status = put(hooks, hook);
        tell(&hook->shown, &delivery);
        uint64_t retry_ms = wait_of(hooks, &hook->shown, clock_wall_ms());
        if (retry_ms < *wait_ms) *wait_ms = retry_ms;
    }
    pthread_mutex_unlock(&hooks->lock);
    if (status != STATUS_OK)
        log_warning("hooks", "a failure cannot be written down",
                    log_text("status", status_name(status)));
}

// Nothing behind the cursor, as far as the source has looked.
static void note_looked(struct hooks *hooks, const struct hook_errand *errand, uint64_t *wait_ms) {
    struct hook *hook = errand->hook;
    const struct hook_batch *batch = &hook->page.batch;
    pthread_mutex_lock(&hooks->lock);
    if (hook->generation == errand->generation) {
        hook->looked = batch->looked;
        hook->looked_generation = errand->generation;
        if (batch->has_more)
            *wait_ms = 0;
        else
            hook->seen_news = errand->news;
    }
    pthread_mutex_unlock(&hooks->lock);
}

// Since the source has answered in time, earlier failures to do so no longer count.
static void note_found(struct hooks *hooks, const struct hook_errand *errand) {
    struct hook *hook = errand->hook;
    pthread_mutex_lock(&hooks->lock);
    if (hook->generation == errand->generation && hook->shown.outcome == HOOK_SEARCH) {
        hook->shown.failures = hook->shown.failing_since_ms = hook->shown.next_try_ms = 0;
        hook->shown.outcome = HOOK_NONE;
    }
    if (heights_of(hook) < LIMIT_WEBHOOK_HEIGHTS) hook->heights = 2 * heights_of(hook);
    pthread_mutex_unlock(&hooks->lock);
}

static void run_errand(struct hooks *hooks, const struct hook_errand *errand, uint64_t *wait_ms) {
    struct arena arena = {0};
    struct hook_message message;
    enum status status = errand->is_again ? read_again(hooks, &arena, errand, &message)
                                          : read_next(hooks, errand, &message);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) note_found(hooks, errand);
    if (status == STATUS_OK) {
        begin_attempt(hooks, errand, &message);
    } else if (status == STATUS_TIMEOUT) {
        fail_search(hooks, errand, wait_ms);
    } else if (status != STATUS_NOT_FOUND) {
        if (*wait_ms > SOURCE_RETRY_MS) *wait_ms = SOURCE_RETRY_MS;
    } else if (errand->is_again) {
        give_up_again(hooks, errand);
        *wait_ms = 0;
    } else {
        note_looked(hooks, errand, wait_ms);
    }
    arena_clear(&arena);
}

// --- the searchers ---

static void copy_errand(struct hook_errand *out, const struct hook_errand *errand) {
    *out = *errand;
    out->reading.filter = out->filter;
    out->reading.owner = out->owner;
}

// Under the lock, for an errand that was found. True: it is for the searchers.
static bool leave_to_search(struct hooks *hooks, const struct hook_errand *errand) {
    struct hook *hook = errand->hook;
    bool has_page =
        hook->page.generation == hook->generation && hook->page.next < hook->page.batch.count;
    if (errand->filter[0] == '\0' || errand->is_again || has_page) return false;
    // The next search that ends wakes the sender again.
    if (hooks->wanted_count == LIMIT_WEBHOOKS_IN_ALL) return true;
    hook->is_searched = true;
    copy_errand(&hooks->wanted[hooks->wanted_count++], errand);
    pthread_cond_signal(&hooks->has_wanted);
    return true;
}

static void search(struct hooks *hooks, const struct hook_errand *errand) {
    struct hook_message message;
    uint64_t wait_ms = LONGEST_WAIT_MS; // the sender finds it out for itself
    enum status status = read_next(hooks, errand, &message);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) note_found(hooks, errand);
    if (status == STATUS_TIMEOUT) fail_search(hooks, errand, &wait_ms);
    if (status == STATUS_NOT_FOUND) note_looked(hooks, errand, &wait_ms);
    bool is_away = status != STATUS_OK && status != STATUS_TIMEOUT && status != STATUS_NOT_FOUND;
    pthread_mutex_lock(&hooks->lock);
    errand->hook->search_after_ms = is_away ? clock_monotonic_ms() + SOURCE_RETRY_MS : 0;
    errand->hook->is_searched = false;
    pthread_mutex_unlock(&hooks->lock);
    curl_multi_wakeup(hooks->multi);
}

void *hooks_search(void *context) {
    struct hooks *hooks = context;
    pthread_mutex_lock(&hooks->lock);
    while (!hooks->must_stop) {
        if (hooks->wanted_count == 0) {
            pthread_cond_wait(&hooks->has_wanted, &hooks->lock);
            continue;
        }
        struct hook_errand errand;
        copy_errand(&errand, &hooks->wanted[0]);
        hooks->wanted_count--;
        memmove(&hooks->wanted[0], &hooks->wanted[1],
                hooks->wanted_count * sizeof hooks->wanted[0]);
        pthread_mutex_unlock(&hooks->lock);
        search(hooks, &errand);
        pthread_mutex_lock(&hooks->lock);
    }
    pthread_mutex_unlock(&hooks->lock);
    return NULL;
}

static uint64_t begin_attempts(struct hooks *hooks) {
    struct hook_errand *errands = hooks->due;
    uint64_t wait_ms = LONGEST_WAIT_MS;
    size_t count = 0;
    pthread_mutex_lock(&hooks->lock);
    for (size_t i = 0; i < hooks->count; i++)
        if (find_errand(hooks, i, &errands[count], &wait_ms) &&
            !leave_to_search(hooks, &errands[count]))
            count++;
    pthread_mutex_unlock(&hooks->lock);
    for (size_t i = 0; i < count; i++) {
        int running;
        run_errand(hooks, &errands[i], &wait_ms);
        // What is under way goes on between one search and the next.
        curl_multi_perform(hooks->multi, &running);
        if (end_attempts(hooks)) wait_ms = 0;
    }
    return wait_ms;
}

// --- the thread ---

static void abandon(struct hooks *hooks, struct hook *hook) {
    if (!hook->flight.is_under_way) return;
    curl_multi_remove_handle(hooks->multi, hook->flight.easy);
    hook->flight.is_under_way = false;
}

static void free_removed(struct hooks *hooks) {
    pthread_mutex_lock(&hooks->lock);
    struct hook *removed = NULL;
    for (struct hook **place = &hooks->removed; *place;) {
        struct hook *hook = *place;
        if (hook->is_searched) {
            place = &hook->next_removed;
            continue;
        }
        *place = hook->next_removed;
        hook->next_removed = removed;
        removed = hook;
    }
    pthread_mutex_unlock(&hooks->lock);
    while (removed) {
        struct hook *next = removed->next_removed;
        abandon(hooks, removed);
        hook_free(removed);
        removed = next;
    }
}

// Those that have ended are settled, the rest is as if it had not begun.
static void finish(struct hooks *hooks) {
    uint64_t until_ms = clock_monotonic_ms() + STOP_GRACE_MS;
    int running = 1;
    while (running > 0 && clock_monotonic_ms() < until_ms) {
        curl_multi_perform(hooks->multi, &running);
        end_attempts(hooks);
        if (running > 0) curl_multi_poll(hooks->multi, NULL, 0, 100, NULL);
    }
    free_removed(hooks);
    pthread_mutex_lock(&hooks->lock);
    for (size_t i = 0; i < hooks->count; i++) abandon(hooks, hooks->list[i]);
    pthread_mutex_unlock(&hooks->lock);
}

void *hooks_send(void *context) {
    struct hooks *hooks = context;
    while (!hooks->must_stop) {
        int running;
        free_removed(hooks);
        uint64_t wait_ms = begin_attempts(hooks);
        curl_multi_perform(hooks->multi, &running);
        if (!end_attempts(hooks)) curl_multi_poll(hooks->multi, NULL, 0, (int)wait_ms, NULL);
    }
    finish(hooks);
    return NULL;
}
