// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/module_cache.h"

#include <pthread.h>

#include "chaincore/base/memory.h"

enum { MAX_MODULES = 64, IDLE_PER_MODULE = 4 };

// Sixty-four are searched one by one: a call hashes and runs for far longer than that takes.
struct entry {
    struct hash code_hash;
    struct vm_module *module;
    struct vm_instance *idle[IDLE_PER_MODULE];
    uint32_t idle_count;
    uint32_t taken_count; // the module is not dropped while above zero
    uint64_t last_use;
    size_t bytes; // of the module and its idle instances
};

struct module_cache {
    pthread_mutex_t lock;
    const struct vm_import_table *imports;
    struct vm_limits limits;
    size_t most_bytes;
    size_t bytes;   // of all entries
    uint64_t clock; // counts uses
    uint32_t count;
    struct entry entries[MAX_MODULES];
};

struct module_cache *module_cache_create(const struct vm_import_table *imports, bool allow_floats) {
    return module_cache_create_bounded(imports, allow_floats, MODULE_CACHE_BYTES);
}

struct module_cache *module_cache_create_bounded(const struct vm_import_table *imports,
                                                 bool allow_floats, size_t most_bytes) {
    struct module_cache *cache = mem_alloc(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    cache->imports = imports;
    cache->limits = vm_limits_protocol;
    cache->limits.allow_floats = allow_floats;
    cache->most_bytes = most_bytes;
    return cache;
}

static void count_bytes(struct module_cache *cache, struct entry *entry, size_t more, size_t less) {
    entry->bytes += more - less;
    cache->bytes += more - less;
}

static struct vm_instance *take_idle(struct module_cache *cache, struct entry *entry) {
    if (entry->idle_count == 0) return NULL;
    struct vm_instance *instance = entry->idle[--entry->idle_count];
    count_bytes(cache, entry, 0, vm_instance_memory(instance));
    return instance;
}

static void drop_idle(struct module_cache *cache, struct entry *entry) {
    while (entry->idle_count > 0) vm_instance_free(take_idle(cache, entry));
}

// The last entry takes its place.
static void drop(struct module_cache *cache, struct entry *entry) {
    drop_idle(cache, entry);
    cache->bytes -= entry->bytes;
    vm_module_free(entry->module);
    *entry = cache->entries[--cache->count];
}

void module_cache_free(struct module_cache *cache) {
    if (!cache) return;
    while (cache->count > 0) drop(cache, &cache->entries[0]);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

static struct entry *find(struct module_cache *cache, const struct hash *code_hash) {
    for (uint32_t i = 0; i < cache->count; i++)
        if (hash_equal(&cache->entries[i].code_hash, code_hash)) return &cache->entries[i];
    return NULL;
}

static struct entry *find_by_module(struct module_cache *cache, const struct vm_module *module) {
    for (uint32_t i = 0; i < cache->count; i++)
        if (cache->entries[i].module == module) return &cache->entries[i];
    return NULL;
}

// Of what can be dropped, the entry unused for longest: with its module where nobody has that.
static struct entry *find_oldest(struct module_cache *cache, bool whole) {
    struct entry *oldest = NULL;
    for (uint32_t i = 0; i < cache->count; i++) {
        struct entry *entry = &cache->entries[i];
        bool can_drop = entry->taken_count == 0 || (!whole && entry->idle_count > 0);
        if (can_drop && (!oldest || entry->last_use < oldest->last_use)) oldest = entry;
    }
    return oldest;
}

static void trim(struct module_cache *cache) {
    while (cache->bytes > cache->most_bytes) {
        struct entry *oldest = find_oldest(cache, false);
        if (!oldest) return;
        if (oldest->taken_count > 0)
            drop_idle(cache, oldest);
        else
            drop(cache, oldest);
    }
}

// NULL when there is no room: then the module lives as long as its one instance.
static struct entry *add(struct module_cache *cache, const struct hash *code_hash,
                         struct vm_module *module) {
    if (cache->count == MAX_MODULES) {
        struct entry *oldest = find_oldest(cache, true);
        if (!oldest) return NULL;
        drop(cache, oldest);
    }
    struct entry *entry = &cache->entries[cache->count++];
    *entry = (struct entry){.code_hash = *code_hash, .module = module};
    count_bytes(cache, entry, vm_module_memory(module), 0);
    return entry;
}

static void use(struct module_cache *cache, struct entry *entry) {
    entry->taken_count++;
    entry->last_use = ++cache->clock;
}

// A module that was just translated: the cache's own, should somebody have been quicker.
static struct vm_module *enter(struct module_cache *cache, const struct hash *code_hash,
                               struct vm_module *module) {
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, code_hash);
    if (entry) {
        vm_module_free(module);
        module = entry->module;
    } else {
        entry = add(cache, code_hash, module);
    }
    if (entry) use(cache, entry);
    trim(cache);
    pthread_mutex_unlock(&cache->lock);
    return module;
}

enum status module_cache_take(struct module_cache *cache, struct vm_module **out,
                              const struct hash *code_hash, struct bytes code) {
    enum status status = STATUS_OK;
    struct vm_error why;
    struct vm_module *module = NULL;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, code_hash);
    if (entry) {
        module = entry->module;
        use(cache, entry);
    }
    pthread_mutex_unlock(&cache->lock);
    if (!module) {
        TRY(vm_module_create(&module, code, &cache->limits, cache->imports, &why));
        module = enter(cache, code_hash, module);
    }
    *out = module;
out:
    return status;
}

enum status module_cache_instance(struct module_cache *cache, struct vm_instance **out,
                                  struct vm_module *module) {
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find_by_module(cache, module);
    *out = entry ? take_idle(cache, entry) : NULL;
    pthread_mutex_unlock(&cache->lock);
    return *out ? STATUS_OK : vm_instance_create(out, module);
}

// The module may have no entry: then it goes with its instance.
void module_cache_give(struct module_cache *cache, struct vm_module *module,
                       struct vm_instance *instance) {
    if (instance) vm_instance_reset(instance);
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find_by_module(cache, module);
    if (entry) entry->taken_count--;
    if (entry && instance && entry->idle_count < IDLE_PER_MODULE) {
        count_bytes(cache, entry, vm_instance_memory(instance), 0);
        entry->idle[entry->idle_count++] = instance;
        instance = NULL;
    }
    trim(cache);
    pthread_mutex_unlock(&cache->lock);
    vm_instance_free(instance);
    if (!entry) vm_module_free(module);
}

size_t module_cache_bytes(struct module_cache *cache) {
    pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}
