// SPDX-License-Identifier: Apache-2.0
// What a module must offer to be a contract, and what it costs to enter one: its memory is paid for
// before any of it is made.
#include "chaincore/contract/gas.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/module_cache.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"
#include "tests/unit/vm/modules.h"

enum { MOST_PAGES = 256, LITTLE_BYTES = 1 << 20 };

static struct stage stage;
static struct buf code;

static void set_up(void) { stage_init(&stage); }
static void tear_down(void) {
    stage_clear(&stage);
    buf_clear(&code);
}

#define assert_text(expression, expected) ck_assert_str_eq(expression, expected)

// A module with a function that does nothing, or takes an i32, under the name; so many pages of
// memory, and a last byte of it that is not zero.
struct shape {
    const char *name;
    uint32_t pages;
    bool takes_value;
    bool is_memory; // the name is the memory's
    bool has_stray_segment;
    struct bytes type, code; // content of these sections, where it is another
};

static void append_export(struct buf *out, const struct shape *shape) {
    append_leb(out, 1);
    append_leb(out, (uint32_t)strlen(shape->name));
    buf_append_string(out, shape->name);
    buf_append_byte(out, shape->is_memory ? 2 : 0);
    buf_append_byte(out, 0);
}

// Five bytes whatever the number, so that modules of all sizes are of one length.
static void append_wide_leb(struct buf *out, uint32_t value, uint8_t last) {
    for (int i = 0; i < 4; i++) buf_append_byte(out, (uint8_t)(0x80 | (value >> (7 * i) & 0x7f)));
    buf_append_byte(out, last);
}

static struct bytes build(const struct shape *shape) {
    struct buf section = {0};
    uint32_t last = shape->pages * 65536 - (shape->has_stray_segment ? 0 : 1);
    buf_reset(&code);
    buf_append(&code, bytes_of("\0asm\1\0\0\0", 8));
    struct bytes type =
        shape->takes_value ? bytes_of("\1\x60\1\x7f\0", 5) : bytes_of("\1\x60\0\0", 4);
    append_section(&code, 1, shape->type.len > 0 ? shape->type : type);
    append_section(&code, 3, bytes_of("\1\0", 2));
    buf_append_string(&section, "\1");
    buf_append_byte(&section, 0);
    append_wide_leb(&section, shape->pages, 0);
    append_section(&code, 5, buf_bytes(&section));
    buf_reset(&section);
    append_export(&section, shape);
    append_section(&code, 7, buf_bytes(&section));
    append_section(&code, 10, shape->code.len > 0 ? shape->code : bytes_of("\1\2\0\x0b", 4));
    buf_reset(&section);
    buf_append(&section, bytes_of("\1\0\x41", 3));
    append_wide_leb(&section, last, 0);
    buf_append(&section, bytes_of("\x0b\1\x01", 3));
    append_section(&code, 11, buf_bytes(&section));
    buf_clear(&section);
    return buf_bytes(&code);
}

static const char *deploy(const struct shape *shape, struct account_id *deployed) {
    struct hash id;
    stage_begin(&stage);
    stage_add_code(&stage, TX_DEPLOY, NULL, build(shape), NULL);
    const char *code_name = stage_apply(&stage);
    tx_id(&id, &stage.tx);
    account_id_of_deployed(deployed, &id, 0);
    return code_name;
}

static const char *call(const struct account_id *contract, const char *method, uint64_t gas) {
    stage_begin(&stage);
    stage_add_call(&stage, 0, method, &(struct buf){0}, 0);
    stage.tx.actions[0].call.contract = *contract;
    stage.tx.gas_limit = gas;
    return stage_apply(&stage);
}

static uint64_t gas_used(void) { return stage.done.receipt.gas_used; }

START_TEST(whoever_deploys_pays_for_the_memory_that_is_made) {
    struct account_id id;
    uint64_t small, large;
    assert_text(deploy(&(struct shape){.name = "call.go", .pages = 1}, &id), "OK");
    small = gas_used();
    assert_text(deploy(&(struct shape){.name = "call.go", .pages = MOST_PAGES}, &id), "OK");
    large = gas_used();
    ck_assert_uint_eq(large - small, (MOST_PAGES - 1) * (uint64_t)GAS_CALL_PAGE);
}
END_TEST

START_TEST(a_hook_finds_its_memory_paid_for) {
    struct account_id id;
    uint64_t without;
    assert_text(deploy(&(struct shape){.name = "hook", .pages = 9}, &id), "OK");
    without = gas_used();
    assert_text(deploy(&(struct shape){.name = "init", .pages = 9}, &id), "OK");
    ck_assert_uint_lt(gas_used() - without, GAS_CALL_PAGE);
}
END_TEST

// Each ends before the code does anything; none may leave an instance, or have made one.
START_TEST(a_call_that_cannot_begin_makes_no_memory) {
    struct account_id id;
    assert_text(deploy(&(struct shape){.name = "call.go", .pages = MOST_PAGES}, &id), "OK");
    assert_text(call(&id, "go", STAGE_GAS), "OK");
    uint64_t needed = gas_used();
    struct module_cache *own = stage.modules, *cold = module_cache_create(host_imports(), false);
    stage.block.modules = cold;
    assert_text(call(&id, "gone", STAGE_GAS), "UNKNOWN_METHOD");
    ck_assert_uint_lt(gas_used(), needed - MOST_PAGES * (uint64_t)GAS_CALL_PAGE + 1000);
    assert_text(call(&id, "go", needed - GAS_CALL_PAGE), "OUT_OF_GAS");
    ck_assert_uint_lt(module_cache_bytes(cold), LITTLE_BYTES);
    assert_text(call(&id, "go", STAGE_GAS), "OK");
    ck_assert_uint_eq(gas_used(), needed);
    ck_assert_uint_gt(module_cache_bytes(cold), MOST_PAGES * 65536);
    stage.block.modules = own;
    module_cache_free(cold);
}
END_TEST

static const struct {
    struct shape shape;
    const char *code;
} shapes[] = {
    {{.name = "helper", .pages = 1, .takes_value = true}, "OK"},
    {{.name = "inits", .pages = 1, .takes_value = true}, "OK"},
    {{.name = "caller", .pages = 1, .takes_value = true}, "OK"},
    {{.name = "memory", .pages = 1, .is_memory = true}, "OK"},
    {{.name = "init", .pages = 1, .takes_value = true}, "BAD_MODULE"},
    {{.name = "upgrade", .pages = 1, .takes_value = true}, "BAD_MODULE"},
    {{.name = "call.go", .pages = 1, .takes_value = true}, "BAD_MODULE"},
    {{.name = "pay.go", .pages = 1, .takes_value = true}, "BAD_MODULE"},
    {{.name = "view.go", .pages = 1, .takes_value = true}, "BAD_MODULE"},
    {{.name = "init", .pages = 1, .is_memory = true}, "BAD_MODULE"},
    {{.name = "view.go", .pages = 1, .is_memory = true}, "BAD_MODULE"},
    {{.name = "call.go", .pages = 1, .has_stray_segment = true}, "BAD_MODULE"},
};

START_TEST(what_bears_the_name_of_an_entry_is_one) {
    struct account_id id;
    assert_text(deploy(&shapes[_i].shape, &id), shapes[_i].code);
}
END_TEST

#define LITERAL(text) \
    { (const uint8_t *)(text), sizeof(text) - 1 }
static const struct shape with_floats[] = {
    {.name = "helper", .pages = 1, .code = LITERAL("\1\x08\0\x43\0\0\0\0\x1a\x0b")},
    {.name = "helper", .pages = 1, .code = LITERAL("\1\x0c\0\x44\0\0\0\0\0\0\0\0\x1a\x0b")},
    {.name = "helper", .pages = 1, .code = LITERAL("\1\4\1\1\x7d\x0b")}, // a local
    {.name = "helper", .pages = 1, .code = LITERAL("\1\4\1\1\x7c\x0b")},
    {.name = "helper", .pages = 1, .type = LITERAL("\1\x60\1\x7d\0")},
    {.name = "helper", .pages = 1, .type = LITERAL("\1\x60\1\x7c\0")},
    {.name = "helper", .pages = 1, .code = LITERAL("\1\x07\0\x02\x7c\x00\x0b\x1a\x0b")},
    {.name = "helper", .pages = 1, .code = LITERAL("\1\x06\0\x41\0\xb2\x1a\x0b")},
};

START_TEST(code_with_floats_is_no_contract) {
    struct account_id id;
    assert_text(deploy(&with_floats[_i], &id), "BAD_MODULE");
    struct shape without = with_floats[_i];
    without.code = without.type = bytes_of("", 0);
    assert_text(deploy(&without, &id), "OK");
}
END_TEST

Suite *entry_suite(void) {
    Suite *suite = suite_create("entry");
    TCase *cases = tcase_create("entry");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, whoever_deploys_pays_for_the_memory_that_is_made);
    tcase_add_test(cases, a_hook_finds_its_memory_paid_for);
    tcase_add_test(cases, a_call_that_cannot_begin_makes_no_memory);
    tcase_add_loop_test(cases, what_bears_the_name_of_an_entry_is_one, 0,
                        sizeof shapes / sizeof *shapes);
    tcase_add_loop_test(cases, code_with_floats_is_no_contract, 0,
                        sizeof with_floats / sizeof *with_floats);
    suite_add_tcase(suite, cases);
    return suite;
}
