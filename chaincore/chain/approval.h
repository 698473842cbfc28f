// SPDX-License-Identifier: Apache-2.0
// What a witness approves of (contract/ballot.h).
#ifndef LMM_CHAIN_APPROVAL_H
#define LMM_CHAIN_APPROVAL_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/params.h"

// The tags of the encoding.
enum approval_kind { APPROVE_NOTHING = 0, APPROVE_PARAMETERS = 1, APPROVE_UPGRADE = 2 };

struct approved_upgrade {
    struct account_id contract;
    struct hash code;      // HASH_CODE of the module
    struct hash arguments; // HASH_ARGUMENTS of those for its `upgrade`
};

struct approval {
    enum approval_kind kind;
    struct params params;            // in APPROVE_PARAMETERS
    struct approved_upgrade upgrade; // in APPROVE_UPGRADE
};

enum { APPROVAL_MAX_BYTES = 1 + 3 * 32 };

void approval_encode(struct buf *out, const struct approval *approval);
// INVALID for parameters that no chain could begin with.
void approval_decode_from(struct decoder *in, struct approval *out);

#endif
