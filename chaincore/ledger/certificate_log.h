// SPDX-License-Identifier: Apache-2.0
// FINALIZE certificates by height, in an append-only file beside the block log. A certificate is
// durable before its block is shown as final, so the newest height here is the newest final one.
//
// One writer; reads on any thread.
#ifndef LMM_LEDGER_CERTIFICATE_LOG_H
#define LMM_LEDGER_CERTIFICATE_LOG_H

#include "chaincore/base/buf.h"

struct certificate_log;

// Cuts a torn tail with a notice; CORRUPT, with the place in the log, for damage anywhere else.
enum status certificate_log_open(struct certificate_log **out, const char *path) MUST_CHECK;
void certificate_log_close(struct certificate_log *log); // NULL is allowed
// Heights ascend by one from 1 on; 0 before the first.
uint64_t certificate_log_newest(struct certificate_log *log);
enum status certificate_log_append(struct certificate_log *log, uint64_t height,
                                   struct bytes certificate) MUST_CHECK;
enum status certificate_log_sync(struct certificate_log *log) MUST_CHECK;
// Replaces the content of `out`. NOT_FOUND for a height that is not there.
enum status certificate_log_read(struct certificate_log *log, uint64_t height,
                                 struct buf *out) MUST_CHECK;

#endif
