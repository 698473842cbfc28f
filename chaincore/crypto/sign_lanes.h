// SPDX-License-Identifier: Apache-2.0
// Ed25519 verification in vector lanes (lanes.h): eight signatures at a time, a verdict for each.
// Internal to crypto/: sign_verify_many is what others call.
//
// The accepted set is libsodium's, the frozen one of sign.h: S < L, canonical A and R, neither of
// small order, and the cofactorless equation R = [S]B - [H(R, A, M)]A. It is not a batch
// verification: each lane computes its own right side and compares its encoding with R, so nothing
// about one signature can sway the verdict on another.
#ifndef LMM_CRYPTO_SIGN_LANES_H
#define LMM_CRYPTO_SIGN_LANES_H

#include "chaincore/crypto/sign.h"

struct sign_lane {
    const struct signature *signature;
    const struct public_key *key;
    struct bytes message;
};

enum { SIGN_LANES_AT_ONCE = 64 };

// Once per process: computes the table of the base point and holds the lanes to the edge cases. OK
// where there are no lanes, UNSUPPORTED where they judge otherwise than the protocol.
enum status sign_lanes_init(void) MUST_CHECK;
// Whether this processor has the lanes, they were initialised, and nobody has switched them off.
bool sign_lanes_are_on(void);
// Only while they are on. Any count: lanes that are left over idle.
void sign_lanes_verify(bool *valid, const struct sign_lane *items, size_t count);

#endif
