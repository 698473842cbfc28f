// SPDX-License-Identifier: Apache-2.0
// The sections of a binary module, in order, each bounded by the module's limits. Function bodies
// go straight to the translator.
#include "chaincore/base/memory.h"
#include "chaincore/vm/module.h"

struct decode {
    struct vm_module *module;
    const struct vm_import_table *table;
    struct vm_translator *translator;
    struct vm_error *why;
    bool has_code;
};

static void *new_array(struct decode *decode, u32 count, size_t size) {
    size_t bytes = (count ? count : 1) * size;
    decode->module->arena_bytes += bytes;
    return arena_alloc(&decode->module->arena, bytes);
}

// A count of things that take at least a byte each, so that no small module asks for much memory.
static u32 read_count(struct vm_reader *in, u32 most, const char *text) {
    u32 count = vm_read_u32(in);
    if (count > (size_t)(in->end - in->next)) vm_reader_fail(in, "unexpected end");
    if (count > most) vm_reader_fail(in, text);
    return vm_reader_failed(in) ? 0 : count;
}

static bool is_value_type(uint8_t type) { return type >= VM_F64 && type <= VM_I32; }

static uint8_t read_value_type(struct decode *decode, struct vm_reader *in) {
    uint8_t type = vm_read_u8(in);
    if (!is_value_type(type)) vm_reader_fail(in, "malformed value type");
    if ((type == VM_F32 || type == VM_F64) && !decode->module->limits.allow_floats)
        vm_reader_fail(in, "floats are not allowed");
    return type;
}

static void decode_types(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count = read_count(in, module->limits.types, "too many types");
    module->signatures = new_array(decode, count, sizeof *module->signatures);
    module->signature_count = count;
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) {
        struct vm_signature *signature = &module->signatures[i];
        if (vm_read_u8(in) != 0x60) vm_reader_fail(in, "malformed function type");
        u32 parameters = read_count(in, module->limits.values, "too many parameters");
        const uint8_t *first = in->next;
        vm_read_slice(in, parameters);
        u32 results = read_count(in, module->limits.values, "too many results");
        uint8_t *types = new_array(decode, parameters + results, 1);
        if (vm_reader_failed(in)) return;
        struct vm_reader again = {
            .start = in->start, .next = first, .end = in->end, .why = in->why};
        for (u32 k = 0; k < parameters; k++) types[k] = read_value_type(decode, &again);
        for (u32 k = 0; k < results; k++) types[parameters + k] = read_value_type(decode, in);
        *signature = (struct vm_signature){
            .parameter_count = parameters, .result_count = results, .types = types};
    }
}

static struct vm_range read_range(struct vm_reader *in, u32 most, const char *too_large) {
    struct vm_range range = {.maximum = VM_NO_MAXIMUM};
    uint8_t flags = vm_read_u8(in);
    if (flags > 1) vm_reader_fail(in, "malformed limits flags");
    range.minimum = vm_read_u32(in);
    if (flags & 1) {
        range.maximum = vm_read_u32(in);
        if (range.maximum < range.minimum)
            vm_reader_fail(in, "size minimum must not be greater than maximum");
    }
    if (range.minimum > most || ((flags & 1) && range.maximum > 65536))
        vm_reader_fail(in, too_large);
    return range;
}

static void decode_table_type(struct decode *decode, struct vm_reader *in, bool is_import) {
    struct vm_module *module = decode->module;
    if (vm_read_u8(in) != 0x70) vm_reader_fail(in, "malformed element type");
    if (module->has_table) vm_reader_fail(in, "multiple tables");
    // A table's bound is far above a memory's, so only the minimum counts against the limit.
    struct vm_range range = {.maximum = VM_NO_MAXIMUM};
    uint8_t flags = vm_read_u8(in);
    if (flags > 1) vm_reader_fail(in, "malformed limits flags");
    range.minimum = vm_read_u32(in);
    if (flags & 1) range.maximum = vm_read_u32(in);
    if ((flags & 1) && range.maximum < range.minimum)
        vm_reader_fail(in, "size minimum must not be greater than maximum");
    if (range.minimum > module->limits.table_entries) vm_reader_fail(in, "table too large");
    module->has_table = true;
    module->imports_table = is_import;
    module->table = range;
}

static void decode_memory_type(struct decode *decode, struct vm_reader *in, bool is_import) {
    struct vm_module *module = decode->module;
    if (module->has_memory) vm_reader_fail(in, "multiple memories");
    module->has_memory = true;
    module->imports_memory = is_import;
    module->memory = read_range(in, module->limits.memory_pages, "memory size is over its bound");
}

static struct vm_global_type read_global_type(struct decode *decode, struct vm_reader *in) {
    struct vm_global_type type = {.type = read_value_type(decode, in)};
    uint8_t mutability = vm_read_u8(in);
    if (mutability > 1) vm_reader_fail(in, "malformed mutability");
    type.is_mutable = mutability == 1;
    return type;
}

static struct vm_function *add_function(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 type = vm_read_u32(in);
    if (type >= module->signature_count) {
        vm_reader_fail(in, "unknown type");
        return NULL;
    }
    struct vm_function *function = &module->functions[module->function_count++];
    *function = (struct vm_function){.signature = &module->signatures[type],
                                     .type_index = type,
                                     .parameters = module->signatures[type].parameter_count};
    return function;
}

static bool letters_match(const struct vm_signature *signature, const char *parameters,
                          const char *results) {
    static const char letters[] = "FfIi"; // by type, from VM_F64 up
    if (strlen(parameters) != signature->parameter_count) return false;
    if (strlen(results) != signature->result_count) return false;
    for (u32 i = 0; i < signature->parameter_count + signature->result_count; i++) {
        char expected = i < signature->parameter_count ? parameters[i]
                                                       : results[i - signature->parameter_count];
        if (letters[signature->types[i] - VM_F64] != expected) return false;
    }
    return true;
}

static void bind_import(struct decode *decode, struct vm_reader *in, const struct vm_import *import,
                        struct vm_function *function) {
    const struct vm_import_table *table = decode->table;
    if (!table || !function) return;
    if (bytes_equal(import->module, bytes_of_string(table->module))) {
        for (size_t i = 0; i < table->count; i++) {
            const struct vm_host_function *host = &table->functions[i];
            if (!bytes_equal(import->name, bytes_of_string(host->name))) continue;
            if (letters_match(function->signature, host->parameters, host->result))
                function->host = host->call;
        }
    }
    if (!function->host) vm_reader_fail(in, "an import that the chain does not offer");
}

static void decode_imports(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count = read_count(in, module->limits.functions, "too many imports");
    module->imports = new_array(decode, count, sizeof *module->imports);
    module->import_count = count;
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) {
        struct vm_import *import = &module->imports[i];
        import->module = vm_read_name(in);
        import->name = vm_read_name(in);
        import->kind = vm_read_u8(in);
        if (decode->table && import->kind != VM_FUNCTION)
            vm_reader_fail(in, "only functions can be imported");
        switch (import->kind) {
        case VM_FUNCTION:
            import->index = module->imported_functions++;
            bind_import(decode, in, import, add_function(decode, in));
            break;
        case VM_TABLE:
            decode_table_type(decode, in, true);
            break;
        case VM_MEMORY:
            decode_memory_type(decode, in, true);
            break;
        case VM_GLOBAL:
            import->index = module->imported_globals++;
            if (module->global_count == module->limits.globals)
                vm_reader_fail(in, "too many globals");
            else
                module->globals[module->global_count++].type = read_global_type(decode, in);
            break;
        default:
            vm_reader_fail(in, "malformed import kind");
        }
    }
}

static void decode_functions(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count =
        read_count(in, module->limits.functions - module->function_count, "too many functions");
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) add_function(decode, in);
}

static void decode_tables(struct decode *decode, struct vm_reader *in) {
    u32 count = read_count(in, 100000, "too many tables");
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) decode_table_type(decode, in, false);
}

static void decode_memories(struct decode *decode, struct vm_reader *in) {
    u32 count = read_count(in, 100000, "too many memories");
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) decode_memory_type(decode, in, false);
}

// A constant expression of the given type, its `end` included. Only imported, immutable globals may
// be read: others have no value yet.
static struct vm_constant read_constant(struct decode *decode, struct vm_reader *in, uint8_t type) {
    struct vm_module *module = decode->module;
    struct vm_constant constant = {0};
    uint8_t actual = VM_ANY, opcode = vm_read_u8(in);
    switch (opcode) {
    case 0x41:
        constant.value = (u32)vm_read_i32(in);
        actual = VM_I32;
        break;
    case 0x42:
        constant.value = (u64)vm_read_i64(in);
        actual = VM_I64;
        break;
    case 0x43:
        constant.value = vm_read_fixed32(in);
        actual = VM_F32;
        break;
    case 0x44:
        constant.value = vm_read_fixed64(in);
        actual = VM_F64;
        break;
    case 0x23:
        constant.is_global = true;
        constant.global = vm_read_u32(in);
        if (constant.global >= module->imported_globals)
            vm_reader_fail(in, "unknown global");
        else if (module->globals[constant.global].type.is_mutable)
            vm_reader_fail(in, "constant expression required");
        else
            actual = module->globals[constant.global].type.type;
        break;
    case 0x0b:
        vm_reader_fail(in, "type mismatch");
        break;
    default:
        vm_reader_fail(in, "constant expression required");
    }
    if (!vm_reader_failed(in) && actual != type) vm_reader_fail(in, "type mismatch");
    uint8_t end = vm_read_u8(in);
    // A second value before the end is an expression of the wrong type.
    if (!vm_reader_failed(in) && end != 0x0b)
        vm_reader_fail(in, end >= 0x41 && end <= 0x44 ? "type mismatch"
                                                      : "constant expression required");
    return constant;
}

static void decode_globals(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count = read_count(in, module->limits.globals - module->global_count, "too many globals");
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) {
        struct vm_global *global = &module->globals[module->global_count];
        global->type = read_global_type(decode, in);
        global->initial = read_constant(decode, in, global->type.type);
        module->global_count++;
    }
}

static void decode_exports(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count = read_count(in, module->limits.exports, "too many exports");
    module->exports = new_array(decode, count, sizeof *module->exports);
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) {
        struct vm_export *export = &module->exports[i];
        *export = (struct vm_export){.name = vm_read_name(in)};
        export->kind = vm_read_u8(in);
        export->index = vm_read_u32(in);
        if (vm_reader_failed(in)) return;
        const u32 counts[] = {module->function_count, module->has_table, module->has_memory,
                              module->global_count};
        if (export->kind > VM_GLOBAL)
            vm_reader_fail(in, "malformed export kind");
        else if (export->index >= counts[export->kind])
            vm_reader_fail(in, "unknown export");
        for (u32 k = 0; k < i; k++)
            if (bytes_equal(module->exports[k].name, export->name))
                vm_reader_fail(in, "duplicate export name");
        module->export_count++;
    }
}

static void decode_start(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    if (!module->limits.allow_start) vm_reader_fail(in, "a start section is not allowed");
    module->start = vm_read_u32(in);
    module->has_start = true;
    if (vm_reader_failed(in)) return;
    if (module->start >= module->function_count) {
        vm_reader_fail(in, "unknown function");
        return;
    }
    const struct vm_signature *signature = module->functions[module->start].signature;
    if (signature->parameter_count + signature->result_count > 0)
        vm_reader_fail(in, "start function");
}

static u32 read_function_index(const struct decode *decode, struct vm_reader *in) {
    u32 function = vm_read_u32(in);
    if (!vm_reader_failed(in) && function >= decode->module->function_count)
        vm_reader_fail(in, "unknown function");
    return function;
}

static u32 read_function_expression(const struct decode *decode, struct vm_reader *in) {
    u32 function = VM_NULL_FUNCTION;
    uint8_t opcode = vm_read_u8(in);
    if (opcode == 0xd2)
        function = read_function_index(decode, in);
    else if (opcode != 0xd0 || vm_read_u8(in) != 0x70)
        vm_reader_fail(in, "malformed element expression");
    if (vm_read_u8(in) != 0x0b) vm_reader_fail(in, "malformed element expression");
    return function;
}

// The eight forms of the bulk memory proposal: passive or active, with a table index or without,
// functions as indices or as expressions.
static void decode_element(struct decode *decode, struct vm_reader *in,
                           struct vm_element_segment *out) {
    struct vm_module *module = decode->module;
    u32 flags = vm_read_u32(in), table = 0;
    if (flags > 7) vm_reader_fail(in, "malformed element segment");
    bool is_passive = flags & 1, has_index = flags & 2, is_expressions = flags & 4;
    out->is_active = !is_passive;
    out->is_declarative = is_passive && has_index;
    if (out->is_active) {
        if (has_index) table = vm_read_u32(in);
        if (!vm_reader_failed(in) && (table > 0 || !module->has_table))
            vm_reader_fail(in, "unknown table");
        out->offset = read_constant(decode, in, VM_I32);
    }
    if (is_passive || has_index) {
        uint8_t kind = vm_read_u8(in);
        if (kind != (is_expressions ? 0x70 : 0x00)) vm_reader_fail(in, "malformed element kind");
    }
    out->count = read_count(in, module->limits.table_entries, "too many elements");
    out->functions = new_array(decode, out->count, sizeof *out->functions);
    for (u32 i = 0; i < out->count && !vm_reader_failed(in); i++)
        out->functions[i] =
            is_expressions ? read_function_expression(decode, in) : read_function_index(decode, in);
}

static void decode_elements(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count = read_count(in, module->limits.segments, "too many element segments");
    module->elements = new_array(decode, count, sizeof *module->elements);
    module->element_count = count;
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++)
        decode_element(decode, in, &module->elements[i]);
}

static void decode_data_count(struct decode *decode, struct vm_reader *in) {
    decode->module->has_data_count = true;
    decode->module->declared_data_count = vm_read_u32(in);
}

static void decode_code(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 own = module->function_count - module->imported_functions;
    u32 count = read_count(in, module->limits.functions, "too many functions");
    decode->has_code = true;
    if (!vm_reader_failed(in) && count != own)
        vm_reader_fail(in, "function and code section have inconsistent lengths");
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) {
        u32 size = vm_read_u32(in);
        if ((size_t)(in->end - in->next) < size) vm_reader_fail(in, "unexpected end");
        if (size > module->limits.body_bytes) vm_reader_fail(in, "a function that is too large");
        if (vm_reader_failed(in)) return;
        struct vm_reader body = {
            .start = in->start, .next = in->next, .end = in->next + size, .why = in->why};
        vm_translate_function(decode->translator, module->imported_functions + i, &body);
        if (!vm_reader_failed(in)) in->next += size;
    }
}

static void decode_data(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    u32 count = read_count(in, module->limits.segments, "too many data segments");
    module->data = new_array(decode, count, sizeof *module->data);
    module->data_count = count;
    for (u32 i = 0; i < count && !vm_reader_failed(in); i++) {
        struct vm_data_segment *data = &module->data[i];
        u32 flags = vm_read_u32(in);
        if (flags > 2) vm_reader_fail(in, "malformed data segment");
        data->is_active = flags != 1;
        if (data->is_active) {
            u32 memory = flags == 2 ? vm_read_u32(in) : 0;
            if (!vm_reader_failed(in) && (memory > 0 || !module->has_memory))
                vm_reader_fail(in, "unknown memory");
            data->offset = read_constant(decode, in, VM_I32);
        }
        u32 len = vm_read_u32(in);
        data->content = vm_read_slice(in, len);
    }
}

static void decode_custom(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    enum { MAX_KEPT = 64 };
    struct vm_custom custom = {.name = vm_read_name(in)};
    if (vm_reader_failed(in)) return;
    custom.content = bytes_of(in->next, (size_t)(in->end - in->next));
    in->next = in->end;
    if (!module->customs) module->customs = new_array(decode, MAX_KEPT, sizeof *module->customs);
    if (module->custom_count < MAX_KEPT) module->customs[module->custom_count++] = custom;
}

// By section id; the order in which they must come stands beside.
static const struct {
    void (*decode)(struct decode *, struct vm_reader *);
    uint8_t order;
} sections[] = {
    {decode_custom, 0},      {decode_types, 1},    {decode_imports, 2}, {decode_functions, 3},
    {decode_tables, 4},      {decode_memories, 5}, {decode_globals, 6}, {decode_exports, 7},
    {decode_start, 8},       {decode_elements, 9}, {decode_code, 11},   {decode_data, 12},
    {decode_data_count, 10},
};

static void decode_sections(struct decode *decode, struct vm_reader *in) {
    uint8_t last = 0;
    while (!vm_reader_failed(in) && in->next < in->end) {
        uint8_t id = vm_read_u8(in);
        u32 size = vm_read_u32(in);
        if (vm_reader_failed(in)) return;
        if (id >= sizeof sections / sizeof *sections) {
            vm_reader_fail(in, "malformed section id");
            return;
        }
        if (id != 0 && sections[id].order <= last)
            vm_reader_fail(in, "unexpected content after last section");
        if ((size_t)(in->end - in->next) < size) vm_reader_fail(in, "length out of bounds");
        if (vm_reader_failed(in)) return;
        if (id != 0) last = sections[id].order;
        struct vm_reader section = {
            .start = in->start, .next = in->next, .end = in->next + size, .why = in->why};
        sections[id].decode(decode, &section);
        if (!vm_reader_failed(in) && section.next != section.end)
            vm_reader_fail(&section, "section size mismatch");
        in->next += size;
    }
}

static void check_whole(struct decode *decode, struct vm_reader *in) {
    struct vm_module *module = decode->module;
    if (vm_reader_failed(in)) return;
    if (!decode->has_code && module->function_count > module->imported_functions)
        vm_reader_fail(in, "function and code section have inconsistent lengths");
    if (module->has_data_count && module->declared_data_count != module->data_count)
        vm_reader_fail(in, "data count and data section have inconsistent lengths");
}

static void decode_module(struct decode *decode) {
    struct vm_module *module = decode->module;
    struct bytes code = module->bytes;
    struct vm_reader in = {
        .start = code.data, .next = code.data, .end = code.data + code.len, .why = decode->why};
    if (vm_read_fixed32(&in) != 0x6d736100) vm_reader_fail(&in, "magic header not detected");
    if (vm_read_fixed32(&in) != 1) vm_reader_fail(&in, "unknown binary version");
    decode_sections(decode, &in);
    check_whole(decode, &in);
}

enum status vm_module_create(struct vm_module **out, struct bytes code,
                             const struct vm_limits *limits, const struct vm_import_table *imports,
                             struct vm_error *why) {
    struct vm_module *module = mem_alloc(sizeof *module);
    struct decode decode = {.module = module, .table = imports, .why = why};
    *why = (struct vm_error){0};
    module->limits = *limits;
    if (code.len > limits->code_bytes) {
        mem_free(module);
        why->text = "the code is larger than allowed";
        return STATUS_INVALID;
    }
    module->bytes = arena_copy(&module->arena, code);
    module->arena_bytes = code.len;
    // Every function or global takes at least a byte of the module.
    u32 most = (u32)(code.len < limits->functions ? code.len : limits->functions);
    module->functions = new_array(&decode, most, sizeof *module->functions);
    most = (u32)(code.len < limits->globals ? code.len : limits->globals);
    module->globals = new_array(&decode, most, sizeof *module->globals);
    decode.translator = vm_translator_create(module);
    decode_module(&decode);
    vm_translator_finish(decode.translator);
    if (why->text) {
        vm_module_free(module);
        return STATUS_INVALID;
    }
    *out = module;
    return STATUS_OK;
}

void vm_module_free(struct vm_module *module) {
    if (!module) return;
    mem_free(module->code);
    mem_free(module->trap_points);
    arena_clear(&module->arena);
    mem_free(module);
}

bool vm_module_custom(const struct vm_module *module, const char *name, struct bytes *out) {
    for (u32 i = 0; i < module->custom_count; i++) {
        if (!bytes_equal(module->customs[i].name, bytes_of_string(name))) continue;
        *out = module->customs[i].content;
        return true;
    }
    return false;
}

bool vm_module_find_function(const struct vm_module *module, const char *name,
                             const char *parameters, const char *results, u32 *function) {
    for (u32 i = 0; i < module->export_count; i++) {
        const struct vm_export *export = &module->exports[i];
        if (export->kind != VM_FUNCTION || !bytes_equal(export->name, bytes_of_string(name)))
            continue;
        if (!letters_match(module->functions[export->index].signature, parameters, results))
            return false;
        *function = export->index;
        return true;
    }
    return false;
}

bool vm_module_export(const struct vm_module *module, u32 index, struct vm_exported *out) {
    if (index >= module->export_count) return false;
    const struct vm_export *export = &module->exports[index];
    *out = (struct vm_exported){.name = export->name, .is_function = export->kind == VM_FUNCTION};
    if (out->is_function)
        out->is_bare = letters_match(module->functions[export->index].signature, "", "");
    return true;
}

size_t vm_module_memory(const struct vm_module *module) {
    return sizeof *module + module->arena_bytes + module->code_len * sizeof *module->code +
           module->trap_point_count * sizeof *module->trap_points;
}

u32 vm_module_initial_pages(const struct vm_module *module) {
    return module->has_memory ? module->memory.minimum : 0;
}

bool vm_signature_equal(const struct vm_signature *a, const struct vm_signature *b) {
    if (a->parameter_count != b->parameter_count || a->result_count != b->result_count)
        return false;
    u32 count = a->parameter_count + a->result_count;
    return count == 0 || memcmp(a->types, b->types, count) == 0;
}
