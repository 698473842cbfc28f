// SPDX-License-Identifier: Apache-2.0
// One file of the certificate log: up to CERTIFICATES_IN_FILE certificates, heights ascending. Its
// name is the height of the first, and its records are numbered on from there; the payload says
// which height each is of:
//
//   height u64 | height of the last one before it that is kept for good u64 | is kept u8 |
//   certificate
//
// Internal to ledger/.
#ifndef LMM_LEDGER_CERTIFICATE_FILE_H
#define LMM_LEDGER_CERTIFICATE_FILE_H

#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/segment.h"

struct certificate_note {
    uint64_t height;
    uint64_t kept_before; // 0: none
    bool is_kept;
};

struct certificate_file {
    struct segment segment;
    struct certificate_note notes[CERTIFICATES_IN_FILE]; // of segment.count records
};

// `expected` is how many it must hold, all whole; with 0 the last one may be torn, and is cut.
enum status certificate_file_open(struct certificate_file *out, const char *path, uint64_t first,
                                  uint32_t expected) MUST_CHECK;
void certificate_file_close(struct certificate_file *file);
// As segment_write; certificate_file_note under the owner's lock.
enum status certificate_file_write(struct certificate_file *file,
                                   const struct certificate_note *note,
                                   struct bytes certificate) MUST_CHECK;
void certificate_file_note(struct certificate_file *file, const struct certificate_note *note,
                           size_t certificate_len);
// Which of the file's records is of this height; -1: none.
int certificate_file_find(const struct certificate_file *file, uint64_t height);
// Any thread, for what is noted: replaces the content of `out` by the certificate. `segment` may be
// a copy, with a descriptor of its own.
enum status certificate_file_read(const struct segment *segment, const char *path, uint64_t offset,
                                  uint64_t number, struct buf *out) MUST_CHECK;

#endif
