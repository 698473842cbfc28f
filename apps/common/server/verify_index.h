// SPDX-License-Identifier: Apache-2.0
// What --verify-index does instead of serving.
#ifndef LMM_SERVER_VERIFY_INDEX_H
#define LMM_SERVER_VERIFY_INDEX_H

#include "apps/common/index/index.h"

// Compares, and prints the first differences and a last line of all on standard output. The
// program's exit status: 0 when the rows are the chain's; of those in docs/devnet.md otherwise.
int server_verify_index(const struct index_config *config);

#endif
