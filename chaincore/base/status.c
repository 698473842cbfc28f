// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/status.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *text;
} entries[] = {
#define X(name, text) {#name, text},
    STATUS_LIST(X)
#undef X
};

const char *status_name(enum status status) {
    size_t index = (size_t)status;
    return index < sizeof entries / sizeof *entries ? entries[index].name : "UNKNOWN";
}

const char *status_text(enum status status) {
    size_t index = (size_t)status;
    return index < sizeof entries / sizeof *entries ? entries[index].text : "unknown status";
}

void status_claim_failed(const char *claim, const char *file, int line, const char *function) {
    fprintf(stderr, "%s:%d: %s: broken invariant: %s\n", file, line, function, claim);
    abort();
}
