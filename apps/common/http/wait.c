// SPDX-License-Identifier: Apache-2.0
// Requests that wait, and the one thread that ends their waiting. A waiter is registered under its
// key from http_wait_for until its response is sent; while it is parked its connection is suspended
// in libmicrohttpd, which then neither times it out nor looks at it. Suspending and resuming happen
// under the parking's lock, and after the handler has returned, so that no notification falls
// between looking and parking.
#include <errno.h>
#include <microhttpd.h>
#include <time.h>

#include "apps/common/http/inside.h"
#include "chaincore/base/clock.h"

void moment_cond_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool moment_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ms) {
    struct timespec moment = {.tv_sec = (time_t)(until_ms / 1000),
                              .tv_nsec = (long)(until_ms % 1000) * 1000000};
    return pthread_cond_timedwait(condition, lock, &moment) != ETIMEDOUT;
}

static struct http_request *request_of(struct http_waiter *waiter) {
    return (struct http_request *)((char *)waiter - offsetof(struct http_request, waiter));
}

static struct http_waiter **bucket_of(struct parking *parking, struct bytes key) {
    uint64_t hash = 0xCBF29CE484222325U; // FNV-1a; the keys are hashes or short already
    for (size_t i = 0; i < key.len; i++) hash = (hash ^ key.data[i]) * 0x100000001B3U;
    return &parking->buckets[(hash ^ hash >> 32) % PARKING_BUCKETS];
}

// --- under the lock ---

static void wake(struct parking *parking, struct http_waiter *waiter) {
    if (!waiter->is_parked) return;
    waiter->is_parked = false;
    parking->parked--;
    MHD_resume_connection(request_of(waiter)->connection);
}

static void wake_all_until(struct parking *parking, uint64_t deadline_ms, uint64_t *next_ms) {
    for (int i = 0; i < PARKING_BUCKETS && parking->parked > 0; i++) {
        for (struct http_waiter *waiter = parking->buckets[i]; waiter; waiter = waiter->next) {
            if (!waiter->is_parked) continue;
            if (waiter->deadline_ms <= deadline_ms)
                wake(parking, waiter);
            else if (waiter->deadline_ms < *next_ms)
                *next_ms = waiter->deadline_ms;
        }
    }
}

// --- for handlers ---

void http_wait_for(struct http_request *request, struct bytes key, uint32_t timeout_ms) {
    struct http_waiter *waiter = &request->waiter;
    struct parking *parking = &request->server->parking;
    if (key.len == 0 || key.len > sizeof waiter->key) return;
    pthread_mutex_lock(&parking->lock);
    if (!waiter->is_registered) {
        struct http_waiter **bucket = bucket_of(parking, key);
        if (timeout_ms > LIMIT_HTTP_WAIT_MS) timeout_ms = LIMIT_HTTP_WAIT_MS;
        waiter->deadline_ms = clock_monotonic_ms() + timeout_ms;
        memcpy(waiter->key, key.data, key.len);
        waiter->key_len = key.len;
        waiter->next = *bucket;
        waiter->link = bucket;
        if (*bucket) (*bucket)->link = &waiter->next;
        *bucket = waiter;
        waiter->is_registered = true;
        parking->registered++;
    }
    // What has happened up to now the handler is about to see by itself.
    waiter->is_notified = false;
    pthread_mutex_unlock(&parking->lock);
}

bool http_park(struct http_request *request) {
    struct http_waiter *waiter = &request->waiter;
    struct parking *parking = &request->server->parking;
    ENSURE(!waiter->wants_park);
    if (!waiter->is_registered) return false;
    pthread_mutex_lock(&parking->lock);
    waiter->wants_park = !parking->is_closing && waiter->wake_ups < LIMIT_HTTP_WAKE_UPS &&
                         clock_monotonic_ms() < waiter->deadline_ms &&
                         parking->parked < request->server->config.limits.parked;
    pthread_mutex_unlock(&parking->lock);
    if (waiter->wants_park) waiter->wake_ups++;
    return waiter->wants_park;
}

enum parking_end waiter_settle(struct http_request *request, bool is_suspended) {
    struct http_waiter *waiter = &request->waiter;
    struct parking *parking = &request->server->parking;
    enum parking_end end = PARKING_AGAIN;
    if (!waiter->wants_park) return PARKING_NONE;
    waiter->wants_park = false;
    pthread_mutex_lock(&parking->lock);
    if (!waiter->is_notified && !parking->is_closing) {
        waiter->is_parked = true;
        parking->parked++;
        if (!is_suspended) MHD_suspend_connection(request->connection);
        if (waiter->deadline_ms < parking->wakes_ms) pthread_cond_signal(&parking->changed);
        end = PARKING_PARKED;
    }
    pthread_mutex_unlock(&parking->lock);
    return end;
}

void waiter_forget(struct http_request *request) {
    struct http_waiter *waiter = &request->waiter;
    struct parking *parking = &request->server->parking;
    if (!waiter->is_registered) return;
    pthread_mutex_lock(&parking->lock);
    if (waiter->is_parked) parking->parked--;
    parking->registered--;
    *waiter->link = waiter->next;
    if (waiter->next) waiter->next->link = waiter->link;
    pthread_mutex_unlock(&parking->lock);
    *waiter = (struct http_waiter){0};
}

void http_notify(struct http_server *server, struct bytes key) {
    struct parking *parking = &server->parking;
    pthread_mutex_lock(&parking->lock);
    for (struct http_waiter *waiter = *bucket_of(parking, key); waiter; waiter = waiter->next) {
        if (!bytes_equal(bytes_of(waiter->key, waiter->key_len), key)) continue;
        waiter->is_notified = true;
        wake(parking, waiter);
    }
    pthread_mutex_unlock(&parking->lock);
}

bool http_is_awaited(struct http_server *server) {
    pthread_mutex_lock(&server->parking.lock);
    bool is_awaited = server->parking.registered > 0;
    pthread_mutex_unlock(&server->parking.lock);
    return is_awaited;
}

// --- the ticker ---

static uint64_t tick_streams(struct http_server *server, uint64_t now_ms) {
    uint64_t next_ms = UINT64_MAX;
    for (struct http_stream *stream = server->streams; stream; stream = stream_next(stream)) {
        uint64_t due_ms = stream_tick(stream, now_ms);
        if (due_ms < next_ms) next_ms = due_ms;
    }
    return next_ms;
}

static void *tick(void *context) {
    enum { LONGEST_SLEEP_MS = 60 * 1000 };
    struct http_server *server = context;
    struct parking *parking = &server->parking;
    pthread_mutex_lock(&parking->lock);
    while (!parking->ends) {
        uint64_t now_ms = clock_monotonic_ms();
        uint64_t next_ms = tick_streams(server, now_ms), due_ms = lanes_tick(server, now_ms);
        if (next_ms > due_ms) next_ms = due_ms;
        if (next_ms > now_ms + LONGEST_SLEEP_MS) next_ms = now_ms + LONGEST_SLEEP_MS;
        wake_all_until(parking, now_ms, &next_ms);
        parking->wakes_ms = next_ms;
        moment_wait(&parking->changed, &parking->lock, next_ms);
    }
    pthread_mutex_unlock(&parking->lock);
    return NULL;
}

void ticker_look_at(struct http_server *server, uint64_t moment_ms) {
    pthread_mutex_lock(&server->parking.lock);
    if (moment_ms < server->parking.wakes_ms) pthread_cond_signal(&server->parking.changed);
    pthread_mutex_unlock(&server->parking.lock);
}

void parking_open(struct http_server *server) {
    pthread_mutex_init(&server->parking.lock, NULL);
    moment_cond_init(&server->parking.changed);
}

enum status parking_start_ticker(struct http_server *server) {
    server->parking.is_closing = false;
    server->parking.ends = false;
    if (pthread_create(&server->ticker, NULL, tick, server) != 0) return STATUS_NO_MEMORY;
    server->has_ticker = true;
    return STATUS_OK;
}

void parking_close(struct http_server *server) {
    struct parking *parking = &server->parking;
    uint64_t unused = UINT64_MAX;
    pthread_mutex_lock(&parking->lock);
    parking->is_closing = true;
    wake_all_until(parking, UINT64_MAX, &unused);
    pthread_mutex_unlock(&parking->lock);
}

void parking_stop_ticker(struct http_server *server) {
    if (!server->has_ticker) return;
    pthread_mutex_lock(&server->parking.lock);
    server->parking.ends = true;
    pthread_cond_signal(&server->parking.changed);
    pthread_mutex_unlock(&server->parking.lock);
    pthread_join(server->ticker, NULL);
    server->has_ticker = false;
}

void parking_clear(struct http_server *server) {
    pthread_cond_destroy(&server->parking.changed);
    pthread_mutex_destroy(&server->parking.lock);
}
