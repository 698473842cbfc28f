// SPDX-License-Identifier: Apache-2.0
// Modules that mean harm: each ends in a refusal or a trap that names itself, within the memory
// that its size and the limits allow, and within the case's time.
#include "chaincore/vm/gas.h"
#include "chaincore/vm/link.h"
#include "tests/support/unit.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/suites.h"

enum { A_LOT_OF_GAS = 20000000, IR_BYTES_PER_BYTE = 64, FIXED_BYTES = 1 << 20 };

static const struct vm_import_table no_imports = {.module = "lmm"};

// Bytes of a module, section by section.
struct maker {
    struct buf code;
    struct buf section;
};
static void put(struct buf *out, const char *bytes, size_t len) {
    buf_append(out, bytes_of(bytes, len));
}
#define PUT(out, text) put(out, text, sizeof(text) - 1)
static void begin(struct maker *m) {
    buf_reset(&m->code);
    PUT(&m->code, "\0asm\1\0\0\0");
}
static void end_section(struct maker *m, uint8_t id) {
    append_section(&m->code, id, buf_bytes(&m->section));
    buf_reset(&m->section);
}
static void clear(struct maker *m) {
    buf_clear(&m->code);
    buf_clear(&m->section);
}

// The usual head: one type () -> (), so many functions of it, a memory, a table of 8 with function
// 0 in all of it, and the first function exported as "run".
static void put_head(struct maker *m, uint32_t functions) {
    begin(m);
    PUT(&m->section, "\1\x60\0\0");
    end_section(m, 1);
    append_leb(&m->section, functions);
    for (uint32_t i = 0; i < functions; i++) buf_append_byte(&m->section, 0);
    end_section(m, 3);
    PUT(&m->section, "\1\x70\0\x08");
    end_section(m, 4);
    PUT(&m->section, "\1\0\1");
    end_section(m, 5);
    PUT(&m->section, "\1\3run\0\0");
    end_section(m, 7);
    PUT(&m->section, "\1\0\x41\0\x0b\x08\0\0\0\0\0\0\0\0");
    end_section(m, 9);
}

// One function, whose body this is, without locals and end.
static void make_function(struct maker *m, struct bytes body) {
    put_head(m, 1);
    append_leb(&m->section, 1);
    append_leb(&m->section, (uint32_t)body.len + 2);
    buf_append_byte(&m->section, 0);
    buf_append(&m->section, body);
    buf_append_byte(&m->section, 0x0b);
    end_section(m, 10);
}

static const char *refusal(const struct maker *m) {
    struct vm_module *module;
    struct vm_error why;
    if (vm_module_create(&module, buf_bytes(&m->code), &vm_limits_protocol, &no_imports, &why))
        return why.text;
    ck_assert_uint_le(vm_module_memory(module), FIXED_BYTES + IR_BYTES_PER_BYTE * m->code.len);
    vm_module_free(module);
    return "";
}

static enum vm_trap run_once(const struct maker *m, uint64_t gas_limit, uint64_t *gas_used) {
    struct vm_module *module;
    struct vm_instance *instance;
    struct vm_error why;
    struct bytes code = buf_bytes(&m->code);
    enum status status = vm_module_create(&module, code, &vm_limits_protocol, &no_imports, &why);
    ck_assert_msg(status == STATUS_OK, "%s", why.text);
    assert_ok(vm_instance_create(&instance, module));
    struct vm_call call = {.gas_limit = gas_limit};
    enum vm_trap trap = vm_call(instance, &call);
    *gas_used = call.gas_used;
    // What it holds is bounded by the limits, whatever it did.
    ck_assert_uint_le(vm_instance_memory(instance),
                      FIXED_BYTES + (size_t)vm_limits_protocol.memory_pages * VM_PAGE_BYTES);
    vm_instance_free(instance);
    vm_module_free(module);
    return trap;
}

static void check_body(struct bytes body, enum vm_trap expected) {
    struct maker m = {0};
    uint64_t gas_used;
    make_function(&m, body);
    ck_assert_str_eq(vm_trap_text(run_once(&m, A_LOT_OF_GAS, &gas_used)), vm_trap_text(expected));
    if (expected == VM_TRAP_OUT_OF_GAS) ck_assert_uint_eq(gas_used, A_LOT_OF_GAS);
    clear(&m);
}
#define CHECK_BODY(expected, text) check_body(bytes_of(text, sizeof(text) - 1), expected)

START_TEST(endless_loops_of_every_kind_run_out_of_gas) {
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x0c\0\x0b");                       // br
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\1\x0d\0\x0b");                 // br_if
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\5\x0e\1\0\0\x0b");             // br_table
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x3f\0\x1a\x0c\0\x0b");             // memory.size
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x03\x40\x0c\1\x0b\x0b");           // one in another
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\0\x04\x40\x05\x0c\1\x0b\x0b"); // by an else
    // Filling and copying nothing, the whole memory, and table entries.
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\0\x41\0\x41\0\xfc\x0b\0\x0c\0\x0b");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\0\x41\0\x41\x80\x80\4\xfc\x0b\0\x0c\0\x0b");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\0\x41\1\x41\xff\xff\3\xfc\x0a\0\0\x0c\0\x0b");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\0\x41\1\x41\7\xfc\x0e\0\0\x0c\0\x0b");
}
END_TEST

START_TEST(recursion_of_every_kind_ends_by_its_depth) {
    CHECK_BODY(VM_TRAP_CALL_DEPTH, "\x10\0");         // itself
    CHECK_BODY(VM_TRAP_CALL_DEPTH, "\x41\3\x11\0\0"); // through the table
    CHECK_BODY(VM_TRAP_CALL_DEPTH, "\x03\x40\x10\0\x0c\0\x0b");
    struct maker m = {0};
    uint64_t gas_used;
    put_head(&m, 2);
    PUT(&m.section, "\2\4\0\x10\1\x0b\4\0\x10\0\x0b"); // each other
    end_section(&m, 10);
    ck_assert_int_eq(run_once(&m, A_LOT_OF_GAS, &gas_used), VM_TRAP_CALL_DEPTH);
    ck_assert_uint_eq(gas_used, vm_limits_protocol.call_depth * (uint64_t)(GAS_CALL + GAS_FRAME));
    clear(&m);
}
END_TEST

// Two calls of the next function each: 2^200 calls, if gas did not end it.
START_TEST(calls_that_double_run_out_of_gas) {
    enum { FUNCTIONS = 200 };
    struct maker m = {0};
    uint64_t gas_used;
    put_head(&m, FUNCTIONS);
    append_leb(&m.section, FUNCTIONS);
    for (uint32_t i = 1; i <= FUNCTIONS; i++) {
        struct buf body = {0};
        buf_append_byte(&body, 0);
        for (int k = 0; k < 2 && i < FUNCTIONS; k++) {
            buf_append_byte(&body, 0x10);
            append_leb(&body, i);
        }
        buf_append_byte(&body, 0x0b);
        append_leb(&m.section, (uint32_t)body.len);
        buf_append(&m.section, buf_bytes(&body));
        buf_clear(&body);
    }
    end_section(&m, 10);
    ck_assert_int_eq(run_once(&m, A_LOT_OF_GAS, &gas_used), VM_TRAP_OUT_OF_GAS);
    ck_assert_uint_eq(gas_used, A_LOT_OF_GAS);
    clear(&m);
}
END_TEST

START_TEST(memory_bombs_get_what_they_pay_for_and_no_more_than_the_bound) {
    // One page after the other, for ever; all that there is; more than there are numbers for.
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\1\x40\0\x1a\x0c\0\x0b");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x03\x40\x41\xff\1\x40\0\x1a\x0c\0\x0b");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x41\x7f\x40\0\x1a");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x41\0\x41\0\x41\x7f\xfc\x0b\0");          // 4 GiB to fill
    CHECK_BODY(VM_TRAP_MEMORY_BOUNDS, "\x41\0\x41\0\x41\x81\x80\4\xfc\x0b\0"); // a byte too many
    CHECK_BODY(VM_TRAP_MEMORY_BOUNDS, "\x41\x7f\x41\x7f\x41\2\xfc\x0b\0");
    CHECK_BODY(VM_TRAP_TABLE_BOUNDS, "\x41\7\x41\0\x41\2\xfc\x0e\0\0");
    CHECK_BODY(VM_TRAP_OUT_OF_GAS, "\x41\0\x41\0\x41\x7f\xfc\x0e\0\0");
}
END_TEST

// A vector that claims to have 2^32 - 1 entries, in every section, and in what lies deeper.
START_TEST(counts_that_no_module_holds_are_refused_before_anything_is_made) {
    struct maker m = {0};
    for (uint8_t id = 1; id <= 11; id++) {
        if (id == 8) continue; // has no count
        begin(&m);
        PUT(&m.section, "\xff\xff\xff\xff\x0f");
        end_section(&m, id);
        ck_assert_str_eq(refusal(&m), "unexpected end");
    }
    begin(&m);
    PUT(&m.section, "\1\x60\xff\xff\xff\xff\x0f"); // parameters
    end_section(&m, 1);
    ck_assert_str_eq(refusal(&m), "unexpected end");
    begin(&m);
    PUT(&m.section, "\1\x70\0\xff\xff\xff\xff\x0f");
    end_section(&m, 4);
    ck_assert_str_eq(refusal(&m), "table too large");
    begin(&m);
    PUT(&m.section, "\1\0\xff\xff\xff\xff\x0f");
    end_section(&m, 5);
    ck_assert_str_eq(refusal(&m), "memory size is over its bound");
    put_head(&m, 1);
    PUT(&m.section, "\1\xff\xff\xff\xff\x0f\0\x0b"); // a body's length
    end_section(&m, 10);
    ck_assert_str_eq(refusal(&m), "unexpected end");
    make_function(&m, bytes_of("\x41\0\x0e\xff\xff\xff\xff\x0f\0", 9));
    ck_assert_str_eq(refusal(&m), "a branch table with too many targets");
    begin(&m);
    PUT(&m.code, "\1\xff\xff\xff\xff\x0f"); // a section's length
    ck_assert_str_eq(refusal(&m), "length out of bounds");
    clear(&m);
}
END_TEST

START_TEST(locals_that_add_up_beyond_all_numbers_are_too_many) {
    static const char *const declarations[] = {
        "\1\xff\xff\xff\xff\x0f\x7f",                         // 2^32 - 1 of them
        "\2\x80\x80\x80\x80\x08\x7f\x80\x80\x80\x80\x08\x7f", // 2^31, twice
        "\2\1\x7f\xff\xff\xff\xff\x0f\x7f",                   // 1 and 2^32 - 1
    };
    struct maker m = {0};
    for (size_t i = 0; i < 3; i++) {
        put_head(&m, 1);
        size_t len = strlen(declarations[i]);
        append_leb(&m.section, 1);
        append_leb(&m.section, (uint32_t)len + 1);
        put(&m.section, declarations[i], len);
        buf_append_byte(&m.section, 0x0b);
        end_section(&m, 10);
        ck_assert_str_eq(refusal(&m), "too many locals");
    }
    clear(&m);
}
END_TEST

// As much of one thing as a module may hold: functions filled up with a unit, `begin` and `end`
// around it.
struct filled {
    const char *begin, *unit, *end;
    size_t begin_len, unit_len, end_len;
};
static void fill(struct maker *m, const struct filled *f) {
    struct buf body = {0};
    uint32_t body_bytes = vm_limits_protocol.body_bytes, bodies = 7;
    buf_append_byte(&body, 0);
    put(&body, f->begin, f->begin_len);
    while (body.len + f->unit_len + f->end_len < body_bytes) put(&body, f->unit, f->unit_len);
    put(&body, f->end, f->end_len);
    buf_append_byte(&body, 0x0b);
    put_head(m, bodies);
    append_leb(&m->section, bodies);
    for (uint32_t i = 0; i < bodies; i++) {
        append_leb(&m->section, (uint32_t)body.len);
        buf_append(&m->section, buf_bytes(&body));
    }
    end_section(m, 10);
    buf_clear(&body);
}
#define FILLED(begin, unit, end) \
    { begin, unit, end, sizeof(begin) - 1, sizeof(unit) - 1, sizeof(end) - 1 }

START_TEST(modules_full_of_one_thing_are_translated_within_their_size) {
    static const struct filled cases[] = {
        FILLED("", "\x01", ""),                               // nop
        FILLED("", "\x02\x40\x0b", ""),                       // blocks
        FILLED("", "\x03\x40\x0b", ""),                       // loops
        FILLED("", "\x41\0\x04\x40\x05\x0b", ""),             // if and else
        FILLED("", "\x41\0\x1a", ""),                         // constants
        FILLED("", "\x41\0\x28\0\0\x1a", ""),                 // places where it can trap
        FILLED("", "\x41\0\x41\0\x6d\x1a", ""),               //
        FILLED("", "\x10\0", ""),                             // calls
        FILLED("", "\x41\0\x11\0\0", ""),                     //
        FILLED("\x02\x40", "\x41\0\x0d\0", "\x0b"),           // branches to one label
        FILLED("\x02\x40", "\x41\0\x0e\4\0\1\0\1\0", "\x0b"), // the second of them dead
        FILLED("\x00", "\x41\0\x0e\4\0\0\0\0\0", ""),         // dead tables
        FILLED("\x00", "\x02\x40\x0c\0\x0b", ""),             // dead branches
        FILLED("\x00", "\x1a", ""),                           // nothing, dropped
    };
    struct maker m = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fill(&m, &cases[i]);
        ck_assert_uint_gt(m.code.len, 7 * (vm_limits_protocol.body_bytes - 100));
        ck_assert_str_eq(refusal(&m), "");
    }
    clear(&m);
}
END_TEST

START_TEST(nesting_without_end_is_refused_where_it_gets_too_deep) {
    static const char *const openers[] = {"\x02\x40", "\x03\x40", "\x41\0\x04\x40"};
    static const size_t lens[] = {2, 2, 4};
    struct maker m = {0};
    for (size_t i = 0; i < 3; i++) {
        fill(&m, &(struct filled){"", openers[i], "", 0, lens[i], 0});
        ck_assert_str_eq(refusal(&m), "blocks nested too deep");
    }
    // Also where nothing leads, and with operands that wait at every level.
    fill(&m, &(struct filled)FILLED("\x00", "\x02\x40", ""));
    ck_assert_str_eq(refusal(&m), "blocks nested too deep");
    fill(&m, &(struct filled)FILLED("", "\x41\0\x41\0\x41\0\x02\x40", ""));
    ck_assert_str_eq(refusal(&m), "blocks nested too deep");
    fill(&m, &(struct filled)FILLED("", "\x41\0", ""));
    ck_assert_str_eq(refusal(&m), "a function with too many values");
    clear(&m);
}
END_TEST

// Segments that all lie over one another, and one that does not fit: refused when an instance is
// made, and that leaves nothing.
START_TEST(segments_that_do_not_fit_make_no_instance) {
    struct maker m = {0};
    struct vm_module *module;
    struct vm_instance *instance;
    struct vm_error why;
    for (int fits = 0; fits < 2; fits++) {
        begin(&m);
        PUT(&m.section, "\1\0\1");
        end_section(&m, 5);
        append_leb(&m.section, vm_limits_protocol.segments);
        for (uint32_t i = 0; i < vm_limits_protocol.segments; i++) {
            bool is_last = i + 1 == vm_limits_protocol.segments;
            put(&m.section, "\0\x41", 2);
            if (is_last && !fits)
                PUT(&m.section, "\xfd\xff\3"); // 65533
            else
                PUT(&m.section, "\xfc\xff\3"); // 65532
            PUT(&m.section, "\x0b\4data");
        }
        end_section(&m, 11);
        struct bytes code = buf_bytes(&m.code);
        assert_ok(vm_module_create(&module, code, &vm_limits_protocol, &no_imports, &why));
        assert_status(vm_instance_create(&instance, module), fits ? STATUS_OK : STATUS_INVALID);
        if (fits) vm_instance_free(instance);
        vm_module_free(module);
    }
    clear(&m);
}
END_TEST

TCase *hostile_cases(void) {
    TCase *cases = tcase_create("hostile");
    tcase_set_timeout(cases, 20);
    tcase_add_test(cases, endless_loops_of_every_kind_run_out_of_gas);
    tcase_add_test(cases, recursion_of_every_kind_ends_by_its_depth);
    tcase_add_test(cases, calls_that_double_run_out_of_gas);
    tcase_add_test(cases, memory_bombs_get_what_they_pay_for_and_no_more_than_the_bound);
    tcase_add_test(cases, counts_that_no_module_holds_are_refused_before_anything_is_made);
    tcase_add_test(cases, locals_that_add_up_beyond_all_numbers_are_too_many);
    tcase_add_test(cases, modules_full_of_one_thing_are_translated_within_their_size);
    tcase_add_test(cases, nesting_without_end_is_refused_where_it_gets_too_deep);
    tcase_add_test(cases, segments_that_do_not_fit_make_no_instance);
    return cases;
}
