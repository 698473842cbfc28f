// SPDX-License-Identifier: Apache-2.0
// A SQLite file as it stands at one moment, while others write to it.
#ifndef LMM_DB_COPY_H
#define LMM_DB_COPY_H

#include "chaincore/base/status.h"

// `to` is a new file, mode 0600, durable. NOT_FOUND, CORRUPT for what is no such file, EXISTS, IO.
enum status db_copy_file(const char *to, const char *from) MUST_CHECK;

#endif
