// SPDX-License-Identifier: Apache-2.0
// A contract for tests: it counts, keeps, pays out, refuses and misbehaves on request.
#include "chaincore/sdk/lmm.h"

enum { TOO_MUCH = 7 };

static uint64_t load(void) {
    uint64_t count = 0;
    lmm_storage_get("count", 5, &count, sizeof count);
    return count;
}

LMM_INIT {
    struct lmm_reader arguments = lmm_arguments();
    uint64_t start = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    lmm_storage_set("count", 5, &start, sizeof start);
}

// add(amount u64): refuses above 1000, after it has written.
LMM_METHOD(add) {
    struct lmm_reader arguments = lmm_arguments();
    uint64_t amount = lmm_read_u64(&arguments), count = load() + amount;
    lmm_reader_end(&arguments);
    lmm_storage_set("count", 5, &count, sizeof count);
    lmm_event("added", 5, &amount, sizeof amount);
    if (amount > 1000) lmm_refuse(TOO_MUCH);
}

// pay(to[32], amount u64)
LMM_PAYABLE(pay) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t to[32];
    lmm_read(&arguments, to, sizeof to);
    lmm_transfer(to, lmm_read_u64(&arguments));
}

LMM_METHOD(spin) {
    for (volatile uint32_t i = 0;; i++) {}
}

LMM_METHOD(flood) {
    for (uint32_t i = 0;; i++) lmm_storage_set(&i, sizeof i, &i, sizeof i);
}

// Iterates over all that flood and others wrote, for ever.
LMM_METHOD(iterate) {
    static uint8_t key[256];
    int32_t len = 0;
    for (;;) {
        len = lmm_storage_next("", 0, key, len < 0 ? 0 : (uint32_t)len, key);
    }
}

LMM_METHOD(outside) { lmm_storage_set((const void *)0xfffffff0u, 64, "", 0); }

LMM_VIEW(count) {
    uint64_t count = load();
    lmm_return(&count, sizeof count);
}

LMM_VIEW(write) { lmm_storage_set("count", 5, "", 0); }
