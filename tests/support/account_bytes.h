// SPDX-License-Identifier: Apache-2.0
// What an account's deposit ought to count, by a walk over what the state holds of it.
#ifndef LMM_TESTS_ACCOUNT_BYTES_H
#define LMM_TESTS_ACCOUNT_BYTES_H

#include "chaincore/contract/account.h"

// Of its entries beside its own, and of what was added to that.
uint64_t account_bytes_held(const struct state_view *view, const struct account_id *id);

#endif
