// SPDX-License-Identifier: Apache-2.0
// One append-only file of records with consecutive heights, and where each of them begins. The
// block log is a row of these, the certificate log is one. In front stand 64 bytes:
//
//   "lmm-log1" | height of the first record u64 | salt, 16 bytes | BLAKE2b-256 over the 32 bytes
//   before
//
// They are durable, and so is the file's name, before the first record is written. One writer; how
// reads on other threads are kept apart from it is the owner's business. Internal to ledger/.
#ifndef LMM_LEDGER_SEGMENT_H
#define LMM_LEDGER_SEGMENT_H

#include "chaincore/ledger/record.h"

enum { SEGMENT_HEADER_BYTES = 64 };

struct segment {
    struct record_file file;
    char *path;
    uint64_t first_height;
    uint64_t count;
    uint64_t *offsets; // of each record
    uint64_t capacity;
    uint64_t size;  // bytes of the header and whole records
    bool is_broken; // nobody knows what the disk holds: nothing may follow
};

// What a scan tells its owner about each record; may be NULL. What the owner does not accept, under
// a checksum that holds, is damage.
typedef enum status segment_visit(void *context, uint64_t height, struct bytes payload);

struct segment_scan {
    uint64_t durable_height; // records up to it must be whole: damage is no torn tail
    // Above it several records may have been written without a sync between them. The disk takes
    // them in any order, so whole ones behind one that is not say nothing of it.
    bool is_synced_in_groups;
    segment_visit *visit;
    void *context;
};

// Opens or creates the file and reads all of its records. A record behind durable_height that is
// not whole, with nothing whole behind it or synced in groups, is a torn tail: it is cut, with all
// behind it and a notice. Any other damage is CORRUPT, and the log names file and offset.
enum status segment_open(struct segment *out, const char *path, uint64_t first_height,
                         const struct segment_scan *scan) MUST_CHECK;
void segment_close(struct segment *segment);

// Writes a record that segment_note then makes known: the bytes without the owner's lock, the note
// under it. What fails is cut back, and may be tried again.
enum status segment_write(struct segment *segment, struct bytes payload) MUST_CHECK;
void segment_note(struct segment *segment, size_t payload_len);
// What is noted survives the machine's end. After a failure nothing more can be written: the system
// may have thrown away what it could not store.
enum status segment_sync(struct segment *segment) MUST_CHECK;

// A file's front and size, for those who need not know the records. CORRUPT unless it is whole.
struct segment_front {
    struct salt salt;
    uint64_t size;
};
enum status segment_read_front(struct segment_front *out, int fd, uint64_t first_height) MUST_CHECK;
// Any thread, for heights that were noted before. CORRUPT is named in the log by `path`.
enum status segment_read(const struct record_file *file, const char *path, uint64_t offset,
                         uint64_t height, struct buf *out) MUST_CHECK;
// Its first bytes alone, `most` at most, by no checksum (record_read_front); from
// RECORD_MAX_PAYLOAD on all of it, by its checksum.
enum status segment_read_start(const struct record_file *file, const char *path, uint64_t offset,
                               uint64_t height, size_t most, struct buf *out) MUST_CHECK;

#endif
