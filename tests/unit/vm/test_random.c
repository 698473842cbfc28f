// SPDX-License-Identifier: Apache-2.0
// Random functions, run by the engine and by the plain reference: same result, trap, gas to the
// unit, and memory. What the translator defers, moves and fuses must not show.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/vm/link.h"
#include "tests/support/unit.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/reference.h"
#include "tests/unit/vm/suites.h"

enum { PARAMETERS = 4, LOCALS = 8, RUNS = 10000, GAS = 3000 };
enum { I32 = 0x7f, I64 = 0x7e, EMPTY = 0x40 };

struct generator {
    struct buf body;
    uint64_t seed;
    int budget;          // of instructions
    uint32_t labels;     // around the place, the function's own not counted
    uint8_t carries[64]; // what a branch to that label brings
};

// splitmix64
static uint64_t next_random(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static uint32_t below(struct generator *g, uint32_t bound) {
    return (uint32_t)(next_random(&g->seed) % bound);
}

static void put(struct generator *g, uint8_t byte) { buf_append_byte(&g->body, byte); }

static void put_signed(struct generator *g, int64_t value) {
    for (;;) {
        uint8_t byte = value & 0x7f;
        value >>= 7; // arithmetic, as everywhere that this runs
        bool is_last = (value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40));
        put(g, is_last ? byte : byte | 0x80);
        if (is_last) return;
    }
}

// i32 and i64 by turns: 0 and 1 are parameters, 4 and 5 are not, and so on.
static uint32_t local_of(struct generator *g, uint8_t type) {
    return 2 * below(g, LOCALS / 2) + (type == I64);
}

static void put_constant(struct generator *g, uint8_t type) {
    static const int64_t edges[] = {0,  1,   -1,    2,     31,        32,       63,
                                    64, 255, 65535, 65536, INT32_MAX, INT32_MIN};
    int64_t value = edges[below(g, sizeof edges / sizeof *edges)];
    if (below(g, 4) == 0) value = (int64_t)next_random(&g->seed);
    if (below(g, 2) == 0) value = below(g, 40);
    put(g, type == I32 ? 0x41 : 0x42);
    put_signed(g, type == I32 ? (int32_t)value : value);
}

static void put_expression(struct generator *g, uint8_t type, int depth);

static void put_local(struct generator *g, uint8_t opcode, uint32_t local) {
    put(g, opcode);
    append_leb(&g->body, local);
}
static void put_with_i32(struct generator *g, uint8_t opcode, int32_t constant) {
    put(g, 0x41);
    put_signed(g, constant);
    put(g, opcode);
}

// A local that points into the memory, for addresses made of it.
static uint32_t put_pointer(struct generator *g) {
    uint32_t local = local_of(g, I32);
    put_local(g, 0x20, local);
    put_with_i32(g, 0x71, 0x3fff);
    put_local(g, 0x21, local);
    return local;
}

// Mostly inside the memory: masked, masked and something more, an array's element, or a step.
static void put_address(struct generator *g, int depth) {
    uint32_t kind = below(g, 5), local;
    if (kind == 0) {
        local = put_pointer(g);
        put_local(g, 0x20, local);
        put_expression(g, I32, depth);
        put_with_i32(g, 0x71, 0xff);
        put_with_i32(g, 0x74, (int32_t)below(g, 4));
        put(g, 0x6a);
    } else if (kind == 1) {
        local = put_pointer(g);
        put_local(g, 0x20, local);
        put_with_i32(g, 0x6a + (uint8_t)below(g, 2), (int32_t)below(g, 9));
        put_local(g, 0x22, below(g, 3) ? local : local_of(g, I32));
    } else {
        put_expression(g, I32, depth);
        if (below(g, 100) == 0) return;
        put_with_i32(g, 0x71, 0x3fc);
        if (kind == 2) put_with_i32(g, 0x6a, (int32_t)below(g, 3000));
        if (kind == 3 && below(g, 30) == 0) { // leads outside as a rule
            put_local(g, 0x20, local_of(g, I32));
            put(g, 0x6a);
        }
    }
}

static void put_access(struct generator *g, uint8_t opcode) {
    put(g, opcode);
    put(g, 0);
    append_leb(&g->body, below(g, 60) ? below(g, 200) : below(g, 70000));
}

static void put_arithmetic(struct generator *g, uint8_t type, int depth) {
    static const uint8_t common[] = {0, 0, 0, 7, 8, 9, 10, 12, 13, 13}; // add, and, or, xor, shl, …
    uint8_t first = type == I32 ? 0x6a : 0x7c;
    uint32_t which = below(g, 2) ? common[below(g, sizeof common)] : below(g, 15);
    if (which >= 3 && which <= 6 && below(g, 6)) which = 0; // divisions trap often
    put_expression(g, type, depth - 1);
    put_expression(g, type, depth - 1);
    put(g, (uint8_t)(first + which));
    if (below(g, 4) > 0) return;
    put_constant(g, type); // and the result shifted or rotated
    put(g, (uint8_t)(first + 10 + below(g, 5)));
}

static void put_comparison(struct generator *g, int depth) {
    uint8_t type = below(g, 2) ? I32 : I64;
    put_expression(g, type, depth - 1);
    if (type == I32 && below(g, 6) == 0) {
        put_with_i32(g, 0x71, 1 << below(g, 4));
        return;
    }
    if (below(g, 6) == 0) {
        put(g, type == I32 ? 0x45 : 0x50);
        return;
    }
    put_expression(g, type, depth - 1);
    put(g, (uint8_t)((type == I32 ? 0x46 : 0x51) + below(g, 10)));
}

static void put_conversion(struct generator *g, uint8_t type, int depth) {
    static const uint8_t narrow[] = {0x67, 0x68, 0x69, 0xc0, 0xc1},
                         wide[] = {0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4};
    bool converts = below(g, 2);
    put_expression(g, (type == I32) != converts ? I32 : I64, depth - 1);
    if (converts)
        put(g, type == I32 ? 0xa7 : below(g, 2) ? 0xac : 0xad);
    else
        put(g, type == I32 ? narrow[below(g, sizeof narrow)] : wide[below(g, sizeof wide)]);
}

static void put_load(struct generator *g, uint8_t type, int depth) {
    static const uint8_t narrow[] = {0x28, 0x28, 0x2c, 0x2d, 0x2e, 0x2f};
    static const uint8_t wide[] = {0x29, 0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35};
    put_address(g, depth - 1);
    put_access(g, type == I32 ? narrow[below(g, sizeof narrow)] : wide[below(g, sizeof wide)]);
}

static void put_statement(struct generator *g, int depth);

static void open(struct generator *g, uint8_t opcode, uint8_t type) {
    put(g, opcode);
    put(g, type);
    g->carries[g->labels++] = opcode == 0x03 ? EMPTY : type;
}
static void close(struct generator *g) {
    put(g, 0x0b);
    g->labels--;
}

// A block with a value, which a branch out of it may bring too.
static void put_value_block(struct generator *g, int depth) {
    open(g, 0x02, I32);
    put_statement(g, depth - 1);
    put_expression(g, I32, depth - 1);
    put_comparison(g, depth - 1);
    put(g, 0x0d);
    put(g, 0);
    put(g, 0x1a);
    put_expression(g, I32, depth - 1);
    close(g);
}

static void put_value_if(struct generator *g, uint8_t type, int depth) {
    put_comparison(g, depth - 1);
    put(g, 0x04);
    put(g, type);
    g->carries[g->labels++] = type;
    put_expression(g, type, depth - 1);
    put(g, 0x05);
    put_expression(g, type, depth - 1);
    close(g);
}

static void put_expression(struct generator *g, uint8_t type, int depth) {
    uint32_t kind = below(g, 16);
    if (depth <= 0 || --g->budget <= 0) kind = kind % 5;
    if (kind < 3) {
        put(g, 0x20);
        append_leb(&g->body, local_of(g, type));
    } else if (kind < 5) {
        put_constant(g, type);
    } else if (kind < 9) {
        put_arithmetic(g, type, depth);
    } else if (kind < 11) {
        put_load(g, type, depth);
    } else if (kind == 11) {
        put_expression(g, type, depth - 1);
        put(g, 0x22); // tee
        append_leb(&g->body, local_of(g, type));
    } else if (kind == 12) {
        put_conversion(g, type, depth);
    } else if (kind == 13 && type == I32) {
        if (below(g, 3))
            put_comparison(g, depth);
        else
            put_value_block(g, depth);
    } else if (kind == 14) {
        put_value_if(g, type, depth);
    } else {
        put_expression(g, type, depth - 1);
        put_expression(g, type, depth - 1);
        put_expression(g, I32, depth - 1);
        put(g, 0x1b); // select
    }
}

static void put_store(struct generator *g, int depth) {
    static const uint8_t narrow[] = {0x36, 0x3a, 0x3b}, wide[] = {0x37, 0x3c, 0x3d, 0x3e};
    uint8_t type = below(g, 2) ? I32 : I64;
    put_address(g, depth - 1);
    put_expression(g, type, below(g, 2) ? 0 : depth - 1);
    put_access(g, type == I32 ? narrow[below(g, sizeof narrow)] : wide[below(g, sizeof wide)]);
}

// A pointer or a counter that moves on by a constant.
static void put_step(struct generator *g) {
    uint8_t type = below(g, 3) ? I32 : I64;
    uint32_t local = local_of(g, type);
    put(g, 0x20);
    append_leb(&g->body, local);
    put_constant(g, type);
    put(g, (uint8_t)((type == I32 ? 0x6a : 0x7c) + below(g, 2)));
    put(g, 0x21);
    append_leb(&g->body, below(g, 4) ? local : local_of(g, type));
}

static void put_branch(struct generator *g, int depth) {
    uint32_t label = below(g, g->labels);
    uint8_t type = g->carries[g->labels - 1 - label];
    if (type != EMPTY) put_expression(g, type, depth - 1);
    put_comparison(g, depth - 1);
    put(g, 0x0d);
    append_leb(&g->body, label);
    if (type != EMPTY) put(g, 0x1a);
}

static void put_statements(struct generator *g, int depth) {
    for (uint32_t i = 1 + below(g, 4); i > 0; i--) put_statement(g, depth);
}

static void put_switch(struct generator *g, int depth) {
    open(g, 0x02, EMPTY);
    open(g, 0x02, EMPTY);
    put_expression(g, I32, depth - 1);
    put(g, 0x0e);
    append_leb(&g->body, 2);
    put(g, (uint8_t)below(g, 2));
    put(g, (uint8_t)below(g, 2));
    put(g, (uint8_t)below(g, 2));
    close(g);
    put_statements(g, depth - 1);
    close(g);
}

static void put_structure(struct generator *g, int depth) {
    uint32_t kind = below(g, 4);
    if (kind == 3) {
        put_switch(g, depth);
        return;
    }
    if (kind == 2) put_comparison(g, depth - 1);
    open(g, (uint8_t)(0x02 + kind), EMPTY);
    put_statements(g, depth - 1);
    if (kind == 2 && below(g, 2)) {
        put(g, 0x05);
        put_statements(g, depth - 1);
    }
    if (kind == 1) put_branch(g, depth);
    close(g);
}

static void put_bulk(struct generator *g, int depth) {
    bool is_copy = below(g, 2);
    put_address(g, depth - 1);
    put_address(g, depth - 1);
    put_constant(g, I32);
    put(g, 0xfc);
    put(g, is_copy ? 10 : 11);
    put(g, 0);
    if (is_copy) put(g, 0);
}

static void put_statement(struct generator *g, int depth) {
    uint32_t kind = below(g, 16);
    if (depth <= 0 || --g->budget <= 0) kind = 15;
    if (kind < 5) {
        uint8_t type = below(g, 2) ? I32 : I64;
        put_expression(g, type, depth);
        put(g, 0x21);
        append_leb(&g->body, local_of(g, type));
    } else if (kind < 8) {
        put_store(g, depth);
    } else if (kind < 12) {
        put_structure(g, depth);
    } else if (kind < 13 && g->labels > 0) {
        put_branch(g, depth);
    } else if (kind == 13 && below(g, 4) == 0) {
        put_bulk(g, depth);
    } else {
        put_step(g);
    }
}

static void generate(struct generator *g, uint64_t seed) {
    buf_reset(&g->body);
    g->seed = seed;
    g->budget = 150;
    g->labels = 0;
    put_statements(g, 6);
    put_statements(g, 6);
    put_expression(g, I32, 5);
    put(g, 0x0b);
}

static void append_module(struct buf *out, struct bytes body) {
    // Locals come as i32, i64 by turns: two parameters of each, then four groups of one.
    static const uint8_t head[] = {0,   'a', 's', 'm', 1, 0,   0,   0,   1,   9, 1, 0x60, 4,
                                   I32, I64, I32, I64, 1, I32, 3,   2,   1,   0, 5, 3,    1,
                                   0,   1,   7,   7,   1, 3,   'r', 'u', 'n', 0, 0};
    static const uint8_t locals[] = {4, 1, I32, 1, I64, 1, I32, 1, I64};
    struct buf content = {0};
    buf_append(out, BYTES_OF(head));
    append_leb(&content, 1);
    append_leb(&content, (uint32_t)(sizeof locals + body.len));
    buf_append(&content, BYTES_OF(locals));
    buf_append(&content, body);
    append_section(out, 10, buf_bytes(&content));
    buf_clear(&content);
}

// Runs on both from where they stand; the memories must agree afterwards.
static enum vm_trap compare(struct vm_instance *instance, struct reference *reference,
                            uint64_t seed, uint64_t gas_limit) {
    uint64_t results[1] = {0}, expected_results[1] = {0}, arguments[PARAMETERS], random = seed;
    for (int i = 0; i < PARAMETERS; i++) {
        arguments[i] = next_random(&random) >> (next_random(&random) % 64);
        if (i % 2 == 0) arguments[i] &= 0xffffffff;
    }
    struct vm_call call = {.arguments = arguments, .results = results, .gas_limit = gas_limit};
    vm_instance_reset(instance);
    reference_reset(reference);
    reference->gas_limit = gas_limit;
    enum vm_trap trap = vm_call(instance, &call);
    enum vm_trap expected = reference_call(reference, 0, arguments, expected_results);
    ck_assert_msg(trap == expected, "seed %llu, gas %llu: %s, not %s", (unsigned long long)seed,
                  (unsigned long long)gas_limit, vm_trap_text(trap), vm_trap_text(expected));
    ck_assert_msg(call.gas_used == reference->gas_used, "seed %llu: gas %llu, not %llu",
                  (unsigned long long)seed, (unsigned long long)call.gas_used,
                  (unsigned long long)reference->gas_used);
    if (trap == VM_TRAP_OUT_OF_GAS) return trap; // the rest of a block may have run
    ck_assert_msg(trap != VM_TRAP_NONE || results[0] == expected_results[0], "seed %llu: result",
                  (unsigned long long)seed);
    ck_assert_msg(memcmp(instance->memory->data, reference->memory, VM_PAGE_BYTES) == 0,
                  "seed %llu: memory", (unsigned long long)seed);
    return trap;
}

START_TEST(random_functions_do_what_a_plain_interpreter_does_at_the_same_gas) {
    static const struct vm_import_table no_imports = {.module = "lmm"};
    struct generator g = {0};
    struct buf code = {0};
    const char *given = getenv("RANDOM_SEED");
    uint64_t first = given ? strtoull(given, NULL, 10) : 1;
    int finished = 0, trapped = 0;
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        struct vm_module *module;
        struct vm_instance *instance;
        struct reference reference;
        struct vm_error why;
        generate(&g, seed);
        buf_reset(&code);
        append_module(&code, buf_bytes(&g.body));
        enum status status =
            vm_module_create(&module, buf_bytes(&code), &vm_limits_protocol, &no_imports, &why);
        ck_assert_msg(status == STATUS_OK, "seed %llu: %s", (unsigned long long)seed, why.text);
        assert_ok(vm_instance_create(&instance, module));
        reference_init(&reference, module);
        enum vm_trap trap = compare(instance, &reference, seed, GAS);
        finished += trap == VM_TRAP_NONE;
        trapped += trap != VM_TRAP_NONE && trap != VM_TRAP_OUT_OF_GAS;
        compare(instance, &reference, seed, seed % 200);
        reference_clear(&reference);
        vm_instance_free(instance);
        vm_module_free(module);
    }
    // Of each kind enough to mean something.
    ck_assert_int_gt(finished, RUNS / 4);
    ck_assert_int_gt(trapped, RUNS / 20);
    buf_clear(&g.body);
    buf_clear(&code);
}
END_TEST

TCase *random_cases(void) {
    TCase *cases = tcase_create("random");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, random_functions_do_what_a_plain_interpreter_does_at_the_same_gas);
    return cases;
}
