// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/module_cache.h"

#include <pthread.h>

#include "chaincore/base/memory.h"

enum { MAX_MODULES = 64, IDLE_PER_MODULE = 4 };

// Modules in the order of their last use, newest first. Sixty-four are searched one by one: a call
// hashes and runs for far longer than that takes.
struct entry {
    struct hash code_hash;
    struct vm_module *module;
    struct vm_instance *idle[IDLE_PER_MODULE];
    uint32_t idle_count;
    uint32_t taken_count; // not dropped while above zero
    uint64_t last_use;
};

struct module_cache {
    pthread_mutex_t lock;
    const struct vm_import_table *imports;
    struct vm_limits limits;
    uint64_t clock; // counts uses
    uint32_t count;
    struct entry entries[MAX_MODULES];
};

struct module_cache *module_cache_create(const struct vm_import_table *imports, bool allow_floats) {
    struct module_cache *cache = mem_alloc(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    cache->imports = imports;
    cache->limits = vm_limits_protocol;
    cache->limits.allow_floats = allow_floats;
    return cache;
}

static void drop(struct entry *entry) {
    for (uint32_t i = 0; i < entry->idle_count; i++) vm_instance_free(entry->idle[i]);
    vm_module_free(entry->module);
}

void module_cache_free(struct module_cache *cache) {
    if (!cache) return;
    for (uint32_t i = 0; i < cache->count; i++) drop(&cache->entries[i]);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

static struct entry *find(struct module_cache *cache, const struct hash *code_hash) {
    for (uint32_t i = 0; i < cache->count; i++)
        if (hash_equal(&cache->entries[i].code_hash, code_hash)) return &cache->entries[i];
    return NULL;
}

// A place for one more: the end, or that of the module unused for longest. NULL when all are busy.
static struct entry *make_room(struct module_cache *cache) {
    if (cache->count < MAX_MODULES) return &cache->entries[cache->count++];
    struct entry *oldest = NULL;
    for (uint32_t i = 0; i < cache->count; i++) {
        struct entry *entry = &cache->entries[i];
        if (entry->taken_count == 0 && (!oldest || entry->last_use < oldest->last_use))
            oldest = entry;
    }
    if (oldest) drop(oldest);
    return oldest;
}

// *out is NULL when there is no room: then the module lives as long as the instance.
static enum status add(struct module_cache *cache, struct entry **out, const struct hash *code_hash,
                       struct bytes code, struct vm_module **module) {
    struct vm_error why;
    enum status status = vm_module_create(module, code, &cache->limits, cache->imports, &why);
    if (status != STATUS_OK) return status;
    *out = make_room(cache);
    if (*out) **out = (struct entry){.code_hash = *code_hash, .module = *module};
    return STATUS_OK;
}

enum status module_cache_take(struct module_cache *cache, struct vm_instance **out,
                              const struct hash *code_hash, struct bytes code) {
    enum status status = STATUS_OK;
    pthread_mutex_lock(&cache->lock);
    struct vm_module *module = NULL;
    struct entry *entry = find(cache, code_hash);
    if (entry)
        module = entry->module;
    else
        TRY(add(cache, &entry, code_hash, code, &module));
    if (entry && entry->idle_count > 0)
        *out = entry->idle[--entry->idle_count];
    else
        status = vm_instance_create(out, module);
    if (entry) entry->last_use = ++cache->clock;
    if (entry && status == STATUS_OK) entry->taken_count++;
    if (!entry && status != STATUS_OK) vm_module_free(module);
out:
    pthread_mutex_unlock(&cache->lock);
    return status;
}

void module_cache_give(struct module_cache *cache, struct vm_instance *instance) {
    // The cache made it: the instance only borrows.
    struct vm_module *module = (struct vm_module *)vm_instance_module(instance);
    struct entry *entry = NULL;
    vm_instance_reset(instance);
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < cache->count && !entry; i++)
        if (cache->entries[i].module == module) entry = &cache->entries[i];
    if (entry) entry->taken_count--;
    bool is_kept = entry && entry->idle_count < IDLE_PER_MODULE;
    if (is_kept) entry->idle[entry->idle_count++] = instance;
    pthread_mutex_unlock(&cache->lock);
    if (is_kept) return;
    vm_instance_free(instance);
    if (!entry) vm_module_free(module);
}
