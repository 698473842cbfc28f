// SPDX-License-Identifier: Apache-2.0
// A contract's own description: methods, events, types, and a sentence for each code that it
// refuses with, as JSON in the custom section `lmm.abi` of its module. The chain does not read it;
// whoever shows a contract to people does.
#ifndef LMM_CONTRACT_ABI_H
#define LMM_CONTRACT_ABI_H

#include "chaincore/base/bytes.h"

// The first such section of a module; borrowed from it. False when there is none, or the code is
// not made of sections.
bool abi_of_code(struct bytes code, struct bytes *abi);

#endif
