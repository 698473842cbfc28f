// SPDX-License-Identifier: Apache-2.0
// Secrets and signatures of Standard Webhooks (standard-webhooks specification 1.0.0): a secret is
// shown as "whsec_" and its bytes in base64; a message is signed with HMAC-SHA256 over its id, its
// time and its body, with a dot between.
#ifndef LMM_HOOKS_SECRET_H
#define LMM_HOOKS_SECRET_H

#include "chaincore/base/buf.h"

enum { HOOK_SECRET_BYTES = 32, HOOK_SECRET_CHARS = 6 + 44 };

void hook_secret_print(char out[HOOK_SECRET_CHARS + 1], const uint8_t secret[HOOK_SECRET_BYTES]);

// What is signed of a message.
struct hook_signed {
    const char *id;
    uint64_t time_s; // since 1970
    struct bytes body;
};
// Appends "v1," and the signature in base64.
void hook_sign(struct buf *out, const struct hook_signed *message, struct bytes secret);

#endif
