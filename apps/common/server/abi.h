// SPDX-License-Identifier: Apache-2.0
// What contracts say of themselves, read for people. Anybody may deploy anything, so an ABI is a
// stranger's text: bounded, and never more than text.
#ifndef LMM_SERVER_ABI_H
#define LMM_SERVER_ABI_H

#include "chaincore/chaincore.h"

enum { ABI_MAX_BYTES = 64 * 1024, ABI_MAX_SENTENCE = 400 };

// Appends the sentence of a code, out of the ABI's `errors`. False when there is none.
bool abi_sentence(struct bytes abi, uint32_t code, struct buf *out);

#endif
