// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/pool.h"

#include <pthread.h>
#include <time.h>

#include "apps/common/db/driver.h"
#include "chaincore/base/memory.h"

struct db_pool {
    char *url;
    unsigned size;
    unsigned taken;
    unsigned idle_count;
    struct db **idle; // the one given back last at the end: its caches are warm
    pthread_mutex_t lock;
    pthread_cond_t given;
};

enum status db_pool_open(struct db_pool **out, const char *url, unsigned size) {
    const char *target;
    *out = NULL;
    if (!db_driver_of(url, &target)) return STATUS_UNSUPPORTED;
    ENSURE(size > 0);
    struct db_pool *pool = mem_alloc(sizeof *pool);
    pool->url = mem_copy_string(url);
    pool->size = size;
    pool->idle = mem_alloc_array(size, sizeof(struct db *));
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->given, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&pool->lock, NULL);
    *out = pool;
    return STATUS_OK;
}

void db_pool_close(struct db_pool *pool) {
    if (!pool) return;
    ENSURE(pool->taken == 0);
    for (unsigned i = 0; i < pool->idle_count; i++) db_close(pool->idle[i]);
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->idle);
    mem_free(pool->url);
    mem_free(pool);
}

static struct timespec moment_after(uint32_t timeout_ms) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += timeout_ms / 1000;
    moment.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

// A place of the pool, with the connection that waits there or without any.
static enum status take_place(struct db **out, struct db_pool *pool, uint32_t timeout_ms) {
    struct timespec moment = moment_after(timeout_ms);
    int waited = 0;
    pthread_mutex_lock(&pool->lock);
    while (pool->taken == pool->size && waited == 0)
        waited = pthread_cond_timedwait(&pool->given, &pool->lock, &moment);
    bool is_taken = pool->taken < pool->size;
    if (is_taken) {
        pool->taken++;
        if (pool->idle_count > 0) *out = pool->idle[--pool->idle_count];
    }
    pthread_mutex_unlock(&pool->lock);
    return is_taken ? STATUS_OK : STATUS_BUSY;
}

static void give_place(struct db_pool *pool, struct db *db) {
    pthread_mutex_lock(&pool->lock);
    pool->taken--;
    if (db) pool->idle[pool->idle_count++] = db;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}

enum status db_pool_take(struct db **out, struct db_pool *pool, uint32_t timeout_ms) {
    *out = NULL;
    enum status status = take_place(out, pool, timeout_ms);
    if (status != STATUS_OK || *out) return status;
    status = db_open_as(out, pool->url, DB_READER);
    if (status != STATUS_OK) give_place(pool, NULL);
    return status;
}

void db_pool_give(struct db_pool *pool, struct db *db) {
    if (!db) return;
    db_give_back_everything(db);
    give_place(pool, db);
}
