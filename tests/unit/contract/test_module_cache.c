// SPDX-License-Identifier: Apache-2.0
// The cache of modules and instances: within its bytes whatever is deployed, and not to be noticed
// by what is called.
#include <pthread.h>

#include "chaincore/contract/host.h"
#include "chaincore/contract/module_cache.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"
#include "tests/unit/vm/modules.h"

enum { MOST_BYTES = 8 << 20, FLOOD = 300 };

// Modules that differ: each adds its number to the word at its argument, and returns the sum.
static void make_code(struct buf *out, struct hash *hash, uint32_t number) {
    struct buf body = {0};
    buf_reset(out);
    buf_append(&body, bytes_of("\x20\0\x20\0\x28\2\0\x41", 8));
    for (int i = 0; i < 4; i++)
        buf_append_byte(&body, (uint8_t)(0x80 | (number >> (7 * i) & 0x7f)));
    buf_append_byte(&body, 0);
    buf_append(&body, bytes_of("\x6a\x36\2\0\x20\0\x28\2\0", 9));
    const struct sample sample = {1, 1, 0, body.data, body.len};
    sample_build(out, &sample);
    hash_bytes(hash, HASH_CODE, buf_bytes(out));
    buf_clear(&body);
}

static struct vm_instance *take(struct module_cache *cache, uint32_t number) {
    struct buf code = {0};
    struct hash hash;
    struct vm_module *module;
    struct vm_instance *instance;
    make_code(&code, &hash, number);
    assert_ok(module_cache_take(cache, &module, &hash, buf_bytes(&code)));
    assert_ok(module_cache_instance(cache, &instance, module));
    buf_clear(&code);
    return instance;
}

static void give(struct module_cache *cache, struct vm_instance *instance) {
    // The cache's own: an instance only borrows it.
    module_cache_give(cache, (struct vm_module *)vm_instance_module(instance), instance);
}

static uint64_t add(struct vm_instance *instance, uint64_t *gas_used) {
    const uint64_t arguments[1] = {65528};
    uint64_t results[1] = {0};
    struct vm_call call = {.arguments = arguments, .results = results, .gas_limit = 1000};
    ck_assert_int_eq(vm_call(instance, &call), VM_TRAP_NONE);
    if (gas_used) *gas_used = call.gas_used;
    return results[0];
}

START_TEST(a_flood_of_distinct_modules_stays_within_the_bound) {
    struct module_cache *cache = module_cache_create_bounded(host_imports(), false, MOST_BYTES);
    size_t most = 0;
    for (uint32_t i = 0; i < FLOOD; i++) {
        give(cache, take(cache, i));
        size_t bytes = module_cache_bytes(cache);
        ck_assert_uint_le(bytes, MOST_BYTES);
        if (bytes > most) most = bytes;
    }
    ck_assert_uint_gt(most, MOST_BYTES / 2); // it did keep something
    module_cache_free(cache);
}
END_TEST

START_TEST(modules_that_are_out_stay_and_go_when_they_come_back) {
    enum { OUT = 100 }; // more than there are places, and bytes
    struct vm_instance *instances[OUT];
    struct module_cache *cache = module_cache_create_bounded(host_imports(), false, 1 << 20);
    for (uint32_t i = 0; i < OUT; i++) instances[i] = take(cache, i);
    for (uint32_t i = 0; i < OUT; i++) ck_assert_uint_eq(add(instances[i], NULL), i);
    for (uint32_t i = 0; i < OUT; i++) give(cache, instances[i]);
    ck_assert_uint_le(module_cache_bytes(cache), 1 << 20);
    module_cache_free(cache);
}
END_TEST

START_TEST(an_instance_that_comes_from_the_pool_remembers_nothing) {
    struct module_cache *cache = module_cache_create(host_imports(), false);
    struct vm_instance *first = take(cache, 5), *second;
    ck_assert_uint_eq(add(first, NULL), 5);
    ck_assert_uint_eq(add(first, NULL), 10);
    give(cache, first);
    second = take(cache, 5);
    ck_assert_ptr_eq(second, first);
    const uint8_t *memory = vm_memory(second, 0, 65536);
    for (uint32_t i = 0; i < 65536; i++) ck_assert_uint_eq(memory[i], 0);
    ck_assert_uint_eq(add(second, NULL), 5);
    give(cache, second);
    module_cache_free(cache);
}
END_TEST

START_TEST(what_is_no_module_leaves_nothing_behind) {
    struct module_cache *cache = module_cache_create(host_imports(), false);
    struct vm_module *module;
    struct hash hash = {{1}};
    assert_status(module_cache_take(cache, &module, &hash, bytes_of("\0asm", 4)), STATUS_INVALID);
    ck_assert_uint_eq(module_cache_bytes(cache), 0);
    module_cache_free(cache);
}
END_TEST

START_TEST(a_call_costs_the_same_cold_warm_and_from_a_full_cache) {
    struct stage stage;
    struct buf script = {0};
    uint64_t gas[3];
    stage_init(&stage);
    script_event(&script, "here"); // an act that changes nothing
    struct module_cache *own = stage.modules;
    struct module_cache *small = module_cache_create_bounded(host_imports(), false, 1);
    struct module_cache *const caches[] = {small, own, own};
    for (int i = 0; i < 3; i++) {
        stage.block.modules = caches[i];
        ck_assert_str_eq(stage_act(&stage, 0, &script, 0), "OK");
        gas[i] = stage.done.receipt.gas_used;
        ck_assert_uint_eq(gas[i], gas[0]);
    }
    // One unit less is too little, whether or not the module has to be translated first.
    for (int i = 0; i < 2; i++) {
        stage.block.modules = caches[i];
        stage_begin(&stage);
        stage_add_call(&stage, 0, "act", &script, 0);
        stage.tx.gas_limit = gas[0] - 1;
        ck_assert_str_eq(stage_apply(&stage), "OUT_OF_GAS");
    }
    ck_assert_uint_eq(module_cache_bytes(small), 0);
    stage.block.modules = own;
    module_cache_free(small);
    buf_clear(&script);
    stage_clear(&stage);
}
END_TEST

static void *take_and_give(void *context) {
    struct module_cache *cache = context;
    for (uint32_t i = 0; i < FLOOD; i++) {
        struct vm_instance *a = take(cache, i % 7), *b = take(cache, i % 5);
        if (add(a, NULL) != i % 7 || add(b, NULL) != i % 5) return cache;
        give(cache, b);
        give(cache, a);
    }
    return NULL;
}

START_TEST(threads_share_it) {
    pthread_t threads[4];
    void *result;
    struct module_cache *cache = module_cache_create_bounded(host_imports(), false, 3 << 20);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give, cache), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        ck_assert_ptr_null(result);
    }
    ck_assert_uint_le(module_cache_bytes(cache), 3 << 20);
    module_cache_free(cache);
}
END_TEST

Suite *module_cache_suite(void) {
    Suite *suite = suite_create("module_cache");
    TCase *cases = tcase_create("module_cache");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_flood_of_distinct_modules_stays_within_the_bound);
    tcase_add_test(cases, modules_that_are_out_stay_and_go_when_they_come_back);
    tcase_add_test(cases, an_instance_that_comes_from_the_pool_remembers_nothing);
    tcase_add_test(cases, what_is_no_module_leaves_nothing_behind);
    tcase_add_test(cases, a_call_costs_the_same_cold_warm_and_from_a_full_cache);
    tcase_add_test(cases, threads_share_it);
    suite_add_tcase(suite, cases);
    return suite;
}
