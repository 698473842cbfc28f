// SPDX-License-Identifier: Apache-2.0
#include "apps/common/hooks/hooks.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/common/hooks/hook_inside.h"
#include "apps/common/http/metrics.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/sign.h"

enum {
    FIRST_RETRY_MS = 1000,
    LONGEST_RETRY_MS = 3600 * 1000,
    DEAD_AFTER_MS = 5 * 24 * 3600 * 1000,
};

// --- the whole ---

static void use_defaults(struct hooks_config *config) {
    if (config->first_retry_ms == 0) config->first_retry_ms = FIRST_RETRY_MS;
    if (config->longest_retry_ms == 0) config->longest_retry_ms = LONGEST_RETRY_MS;
    if (config->dead_after_ms == 0) config->dead_after_ms = DEAD_AFTER_MS;
}

enum status hooks_open(struct hooks **out, const struct hooks_config *config) {
    enum status status = STATUS_OK;
    struct hooks *hooks = mem_alloc(sizeof *hooks);
    ENSURE(config->source.kind_count <= LIMIT_WEBHOOK_KINDS);
    *out = NULL;
    hooks->config = *config;
    hooks->config.path = mem_copy_string(config->path);
    hooks->config.own_account = mem_copy_string(config->own_account);
    use_defaults(&hooks->config);
    hooks->news = 1; // whatever has come while no process was here
    pthread_mutex_init(&hooks->lock, NULL);
    pthread_cond_init(&hooks->has_wanted, NULL);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) TRY(STATUS_NO_MEMORY);
    hooks->multi = curl_multi_init();
    if (!hooks->multi) TRY(STATUS_NO_MEMORY);
    TRY(hook_store_open(hooks));
    *out = hooks;
out:
    if (status != STATUS_OK) hooks_close(hooks);
    return status;
}

const struct hooks_config *hooks_config_of(const struct hooks *hooks) { return &hooks->config; }

enum status hooks_start(struct hooks *hooks) {
    while (hooks->searcher_count < HOOK_SEARCHERS) {
        pthread_t *searcher = &hooks->searchers[hooks->searcher_count];
        if (pthread_create(searcher, NULL, hooks_search, hooks) != 0) return STATUS_NO_MEMORY;
        hooks->searcher_count++;
    }
    if (pthread_create(&hooks->sender, NULL, hooks_send, hooks) != 0) return STATUS_NO_MEMORY;
    hooks->is_running = true;
    return STATUS_OK;
}

void hooks_wake(struct hooks *hooks) {
    hooks->news++;
    curl_multi_wakeup(hooks->multi);
}

void hooks_stop(struct hooks *hooks) {
    pthread_mutex_lock(&hooks->lock);
    hooks->must_stop = true;
    pthread_cond_broadcast(&hooks->has_wanted);
    pthread_mutex_unlock(&hooks->lock);
    if (hooks->is_running) {
        curl_multi_wakeup(hooks->multi);
        pthread_join(hooks->sender, NULL);
    }
    hooks->is_running = false;
    while (hooks->searcher_count > 0) pthread_join(hooks->searchers[--hooks->searcher_count], NULL);
}

void hook_free(struct hook *hook) {
    hook_flight_clear(&hook->flight);
    arena_clear(&hook->page.arena);
    secret_clear(hook, sizeof *hook);
    mem_free(hook);
}

void hooks_close(struct hooks *hooks) {
    if (!hooks) return;
    hooks_stop(hooks);
    for (size_t i = 0; i < hooks->count; i++) hook_free(hooks->list[i]);
    while (hooks->removed) {
        struct hook *next = hooks->removed->next_removed;
        hook_free(hooks->removed);
        hooks->removed = next;
    }
    db_close(hooks->db);
    curl_multi_cleanup(hooks->multi);
    curl_global_cleanup();
    pthread_cond_destroy(&hooks->has_wanted);
    pthread_mutex_destroy(&hooks->lock);
    mem_free((char *)hooks->config.path);
    mem_free((char *)hooks->config.own_account);
    mem_free(hooks);
}

// --- messages' ids ---

void hook_message_id(char out[HOOK_MESSAGE_CHARS + 1], const struct hook_place *place) {
    snprintf(out, HOOK_MESSAGE_CHARS + 1, "msg_%llu_%llu", (unsigned long long)place->height,
             (unsigned long long)place->position);
}

bool hook_message_parse(struct hook_place *out, const char *id) {
    char again[HOOK_MESSAGE_CHARS + 1], *end;
    if (strncmp(id, "msg_", 4) != 0 || strlen(id) > HOOK_MESSAGE_CHARS) return false;
    out->height = strtoull(id + 4, &end, 10);
    if (*end != '_') return false;
    out->position = strtoull(end + 1, NULL, 10);
    hook_message_id(again, out);
    // No signs, no blanks, no zeros before, nothing that overflows.
    return strcmp(again, id) == 0 && out->height > 0 && out->height <= INT64_MAX &&
           out->position < HOOK_LAST_POSITION;
}

// --- under the lock ---

static struct hook *find(struct hooks *hooks, const char *id) {
    for (size_t i = 0; i < hooks->count; i++)
        if (strcmp(hooks->list[i]->shown.id, id) == 0) return hooks->list[i];
    return NULL;
}

static bool is_before(const struct hook_place *a, const struct hook_place *b) {
    return a->height != b->height ? a->height < b->height : a->position < b->position;
}

// For one more of the owner's. What others have does not count, unless there are more owners than a
// server signs with: those whose keys were taken away.
static enum status check_room(const struct hooks *hooks, const char *owner) {
    bool is_own = strcmp(owner, hooks->config.own_account) == 0;
    size_t most = is_own ? LIMIT_WEBHOOKS : LIMIT_SIGNER_WEBHOOKS, count = 0;
    for (size_t i = 0; i < hooks->count; i++)
        if (strcmp(hooks->list[i]->shown.owner, owner) == 0) count++;
    if (count >= most) return STATUS_TOO_LARGE;
    return hooks->count < LIMIT_WEBHOOKS_IN_ALL ? STATUS_OK : STATUS_FULL;
}

// By the moment, and at random within it, but always behind the newest one.
static void draw_id(const struct hooks *hooks, uint64_t now_ms, char out[HOOK_ID_CHARS + 1]) {
    uint8_t bytes[8];
    uint16_t random;
    random_bytes(&random, sizeof random);
    store_u64_be(bytes, now_ms << 16 | random);
    memcpy(out, "wh_", 3);
    hex_encode(out + 3, BYTES_OF(bytes));
    if (hooks->count == 0) return;
    const char *newest = hooks->list[hooks->count - 1]->shown.id;
    if (strcmp(out, newest) > 0) return;
    ENSURE(hex_decode(bytes, sizeof bytes, newest + 3) == STATUS_OK);
    store_u64_be(bytes, load_u64_be(bytes) + 1);
    hex_encode(out + 3, BYTES_OF(bytes));
}

// What is on the disk, and none of what is the sender's own.
static void copy_kept(struct hook *out, const struct hook *from) {
    out->shown = from->shown;
    memcpy(out->secret, from->secret, sizeof out->secret);
    memcpy(out->old_secret, from->old_secret, sizeof out->old_secret);
    memcpy(out->token, from->token, sizeof out->token);
}

// Puts the changed copy in the place of what is there, on the disk first.
static enum status commit_change(struct hooks *hooks, struct hook *hook,
                                 const struct hook *changed) {
    enum status status;
    TRY(hook_store_begin(hooks, true));
    TRY(hook_store_put(hooks, changed));
    TRY(db_commit(hooks->db));
    copy_kept(hook, changed);
out:
    db_rollback(hooks->db);
    return status;
}

// What is under way does not count, and is sent anew by what holds now.
static void begin_anew(struct hooks *hooks, struct hook *hook) {
    hook->generation++;
    hook->seen_news = 0;
    curl_multi_wakeup(hooks->multi);
}

// --- what routes do ---

enum status hooks_make(struct hooks *hooks, struct webhook *shown, const char *token,
                       char secret[HOOK_SECRET_CHARS + 1]) {
    struct hook *hook = mem_alloc(sizeof *hook);
    enum status status = STATUS_OK;
    uint64_t now_ms = clock_wall_ms();
    struct webhook *made = &hook->shown;
    memcpy(made->url, shown->url, sizeof made->url);
    memcpy(made->description, shown->description, sizeof made->description);
    memcpy(made->owner, shown->owner, sizeof made->owner);
    memcpy(made->filter, shown->filter, sizeof made->filter);
    if (token) {
        ENSURE(strlen(token) < sizeof hook->token);
        memcpy(hook->token, token, strlen(token));
    }
    made->kinds = shown->kinds;
    made->cursor = shown->cursor;
    made->created_ms = now_ms;
    random_bytes(hook->secret, sizeof hook->secret);
    hook_secret_print(secret, hook->secret);
    pthread_mutex_lock(&hooks->lock);
    TRY(check_room(hooks, made->owner));
    draw_id(hooks, now_ms, made->id);
    TRY(hook_store_begin(hooks, true));
    TRY(hook_store_put(hooks, hook));
    TRY(db_commit(hooks->db));
    *shown = *made;
    hooks->list[hooks->count++] = hook; // its id is the largest
    hook = NULL;
    curl_multi_wakeup(hooks->multi);
out:
    db_rollback(hooks->db);
    pthread_mutex_unlock(&hooks->lock);
    if (hook) hook_free(hook);
    return status;
}

enum status hooks_get(struct hooks *hooks, const char *id, struct webhook *out) {
    pthread_mutex_lock(&hooks->lock);
    const struct hook *hook = find(hooks, id);
    if (hook) *out = hook->shown;
    pthread_mutex_unlock(&hooks->lock);
    return hook ? STATUS_OK : STATUS_NOT_FOUND;
}

size_t hooks_list(struct hooks *hooks, const struct hook_listing *asked, struct webhook *out) {
    size_t count = 0;
    pthread_mutex_lock(&hooks->lock);
    for (size_t i = 0; i < hooks->count && count < asked->max; i++) {
        const struct webhook *shown = &hooks->list[i]->shown;
        bool is_asked = !asked->owner || strcmp(shown->owner, asked->owner) == 0;
        if (is_asked && strcmp(shown->id, asked->behind) > 0) out[count++] = *shown;
    }
    pthread_mutex_unlock(&hooks->lock);
    return count;
}

static void try_at_once(struct webhook *shown) {
    shown->failures = shown->failing_since_ms = shown->next_try_ms = 0;
}

enum status hooks_change(struct hooks *hooks, unsigned what, struct webhook *shown) {
    struct hook changed = {0};
    enum status status;
    pthread_mutex_lock(&hooks->lock);
    struct hook *hook = find(hooks, shown->id);
    if (!hook) TRY(STATUS_NOT_FOUND);
    copy_kept(&changed, hook);
    if (what & HOOK_URL) memcpy(changed.shown.url, shown->url, sizeof shown->url);
    if (what & HOOK_DESCRIPTION)
        memcpy(changed.shown.description, shown->description, sizeof shown->description);
    if (what & HOOK_KINDS) changed.shown.kinds = shown->kinds;
    if (what & HOOK_STATE) changed.shown.state = shown->state;
    if (what & (HOOK_URL | HOOK_STATE) && changed.shown.state == HOOK_ACTIVE)
        try_at_once(&changed.shown);
    TRY(commit_change(hooks, hook, &changed));
    begin_anew(hooks, hook);
    *shown = hook->shown;
out:
    pthread_mutex_unlock(&hooks->lock);
    secret_clear(&changed, sizeof changed);
    return status;
}

enum status hooks_rotate(struct hooks *hooks, const char *id, uint64_t overlap_ms,
                         struct webhook *out, char secret[HOOK_SECRET_CHARS + 1]) {
    struct hook changed = {0};
    enum status status;
    pthread_mutex_lock(&hooks->lock);
    struct hook *hook = find(hooks, id);
    if (!hook) TRY(STATUS_NOT_FOUND);
    copy_kept(&changed, hook);
    memcpy(changed.old_secret, hook->secret, sizeof changed.old_secret);
    random_bytes(changed.secret, sizeof changed.secret);
    changed.shown.old_until_ms = clock_wall_ms() + overlap_ms;
    TRY(commit_change(hooks, hook, &changed));
    hook_secret_print(secret, hook->secret);
    *out = hook->shown;
out:
    pthread_mutex_unlock(&hooks->lock);
    secret_clear(&changed, sizeof changed);
    return status;
}

enum status hooks_remove(struct hooks *hooks, const char *id) {
    enum status status;
    pthread_mutex_lock(&hooks->lock);
    struct hook *hook = find(hooks, id);
    size_t place = 0;
    if (!hook) TRY(STATUS_NOT_FOUND);
    TRY(hook_store_begin(hooks, true));
    TRY(hook_store_remove(hooks, id));
    TRY(db_commit(hooks->db));
    while (hooks->list[place] != hook) place++;
    memmove(&hooks->list[place], &hooks->list[place + 1],
            (hooks->count - place - 1) * sizeof(struct hook *));
    hooks->count--;
    hook->generation++;
    hook->next_removed = hooks->removed;
    hooks->removed = hook;
    curl_multi_wakeup(hooks->multi);
out:
    db_rollback(hooks->db);
    pthread_mutex_unlock(&hooks->lock);
    return status;
}

static struct hook_place before(const struct hook_place *place) {
    if (place->position > 0) return (struct hook_place){place->height, place->position - 1};
    if (place->height > 0) return (struct hook_place){place->height - 1, HOOK_LAST_POSITION};
    return (struct hook_place){0};
}

enum status hooks_replay(struct hooks *hooks, const char *id, const struct hook_place *from) {
    struct hook changed = {0};
    enum status status;
    pthread_mutex_lock(&hooks->lock);
    struct hook *hook = find(hooks, id);
    if (!hook) TRY(STATUS_NOT_FOUND);
    copy_kept(&changed, hook);
    changed.shown.cursor = before(from);
    if (is_before(&hook->shown.cursor, &changed.shown.cursor)) TRY(STATUS_CONFLICT);
    TRY(commit_change(hooks, hook, &changed));
    begin_anew(hooks, hook);
out:
    pthread_mutex_unlock(&hooks->lock);
    secret_clear(&changed, sizeof changed);
    return status;
}

static bool is_listed(const struct hook *hook, const struct hook_place *place) {
    for (size_t i = 0; i < hook->again_count; i++)
        if (!is_before(&hook->again[i], place) && !is_before(place, &hook->again[i])) return true;
    return false;
}

enum status hooks_resend(struct hooks *hooks, const char *id, const struct hook_place *place) {
    enum status status = STATUS_OK;
    pthread_mutex_lock(&hooks->lock);
    struct hook *hook = find(hooks, id);
    if (!hook) TRY(STATUS_NOT_FOUND);
    if (is_before(&hook->shown.cursor, place)) TRY(STATUS_CONFLICT);
    if (is_listed(hook, place)) goto out;
    if (hook->again_count == LIMIT_WEBHOOK_AGAIN) TRY(STATUS_FULL);
    TRY(hook_store_begin(hooks, true));
    TRY(hook_store_add_again(hooks, id, place));
    TRY(db_commit(hooks->db));
    hook->again[hook->again_count++] = *place;
    curl_multi_wakeup(hooks->multi);
out:
    db_rollback(hooks->db);
    pthread_mutex_unlock(&hooks->lock);
    return status;
}

enum status hooks_list_deliveries(struct hooks *hooks, const char *id, struct arena *arena,
                                  struct hook_deliveries *page) {
    pthread_mutex_lock(&hooks->lock);
    enum status status =
        find(hooks, id) ? hook_store_deliveries(hooks, id, arena, page) : STATUS_NOT_FOUND;
    pthread_mutex_unlock(&hooks->lock);
    return status;
}

// --- numbers ---

void hooks_append_metrics(struct hooks *hooks, struct buf *out) {
    uint64_t states[HOOK_STATES] = {0}, since_ms = UINT64_MAX, now_ms = clock_wall_ms();
    uint64_t by_outcome[HOOK_OUTCOMES];
    pthread_mutex_lock(&hooks->lock);
    for (size_t i = 0; i < hooks->count; i++) {
        const struct webhook *shown = &hooks->list[i]->shown;
        states[shown->state]++;
        if (shown->state == HOOK_ACTIVE && shown->failures > 0 &&
            shown->failing_since_ms < since_ms)
            since_ms = shown->failing_since_ms;
    }
    memcpy(by_outcome, hooks->by_outcome, sizeof by_outcome);
    pthread_mutex_unlock(&hooks->lock);
    metric_begin(out, "lmm_webhooks", METRIC_GAUGE, "Webhooks by their state.");
    for (int i = 0; i < HOOK_STATES; i++) {
        struct buf labels = {0};
        metric_label(&labels, "state", hook_state_name((enum hook_state)i));
        metric_number(out, "lmm_webhooks", &labels, states[i]);
        buf_clear(&labels);
    }
    metric_begin(out, "lmm_webhook_attempts_total", METRIC_COUNTER, "Attempts by how they ended.");
    for (int i = HOOK_NONE + 1; i < HOOK_OUTCOMES; i++) {
        struct buf labels = {0};
        metric_label(&labels, "outcome", hook_outcome_name((enum hook_outcome)i));
        metric_number(out, "lmm_webhook_attempts_total", &labels, by_outcome[i]);
        buf_clear(&labels);
    }
    metric_begin(out, "lmm_webhook_failing_seconds", METRIC_GAUGE,
                 "For how long the active webhook that fails for the longest has; 0: none does.");
    metric_seconds(out, "lmm_webhook_failing_seconds", NULL,
                   since_ms < now_ms ? (now_ms - since_ms) * 1000 : 0);
}
