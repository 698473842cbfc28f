// SPDX-License-Identifier: Apache-2.0
// The table of attacks on gas: for each class of instructions and each function of the host, what
// gets the most time out of its gas, as far as we know how to write it. Every attack is a module
// with a function "run" that goes round a loop as often as its argument says; the loop's body is a
// unit, repeated. Processor time counts, and of several runs the best: what a busy machine adds is
// nobody's attack.
#ifndef LMM_TESTS_GAS_TABLE_H
#define LMM_TESTS_GAS_TABLE_H

#include "chaincore/base/buf.h"

// Locals of run: its argument, which counts down; then i32 from 1, i64 from 4, f32 from 8 and f64
// from 12 on, four numbers each.
enum { FIRST_I32 = 1, FIRST_I64 = 4, FIRST_F32 = 8, FIRST_F64 = 12 };
enum { I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c };

struct vm_instance;
struct attack {
    const char *name;
    uint32_t pages;      // of memory; 0: one
    uint32_t most_pages; // 0: as many as there may be
    struct buf prelude;  // once, before the loop
    struct buf begin;    // in the loop, before the units
    struct buf unit;
    struct buf end;   // behind them
    uint32_t repeats; // of the unit
    // More of the module, as content of its section without the count.
    struct buf types, functions, bodies, elements, imports;
    uint32_t type_count, function_count, element_count, import_count;
    uint32_t table;
    bool is_contract; // run takes no argument, and goes round so often:
    uint32_t rounds;
    bool is_fresh; // the instance is reset before each run, within the time
    void (*prepare)(struct vm_instance *instance); // once
};
void attack_clear(struct attack *attack);
// The module's bytes. Of its own functions, run is the last, a method and a view; type 0 is (i32),
// type 1 is ().
void attack_build(struct buf *out, const struct attack *attack);

// Bytes of WebAssembly.
void put(struct buf *out, const uint8_t *bytes, size_t len);
#define PUT(out, ...) \
    put(out, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
void put_leb(struct buf *out, uint64_t value);
void put_i32(struct buf *out, int32_t value); // a constant
void put_i64(struct buf *out, int64_t value);
void put_section(struct buf *out, uint8_t id, struct bytes content);

// Rows from here on belong to this class, of instructions or of one function of the host. A class
// is as dear as its worst row.
void gas_class(const char *name);
void gas_row(const char *name, double ns, uint64_t gas);
double gas_now_ns(void);

// Runs an attack on the bare machine and notes its row.
void attack_run(struct attack *attack);

void table_of_instructions(void);
void table_of_memory(void);
void table_of_control(void);
void table_of_host(void);
void table_of_contracts(void);
void table_of_witnesses(void);

#endif
