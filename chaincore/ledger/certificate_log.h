// SPDX-License-Identifier: Apache-2.0
// FINALIZE certificates by height, in a folder beside the block log. A certificate is durable
// before its block is shown as final, so the newest height here is the newest final one.
//
// Kept for good are those of an epoch's last block and the first at or above every 100th height;
// any other block is proven by the history root of a later header. The rest go when about a
// thousand newer ones are there.
//
// One writer; reads on any thread.
#ifndef LMM_LEDGER_CERTIFICATE_LOG_H
#define LMM_LEDGER_CERTIFICATE_LOG_H

#include "chaincore/base/buf.h"

struct certificate_log;

enum {
    CERTIFICATE_KEPT_EVERY = 100, // heights
    CERTIFICATES_IN_FILE = 512,
};

struct certificate_log_config {
    const char *directory; // created when missing
    uint32_t per_file;     // 0: the usual number, which is also the most
};
// Cuts a torn tail with a notice; CORRUPT, with the place in the log, for damage anywhere else.
enum status certificate_log_open(struct certificate_log **out,
                                 const struct certificate_log_config *config) MUST_CHECK;
void certificate_log_close(struct certificate_log *log); // NULL is allowed
// 0 before the first.
uint64_t certificate_log_newest(struct certificate_log *log);
struct certificate_entry {
    uint64_t height; // above the newest
    bool is_boundary;
    struct bytes certificate; // at most CERTIFICATE_MAX_BYTES
};
// CONFLICT for a height that is not above the newest.
enum status certificate_log_append(struct certificate_log *log,
                                   const struct certificate_entry *entry) MUST_CHECK;
enum status certificate_log_sync(struct certificate_log *log) MUST_CHECK;
// Replaces the content of `out`. NOT_FOUND for a height whose certificate is not there.
enum status certificate_log_read(struct certificate_log *log, uint64_t height,
                                 struct buf *out) MUST_CHECK;

#endif
