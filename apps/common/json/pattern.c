// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

struct pattern {
    pcre2_code *code;
};

struct pattern_scratch {
    pcre2_general_context *memory;
    pcre2_match_context *bounds;
    pcre2_match_data *match;
};

// PCRE2 keeps what a match needs on the heap, through these.
static void *allocate(size_t size, void *unused) {
    (void)unused;
    return mem_try_alloc(size);
}
static void release(void *pointer, void *unused) {
    (void)unused;
    mem_free(pointer);
}

// Only what ECMA-262 knows and PCRE2 reads the same way: \Z, \A, \Q, (*VERB) and their like are
// errors there and something else here.
static bool is_ecma(struct bytes source) {
    bool is_in_class = false;
    for (size_t i = 0; i < source.len; i++) {
        uint8_t c = source.data[i];
        uint8_t next = i + 1 < source.len ? source.data[i + 1] : 0;
        if (c == '\\') {
            if (!next || !strchr("dDsSwWbBtnfr0123456789cxukpP^$\\.*+?()[]{}|/-", next))
                return false;
            i++;
        } else if (c == '[') {
            is_in_class = true;
        } else if (c == ']') {
            is_in_class = false;
        } else if (c == '(' && !is_in_class) {
            uint8_t kind = i + 2 < source.len ? source.data[i + 2] : 0;
            if (next == '*') return false;
            if (next == '?' && (!kind || !strchr(":=!<", kind))) return false;
        }
    }
    return true;
}

enum status pattern_compile(struct pattern **out, struct bytes source) {
    *out = NULL;
    if (source.len > LIMIT_PATTERN_BYTES) return STATUS_TOO_LARGE;
    if (!is_ecma(source)) return STATUS_MALFORMED;
    enum status status = STATUS_NO_MEMORY;
    struct pattern *pattern = NULL;
    pcre2_compile_context *dialect = NULL;
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
    if (memory) dialect = pcre2_compile_context_create(memory);
    if (!dialect) goto out;
    pcre2_set_newline(dialect, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_compile_extra_options(dialect, PCRE2_EXTRA_ALT_BSUX);
    pattern = mem_alloc(sizeof *pattern);
    int error;
    PCRE2_SIZE offset;
    uint32_t flags = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
                     PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP;
    pattern->code = pcre2_compile(source.data ? source.data : (const uint8_t *)"", source.len,
                                  flags, &error, &offset, dialect);
    status = pattern->code ? STATUS_OK : STATUS_MALFORMED;
out:
    pcre2_compile_context_free(dialect);
    pcre2_general_context_free(memory);
    if (status != STATUS_OK) {
        mem_free(pattern);
        pattern = NULL;
    }
    *out = pattern;
    return status;
}

void pattern_free(struct pattern *pattern) {
    if (!pattern) return;
    pcre2_code_free(pattern->code);
    mem_free(pattern);
}

void pattern_scratch_free(struct pattern_scratch *scratch) {
    if (!scratch) return;
    pcre2_match_data_free(scratch->match);
    pcre2_match_context_free(scratch->bounds);
    pcre2_general_context_free(scratch->memory);
    mem_free(scratch);
}

struct pattern_scratch *pattern_scratch_new(void) {
    struct pattern_scratch *scratch = mem_alloc(sizeof *scratch);
    scratch->memory = pcre2_general_context_create(allocate, release, NULL);
    scratch->bounds = pcre2_match_context_create(scratch->memory);
    scratch->match = pcre2_match_data_create(1, scratch->memory);
    ENSURE(scratch->memory && scratch->bounds && scratch->match);
    pcre2_set_match_limit(scratch->bounds, LIMIT_PATTERN_STEPS);
    pcre2_set_depth_limit(scratch->bounds, LIMIT_PATTERN_STEPS);
    pcre2_set_heap_limit(scratch->bounds, LIMIT_PATTERN_HEAP_KIB);
    return scratch;
}

bool pattern_matches(const struct pattern *pattern, struct pattern_scratch *scratch,
                     struct bytes text) {
    const uint8_t *data = text.data ? text.data : (const uint8_t *)"";
    return pcre2_match(pattern->code, data, text.len, 0, 0, scratch->match, scratch->bounds) >= 0;
}
