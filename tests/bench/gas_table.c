// SPDX-License-Identifier: Apache-2.0
// make gas-table: nanoseconds for a unit of gas. A JSON line for each attack and one for each
// class, the dearest last; then one with the classes' median, the worst, and the worst over the
// median, which must be at most 10. Where it is more, all is measured again, twice at most, and the
// least of each attack counts: what a busy machine adds is nobody's attack.
#include "tests/bench/gas_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/vm/link.h"
#include "tests/bench/gas_stage.h"

enum { MAX_ROWS = 512, RUNS = 5, RUN_GAS = 4000000, ROUNDS = 3 };
static const double HIGHEST_RATIO = 10;

static struct row {
    const char *class;
    char name[48];
    double ns_per_gas;
} rows[MAX_ROWS];
static size_t row_count;
static const char *class_now;

void gas_class(const char *name) { class_now = name; }

void gas_row(const char *name, double ns, uint64_t gas) {
    ENSURE(row_count < MAX_ROWS && gas > 0 && class_now);
    struct row row = {.class = class_now, .ns_per_gas = ns / (double)gas};
    snprintf(row.name, sizeof row.name, "%s", name);
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].class, row.class) != 0 || strcmp(rows[i].name, row.name) != 0) continue;
        if (row.ns_per_gas < rows[i].ns_per_gas) rows[i] = row;
        return;
    }
    rows[row_count++] = row;
}

double gas_now_ns(void) {
    struct timespec time;
    ENSURE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

void put(struct buf *out, const uint8_t *bytes, size_t len) {
    buf_append(out, bytes_of(bytes, len));
}
void put_leb(struct buf *out, uint64_t value) {
    for (; value > 0x7f; value >>= 7) buf_append_byte(out, (uint8_t)(value | 0x80));
    buf_append_byte(out, (uint8_t)value);
}
static void put_signed(struct buf *out, int64_t value) {
    for (;;) {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        bool is_last = (value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40));
        buf_append_byte(out, is_last ? byte : byte | 0x80);
        if (is_last) return;
    }
}
void put_i32(struct buf *out, int32_t value) {
    buf_append_byte(out, 0x41);
    put_signed(out, value);
}
void put_i64(struct buf *out, int64_t value) {
    buf_append_byte(out, 0x42);
    put_signed(out, value);
}
void put_section(struct buf *out, uint8_t id, struct bytes content) {
    buf_append_byte(out, id);
    put_leb(out, content.len);
    buf_append(out, content);
}

static void put_vector(struct buf *out, uint8_t id, uint32_t count, struct bytes first,
                       const struct buf *items) {
    struct buf content = {0};
    if (count == 0) return;
    put_leb(&content, count);
    buf_append(&content, first);
    buf_append(&content, buf_bytes(items));
    put_section(out, id, buf_bytes(&content));
    buf_clear(&content);
}

// loop units; counter - 1; until it is 0
static void build_run(struct buf *out, const struct attack *attack) {
    struct buf body = {0};
    PUT(&body, 2, attack->is_contract ? 4 : 3, I32, 4, I64);
    if (!attack->is_contract) {
        body.data[0] = 4;
        PUT(&body, 4, F32, 4, F64);
    } else {
        put_i32(&body, (int32_t)attack->rounds);
        PUT(&body, 0x21, 0);
    }
    buf_append(&body, buf_bytes(&attack->prelude));
    PUT(&body, 0x03, 0x40);
    buf_append(&body, buf_bytes(&attack->begin));
    for (uint32_t i = 0; i < attack->repeats; i++) buf_append(&body, buf_bytes(&attack->unit));
    buf_append(&body, buf_bytes(&attack->end));
    PUT(&body, 0x20, 0, 0x41, 0x7f, 0x6a, 0x22, 0, 0x0d, 0, 0x0b, 0x0b);
    put_leb(out, body.len);
    buf_append(out, buf_bytes(&body));
    buf_clear(&body);
}

void attack_build(struct buf *out, const struct attack *attack) {
    static const uint8_t types[] = {0x60, 1, I32, 0, 0x60, 0, 0};
    struct buf section = {0}, functions = {0}, bodies = {0};
    uint32_t pages = attack->pages ? attack->pages : 1;
    buf_append(out, bytes_of("\0asm\1\0\0\0", 8));
    put_vector(out, 1, 2 + attack->type_count, BYTES_OF(types), &attack->types);
    put_vector(out, 2, attack->import_count, bytes_of("", 0), &attack->imports);
    buf_append(&functions, buf_bytes(&attack->functions));
    put_leb(&functions, attack->is_contract ? 1 : 0);
    put_vector(out, 3, attack->function_count + 1, bytes_of("", 0), &functions);
    if (attack->table > 0) {
        PUT(&section, 1, 0x70, 0);
        put_leb(&section, attack->table);
        put_section(out, 4, buf_bytes(&section));
    }
    buf_reset(&section);
    PUT(&section, 1, attack->most_pages > 0);
    put_leb(&section, pages);
    if (attack->most_pages > 0) put_leb(&section, attack->most_pages);
    put_section(out, 5, buf_bytes(&section));
    put_section(out, 6, bytes_of("\2\x7f\1\x41\0\x0b\x7e\1\x42\0\x0b", 11));
    buf_reset(&section);
    PUT(&section, 2);
    for (int i = 0; i < 2; i++) {
        buf_append(&section, bytes_of(i == 0 ? "\10call.run\0" : "\10view.run\0", 10));
        put_leb(&section, attack->import_count + attack->function_count);
    }
    put_section(out, 7, buf_bytes(&section));
    put_vector(out, 9, attack->element_count, bytes_of("", 0), &attack->elements);
    buf_append(&bodies, buf_bytes(&attack->bodies));
    build_run(&bodies, attack);
    put_vector(out, 10, attack->function_count + 1, bytes_of("", 0), &bodies);
    buf_clear(&section);
    buf_clear(&functions);
    buf_clear(&bodies);
}

void attack_clear(struct attack *attack) {
    struct buf *bufs[] = {&attack->prelude, &attack->begin,    &attack->unit,
                          &attack->end,     &attack->types,    &attack->functions,
                          &attack->bodies,  &attack->elements, &attack->imports};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) buf_clear(bufs[i]);
}

struct run {
    struct vm_instance *instance;
    uint32_t function;
    bool is_fresh;
};
static double time_run(const struct run *run, uint32_t rounds, uint64_t *gas) {
    const uint64_t arguments[1] = {rounds};
    struct vm_call call = {
        .function = run->function, .arguments = arguments, .gas_limit = INT64_MAX};
    double start = gas_now_ns();
    if (run->is_fresh) vm_instance_reset(run->instance);
    enum vm_trap trap = vm_call(run->instance, &call);
    double ns = gas_now_ns() - start;
    ENSURE(trap == VM_TRAP_NONE);
    *gas = call.gas_used;
    return ns;
}

void attack_run(struct attack *attack) {
    static const struct vm_import_table imports = {.module = "lmm"};
    struct buf code = {0};
    struct vm_module *module;
    struct run run = {.is_fresh = attack->is_fresh};
    struct vm_error why;
    struct vm_limits limits = vm_limits_protocol;
    uint64_t gas = 0, one;
    limits.allow_floats = true;
    attack_build(&code, attack);
    if (vm_module_create(&module, buf_bytes(&code), &limits, &imports, &why) != STATUS_OK) {
        fprintf(stderr, "%s: %s at %zu\n", attack->name, why.text, why.offset);
        exit(EXIT_FAILURE);
    }
    ENSURE(vm_instance_create(&run.instance, module) == STATUS_OK);
    ENSURE(vm_module_find_function(module, "call.run", "i", "", &run.function));
    if (attack->prepare) attack->prepare(run.instance);
    time_run(&run, 1, &one);
    uint64_t rounds = one < RUN_GAS ? RUN_GAS / one : 1;
    if (attack->is_fresh) rounds = 1;
    double best = 0;
    for (int i = 0; i < RUNS; i++) {
        double ns = time_run(&run, (uint32_t)rounds, &gas);
        if (i == 0 || ns < best) best = ns;
    }
    gas_row(attack->name, best, gas);
    vm_instance_free(run.instance);
    vm_module_free(module);
    buf_clear(&code);
    attack_clear(attack);
}

static int compare_rows(const void *a, const void *b) {
    double x = ((const struct row *)a)->ns_per_gas, y = ((const struct row *)b)->ns_per_gas;
    return (x > y) - (x < y);
}

// Of rows that are sorted: of each class the last, which is its worst.
static size_t keep_worst(struct row *out) {
    size_t count = 0;
    for (size_t i = 0; i < row_count; i++) {
        bool is_last = true;
        for (size_t k = i + 1; k < row_count && is_last; k++)
            is_last = strcmp(rows[i].class, rows[k].class) != 0;
        if (is_last) out[count++] = rows[i];
    }
    return count;
}

static void measure_all(void) {
    table_of_instructions();
    table_of_memory();
    table_of_control();
    gas_stage_open();
    table_of_host();
    table_of_contracts();
    table_of_witnesses();
    gas_stage_close();
}

static double ratio_of(const struct row *classes, size_t count) {
    return classes[count - 1].ns_per_gas / classes[count / 2].ns_per_gas;
}

int main(void) {
    static struct row classes[MAX_ROWS];
    size_t count = 0;
    for (int i = 0; i < ROUNDS && (i == 0 || ratio_of(classes, count) > HIGHEST_RATIO); i++) {
        measure_all();
        qsort(rows, row_count, sizeof *rows, compare_rows);
        count = keep_worst(classes);
    }
    for (size_t i = 0; i < row_count; i++)
        printf("{\"attack\": \"%s\", \"class\": \"%s\", \"ns_per_gas\": %.3f}\n", rows[i].name,
               rows[i].class, rows[i].ns_per_gas);
    for (size_t i = 0; i < count; i++)
        printf("{\"name\": \"gas_%s\", \"value\": %.3f, \"unit\": \"ns/gas\", \"worst\": \"%s\"}\n",
               classes[i].class, classes[i].ns_per_gas, classes[i].name);
    double median = classes[count / 2].ns_per_gas, worst = classes[count - 1].ns_per_gas;
    printf("{\"attacks\": %zu, \"classes\": %zu, \"median\": %.3f, \"worst\": %.3f, "
           "\"worst_class\": \"%s\", \"ratio\": %.2f}\n",
           row_count, count, median, worst, classes[count - 1].class, ratio_of(classes, count));
    return ratio_of(classes, count) <= HIGHEST_RATIO ? EXIT_SUCCESS : EXIT_FAILURE;
}
