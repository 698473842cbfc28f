// SPDX-License-Identifier: Apache-2.0
// Operations that a server signs for, each under every condition that may refuse it whatever the
// market: a market's test has the table of them, in an order in which each may follow the others.
#ifndef LMM_TESTS_SIGNED_CALLS_H
#define LMM_TESTS_SIGNED_CALLS_H

#include <stddef.h>

struct signed_call {
    const char *method, *path;
    const char *body; // that the server would send on; NULL: the operation has none
    // The same path with what is no number, or of nothing; NULL: it names nothing.
    const char *nowhere;
};

// As raw_open_market.
void signed_calls_open(const char *market);
// Each is refused with 400, 404, 403, 422, 503 and 429, as far as it can be, by the code that says
// why; and sent once.
void signed_calls_check(const struct signed_call *calls, size_t count);
// Not a byte more of who acts may wait, until the next block; the account of this role pays.
void signed_calls_fill(const char *payer);

#endif
