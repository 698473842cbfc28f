// SPDX-License-Identifier: Apache-2.0
// Whole requests that cost the server more than whoever sends them: each is well formed, and
// anybody may ask it without a key.
#ifndef LMM_TESTS_HOSTILE_COSTLY_H
#define LMM_TESTS_HOSTILE_COSTLY_H

#include "chaincore/base/buf.h"

// A simulation of a contract whose first act never ends: it runs until the node's bound for those.
void costly_simulation(struct buf *out);
// A view of the market's contract; each `n` asks it for another entry.
void costly_view(struct buf *out, unsigned n);
// A search that every kind of thing may match; each `n` looks for another one.
void costly_search(struct buf *out, unsigned n);

#endif
