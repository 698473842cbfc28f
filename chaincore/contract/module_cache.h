// SPDX-License-Identifier: Apache-2.0
// Translated modules by the hash of their code, and idle instances of them. Bounded in bytes; what
// a call costs never depends on it. Thread-safe: blocks run on one thread, views on others.
#ifndef LMM_CONTRACT_MODULE_CACHE_H
#define LMM_CONTRACT_MODULE_CACHE_H

#include "chaincore/crypto/hash.h"
#include "chaincore/vm/vm.h"

struct module_cache;

// The imports that a module may have are given once, by contract/host.h.
struct module_cache *module_cache_create(const struct vm_import_table *imports, bool allow_floats);
void module_cache_free(struct module_cache *cache);

// An instance ready to be called: fresh memory, tables and globals. `code` is only read when the
// cache does not hold the module. INVALID when the code is not a module of this chain, NO_MEMORY.
enum status module_cache_take(struct module_cache *cache, struct vm_instance **out,
                              const struct hash *code_hash, struct bytes code) MUST_CHECK;
// Gives it back, whatever state the call left it in.
void module_cache_give(struct module_cache *cache, struct vm_instance *instance);

#endif
