// SPDX-License-Identifier: Apache-2.0
// What a module is once it is decoded. Internal to vm/ and its conformance runner.
#ifndef LMM_VM_MODULE_H
#define LMM_VM_MODULE_H

#include "chaincore/base/arena.h"
#include "chaincore/vm/vm.h"

typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;
typedef float f32;
typedef double f64;

enum vm_type { VM_I32 = 0x7f, VM_I64 = 0x7e, VM_F32 = 0x7d, VM_F64 = 0x7c, VM_ANY = 0 };
enum vm_extern_kind { VM_FUNCTION = 0, VM_TABLE = 1, VM_MEMORY = 2, VM_GLOBAL = 3 };

enum { VM_PAGE_BYTES = 65536, VM_NO_MAXIMUM = UINT32_MAX };

struct vm_signature {
    u32 parameter_count;
    u32 result_count;
    const uint8_t *types; // parameters, then results
};

struct vm_range { // of pages or table entries
    u32 minimum;
    u32 maximum; // VM_NO_MAXIMUM when there is none
};

struct vm_global_type {
    uint8_t type;
    bool is_mutable;
};

// A constant expression: a number, or the value of an imported global.
struct vm_constant {
    bool is_global;
    u32 global;
    u64 value;
};

// A function, imported or own. `entry` is its translated code; its address is stable.
struct vm_function {
    const struct vm_signature *signature;
    u32 type_index;
    vm_host_call *host; // of an import from a table
    const u64 *entry;
    u32 entry_offset; // while the code still moves
    u32 locals;       // slots, parameters included
    u32 parameters;
    u32 frame; // slots in all
};

struct vm_import {
    struct bytes module;
    struct bytes name;
    uint8_t kind;
    u32 index; // in its index space
};

struct vm_export {
    struct bytes name;
    uint8_t kind;
    u32 index;
};

struct vm_global {
    struct vm_global_type type;
    struct vm_constant initial;
};

enum { VM_NULL_FUNCTION = UINT32_MAX };
struct vm_element_segment {
    bool is_active;
    bool is_declarative;
    struct vm_constant offset;
    u32 count;
    u32 *functions; // VM_NULL_FUNCTION for a null
};

struct vm_data_segment {
    bool is_active;
    struct vm_constant offset;
    struct bytes content;
};

struct vm_custom {
    struct bytes name;
    struct bytes content;
};

// Where in the code a trap can happen, and what the block had cost by then.
struct vm_trap_point {
    u32 code_offset;
    u32 gas;
};

struct vm_module {
    struct arena arena; // holds everything below but the code
    size_t arena_bytes;
    struct vm_limits limits;
    struct bytes bytes; // a copy
    u32 signature_count;
    struct vm_signature *signatures;
    u32 import_count;
    struct vm_import *imports;
    u32 function_count, imported_functions;
    struct vm_function *functions;
    bool has_table, imports_table;
    struct vm_range table;
    bool has_memory, imports_memory;
    struct vm_range memory;
    u32 global_count, imported_globals;
    struct vm_global *globals;
    u32 export_count;
    struct vm_export *exports;
    bool has_start;
    u32 start;
    u32 element_count;
    struct vm_element_segment *elements;
    bool has_data_count;
    u32 data_count, declared_data_count;
    struct vm_data_segment *data;
    u32 custom_count;
    struct vm_custom *customs;
    u64 *code;
    size_t code_len;
    struct vm_trap_point *trap_points;
    size_t trap_point_count;
};

bool vm_signature_equal(const struct vm_signature *a, const struct vm_signature *b);

// reader.c: LEB128 and names out of the binary. Sticky, like base/codec.h, with a text and a place.
struct vm_reader {
    const uint8_t *start;
    const uint8_t *next;
    const uint8_t *end;
    struct vm_error *why; // text is NULL until something is wrong
};
static inline bool vm_reader_failed(const struct vm_reader *in) { return in->why->text != NULL; }
void vm_reader_fail(struct vm_reader *in, const char *text);
static inline uint8_t vm_read_u8(struct vm_reader *in) {
    if (in->next < in->end) return *in->next++;
    vm_reader_fail(in, "unexpected end");
    return 0;
}
// The rest of a number after what the inline functions read: most take a single byte.
u32 vm_read_long_u32(struct vm_reader *in);
i64 vm_read_long_signed(struct vm_reader *in, unsigned bits);
static inline bool vm_next_is_last(const struct vm_reader *in) {
    return in->next < in->end && *in->next < 0x80;
}
static inline u32 vm_read_u32(struct vm_reader *in) {
    return vm_next_is_last(in) ? *in->next++ : vm_read_long_u32(in);
}
static inline i64 vm_read_signed(struct vm_reader *in, unsigned bits) {
    if (!vm_next_is_last(in)) return vm_read_long_signed(in, bits);
    uint8_t byte = *in->next++;
    return byte < 0x40 ? byte : byte - 0x80;
}
static inline i32 vm_read_i32(struct vm_reader *in) { return (i32)vm_read_signed(in, 32); }
static inline i64 vm_read_i64(struct vm_reader *in) { return vm_read_signed(in, 64); }
static inline i64 vm_read_i33(struct vm_reader *in) { return vm_read_signed(in, 33); }
u32 vm_read_fixed32(struct vm_reader *in);
u64 vm_read_fixed64(struct vm_reader *in);
struct bytes vm_read_slice(struct vm_reader *in, u32 len);
struct bytes vm_read_name(struct vm_reader *in);

// translate.c: validates one function's body and appends its code. `in` covers exactly the body,
// local declarations included.
struct vm_translator;
struct vm_translator *vm_translator_create(struct vm_module *module);
// Puts what was translated into the module and frees the translator.
void vm_translator_finish(struct vm_translator *translator);
void vm_translate_function(struct vm_translator *translator, u32 function, struct vm_reader *in);

#endif
