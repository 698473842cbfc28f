// SPDX-License-Identifier: Apache-2.0
// What a function that can fail returns. 0 is success. Bad input and failed I/O are statuses; a
// broken invariant is an assert (ENSURE), which stays on in every build.
//
// A status says what kind of thing went wrong, for code that must decide; the sentence for a person
// comes from one table at the edge (apps/common/http/problem.c), and what a transaction did wrong
// is a code of the protocol (chaincore/chain/receipt.h), not a status.
#ifndef LMM_BASE_STATUS_H
#define LMM_BASE_STATUS_H

#define STATUS_LIST(X)                                \
    X(OK, "ok")                                       \
    X(NO_MEMORY, "out of memory")                     \
    X(IO, "input or output failed")                   \
    X(CORRUPT, "stored data is damaged")              \
    X(TRUNCATED, "input ends too early")              \
    X(TRAILING, "input has bytes after its end")      \
    X(MALFORMED, "input is not of the expected form") \
    X(TOO_LARGE, "input is over its bound")           \
    X(OVERFLOW, "a number does not fit")              \
    X(NOT_FOUND, "no such thing")                     \
    X(EXISTS, "there is one already")                 \
    X(CONFLICT, "it contradicts what is there")       \
    X(INVALID, "a rule is broken")                    \
    X(BAD_SIGNATURE, "a signature does not verify")   \
    X(UNAUTHORIZED, "not allowed")                    \
    X(FULL, "no room left")                           \
    X(BUSY, "try again later")                        \
    X(TIMEOUT, "time is up")                          \
    X(UNSUPPORTED, "not supported")                   \
    X(CLOSED, "already closed")                       \
    X(UNAVAILABLE, "out of reach at the moment")

enum status {
#define X(name, text) STATUS_##name,
    STATUS_LIST(X)
#undef X
};

#define MUST_CHECK __attribute__((warn_unused_result))

// "NOT_FOUND" and "no such thing". Never NULL, for any value. The strings live for ever.
const char *status_name(enum status status);
const char *status_text(enum status status);

// Jumps to the function's one cleanup label with `status` set. Both names are fixed on purpose.
#define TRY(expression)                    \
    do {                                   \
        status = (expression);             \
        if (status != STATUS_OK) goto out; \
    } while (0)

// Always on: prints the claim with its place and aborts.
#define ENSURE(claim) \
    ((claim) ? (void)0 : status_claim_failed(#claim, __FILE__, __LINE__, __func__))
_Noreturn void status_claim_failed(const char *claim, const char *file, int line,
                                   const char *function);

#endif
