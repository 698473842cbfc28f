// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/ahead.h"

#include "chaincore/chaincore.h"

void reading_fill(struct reading *reading, struct node *node, uint64_t height) {
    arena_reset(&reading->arena);
    reading->status = node_read_block(node, height, &reading->encoded);
    if (reading->status == STATUS_OK)
        reading->status =
            block_decode(&reading->block, &reading->arena, buf_bytes(&reading->encoded));
}

void reading_clear(struct reading *reading) {
    buf_clear(&reading->encoded);
    arena_clear(&reading->arena);
}

void ahead_init(struct ahead *ahead, struct node *node, const struct index_projection *projection) {
    *ahead = (struct ahead){.node = node, .projection = projection};
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->changed, NULL);
}

static struct reading *reading_at(struct ahead *ahead, uint64_t height) {
    return &ahead->readings[height % LIMIT_INDEX_AHEAD];
}

static void read_and_prepare(const struct ahead *ahead, struct reading *reading, uint64_t height) {
    const struct index_projection *projection = ahead->projection;
    struct index_block given = {.block = &reading->block, .arena = &reading->arena};
    reading_fill(reading, ahead->node, height);
    if (reading->status == STATUS_OK && projection->prepare)
        reading->prepared = projection->prepare(projection->context, &given);
}

static bool has_room(const struct ahead *ahead) {
    bool is_full = ahead->count == LIMIT_INDEX_AHEAD ||
                   (ahead->count > 0 && ahead->bytes >= LIMIT_INDEX_BATCH_BYTES);
    return !is_full && ahead->next + ahead->count <= ahead->last;
}

static void *read_ahead(void *argument) {
    struct ahead *ahead = argument;
    pthread_mutex_lock(&ahead->lock);
    while (!ahead->must_stop) {
        if (!has_room(ahead)) {
            pthread_cond_wait(&ahead->changed, &ahead->lock);
            continue;
        }
        uint64_t height = ahead->next + ahead->count;
        struct reading *reading = reading_at(ahead, height);
        pthread_mutex_unlock(&ahead->lock);
        read_and_prepare(ahead, reading, height); // nobody else's until it is counted
        pthread_mutex_lock(&ahead->lock);
        ahead->count++;
        ahead->bytes += reading->encoded.len;
        pthread_cond_broadcast(&ahead->changed);
    }
    pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

static void discard(const struct ahead *ahead, struct reading *reading) {
    const struct index_projection *projection = ahead->projection;
    if (reading->prepared) projection->discard(projection->context, reading->prepared);
    reading->prepared = NULL;
}

void ahead_stop(struct ahead *ahead) {
    if (ahead->is_running) {
        pthread_mutex_lock(&ahead->lock);
        ahead->must_stop = true;
        pthread_cond_broadcast(&ahead->changed);
        pthread_mutex_unlock(&ahead->lock);
        pthread_join(ahead->thread, NULL);
    }
    for (int i = 0; i < LIMIT_INDEX_AHEAD; i++) {
        discard(ahead, &ahead->readings[i]);
        reading_clear(&ahead->readings[i]);
        ahead->readings[i] = (struct reading){0};
    }
    ahead->is_running = ahead->must_stop = ahead->is_taken = false;
    ahead->count = ahead->bytes = 0;
}

static void start(struct ahead *ahead, uint64_t height, uint64_t last) {
    ahead_stop(ahead);
    ahead->next = height;
    ahead->last = last;
    ahead->is_running = pthread_create(&ahead->thread, NULL, read_ahead, ahead) == 0;
}

struct reading *ahead_take(struct ahead *ahead, uint64_t height, uint64_t last) {
    struct reading *reading = reading_at(ahead, height);
    if (!ahead->is_running || height != ahead->next) start(ahead, height, last);
    ENSURE(!ahead->is_taken);
    if (!ahead->is_running) { // the machine has no thread for it
        read_and_prepare(ahead, reading, height);
        return reading;
    }
    pthread_mutex_lock(&ahead->lock);
    ahead->last = last;
    pthread_cond_broadcast(&ahead->changed);
    while (ahead->count == 0) pthread_cond_wait(&ahead->changed, &ahead->lock);
    ahead->is_taken = true;
    pthread_mutex_unlock(&ahead->lock);
    return reading;
}

void ahead_give(struct ahead *ahead) {
    if (!ahead->is_running) {
        ahead_stop(ahead);
        return;
    }
    struct reading *reading = reading_at(ahead, ahead->next);
    discard(ahead, reading);
    pthread_mutex_lock(&ahead->lock);
    ahead->bytes -= reading->encoded.len;
    ahead->next++;
    ahead->count--;
    ahead->is_taken = false;
    pthread_cond_broadcast(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
}

void ahead_clear(struct ahead *ahead) {
    ahead_stop(ahead);
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->lock);
}
