// SPDX-License-Identifier: Apache-2.0
// Numeric instructions and memory: chains of one instruction, each waiting for the one before.
#include "chaincore/vm/gas.h"
#include "chaincore/vm/link.h"
#include "tests/bench/gas_table.h"

enum { CHAIN = 200, BIG_PAGES = 256, BIG_BITS = 24, NEAR_PAGES = GAS_NEAR_PAGES };

static uint8_t first_local(uint8_t type) {
    static const uint8_t first[] = {FIRST_F64, FIRST_F32, FIRST_I64, FIRST_I32};
    return first[type - F64];
}

static void put_constant(struct buf *out, uint8_t type, int64_t integer, double number) {
    float narrow = (float)number;
    if (type == I32) put_i32(out, (int32_t)integer);
    if (type == I64) put_i64(out, integer);
    if (type == F32) {
        buf_append_byte(out, 0x43);
        put(out, (const uint8_t *)&narrow, sizeof narrow);
    }
    if (type == F64) {
        buf_append_byte(out, 0x44);
        put(out, (const uint8_t *)&number, sizeof number);
    }
}
static void put_opcode(struct buf *out, uint32_t opcode) {
    if (opcode >= 0x100) buf_append_byte(out, 0xfc);
    buf_append_byte(out, (uint8_t)opcode);
}

// local = constant, in the prelude
static void set_local(struct attack *a, uint8_t type, uint8_t index, int64_t integer,
                      double number) {
    put_constant(&a->prelude, type, integer, number);
    PUT(&a->prelude, 0x21, (uint8_t)(first_local(type) + index));
}

// What an instruction made, as the type that it takes: so that the next one waits for it.
static void put_back(struct buf *out, uint8_t from, uint8_t to) {
    static const struct {
        uint8_t from, to, opcodes[3];
    } ways[] = {{I32, I64, {0xad}},       {I32, F32, {0xbe}},       {I32, F64, {0xad, 0xbf}},
                {I64, I32, {0xa7}},       {I64, F32, {0xa7, 0xbe}}, {I64, F64, {0xbf}},
                {F32, I32, {0xbc}},       {F32, I64, {0xbc, 0xad}}, {F32, F64, {0xbb}},
                {F64, I32, {0xbd, 0xa7}}, {F64, I64, {0xbd}},       {F64, F32, {0xb6}}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (int k = 0; ways[i].from == from && ways[i].to == to && ways[i].opcodes[k]; k++)
            buf_append_byte(out, ways[i].opcodes[k]);
}

struct numeric {
    uint32_t opcode;
    const char *name;
    uint8_t in, out;
};

static void measure_binary(const struct numeric *n) {
    struct attack a = {.name = n->name, .repeats = CHAIN};
    uint8_t x = first_local(n->in), y = (uint8_t)(x + 1);
    bool is_float = n->in == F32 || n->in == F64;
    gas_class(is_float          ? n->in == n->out ? "float_arithmetic" : "float_comparison"
              : n->in == n->out ? "integer_arithmetic"
                                : "integer_comparison");
    // Numbers that stay where the processor is slow: subnormal ones.
    set_local(&a, n->in, 0, 0x123456789abcdef, n->in == F32 ? 3e-39 : 3e-309);
    set_local(&a, n->in, 1, 3, is_float ? 1.0000001 : 0);
    PUT(&a.begin, 0x20, x); // a chain on the stack
    PUT(&a.unit, 0x20, y);
    put_opcode(&a.unit, n->opcode);
    put_back(&a.unit, n->out, n->in);
    PUT(&a.end, 0x21, x);
    attack_run(&a);
}

// x = x / y | K: always a long quotient.
static void measure_division(const struct numeric *n) {
    struct attack a = {.name = n->name, .repeats = CHAIN};
    uint8_t x = first_local(n->in), y = (uint8_t)(x + 1);
    gas_class("integer_division");
    set_local(&a, n->in, 0, 0x7123456789abcdef, 0);
    set_local(&a, n->in, 1, 3, 0);
    PUT(&a.begin, 0x20, x);
    PUT(&a.unit, 0x20, y);
    put_opcode(&a.unit, n->opcode);
    put_constant(&a.unit, n->in, 0x7123456789abcdef, 0);
    PUT(&a.unit, n->in == I32 ? 0x72 : 0x84);
    PUT(&a.end, 0x21, x);
    attack_run(&a);
}

static void measure_unary(const struct numeric *n) {
    struct attack a = {.name = n->name, .repeats = CHAIN};
    uint8_t x = first_local(n->in);
    bool is_float = n->in <= F32 || n->out <= F32;
    gas_class(!is_float ? "integer_bits" : n->in == n->out ? "float_functions" : "conversions");
    set_local(&a, n->in, 0, 0x123456789abcdef, n->in == F32 ? 3e-39 : 3e-309);
    PUT(&a.begin, 0x20, x);
    put_opcode(&a.unit, n->opcode);
    put_back(&a.unit, n->out, n->in);
    PUT(&a.end, 0x21, x);
    attack_run(&a);
}

#define TYPE_u32 I32
#define TYPE_i32 I32
#define TYPE_u64 I64
#define TYPE_i64 I64
#define TYPE_f32 F32
#define TYPE_f64 F64
#define LINE(measure, opcode, name, in, out) \
    measure(&(const struct numeric){opcode, #name, TYPE_##in, TYPE_##out});
#define BITS_OF_FLOAT(opcode)                                         \
    ((opcode) == 0x8b || (opcode) == 0x8c || (opcode) == 0x98   ? F32 \
     : (opcode) == 0x99 || (opcode) == 0x9a || (opcode) == 0xa6 ? F64 \
                                                                : 0)
#define FLOAT_LINE(measure, opcode, name, in, out)                                             \
    measure(&(const struct numeric){opcode, #name,                                             \
                                    BITS_OF_FLOAT(opcode) ? BITS_OF_FLOAT(opcode) : TYPE_##in, \
                                    BITS_OF_FLOAT(opcode) ? BITS_OF_FLOAT(opcode) : TYPE_##out});
#define BINARY(opcode, name, in, out, gas, e) LINE(measure_binary, opcode, name, in, out)
#define COMPARE(opcode, name, in, out, gas, e) LINE(measure_binary, opcode, name, in, out)
#define DIVISION(opcode, name, in, out, gas, o, e) LINE(measure_division, opcode, name, in, out)
#define UNARY(opcode, name, in, out, gas, e) LINE(measure_unary, opcode, name, in, out)
#define REINTERPRET(opcode, name, in, out) LINE(measure_unary, opcode, name, in, out)
#define FLOAT_BINARY(opcode, name, in, out, gas, e) \
    FLOAT_LINE(measure_binary, opcode, name, in, out)
#define FLOAT_UNARY(opcode, name, in, out, gas, e) FLOAT_LINE(measure_unary, opcode, name, in, out)
#define TRUNCATE(opcode, name, in, integer, out, l, h) LINE(measure_unary, opcode, name, in, out)
#define SATURATE(opcode, name, in, i, out, l, h, least, most) \
    LINE(measure_unary, opcode, name, in, out)
static void measure_integers(void) {
#include "chaincore/vm/opcodes.def"
}
#include "chaincore/vm/opcodes_undef.h"

// Every line of the memory holds the place of another, in one circle through them all.
static void make_circle(struct vm_instance *instance) {
    uint64_t lines = instance->memory->size / 64;
    ENSURE(vm_memory_reach(instance->memory, 0, instance->memory->size));
    for (uint64_t i = 0; i < lines; i++) {
        uint64_t next = (i * 52437 + 14221) % lines * 64;
        memcpy(instance->memory->data + i * 64, &next, sizeof next);
        // Narrow loads read it too, so that they find something everywhere.
        memcpy(instance->memory->data + i * 64 + 32, &next, sizeof next);
    }
}

// Anywhere in the memory, and across lines; the address is left on the stack.
static void put_somewhere(struct buf *out, uint32_t pages) {
    PUT(out, 0x20, FIRST_I32);
    put_i32(out, 0x3ac5 * 64 + 61);
    PUT(out, 0x6a, 0x22, FIRST_I32);
    put_i32(out, (int32_t)(pages << 16) - 64);
    PUT(out, 0x71);
}
// Anywhere at all: what no processor foresees.
static void put_anywhere(struct buf *out) {
    PUT(out, 0x20, FIRST_I32);
    put_i32(out, 1664525);
    PUT(out, 0x6c);
    put_i32(out, 1013904223);
    PUT(out, 0x6a, 0x22, FIRST_I32);
    put_i32(out, 32 - BIG_BITS);
    PUT(out, 0x76);
    put_i32(out, (BIG_PAGES << 16) - 64);
    PUT(out, 0x71);
}
static void measure_load_in(const struct numeric *n, uint32_t pages) {
    struct attack a = {.name = n->name, .repeats = CHAIN, .pages = pages, .prepare = make_circle};
    if (pages == NEAR_PAGES) a.most_pages = pages;
    bool is_wide = n->opcode == 0x29 || n->opcode == 0x34 || n->opcode == 0x35;
    if (n->opcode == 0x28 || is_wide) { // where the next is depends on the one before
        PUT(&a.begin, 0x20, FIRST_I32);
        PUT(&a.unit, (uint8_t)n->opcode, 0, 0);
        if (is_wide) PUT(&a.unit, 0xa7);
        PUT(&a.end, 0x21, FIRST_I32);
    } else {
        put_somewhere(&a.unit, pages);
        PUT(&a.unit, (uint8_t)n->opcode, 0, 0, 0x1a);
    }
    attack_run(&a);
}
static void measure_load(const struct numeric *n) {
    gas_class("load");
    measure_load_in(n, NEAR_PAGES);
    gas_class("load_far");
    measure_load_in(n, BIG_PAGES);
}
static void measure_store_in(const struct numeric *n, uint32_t pages) {
    struct attack a = {.name = n->name, .repeats = CHAIN, .pages = pages, .prepare = make_circle};
    if (pages == NEAR_PAGES) a.most_pages = pages;
    put_somewhere(&a.unit, pages);
    PUT(&a.unit, 0x20, first_local(n->in), (uint8_t)n->opcode, 0, 0);
    attack_run(&a);
}
static void measure_store(const struct numeric *n) {
    gas_class("store");
    measure_store_in(n, NEAR_PAGES);
    gas_class("store_far");
    measure_store_in(n, BIG_PAGES);
}
#define LOAD(opcode, name, memory, out, align) LINE(measure_load, opcode, name, u32, out)
#define STORE(opcode, name, in, memory, align) LINE(measure_store, opcode, name, in, u32)
static void measure_chance(void) {
    static const uint8_t load[] = {0x28, 0, 0, 0x21, FIRST_I32 + 1};
    static const uint8_t store[] = {0x20, FIRST_I32, 0x36, 0, 0};
    for (int is_store = 0; is_store < 2; is_store++) {
        struct attack a = {.name = is_store ? "store_by_chance" : "load_by_chance",
                           .repeats = CHAIN,
                           .pages = BIG_PAGES,
                           .prepare = make_circle};
        put_anywhere(&a.unit);
        put(&a.unit, is_store ? store : load, sizeof load);
        gas_class(is_store ? "store_far" : "load_far");
        attack_run(&a);
    }
}
static void measure_accesses(void) {
#include "chaincore/vm/opcodes.def"
}
#include "chaincore/vm/opcodes_undef.h"

void table_of_instructions(void) {
    measure_integers();
    measure_accesses();
    measure_chance();
}

// A bulk instruction with these three operands.
static void measure_bulk(const char *name, uint8_t opcode, const int32_t at[3], bool is_fresh) {
    struct attack a = {
        .name = name, .repeats = 20, .pages = BIG_PAGES, .table = 8192, .is_fresh = is_fresh};
    for (int i = 0; i < 3; i++) put_i32(&a.unit, at[i]);
    PUT(&a.unit, 0xfc, opcode, 0);
    if (opcode == 10 || opcode == 14 || opcode == 12) PUT(&a.unit, 0);
    PUT(&a.elements, 1, 0, 2, 0, 0); // passive, two functions
    a.element_count = 1;
    attack_run(&a);
}

// A few bytes, anywhere: both places of a copy, where it has two.
static void measure_bulk_by_chance(const char *name, uint8_t opcode, int32_t len) {
    struct attack a = {.name = name, .repeats = CHAIN, .pages = BIG_PAGES, .prepare = make_circle};
    for (int i = 0; i < 2; i++) put_anywhere(&a.unit);
    put_i32(&a.unit, len);
    PUT(&a.unit, 0xfc, opcode, 0);
    if (opcode == 10) PUT(&a.unit, 0);
    attack_run(&a);
}

// A byte of each 4 KiB of a memory that nothing has touched.
static void measure_first_touch(void) {
    struct attack a = {.name = "first_touch", .repeats = 4096, .pages = 1, .is_fresh = true};
    put_i32(&a.prelude, BIG_PAGES - 1);
    PUT(&a.prelude, 0x40, 0, 0x1a);
    PUT(&a.unit, 0x20, FIRST_I32, 0x20, FIRST_I32, 0x36, 0, 0, 0x20, FIRST_I32);
    put_i32(&a.unit, 4096);
    PUT(&a.unit, 0x6a, 0x21, FIRST_I32);
    attack_run(&a);
}

// A page at a time up to the bound, each written to at its end.
static void measure_grow(void) {
    struct attack a = {.name = "memory_grow", .repeats = BIG_PAGES - 1, .is_fresh = true};
    put_i32(&a.unit, 1);
    PUT(&a.unit, 0x40, 0);
    put_i32(&a.unit, 16);
    PUT(&a.unit, 0x74, 0x20, FIRST_I64, 0x37, 0, 0xf8, 0xff, 3);
    attack_run(&a);
}

void table_of_memory(void) {
    enum { ALL = BIG_PAGES << 16 };
    gas_class("memory_bulk");
    measure_bulk("memory_fill_none", 11, (const int32_t[]){0, 1, 0}, false);
    measure_bulk("memory_fill_15", 11, (const int32_t[]){61, 1, 15}, false);
    measure_bulk("memory_fill_page", 11, (const int32_t[]){0, 1, 65536}, false);
    measure_bulk("memory_fill_all", 11, (const int32_t[]){0, 1, ALL}, false);
    measure_bulk("memory_fill_all_fresh", 11, (const int32_t[]){0, 1, ALL}, true);
    measure_bulk("memory_copy_none", 10, (const int32_t[]){0, 1, 0}, false);
    measure_bulk("memory_copy_15", 10, (const int32_t[]){61, 1, 15}, false);
    measure_bulk("memory_copy_page", 10, (const int32_t[]){0, 65536, 65536}, false);
    measure_bulk("memory_copy_all", 10, (const int32_t[]){0, ALL / 2, ALL / 2}, false);
    measure_bulk("memory_copy_overlap", 10, (const int32_t[]){1, 0, ALL - 1}, false);
    measure_bulk_by_chance("memory_fill_by_chance", 11, 1);
    measure_bulk_by_chance("memory_copy_by_chance", 10, 1);
    measure_bulk_by_chance("memory_copy_15_by_chance", 10, 15);
    gas_class("table_bulk");
    measure_bulk("table_copy_one", 14, (const int32_t[]){0, 1, 1}, false);
    measure_bulk("table_copy_all", 14, (const int32_t[]){0, 1, 8191}, false);
    measure_bulk("table_init", 12, (const int32_t[]){0, 0, 2}, false);
    gas_class("memory_grow");
    measure_first_touch();
    measure_grow();
}
