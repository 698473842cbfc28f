// SPDX-License-Identifier: Apache-2.0
// One append-only file of records with consecutive heights, and where each of them begins. The
// block log is a row of these, the certificate log is one. Internal to ledger/.
#ifndef LMM_LEDGER_SEGMENT_H
#define LMM_LEDGER_SEGMENT_H

#include "chaincore/ledger/record.h"

struct segment {
    int fd;
    char *path;
    uint64_t first_height;
    uint64_t count;
    uint64_t *offsets; // of each record
    uint64_t capacity;
    uint64_t size; // bytes of whole records
};

// What a scan tells its owner about each record; may be NULL.
typedef enum status segment_visit(void *context, uint64_t height, struct bytes payload);

struct segment_scan {
    uint64_t durable_height; // records up to it must be whole: damage is no torn tail
    segment_visit *visit;
    void *context;
};

// Opens or creates the file and reads all of its records. A record behind durable_height that is
// not whole, with nothing whole behind it, is a torn tail: it is cut with a notice. Any other
// damage is CORRUPT, and the log names file and offset.
enum status segment_open(struct segment *out, const char *path, uint64_t first_height,
                         const struct segment_scan *scan) MUST_CHECK;
void segment_close(struct segment *segment);
enum status segment_append(struct segment *segment, struct bytes payload) MUST_CHECK;
enum status segment_sync(const struct segment *segment) MUST_CHECK;
// Any thread, for heights that were appended before; `offset` was read under the owner's lock.
enum status segment_read(const struct segment *segment, uint64_t offset, uint64_t height,
                         struct buf *out) MUST_CHECK;

#endif
