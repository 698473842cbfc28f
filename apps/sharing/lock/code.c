// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/code.h"

const char *lock_code_text(uint16_t code) {
    switch (code) {
#define X(name, number, text) \
    case number:              \
        return text;
        LOCK_CODE_LIST(X)
#undef X
    default:
        return "for a reason that is not known here";
    }
}

const char *lock_code_name(uint16_t code) {
    switch (code) {
#define X(name, number, text) \
    case number:              \
        return #name;
        LOCK_CODE_LIST(X)
#undef X
    default:
        return "UNKNOWN";
    }
}
