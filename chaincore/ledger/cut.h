// SPDX-License-Identifier: Apache-2.0
// A cut through the chain at one height: what has to be known beside the state to go on from there
// without anything older. The header says what the state must be; the peaks are those over the ids
// of all headers below it, and add up to its history_root. It stands with each checkpoint and in
// front of each snapshot.
#ifndef LMM_LEDGER_CUT_H
#define LMM_LEDGER_CUT_H

#include "chaincore/chain/header.h"
#include "chaincore/ledger/history.h"

struct cut {
    struct header header;
    struct history_peaks below;
};

enum { CUT_MAX_BYTES = HEADER_MAX_BYTES + 8 + 32 * MERKLE_MAX_DEPTH };

void cut_encode(struct buf *out, const struct cut *cut);
// INVALID when the peaks are not the header's.
enum status cut_decode(struct cut *out, struct bytes in) MUST_CHECK;

#endif
