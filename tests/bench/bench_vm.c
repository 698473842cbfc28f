// SPDX-License-Identifier: Apache-2.0
// The virtual machine's speed: six kernels, a call with reset, and translation, beside the spike's
// interpreter (built from ../shared/spikes where that is there, else figures stand alone). Machines
// drift and are shared, so the two run in turns, both count processor time, and the best of each
// counts. --quick: so little, and none of it of the spike's, that it only shows that the program
// works. One JSON line a figure:
//   {"name", "value", "unit", "baseline", "baseline_value", "ratio"}
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/vm/vm.h"

#define KERNELS "tests/bench/vm_kernels.wasm"
#define BASELINE "tests/bench/vm_baseline"
enum { TURNS = 5, TRANSLATIONS = 10, LARGE_COPIES = 300, CALLS = 2000, QUICK_COPIES = 3 };

static struct { int turns, translations, copies; } size = {TURNS, TRANSLATIONS, LARGE_COPIES};

struct kernel {
    const char *name;
    uint32_t argument;
    double ms;          // ours, the best turn
    double baseline_ms; // the spike's
    uint32_t result;
};
static struct kernel kernels[] = {
    {.name = "fib", .argument = 35},        {.name = "sort", .argument = 200000},
    {.name = "sha256", .argument = 20000},  {.name = "blake2b", .argument = 20000},
    {.name = "sieve", .argument = 1000000}, {.name = "vm", .argument = 20000000},
};
enum { KERNEL_COUNT = sizeof kernels / sizeof *kernels };
static double baseline_translate_mb; // MB/s, without validation

static double now_ms(void) { return (double)clock_monotonic_ns() / 1e6; }
// Of this process; dear to ask, so not for short times.
static double processor_ms(void) {
    struct timespec time;
    ENSURE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}
static void keep_least(double *least, double value) {
    if (*least == 0 || value < *least) *least = value;
}

static void print_row(const char *name, double value, const char *unit, const char *baseline,
                      double baseline_value) {
    printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", ", name, value, unit);
    if (baseline_value > 0)
        printf("\"baseline\": \"%s\", \"baseline_value\": %.4g, \"ratio\": %.3f}\n", baseline,
               baseline_value, value / baseline_value);
    else
        printf("\"baseline\": null, \"baseline_value\": null, \"ratio\": null}\n");
    fflush(stdout);
}

static struct vm_module *make_module(struct bytes code) {
    static const struct vm_import_table no_imports = {.module = "lmm"};
    struct vm_module *module = NULL;
    struct vm_error why;
    ENSURE(vm_module_create(&module, code, &vm_limits_protocol, &no_imports, &why) == STATUS_OK);
    return module;
}

static struct vm_instance *make_instance(struct vm_module *module) {
    struct vm_instance *instance = NULL;
    ENSURE(vm_instance_create(&instance, module) == STATUS_OK);
    return instance;
}

static uint32_t function_of(const struct vm_module *module, const char *name) {
    uint32_t function = 0;
    ENSURE(vm_module_find_function(module, name, "i", "i", &function));
    return function;
}

static uint32_t call(struct vm_instance *instance, uint32_t function, uint32_t argument) {
    uint64_t arguments[1] = {argument}, results[1] = {0};
    struct vm_call run = {.function = function,
                          .arguments = arguments,
                          .results = results,
                          .gas_limit = (uint64_t)1 << 62};
    ENSURE(vm_call(instance, &run) == VM_TRAP_NONE);
    return (uint32_t)results[0];
}

// The spike prints a line per kernel: name, kernel, result, milliseconds.
static void run_baseline(const char *folder) {
    char command[8192], line[256], name[32];
    char *here = getcwd(NULL, 0);
    unsigned result;
    double value;
    ENSURE(here != NULL);
    snprintf(command, sizeof command, "cd '%s' && '%s/" BASELINE "' 2>/dev/null", folder, here);
    FILE *output = popen(command, "r");
    while (output && fgets(line, sizeof line, output)) {
        if (sscanf(line, "spike %31s %u %lf", name, &result, &value) == 3) {
            for (int i = 0; i < KERNEL_COUNT; i++) {
                if (strcmp(name, kernels[i].name) != 0) continue;
                ENSURE(result == kernels[i].result);
                keep_least(&kernels[i].baseline_ms, value);
            }
        } else if (sscanf(line, "spike translate(no validation) sf_full %*f ms = %lf", &value)) {
            if (value > baseline_translate_mb) baseline_translate_mb = value;
        }
    }
    if (output) pclose(output);
    free(here); // getcwd's own
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// As the spike does it: five times, for `vm` goes on from its own memory, and the median counts.
static void run_kernels(struct vm_instance *instance) {
    for (int i = 0; i < KERNEL_COUNT; i++) {
        uint32_t function = function_of(vm_instance_module(instance), kernels[i].name);
        double ms[5];
        for (int k = 0; k < 5; k++) {
            double start = processor_ms();
            kernels[i].result = call(instance, function, kernels[i].argument);
            ms[k] = processor_ms() - start;
        }
        qsort(ms, 5, sizeof *ms, compare_doubles);
        keep_least(&kernels[i].ms, ms[2]);
    }
}

static uint32_t read_leb(const uint8_t **in) {
    uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*in)++;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return value;
    }
}
static void append_leb(struct buf *out, uint32_t value) {
    for (; value > 0x7f; value >>= 7) buf_append_byte(out, (uint8_t)(value | 0x80));
    buf_append_byte(out, (uint8_t)value);
}
static void append_section(struct buf *out, uint8_t id, const struct buf *content) {
    buf_append_byte(out, id);
    append_leb(out, (uint32_t)content->len);
    buf_append(out, buf_bytes(content));
}

// The kernels' module with all its functions many times over: something large to translate.
static void make_large(struct buf *out, struct bytes code) {
    const uint8_t *at = code.data + 8, *end = code.data + code.len;
    buf_append(out, bytes_of(code.data, 8));
    while (at < end) {
        const uint8_t *start = at;
        uint8_t id = *at++;
        uint32_t len = read_leb(&at);
        const uint8_t *content = at, *body = at;
        at += len;
        if (id == 3 || id == 10) { // functions' types, functions' bodies
            struct buf many = {0};
            uint32_t count = read_leb(&body);
            append_leb(&many, count * (uint32_t)size.copies);
            for (int i = 0; i < size.copies; i++)
                buf_append(&many, bytes_of(body, len - (size_t)(body - content)));
            append_section(out, id, &many);
            buf_clear(&many);
        } else if (id != 0) {
            buf_append(out, bytes_of(start, (size_t)(at - start)));
        }
    }
}

static void measure_translate(struct bytes large, double *best_ms) {
    double start = processor_ms();
    struct vm_module *module = make_module(large);
    keep_least(best_ms, processor_ms() - start);
    vm_module_free(module);
}

// A page of memory that a call has touched to its end, cleared, then the smallest function called.
static void measure_call(struct vm_instance *instance, uint32_t touch, uint32_t nop,
                         double *best_us) {
    double spent = 0;
    for (int i = 0; i < CALLS; i++) {
        call(instance, touch, 1);
        double start = now_ms();
        vm_instance_reset(instance);
        call(instance, nop, 1);
        spent += now_ms() - start;
    }
    keep_least(best_us, spent * 1000 / CALLS);
}

static void measure_clear(double *best_us) {
    static uint8_t page[65536];
    double start = now_ms();
    for (int i = 0; i < CALLS; i++) {
        memset(page, 0, sizeof page);
        __asm__ volatile("" : : "r"(page) : "memory");
    }
    keep_least(best_us, (now_ms() - start) * 1000 / CALLS);
}

// (module (memory 1) (func (export "nop") (param i32) (result i32) local.get 0)
//   (func (export "all") (param i32) (result i32) i32.const 65532, local.get 0, i32.store,
//     local.get 0))
static const uint8_t one_page[] = {
    0,    'a', 's', 'm',  1,    0,    0,   0,    1, 6,    1,  0x60, 1,    0x7f, 1,    0x7f,
    3,    3,   2,   0,    0,    5,    3,   1,    0, 1,    7,  13,   2,    3,    'n',  'o',
    'p',  0,   0,   3,    'a',  'l',  'l', 0,    1, 10,   20, 2,    4,    0,    0x20, 0,
    0x0b, 13,  0,   0x41, 0xfc, 0xff, 3,   0x20, 0, 0x36, 2,  0,    0x20, 0,    0x0b};

static void bench_call(void) {
    struct vm_module *module = make_module(BYTES_OF(one_page));
    struct vm_instance *instance = make_instance(module);
    uint32_t nop = function_of(module, "nop"), all = function_of(module, "all");
    double ours = 0, clear = 0;
    for (int i = 0; i < size.turns; i++) {
        measure_call(instance, all, nop, &ours);
        measure_clear(&clear);
    }
    print_row("vm_call", ours, "us", "memset of 64 KiB", clear);
    vm_instance_free(instance);
    vm_module_free(module);
}

static void print_kernels(void) {
    double product = 1;
    char name[64];
    for (int i = 0; i < KERNEL_COUNT; i++) {
        snprintf(name, sizeof name, "vm_%s", kernels[i].name);
        print_row(name, kernels[i].ms, "ms", "spike", kernels[i].baseline_ms);
        product *= kernels[i].baseline_ms > 0 ? kernels[i].ms / kernels[i].baseline_ms : 0;
    }
    if (product > 0) print_row("vm_geomean", pow(product, 1.0 / KERNEL_COUNT), "ratio", "spike", 1);
}

int main(int count, char **arguments) {
    char folder[] = "/tmp/lmm-bench-XXXXXX", command[64], path[64];
    struct buf code = {0}, large = {0};
    double translate_ms = 0;
    bool is_quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    if (is_quick) {
        size.turns = size.translations = 1;
        size.copies = QUICK_COPIES;
    }
    if (file_read(&code, KERNELS, 1 << 20) != STATUS_OK || !mkdtemp(folder)) {
        fprintf(stderr, "bench_vm runs in the build tree's root, and needs " KERNELS "\n");
        return EXIT_FAILURE;
    }
    make_large(&large, buf_bytes(&code));
    snprintf(path, sizeof path, "%s/kernels.wasm", folder);
    ENSURE(file_replace(path, buf_bytes(&code), 0600) == STATUS_OK);
    snprintf(path, sizeof path, "%s/large.wasm", folder);
    ENSURE(file_replace(path, buf_bytes(&large), 0600) == STATUS_OK);
    struct vm_module *module = make_module(buf_bytes(&code));
    struct vm_instance *instance = make_instance(module);
    for (int i = 0; i < size.turns; i++) {
        run_kernels(instance);
        for (int k = 0; k < size.translations; k++)
            measure_translate(buf_bytes(&large), &translate_ms);
        if (!is_quick && access(BASELINE, X_OK) == 0) run_baseline(folder);
    }
    print_kernels();
    bench_call();
    print_row("vm_translate", (double)large.len / 1e3 / translate_ms, "MB/s",
              "spike, without validation", baseline_translate_mb);
    vm_instance_free(instance);
    vm_module_free(module);
    buf_clear(&code);
    buf_clear(&large);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
