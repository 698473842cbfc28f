// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/certificate_log.h"

#include <pthread.h>

#include "chaincore/base/memory.h"
#include "chaincore/ledger/segment.h"

struct certificate_log {
    pthread_mutex_t lock; // guards the segment's count and offsets, which grow
    struct segment segment;
};

enum status certificate_log_open(struct certificate_log **out, const char *path) {
    struct certificate_log *log = mem_alloc(sizeof *log);
    struct segment_scan scan = {0};
    enum status status = segment_open(&log->segment, path, 1, &scan);
    if (status != STATUS_OK) {
        mem_free(log);
        return status;
    }
    pthread_mutex_init(&log->lock, NULL);
    *out = log;
    return STATUS_OK;
}

void certificate_log_close(struct certificate_log *log) {
    if (!log) return;
    segment_close(&log->segment);
    pthread_mutex_destroy(&log->lock);
    mem_free(log);
}

uint64_t certificate_log_newest(struct certificate_log *log) {
    pthread_mutex_lock(&log->lock);
    uint64_t newest = log->segment.count;
    pthread_mutex_unlock(&log->lock);
    return newest;
}

enum status certificate_log_append(struct certificate_log *log, uint64_t height,
                                   struct bytes certificate) {
    // Only the one writer changes what is read here.
    if (height != log->segment.count + 1) return STATUS_CONFLICT;
    enum status status = segment_write(&log->segment, certificate);
    if (status != STATUS_OK) return status;
    pthread_mutex_lock(&log->lock);
    segment_note(&log->segment, certificate.len);
    pthread_mutex_unlock(&log->lock);
    return STATUS_OK;
}

enum status certificate_log_sync(struct certificate_log *log) {
    return segment_sync(&log->segment);
}

enum status certificate_log_read(struct certificate_log *log, uint64_t height, struct buf *out) {
    uint64_t offset = 0;
    pthread_mutex_lock(&log->lock);
    bool is_there = height >= 1 && height <= log->segment.count;
    if (is_there) offset = log->segment.offsets[height - 1];
    pthread_mutex_unlock(&log->lock);
    if (!is_there) return STATUS_NOT_FOUND;
    return segment_read(&log->segment.file, log->segment.path, offset, height, out);
}
