// SPDX-License-Identifier: Apache-2.0
// Random modules of binaryen's fuzzer against two other interpreters: wabt's wasm-interp must give
// the same results, traps and host calls, and the plain reference of tests/unit/vm the same again,
// with the same gas, memory and globals, also when gas runs out on the way.
//
//   vm_differential FIRST COUNT     modules FIRST to FIRST + COUNT - 1; each number is a seed
//
// The last line is {"modules", "executions", "mismatches"}. Modules are made so that no NaN is
// seen: which one an operation gives is open in the standard. Every fourth is made once more with
// NaNs, for the reference alone, since the engine's are canonical.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/vm/link.h"
#include "tests/unit/vm/reference.h"

#define FEATURES                                                                      \
    "--mvp-features --enable-sign-ext --enable-mutable-globals --enable-bulk-memory " \
    "--enable-nontrapping-float-to-int --enable-multivalue"
enum { NAN_EVERY = 4, MAX_VALUES = 64, OUTPUT_BYTES = 1 << 20 };

static long modules, executions, mismatches;
static uint64_t seed; // of the module under test

static void mismatch(const char *what, const char *ours, const char *theirs) {
    mismatches++;
    fprintf(stderr, "seed %llu: %s: %s, expected %s\n", (unsigned long long)seed, what, ours,
            theirs);
}
static void mismatch_number(const char *what, uint64_t ours, uint64_t theirs) {
    char left[32], right[32];
    snprintf(left, sizeof left, "%llu", (unsigned long long)ours);
    snprintf(right, sizeof right, "%llu", (unsigned long long)theirs);
    mismatch(what, left, right);
}

// splitmix64
static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void append_text(struct buf *out, const char *text) {
    buf_append(out, bytes_of_string(text));
}
// As wasm-interp prints a value.
static void append_value(struct buf *out, uint8_t type, uint64_t slot) {
    char text[512];
    float narrow;
    double wide;
    uint32_t bits = (uint32_t)slot;
    memcpy(&narrow, &bits, sizeof narrow);
    memcpy(&wide, &slot, sizeof wide);
    if (type == VM_I32) snprintf(text, sizeof text, "i32:%u", bits);
    if (type == VM_I64) snprintf(text, sizeof text, "i64:%llu", (unsigned long long)slot);
    if (type == VM_F32) snprintf(text, sizeof text, "f32:%f", (double)narrow);
    if (type == VM_F64) snprintf(text, sizeof text, "f64:%f", wide);
    append_text(out, text);
}

// What the module says to its host: one argument, no answer.
static const char *const log_names[] = {"log-i32", "log-i64", "log-f32", "log-f64"};
static const uint8_t log_types[] = {VM_I32, VM_I64, VM_F32, VM_F64};
static void append_log(struct buf *log, int kind, uint64_t value) {
    append_text(log, "called host fuzzing-support.");
    append_text(log, log_names[kind]);
    append_text(log, "(");
    append_value(log, log_types[kind], value);
    append_text(log, ") =>\n");
}
#define LOG_FUNCTION(name, kind)                                            \
    static enum vm_trap name(struct vm_instance *instance, void *context,   \
                             const uint64_t *arguments, uint64_t *result) { \
        (void)instance, (void)result;                                       \
        append_log(context, kind, arguments[0]);                            \
        return VM_TRAP_NONE;                                                \
    }
LOG_FUNCTION(log_i32, 0)
LOG_FUNCTION(log_i64, 1)
LOG_FUNCTION(log_f32, 2)
LOG_FUNCTION(log_f64, 3)
static const struct vm_host_function log_functions[] = {{"log-i32", "i", "", log_i32},
                                                        {"log-i64", "I", "", log_i64},
                                                        {"log-f32", "f", "", log_f32},
                                                        {"log-f64", "F", "", log_f64}};
static const struct vm_import_table imports = {
    .module = "fuzzing-support", .count = 4, .functions = log_functions};

struct pair {
    struct vm_module *module;
    struct vm_instance *instance;
    struct reference reference;
    struct buf log; // the engine's
    struct buf reference_log;
};

static void log_of_reference(void *context, u32 import, const u64 *arguments) {
    struct pair *pair = context;
    for (int i = 0; i < 4; i++)
        if (pair->module->functions[import].host == log_functions[i].call)
            append_log(&pair->reference_log, i, arguments[0]);
}

static void reset(struct pair *pair) {
    vm_instance_reset(pair->instance);
    reference_reset(&pair->reference);
}

static void compare_states(const struct pair *pair) {
    const struct vm_memory *memory = pair->instance->memory;
    const struct reference *reference = &pair->reference;
    if (memory && memory->size != (u64)reference->pages * VM_PAGE_BYTES)
        mismatch_number("bytes of memory", memory->size, (u64)reference->pages * VM_PAGE_BYTES);
    else if (memory && memcmp(memory->data, reference->memory, memory->size) != 0)
        mismatch("memory", "other bytes", "those of the reference");
    for (u32 i = 0; i < pair->module->global_count; i++)
        if (*pair->instance->globals[i] != reference->globals[i])
            mismatch_number("a global", *pair->instance->globals[i], reference->globals[i]);
}

struct outcome {
    enum vm_trap trap;
    uint64_t gas_used;
    uint64_t results[MAX_VALUES];
};

// One export on both, from the state that they are in.
static void run_both(struct pair *pair, u32 function, uint64_t gas_limit, struct outcome *out) {
    struct outcome expected = {0};
    *out = (struct outcome){0};
    struct vm_call call = {.function = function,
                           .results = out->results,
                           .gas_limit = gas_limit,
                           .context = &pair->log};
    buf_reset(&pair->log);
    buf_reset(&pair->reference_log);
    pair->reference.gas_limit = gas_limit;
    out->trap = vm_call(pair->instance, &call);
    out->gas_used = call.gas_used;
    expected.trap = reference_call(&pair->reference, function, NULL, expected.results);
    executions++;
    if (out->trap != expected.trap)
        mismatch("trap", vm_trap_text(out->trap), vm_trap_text(expected.trap));
    if (out->gas_used != pair->reference.gas_used)
        mismatch_number("gas", out->gas_used, pair->reference.gas_used);
    if (out->trap == VM_TRAP_OUT_OF_GAS) return; // the rest of a block may have run
    for (u32 i = 0; i < MAX_VALUES && out->trap == VM_TRAP_NONE; i++)
        if (out->results[i] != expected.results[i])
            mismatch_number("result", out->results[i], expected.results[i]);
    if (!bytes_equal(buf_bytes(&pair->log), buf_bytes(&pair->reference_log)))
        mismatch("calls of the host", "others", "those of the reference");
    compare_states(pair);
}

static bool is_run(const struct pair *pair, const struct vm_export *export) {
    return export->kind == VM_FUNCTION &&
           pair->module->functions[export->index].signature->parameter_count == 0;
}

// What wasm-interp says of such a trap, as far as it goes without details.
static const char *error_of_trap(enum vm_trap trap) {
    switch (trap) {
    case VM_TRAP_UNREACHABLE:
        return "unreachable executed";
    case VM_TRAP_INDIRECT_UNDEFINED:
        return "undefined table index";
    case VM_TRAP_INDIRECT_NULL:
        return "uninitialized table element";
    case VM_TRAP_INDIRECT_TYPE:
        return "indirect call signature mismatch";
    case VM_TRAP_MEMORY_BOUNDS:
    case VM_TRAP_TABLE_BOUNDS:
    case VM_TRAP_DIVIDE_BY_ZERO:
    case VM_TRAP_INTEGER_OVERFLOW:
    case VM_TRAP_INVALID_CONVERSION:
        return vm_trap_text(trap);
    default:
        return "nothing of the kind";
    }
}

static void append_outcome(struct buf *out, const struct vm_export *export,
                           const struct vm_signature *signature, const struct outcome *outcome) {
    buf_append(out, export->name);
    append_text(out, outcome->trap == VM_TRAP_NONE ? "() =>" : "() => error: ");
    if (outcome->trap != VM_TRAP_NONE) append_text(out, error_of_trap(outcome->trap));
    for (u32 i = 0; i < signature->result_count && outcome->trap == VM_TRAP_NONE; i++) {
        append_text(out, i == 0 ? " " : ", ");
        append_value(out, signature->types[i], outcome->results[i]);
    }
    append_text(out, "\n");
}

// Line by line; an error of theirs may go on with details.
static void compare_texts(struct bytes ours, struct bytes theirs) {
    const char *a = (const char *)ours.data, *b = (const char *)theirs.data;
    const char *a_end = a + ours.len, *b_end = b + theirs.len;
    while (a < a_end || b < b_end) {
        const char *a_next = a < a_end ? memchr(a, '\n', (size_t)(a_end - a)) : NULL;
        const char *b_next = b < b_end ? memchr(b, '\n', (size_t)(b_end - b)) : NULL;
        char left[1024] = "(no line)", right[1024] = "(no line)";
        if (a_next) snprintf(left, sizeof left, "%.*s", (int)(a_next - a), a);
        if (b_next) snprintf(right, sizeof right, "%.*s", (int)(b_next - b), b);
        size_t len = strlen(left);
        bool is_error = strstr(left, "=> error: ") != NULL;
        if (is_error ? strncmp(left, right, len) != 0 : strcmp(left, right) != 0) {
            mismatch("wasm-interp", left, right);
            return;
        }
        if (!a_next || !b_next) return;
        a = a_next + 1;
        b = b_next + 1;
    }
}

// All exports in turn, as wasm-interp runs them.
static void run_exports(struct pair *pair, const struct bytes *theirs) {
    struct buf ours = {0};
    for (u32 i = 0; i < pair->module->export_count; i++) {
        const struct vm_export *export = &pair->module->exports[i];
        struct outcome outcome;
        if (!is_run(pair, export)) continue;
        run_both(pair, export->index, INT64_MAX, &outcome);
        buf_append(&ours, buf_bytes(&pair->log));
        append_outcome(&ours, export, pair->module->functions[export->index].signature, &outcome);
    }
    if (theirs) compare_texts(buf_bytes(&ours), *theirs);
    buf_clear(&ours);
}

// Each from a fresh state, with what gas it needs, one less, and something below.
static void run_with_little_gas(struct pair *pair) {
    uint64_t random = seed;
    for (u32 i = 0; i < pair->module->export_count; i++) {
        const struct vm_export *export = &pair->module->exports[i];
        struct outcome whole, part;
        if (!is_run(pair, export)) continue;
        reset(pair);
        run_both(pair, export->index, INT64_MAX, &whole);
        const uint64_t limits[] = {whole.gas_used, whole.gas_used - 1,
                                   next_random(&random) % whole.gas_used};
        for (int k = 0; k < 3; k++) {
            reset(pair);
            run_both(pair, export->index, limits[k], &part);
            if ((part.trap == VM_TRAP_OUT_OF_GAS) != (k > 0))
                mismatch_number("gas that suffices", limits[k], whole.gas_used);
        }
    }
}

static void test_module(struct bytes code, const struct bytes *theirs) {
    struct pair pair = {0};
    struct vm_error why;
    struct vm_limits limits = vm_limits_protocol;
    limits.allow_floats = true;
    if (vm_module_create(&pair.module, code, &limits, &imports, &why) != STATUS_OK) {
        mismatch("the module", why.text, "a module");
        return;
    }
    ENSURE(vm_instance_create(&pair.instance, pair.module) == STATUS_OK);
    reference_init(&pair.reference, pair.module);
    pair.reference.host = log_of_reference;
    pair.reference.context = &pair;
    run_exports(&pair, theirs);
    run_with_little_gas(&pair);
    modules++;
    reference_clear(&pair.reference);
    vm_instance_free(pair.instance);
    vm_module_free(pair.module);
    buf_clear(&pair.log);
    buf_clear(&pair.reference_log);
}

static void run_command(const char *command, struct buf *output) {
    FILE *pipe = popen(command, "r");
    ENSURE(pipe != NULL);
    buf_reset(output);
    size_t len = fread(buf_reserve(output, OUTPUT_BYTES), 1, OUTPUT_BYTES, pipe);
    output->len = len;
    int status = pclose(pipe);
    if (status != 0) mismatch("command", command, "success");
}

static void write_seed(const char *folder) {
    char path[256];
    struct buf bytes = {0};
    uint64_t state = seed, len = 1024 + next_random(&state) % 48000;
    for (uint64_t i = 0; i < len; i++) buf_append_byte(&bytes, (uint8_t)next_random(&state));
    snprintf(path, sizeof path, "%s/seed", folder);
    ENSURE(file_replace(path, buf_bytes(&bytes), 0600) == STATUS_OK);
    buf_clear(&bytes);
}

static void test_seed(const char *folder, struct buf *code, struct buf *output) {
    char command[1024], path[256];
    bool has_nans = seed % NAN_EVERY == 0;
    write_seed(folder);
    snprintf(path, sizeof path, "%s/module.wasm", folder);
    for (int with_nans = 0; with_nans <= has_nans; with_nans++) {
        snprintf(command, sizeof command,
                 "wasm-opt %s/seed -ttf %s " FEATURES " -o %s 2>/dev/null%s%s", folder,
                 with_nans ? "" : "--denan", path,
                 with_nans ? "" : " && wasm-interp --run-all-exports --dummy-import-func ",
                 with_nans ? "" : path);
        run_command(command, output);
        buf_reset(code);
        ENSURE(file_read(code, path, 1 << 20) == STATUS_OK);
        struct bytes theirs = buf_bytes(output);
        test_module(buf_bytes(code), with_nans ? NULL : &theirs);
    }
}

int main(int count, char **arguments) {
    char folder[] = "/tmp/lmm-differential-XXXXXX", command[64];
    struct buf code = {0}, output = {0};
    if (count != 3 || !mkdtemp(folder)) {
        fprintf(stderr, "usage: vm_differential FIRST COUNT\n");
        return EXIT_FAILURE;
    }
    uint64_t first = strtoull(arguments[1], NULL, 10), seeds = strtoull(arguments[2], NULL, 10);
    for (seed = first; seed < first + seeds; seed++) test_seed(folder, &code, &output);
    buf_clear(&code);
    buf_clear(&output);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    int removed = system(command);
    printf("{\"modules\": %ld, \"executions\": %ld, \"mismatches\": %ld}\n", modules, executions,
           mismatches);
    return mismatches == 0 && removed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
