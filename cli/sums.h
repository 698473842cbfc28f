// SPDX-License-Identifier: Apache-2.0
// A folder of files under the list of their SHA-256 sums, which `sha256sum -c` reads as well: the
// list is written last, so a folder that has one is whole.
#ifndef LMM_CLI_SUMS_H
#define LMM_CLI_SUMS_H

#include "chaincore/base/buf.h"

extern const char sums_name[];

struct sums_total {
    uint64_t files;
    uint64_t bytes;
};

// Copies a file as long as it is now: durable, mode 0600, never over another. `sum`: 64 digits of
// what was copied; NULL is allowed. NOT_FOUND, EXISTS, IO.
enum status sums_copy_file(const char *to, const char *from, char sum[65]) MUST_CHECK;
// Lists all files below the folder, in the order of their paths, and makes all durable.
enum status sums_write(struct sums_total *out, const char *folder) MUST_CHECK;
// Each file that is listed, and none besides, is as the list says. With `to` each is copied into
// that new folder on the way. CORRUPT, with the path in `fault`; NOT_FOUND without a list.
enum status sums_check(struct sums_total *out, const char *folder, const char *to,
                       struct buf *fault) MUST_CHECK;

#endif
