// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#ifndef LMM_BASE_UTF8_H
#define LMM_BASE_UTF8_H

#include "chaincore/base/bytes.h"

// How many bytes the first character takes; 0 when it is malformed or there is none.
size_t utf8_first(struct bytes text);
bool utf8_is_valid(struct bytes text);

#endif
