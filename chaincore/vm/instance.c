// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/memory.h"
#include "chaincore/vm/link.h"

const struct vm_limits vm_limits_protocol = {
    .code_bytes = 1 << 20,
    .body_bytes = 128 << 10,
    .types = 1024,
    .exports = 1024,
    .nesting = 256,
    .values = 16,
    .locals = 1024,
    .frame_slots = 8192,
    .branch_table = 4096,
    .functions = 4096,
    .memory_pages = 256,
    .table_entries = 8192,
    .globals = 1024,
    .segments = 1024,
    .call_depth = 256,
    .stack_slots = 65536,
};

const struct vm_limits vm_limits_conformance = {
    .code_bytes = 64 << 20,
    .body_bytes = 64 << 20,
    .types = 1 << 20,
    .exports = 1 << 20,
    .nesting = 1 << 20,
    .values = 1000,
    .locals = 50000,
    .frame_slots = 65000,
    .branch_table = 65536,
    .functions = 1 << 20,
    .memory_pages = 65536,
    .table_entries = 10 << 20,
    .globals = 1 << 20,
    .segments = 1 << 20,
    .call_depth = 4096,
    .stack_slots = 1 << 20,
    .allow_floats = true,
    .allow_start = true,
    .may_lack_memory = true,
};

const char *vm_trap_text(enum vm_trap trap) {
    switch (trap) {
#define X(name, text)    \
    case VM_TRAP_##name: \
        return text;
        VM_TRAP_LIST(X)
#undef X
    }
    return "unknown trap";
}

static void *take(size_t size, bool may_lack) {
    return may_lack ? mem_try_alloc(size) : mem_alloc(size);
}

struct vm_memory *vm_memory_create(struct vm_range pages, bool may_lack) {
    struct vm_memory *memory = mem_alloc(sizeof *memory);
    memory->pages = pages;
    memory->size = (u64)pages.minimum * VM_PAGE_BYTES;
    memory->capacity = memory->size;
    memory->references = 1;
    memory->may_lack = may_lack;
    memory->data = take(memory->size, may_lack);
    if (memory->data) return memory;
    mem_free(memory);
    return NULL;
}

void vm_memory_release(struct vm_memory *memory) {
    if (!memory || --memory->references > 0) return;
    mem_free(memory->data);
    mem_free(memory);
}

struct vm_table *vm_table_create(struct vm_range entries, bool may_lack) {
    struct vm_table *table = mem_alloc(sizeof *table);
    table->count = entries.minimum;
    table->maximum = entries.maximum;
    table->references = 1;
    table->entries = take((size_t)table->count * sizeof *table->entries, may_lack);
    if (table->entries) return table;
    mem_free(table);
    return NULL;
}

void vm_table_release(struct vm_table *table) {
    if (!table || --table->references > 0) return;
    mem_free(table->entries);
    mem_free(table);
}

enum { WINDOW_STEP = 4096 };

static void set_window(struct vm_memory *memory, u64 end) {
    u64 window = (end + WINDOW_STEP - 1) / WINDOW_STEP * WINDOW_STEP;
    memory->window = window < memory->size ? window : memory->size;
}

bool vm_memory_widen(struct vm_memory *memory) {
    if (memory->window == memory->size) return false;
    set_window(memory, memory->window < WINDOW_STEP ? WINDOW_STEP : 2 * memory->window);
    return true;
}

bool vm_memory_reach(struct vm_memory *memory, u64 at, u64 len) {
    if (at + len > memory->size) return false;
    if (at + len > memory->window) set_window(memory, at + len);
    return true;
}

// Room at least doubles: a page at a time must not copy what is there each time.
static bool make_room(struct vm_memory *memory, u64 size, u64 most) {
    if (size <= memory->capacity) return true;
    u64 capacity = 2 * memory->capacity < most ? 2 * memory->capacity : most;
    if (capacity < size) capacity = size;
    uint8_t *data = memory->may_lack ? mem_try_resize(memory->data, capacity)
                                     : mem_resize(memory->data, capacity);
    if (!data) return false;
    memory->data = data;
    memory->capacity = capacity;
    return true;
}

u32 vm_memory_grow(struct vm_memory *memory, u32 pages, u32 limit) {
    u32 before = (u32)(memory->size / VM_PAGE_BYTES);
    u32 most = memory->pages.maximum < limit ? memory->pages.maximum : limit;
    if (pages > most || before > most - pages) return UINT32_MAX;
    if (pages == 0) return before;
    u64 size = (u64)(before + pages) * VM_PAGE_BYTES;
    if (!make_room(memory, size, (u64)most * VM_PAGE_BYTES)) return UINT32_MAX;
    memset(memory->data + memory->size, 0, size - memory->size);
    memory->size = size;
    return before;
}

bool vm_memory_init(struct vm_instance *instance, u32 segment, const u32 at[3]) {
    const struct vm_data_segment *data = &instance->module->data[segment];
    u64 len = instance->data_dropped[segment] ? 0 : data->content.len;
    if ((u64)at[1] + at[2] > len || !vm_memory_reach(instance->memory, at[0], at[2])) return false;
    if (at[2] > 0) memcpy(instance->memory->data + at[0], data->content.data + at[1], at[2]);
    return true;
}

bool vm_table_init(struct vm_instance *instance, u32 segment, const u32 at[3]) {
    const struct vm_element_segment *element = &instance->module->elements[segment];
    u64 count = instance->element_dropped[segment] ? 0 : element->count;
    if ((u64)at[1] + at[2] > count || (u64)at[0] + at[2] > instance->table->count) return false;
    for (u32 i = 0; i < at[2]; i++) {
        u32 function = element->functions[at[1] + i];
        struct vm_function_ref ref = {.instance = instance, .function = function};
        if (function == VM_NULL_FUNCTION) ref.instance = NULL;
        instance->table->entries[at[0] + i] = ref;
    }
    instance->table->is_changed = true;
    return true;
}

bool vm_table_copy(struct vm_table *table, const u32 at[3]) {
    if ((u64)at[1] + at[2] > table->count || (u64)at[0] + at[2] > table->count) return false;
    table->is_changed = true;
    memmove(&table->entries[at[0]], &table->entries[at[1]], at[2] * sizeof *table->entries);
    return true;
}

static u64 value_of(const struct vm_instance *instance, const struct vm_constant *constant) {
    return constant->is_global ? *instance->globals[constant->global] : constant->value;
}

static void init_globals(struct vm_instance *instance) {
    const struct vm_module *module = instance->module;
    for (u32 i = module->imported_globals; i < module->global_count; i++)
        *instance->globals[i] = value_of(instance, &module->globals[i].initial);
}

static enum vm_trap init_elements(struct vm_instance *instance, bool is_table_done) {
    const struct vm_module *module = instance->module;
    for (u32 i = 0; i < module->element_count; i++) {
        const struct vm_element_segment *element = &module->elements[i];
        instance->element_dropped[i] = false;
        if (!element->is_active && !element->is_declarative) continue;
        u32 at[3] = {(u32)value_of(instance, &element->offset), 0, element->count};
        bool is_written = element->is_active && !is_table_done;
        if (is_written && !vm_table_init(instance, i, at)) return VM_TRAP_TABLE_BOUNDS;
        instance->element_dropped[i] = true;
    }
    if (instance->table) instance->table->is_changed = false;
    return VM_TRAP_NONE;
}

static enum vm_trap init_data(struct vm_instance *instance) {
    const struct vm_module *module = instance->module;
    for (u32 i = 0; i < module->data_count; i++) {
        const struct vm_data_segment *data = &module->data[i];
        instance->data_dropped[i] = false;
        if (!data->is_active) continue;
        u32 at[3] = {(u32)value_of(instance, &data->offset), 0, (u32)data->content.len};
        if (!vm_memory_init(instance, i, at)) return VM_TRAP_MEMORY_BOUNDS;
        instance->data_dropped[i] = true;
    }
    return VM_TRAP_NONE;
}

// Applies the active segments, in order; the first that does not fit ends it.
static enum vm_trap init_segments(struct vm_instance *instance) {
    enum vm_trap trap = init_elements(instance, false);
    return trap == VM_TRAP_NONE ? init_data(instance) : trap;
}

static struct vm_instance *new_instance(struct vm_module *module) {
    struct vm_instance *instance = mem_alloc(sizeof *instance);
    instance->module = module;
    instance->globals = mem_alloc_array(module->global_count + 1, sizeof *instance->globals);
    instance->own_globals = mem_alloc_array(module->global_count + 1, sizeof(u64));
    for (u32 i = 0; i < module->global_count; i++) instance->globals[i] = &instance->own_globals[i];
    instance->imports = mem_alloc_array(module->imported_functions + 1, sizeof *instance->imports);
    instance->data_dropped = mem_alloc(module->data_count + 1);
    instance->element_dropped = mem_alloc(module->element_count + 1);
    instance->stack =
        take(module->limits.stack_slots * sizeof *instance->stack, module->limits.may_lack_memory);
    if (instance->stack) return instance;
    vm_instance_free(instance);
    return NULL;
}

static bool make_own_parts(struct vm_instance *instance) {
    const struct vm_module *module = instance->module;
    bool may_lack = module->limits.may_lack_memory;
    if (module->has_memory && !module->imports_memory)
        instance->memory = vm_memory_create(module->memory, may_lack);
    if (module->has_table && !module->imports_table)
        instance->table = vm_table_create(module->table, may_lack);
    return (!module->has_memory || instance->memory) && (!module->has_table || instance->table);
}

enum status vm_instance_create(struct vm_instance **out, struct vm_module *module) {
    struct vm_instance *instance = new_instance(module);
    if (!instance) return STATUS_NO_MEMORY;
    for (u32 i = 0; i < module->imported_functions; i++)
        instance->imports[i] = (struct vm_extern){.kind = VM_FUNCTION,
                                                  .host = module->functions[i].host,
                                                  .host_signature = module->functions[i].signature};
    enum status status = STATUS_NO_MEMORY;
    if (make_own_parts(instance)) {
        init_globals(instance);
        status = init_segments(instance) == VM_TRAP_NONE ? STATUS_OK : STATUS_INVALID;
    }
    if (status == STATUS_OK)
        *out = instance;
    else
        vm_instance_free(instance);
    return status;
}

// Pages beyond the initial ones go away; of the rest, only the window can be other than zero.
static void reset_memory(struct vm_memory *memory) {
    u64 size = (u64)memory->pages.minimum * VM_PAGE_BYTES;
    if (memory->capacity > size) {
        uint8_t *smaller = mem_try_resize(memory->data, size);
        if (smaller) {
            memory->data = smaller;
            memory->capacity = size;
        }
    }
    memory->size = size;
    memset(memory->data, 0, memory->window < size ? memory->window : size);
    memory->window = 0;
}

void vm_instance_reset(struct vm_instance *instance) {
    if (instance->memory) reset_memory(instance->memory);
    bool is_table_done = !instance->table || !instance->table->is_changed;
    if (!is_table_done)
        memset(instance->table->entries, 0,
               instance->table->count * sizeof *instance->table->entries);
    init_globals(instance);
    // As they did when it was created.
    ENSURE(init_elements(instance, is_table_done) == VM_TRAP_NONE);
    ENSURE(init_data(instance) == VM_TRAP_NONE);
}

void vm_instance_free(struct vm_instance *instance) {
    if (!instance) return;
    vm_memory_release(instance->memory);
    vm_table_release(instance->table);
    mem_free(instance->globals);
    mem_free(instance->own_globals);
    mem_free(instance->imports);
    mem_free(instance->data_dropped);
    mem_free(instance->element_dropped);
    mem_free(instance->stack);
    mem_free(instance);
}

size_t vm_instance_memory(const struct vm_instance *instance) {
    const struct vm_module *module = instance->module;
    size_t bytes = sizeof *instance + module->limits.stack_slots * sizeof *instance->stack;
    bytes += (module->global_count + 1) * (sizeof *instance->globals + sizeof(u64));
    bytes += (module->imported_functions + 1) * sizeof *instance->imports;
    bytes += module->data_count + module->element_count + 2;
    if (instance->memory) bytes += sizeof *instance->memory + instance->memory->capacity;
    if (instance->table)
        bytes += sizeof *instance->table +
                 (size_t)instance->table->count * sizeof *instance->table->entries;
    return bytes;
}

const struct vm_module *vm_instance_module(const struct vm_instance *instance) {
    return instance->module;
}

static bool range_fits(u64 count, u32 maximum, const struct vm_range *wanted) {
    return count >= wanted->minimum &&
           (wanted->maximum == VM_NO_MAXIMUM || maximum <= wanted->maximum);
}

static bool bind_extern(struct vm_instance *instance, const struct vm_import *import,
                        const struct vm_extern *given) {
    const struct vm_module *module = instance->module;
    if (given->kind != import->kind) return false;
    switch (import->kind) {
    case VM_FUNCTION:
        instance->imports[import->index] = *given;
        return vm_signature_equal(
            module->functions[import->index].signature,
            given->host
                ? given->host_signature
                : given->function.instance->module->functions[given->function.function].signature);
    case VM_TABLE:
        if (!range_fits(given->table->count, given->table->maximum, &module->table)) return false;
        instance->table = given->table;
        instance->table->references++;
        return true;
    case VM_MEMORY:
        if (!range_fits(given->memory->size / VM_PAGE_BYTES, given->memory->pages.maximum,
                        &module->memory))
            return false;
        instance->memory = given->memory;
        instance->memory->references++;
        return true;
    default: {
        const struct vm_global_type *wanted = &module->globals[import->index].type;
        instance->globals[import->index] = given->global;
        return wanted->type == given->global_type.type &&
               wanted->is_mutable == given->global_type.is_mutable;
    }
    }
}

static enum vm_trap run_start(struct vm_instance *instance) {
    struct vm_call call = {.function = instance->module->start, .gas_limit = UINT64_MAX};
    return instance->module->has_start ? vm_call(instance, &call) : VM_TRAP_NONE;
}

enum status vm_instance_link(struct vm_instance **out, struct vm_module *module,
                             const struct vm_extern *externs, enum vm_trap *trap) {
    struct vm_instance *instance = new_instance(module);
    *trap = VM_TRAP_NONE;
    if (!instance) return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (u32 i = 0; status == STATUS_OK && i < module->import_count; i++)
        if (!bind_extern(instance, &module->imports[i], &externs[i])) status = STATUS_INVALID;
    if (status == STATUS_OK && !make_own_parts(instance)) status = STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        vm_instance_free(instance);
        return status;
    }
    init_globals(instance);
    *trap = init_segments(instance);
    if (*trap == VM_TRAP_NONE) *trap = run_start(instance);
    *out = instance;
    return STATUS_OK;
}

bool vm_instance_export(struct vm_instance *instance, struct bytes name, struct vm_extern *out) {
    struct vm_module *module = instance->module;
    for (u32 i = 0; i < module->export_count; i++) {
        const struct vm_export *export = &module->exports[i];
        if (!bytes_equal(export->name, name)) continue;
        *out = (struct vm_extern){
            .kind = export->kind, .table = instance->table, .memory = instance->memory};
        if (export->kind == VM_GLOBAL) {
            out->global = instance->globals[export->index];
            out->global_type = module->globals[export->index].type;
        } else if (export->kind == VM_FUNCTION && export->index < module->imported_functions) {
            *out = instance->imports[export->index]; // passed on
        } else if (export->kind == VM_FUNCTION) {
            out->function = (struct vm_function_ref){instance, export->index};
        }
        return true;
    }
    return false;
}

bool vm_charge(struct vm_instance *instance, uint64_t gas) {
    struct vm_run *run = instance->run;
    if (run->gas < 0 || gas > (u64)run->gas) {
        run->gas = -1;
        return false;
    }
    run->gas -= (i64)gas;
    return true;
}

uint64_t vm_gas_left(const struct vm_instance *instance) {
    return instance->run->gas > 0 ? (u64)instance->run->gas : 0;
}

uint32_t vm_instance_pages(const struct vm_instance *instance) {
    return instance->memory ? (u32)(instance->memory->size / VM_PAGE_BYTES) : 0;
}

uint8_t *vm_memory(struct vm_instance *instance, uint32_t pointer, uint32_t len) {
    struct vm_memory *memory = instance->memory;
    if (!memory || !vm_memory_reach(memory, pointer, len)) return NULL;
    return memory->data + pointer;
}
