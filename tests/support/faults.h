// SPDX-License-Identifier: Apache-2.0
// A disk and a memory that fail when told. The program that links this has its own write, pwrite,
// fsync, fdatasync, ftruncate and rename, which the libraries under test and SQLite call instead of
// the C library's; calloc, realloc and posix_memalign are wrapped by the linker (FAULT_WRAPS),
// and SQLite's allocator by faults_init. So nothing of this is in the code that ships.
//
// Nothing is ever synced for real. Instead it is noted what a sync would have kept: FAULT_POWER
// leaves just that of the project's own files (SQLite answers for its own) and ends the process.
#ifndef LMM_TESTS_FAULTS_H
#define LMM_TESTS_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "chaincore/base/status.h"

#define FAULT_LIST(X)                                                        \
    X(NONE)                                                                  \
    X(WRITE)       /* one write, cut or rename fails, having done nothing */ \
    X(SHORT_WRITE) /* one write ends half way, the next one fails */         \
    X(DISK_DEAD)   /* it and everything after it fails */                    \
    X(SYNC)        /* one sync fails */                                      \
    X(STATE)       /* every write into a checkpoint's file fails */          \
    X(MEMORY)      /* one allocation fails */                                \
    X(POWER)       /* the machine ends at a write or sync */

enum fault {
#define X(name) FAULT_##name,
    FAULT_LIST(X)
#undef X
};
const char *fault_name(enum fault fault);

void faults_init(void); // before SQLite is used
// The n-th call of the kind, from 0 on, is hit. `folder` is whose files the power keeps or takes.
void faults_arm(enum fault fault, uint64_t n, const char *folder);
void faults_disarm(void);
bool faults_has_struck(void);

enum fault_outcome {
    FAULT_ENDED,   // the script got to its end all the same
    FAULT_STOPPED, // it ended with a status
    FAULT_DIED,    // so did its process: without power or memory, or as the log says
    FAULT_UNTOUCHED,
    FAULT_BROKEN, // anything else: a crash, a broken invariant, a leak, a script that hangs
};
struct fault_run {
    enum fault_outcome outcome;
    enum status status; // of the script, when it is known
};
// Runs the script in a process of its own, with one fault. Where it may say that it must die:
// `last_words`, in its log. What it says in vain is printed.
struct fault_script {
    enum status (*run)(void *context);
    void *context;
    const char *folder;
    const char *last_words; // NULL: nowhere
};
struct fault_run faults_run(const struct fault_script *script, enum fault fault, uint64_t n);

#endif
