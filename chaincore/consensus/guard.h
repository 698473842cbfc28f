// SPDX-License-Identifier: Apache-2.0
// What one key may still sign. A key signs in ascending order of epoch and view; in a view at most
// one proposal, one NOTARIZE, and either NULLIFY or FINALIZE. NOTARIZE then NULLIFY is allowed, the
// other way round is not. Whoever holds a key asks before each signature and keeps the answer on
// disk before the signature leaves the machine.
#ifndef LMM_CONSENSUS_GUARD_H
#define LMM_CONSENSUS_GUARD_H

#include "chaincore/chain/certificate.h"

// As the view of a NULLIFY that was never sent: nothing more of that epoch, or of one before it.
#define GUARD_WHOLE_EPOCH UINT64_MAX

// As its epoch: nothing more at all.
#define GUARD_FOR_GOOD UINT64_MAX

struct sign_guard {
    uint64_t epoch;
    uint64_t view;
    bool has_proposed;
    bool has_notarized;
    bool has_nullified;
    bool has_finalized;
};

struct sign_place {
    uint64_t epoch;
    uint64_t view;
};

bool guard_allows(const struct sign_guard *guard, struct sign_place place, enum vote_kind kind);
// CONFLICT unless it is allowed; notes that it is signed.
enum status guard_admit(struct sign_guard *guard, struct sign_place place,
                        enum vote_kind kind) MUST_CHECK;
// What was signed earlier, read from a log: never refused, and never goes back.
void guard_restore(struct sign_guard *guard, struct sign_place place, enum vote_kind kind);

#endif
