// SPDX-License-Identifier: Apache-2.0
// Branches that nobody can foresee, calls, and the small instructions.
#include "chaincore/vm/vm.h"
#include "tests/bench/gas_table.h"

// local 1 goes through all numbers, in an order that no predictor learns; its upper bits are left
// on the stack. 4 instructions, of which one a multiplication.
static void put_dice(struct buf *out, int32_t bits) {
    PUT(out, 0x20, FIRST_I32);
    put_i32(out, 1664525);
    PUT(out, 0x6c);
    put_i32(out, 1013904223);
    PUT(out, 0x6a, 0x22, FIRST_I32);
    put_i32(out, 32 - bits);
    PUT(out, 0x76);
}

static void measure(const char *name, const uint8_t *unit, size_t len) {
    struct attack a = {.name = name, .repeats = 200};
    put(&a.unit, unit, len);
    attack_run(&a);
}
#define MEASURE(name, ...) \
    measure(name, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void measure_branches(void) {
    struct attack a = {.name = "br_if_by_chance", .repeats = 50};
    PUT(&a.unit, 0x02, 0x40);
    put_dice(&a.unit, 1);
    PUT(&a.unit, 0x0d, 0, 0x20, 2, 0x41, 1, 0x6a, 0x21, 2, 0x0b);
    attack_run(&a);
    a = (struct attack){.name = "if_by_chance", .repeats = 50};
    put_dice(&a.unit, 1);
    PUT(&a.unit, 0x04, 0x40, 0x23, 0, 0x24, 0, 0x05, 0x01, 0x0b);
    attack_run(&a);
    a = (struct attack){.name = "select_by_chance", .repeats = 50};
    PUT(&a.unit, 0x20, 2, 0x20, 3);
    put_dice(&a.unit, 1);
    PUT(&a.unit, 0x1b, 0x21, 2);
    attack_run(&a);
}

// So many targets, each of its own code.
static void measure_table(const char *name, int32_t bits) {
    struct attack a = {.name = name, .repeats = 1};
    uint32_t targets = 1u << bits, levels = targets < 200 ? targets : 200;
    for (uint32_t i = 0; i < levels; i++) PUT(&a.unit, 0x02, 0x40);
    put_dice(&a.unit, bits);
    PUT(&a.unit, 0x0e);
    put_leb(&a.unit, targets);
    for (uint32_t i = 0; i <= targets; i++) put_leb(&a.unit, i % levels);
    for (uint32_t i = 0; i < levels; i++) PUT(&a.unit, 0x0b, 0x20, 2, 0x1a);
    attack_run(&a);
}
// A loop around a table whose targets all lead back: nothing but dispatch.
static void measure_tight_table(void) {
    struct attack a = {.name = "br_table_tight", .repeats = 1};
    enum { LEVELS = 64 };
    put_i32(&a.unit, 1000);
    PUT(&a.unit, 0x21, 2, 0x03, 0x40);
    for (uint32_t i = 0; i < LEVELS; i++) PUT(&a.unit, 0x02, 0x40);
    PUT(&a.unit, 0x20, 2, 0x45, 0x0d);
    put_leb(&a.unit, LEVELS + 1); // out of it
    PUT(&a.unit, 0x20, 2, 0x41, 1, 0x6b, 0x21, 2);
    put_dice(&a.unit, 6);
    PUT(&a.unit, 0x0e);
    put_leb(&a.unit, LEVELS);
    for (uint32_t i = 0; i <= LEVELS; i++) put_leb(&a.unit, i % LEVELS);
    for (uint32_t i = 0; i < LEVELS; i++) {
        PUT(&a.unit, 0x0b, 0x0c);
        put_leb(&a.unit, LEVELS - 1 - i); // the loop's start
    }
    PUT(&a.unit, 0x0b);
    struct buf unit = {0};
    PUT(&unit, 0x02, 0x40);
    buf_append(&unit, buf_bytes(&a.unit));
    PUT(&unit, 0x0b);
    buf_clear(&a.unit);
    a.unit = unit;
    attack_run(&a);
}

// Branches by chance through so much code that it fits no cache.
static void measure_far_branches(void) {
    struct attack a = {.name = "if_far_by_chance", .repeats = 900};
    put_dice(&a.unit, 1);
    PUT(&a.unit, 0x04, 0x40);
    for (int i = 0; i < 16; i++) PUT(&a.unit, 0x23, 0, 0x23, 0, 0x6c, 0x24, 0);
    PUT(&a.unit, 0x0b);
    attack_run(&a);
}

static void add_function(struct attack *a, uint8_t type, const uint8_t *body, size_t len) {
    put_leb(&a->functions, type);
    put_leb(&a->bodies, len);
    put(&a->bodies, body, len);
    a->function_count++;
}
#define FUNCTION(a, type, ...) \
    add_function(a, type, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void measure_calls(void) {
    struct attack a = {.name = "call", .repeats = 200};
    FUNCTION(&a, 1, 0, 0x0b);
    PUT(&a.unit, 0x10, 0);
    attack_run(&a);
    a = (struct attack){.name = "call_of_many_locals", .repeats = 200};
    FUNCTION(&a, 1, 1, 0xff, 7, I64, 0x0b);
    PUT(&a.unit, 0x10, 0);
    attack_run(&a);
    a = (struct attack){.name = "call_of_three_locals", .repeats = 200};
    FUNCTION(&a, 1, 1, 1, I64, 0x0b);
    PUT(&a.unit, 0x10, 0);
    attack_run(&a);
    // Down to a depth of 250, and back.
    a = (struct attack){.name = "recursion", .repeats = 20};
    FUNCTION(&a, 0, 0, 0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x0b, 0x0b);
    put_i32(&a.unit, 250);
    PUT(&a.unit, 0x10, 0);
    attack_run(&a);
    // The same with frames that fill the whole stack.
    a = (struct attack){.name = "recursion_of_large_frames", .repeats = 20};
    FUNCTION(&a, 0, 1, 0xfa, 1, I64, 0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x0b,
             0x0b);
    put_i32(&a.unit, 250);
    PUT(&a.unit, 0x10, 0);
    attack_run(&a);
}

// As many values as may be, carried by each branch and returned by each call.
static void put_wide_type(struct attack *a, uint32_t parameters, uint32_t results) {
    PUT(&a->types, 0x60);
    put_leb(&a->types, parameters);
    for (uint32_t i = 0; i < parameters; i++) PUT(&a->types, I64);
    put_leb(&a->types, results);
    for (uint32_t i = 0; i < results; i++) PUT(&a->types, I64);
    a->type_count++;
}
static void measure_many_values(void) {
    struct attack a = {.name = "branch_of_many_values", .repeats = 100};
    uint32_t most = vm_limits_protocol.values;
    put_wide_type(&a, 0, most);
    PUT(&a.begin, 0x02, 2);
    for (uint32_t i = 0; i <= most; i++) PUT(&a.begin, 0x20, FIRST_I64);
    PUT(&a.unit, 0x20, 2, 0x0d, 0); // never taken
    PUT(&a.end, 0x0c, 0, 0x0b);
    for (uint32_t i = 0; i < most; i++) PUT(&a.end, 0x1a);
    attack_run(&a);
    a = (struct attack){.name = "return_of_many_values", .repeats = 5};
    struct buf body = {0};
    put_wide_type(&a, 0, most);
    PUT(&body, 1, 1, I64);
    for (uint32_t i = 0; i < most; i++) PUT(&body, 0x20, 0);
    PUT(&body, 0x0b);
    add_function(&a, 2, body.data, body.len);
    PUT(&a.unit, 0x10, 0);
    for (uint32_t i = 0; i < most; i++) PUT(&a.unit, 0x1a);
    attack_run(&a);
    buf_clear(&body);
}

// Functions by chance, out of a table of so many.
static void measure_indirect(const char *name, int32_t bits) {
    struct attack a = {.name = name, .repeats = 50, .table = 1u << bits};
    for (uint32_t i = 0; i < 1u << bits; i++) FUNCTION(&a, 1, 0, 0x23, 0, 0x24, 0, 0x0b);
    PUT(&a.elements, 0, 0x41, 0, 0x0b);
    put_leb(&a.elements, 1u << bits);
    for (uint32_t i = 0; i < 1u << bits; i++) put_leb(&a.elements, i);
    a.element_count = 1;
    put_dice(&a.unit, bits);
    PUT(&a.unit, 0x11, 1, 0);
    attack_run(&a);
}
// The same with so much code in each that all of it fits no cache, nearly all of it passed over.
static void measure_far_code(void) {
    struct attack a = {.name = "call_indirect_far", .repeats = 50, .table = 2048};
    struct buf body = {0};
    PUT(&body, 0, 0x23, 0, 0x04, 0x40);
    for (int i = 0; i < 40; i++) PUT(&body, 0x23, 0, 0x23, 0, 0x6c, 0x24, 0);
    PUT(&body, 0x0b, 0x23, 0, 0x04, 0x40);
    for (int i = 0; i < 20; i++) PUT(&body, 0x23, 0, 0x23, 0, 0x6c, 0x24, 0);
    PUT(&body, 0x0b, 0x0b);
    for (uint32_t i = 0; i < a.table; i++) add_function(&a, 1, body.data, body.len);
    PUT(&a.elements, 0, 0x41, 0, 0x0b);
    put_leb(&a.elements, a.table);
    for (uint32_t i = 0; i < a.table; i++) put_leb(&a.elements, i);
    a.element_count = 1;
    put_dice(&a.unit, 11);
    PUT(&a.unit, 0x11, 1, 0);
    attack_run(&a);
    buf_clear(&body);
}
// Functions by chance, in each a table by chance: so many entries that all of them fit no cache.
// Values that the branch carries have to be moved, as there is one below them.
static void measure_far_tables(const char *name, int32_t function_bits, int32_t bits,
                               uint32_t values) {
    struct attack a = {.name = name, .repeats = 20, .table = 1u << function_bits};
    struct buf body = {0};
    put_wide_type(&a, 0, values);
    PUT(&body, 0, 0x02, 2);
    for (uint32_t i = 0; i < values + 1; i++) PUT(&body, 0x42, 1);
    PUT(&body, 0x20, 0, 0x0e);
    put_leb(&body, (1u << bits) - 1);
    for (uint32_t i = 0; i < 1u << bits; i++) PUT(&body, 0);
    PUT(&body, 0x0b);
    for (uint32_t i = 0; i < values; i++) PUT(&body, 0x1a);
    PUT(&body, 0x0b);
    for (uint32_t i = 0; i < a.table; i++) add_function(&a, 0, body.data, body.len);
    PUT(&a.elements, 0, 0x41, 0, 0x0b);
    put_leb(&a.elements, a.table);
    for (uint32_t i = 0; i < a.table; i++) put_leb(&a.elements, i);
    a.element_count = 1;
    put_dice(&a.unit, bits);
    PUT(&a.unit, 0x20, FIRST_I32);
    put_i32(&a.unit, 32 - bits - function_bits);
    PUT(&a.unit, 0x76);
    put_i32(&a.unit, (int32_t)a.table - 1);
    PUT(&a.unit, 0x71, 0x11, 0, 0);
    attack_run(&a);
    buf_clear(&body);
}
// The type compared has as many parameters as there may be.
static void measure_long_types(void) {
    struct attack a = {.name = "call_indirect_of_long_types", .repeats = 50, .table = 1};
    struct buf body = {0};
    uint32_t most = vm_limits_protocol.values;
    for (int k = 0; k < 2; k++) put_wide_type(&a, most, most); // twice, so that it is compared
    PUT(&body, 0);
    for (uint32_t i = 0; i < most; i++) PUT(&body, 0x20, (uint8_t)i);
    PUT(&body, 0x0b);
    add_function(&a, 2, body.data, body.len);
    PUT(&a.elements, 0, 0x41, 0, 0x0b, 1, 0);
    a.element_count = 1;
    for (uint32_t i = 0; i < most; i++) PUT(&a.begin, 0x20, FIRST_I64);
    PUT(&a.unit, 0x41, 0, 0x11, 3, 0);
    for (uint32_t i = 0; i < most; i++) PUT(&a.end, 0x1a);
    attack_run(&a);
    buf_clear(&body);
}

void table_of_control(void) {
    gas_class("local_and_constant");
    MEASURE("local_set", 0x20, 1, 0x21, 2);
    MEASURE("local_tee", 0x20, 1, 0x22, 2, 0x21, 3);
    MEASURE("swap", 0x20, 1, 0x20, 2, 0x21, 1, 0x21, 2);
    MEASURE("constant", 0x42, 5, 0x21, 4);
    MEASURE("drop", 0x20, 1, 0x1a);
    gas_class("global");
    MEASURE("global_get", 0x23, 1, 0x21, 4);
    MEASURE("global_set", 0x23, 1, 0x24, 1);
    MEASURE("global_step", 0x23, 1, 0x42, 1, 0x7c, 0x24, 1);
    gas_class("select");
    MEASURE("select", 0x20, 1, 0x20, 2, 0x20, 3, 0x1b, 0x21, 1);
    gas_class("branch");
    MEASURE("nop", 0x01);
    MEASURE("loop", 0x03, 0x40, 0x0b);
    MEASURE("block_and_branch", 0x02, 0x40, 0x0c, 0, 0x0b);
    MEASURE("if", 0x20, 1, 0x04, 0x40, 0x0b);
    MEASURE("if_else", 0x20, 1, 0x04, 0x40, 0x05, 0x0b);
    MEASURE("br_if_never", 0x02, 0x40, 0x20, 1, 0x0d, 0, 0x0b);
    measure_branches();
    measure_far_branches();
    gas_class("branch_table");
    measure_table("br_table_4", 2);
    measure_table("br_table_64", 6);
    measure_table("br_table_4096", 12);
    measure_tight_table();
    measure_far_tables("br_table_far", 7, 11, 0);
    measure_far_tables("br_table_far_with_values", 7, 11, 1);
    measure_far_tables("br_table_far_small", 10, 8, 1);
    gas_class("call_of_function");
    measure_calls();
    measure_many_values();
    gas_class("call_indirect");
    measure_indirect("call_indirect_2", 1);
    measure_indirect("call_indirect_64", 6);
    measure_indirect("call_indirect_2048", 11);
    measure_far_code();
    measure_long_types();
    gas_class("memory_size");
    MEASURE("memory_size", 0x3f, 0, 0x21, 1);
    gas_class("memory_grow");
    MEASURE("memory_grow_none", 0x41, 0, 0x40, 0, 0x1a);
}
