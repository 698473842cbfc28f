// SPDX-License-Identifier: Apache-2.0
// The file with a grant and its proof, as the server of the sharing market gives it: JSON.
#ifndef LMM_CLI_LOCK_GRANT_H
#define LMM_CLI_LOCK_GRANT_H

#include "apps/sharing/lock/phone.h"
#include "chaincore/chain/proof.h"

struct lock_grant_file {
    struct grant_proof proof; // borrows from what follows
    struct buf certificate, grant_branch, policy_branch, witnesses;
    struct phone_change changes[PROOF_MAX_HAND_OVERS];
    struct buf change_bytes[PROOF_MAX_HAND_OVERS]; // that they borrow from
};

// False, with a complaint. The caller clears it in any case.
bool lock_grant_load(struct lock_grant_file *out, const char *path);
void lock_grant_clear(struct lock_grant_file *file);

#endif
