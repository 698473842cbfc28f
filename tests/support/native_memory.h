// SPDX-License-Identifier: Apache-2.0
// The variables of a shared library, kept as they were when it was loaded: what a contract's memory
// is to the chain, fresh for every call. Found by the ELF symbol table, so that the tables of
// sanitizers and the counters of coverage stay alone.
#ifndef LMM_TESTS_NATIVE_MEMORY_H
#define LMM_TESTS_NATIVE_MEMORY_H

#include <stdbool.h>

struct native_memory;

// `handle` is of dlopen; `known` names a function of the library. NULL: no symbols to go by.
struct native_memory *native_memory_keep(const char *library, void *handle, const char *known);
void native_memory_restore(struct native_memory *memory);
void native_memory_free(struct native_memory *memory);

#endif
