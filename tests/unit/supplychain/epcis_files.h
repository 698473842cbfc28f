// SPDX-License-Identifier: Apache-2.0
// The public EPCIS documents that several tests walk through.
#ifndef LMM_TESTS_EPCIS_FILES_H
#define LMM_TESTS_EPCIS_FILES_H

#include "chaincore/base/buf.h"

// Calls visit with every .jsonld file below the directory of the public data ("epcis/examples"), in
// order of their paths. Returns how many there were: 0 when the data is not there.
size_t epcis_files_walk(const char *directory,
                        void (*visit)(const char *path, struct bytes text, void *user), void *user);
// Appends the file that stands beside `path` with its name ending in `suffix` instead of ".jsonld";
// false when there is none.
bool epcis_file_beside(struct buf *out, const char *path, const char *suffix);

#endif
