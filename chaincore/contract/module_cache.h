// SPDX-License-Identifier: Apache-2.0
// Translated modules by the hash of their code, and idle instances of them. Together they hold at
// most so many bytes: what was used longest ago goes first. Modules and instances that are out
// count too but stay; those are few, by the depth of calls. What a call costs never depends on any
// of it. Thread-safe: blocks run on one thread, views on others; translation holds nobody up.
#ifndef LMM_CONTRACT_MODULE_CACHE_H
#define LMM_CONTRACT_MODULE_CACHE_H

#include "chaincore/crypto/hash.h"
#include "chaincore/vm/vm.h"

struct module_cache;

enum { MODULE_CACHE_BYTES = 128 << 20 };

// The imports that a module may have are given once, by contract/host.h.
struct module_cache *module_cache_create(const struct vm_import_table *imports, bool allow_floats);
struct module_cache *module_cache_create_bounded(const struct vm_import_table *imports,
                                                 bool allow_floats, size_t most_bytes);
void module_cache_free(struct module_cache *cache);

// A translated module, which stays until it is given back. `code` is only read when the cache does
// not hold it. INVALID when the code is not a module of this chain.
enum status module_cache_take(struct module_cache *cache, struct vm_module **out,
                              const struct hash *code_hash, struct bytes code) MUST_CHECK;
// An instance of a module that was taken, ready to be called: fresh memory, tables and globals.
// Making one costs time with the module's pages, so they are paid before. INVALID when a segment
// does not fit. A machine that lacks memory for either ends the process (ADR 001).
enum status module_cache_instance(struct module_cache *cache, struct vm_instance **out,
                                  struct vm_module *module) MUST_CHECK;
// Gives back a module with its instance (NULL: none was made), whatever state the call left it in.
void module_cache_give(struct module_cache *cache, struct vm_module *module,
                       struct vm_instance *instance);
// What modules and idle instances hold now.
size_t module_cache_bytes(struct module_cache *cache);

#endif
