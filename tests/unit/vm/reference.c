// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/vm/reference.h"

#include "chaincore/base/memory.h"
#include "chaincore/vm/gas.h"

enum { MAX_STACK = 1 << 16, MAX_LABELS = 512 };

struct label {
    const uint8_t *target; // where a branch to it goes on
    bool is_loop;
    u32 arity;  // of a branch
    u32 height; // of the stack below its values
};

// One function under way. Its locals and operands are a part of the stack.
struct state {
    struct reference *in;
    const uint8_t *next;
    u64 *locals;
    u64 *stack;
    u32 height, capacity;
    struct label labels[MAX_LABELS];
    u32 depth;      // of labels; 0: the function has returned
    u32 calls;      // around this one
    u32 slot;       // where its frame would begin, in the engine's budget
    u32 frame_head; // slots of the frame before the operands
};

static u64 read_leb(const uint8_t **in) {
    u64 value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*in)++;
        value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return value;
    }
}
static i64 read_sleb(const uint8_t **in) {
    u64 value = 0;
    for (unsigned shift = 0;;) {
        uint8_t byte = *(*in)++;
        value |= (u64)(byte & 0x7f) << shift;
        shift += 7;
        if (byte & 0x80) continue;
        if (shift < 64 && (byte & 0x40)) value |= ~(u64)0 << shift;
        return (i64)value;
    }
}
static u64 read_fixed(const uint8_t **in, u32 bytes) {
    u64 value = 0;
    for (u32 i = 0; i < bytes; i++) value |= (u64) * (*in)++ << (8 * i);
    return value;
}

static void push(struct state *s, u64 value) {
    ENSURE(s->height < s->capacity);
    s->stack[s->height++] = value;
}
static u64 pop(struct state *s) {
    ENSURE(s->height > 0);
    return s->stack[--s->height];
}
static bool charge(struct state *s, u64 gas) {
    s->in->gas_used += gas;
    return s->in->gas_used <= s->in->gas_limit;
}

static void skip_bulk_immediates(const uint8_t **in) {
    static const uint8_t counts[] = {
        [8] = 2, [9] = 1, [10] = 2, [11] = 1, [12] = 2, [13] = 1, [14] = 2};
    u64 extended = read_leb(in);
    for (u32 i = counts[extended]; i > 0; i--) read_leb(in);
}

static void skip_immediates(uint8_t opcode, const uint8_t **in) {
    if ((opcode >= 0x28 && opcode <= 0x3e) || opcode == 0x11) {
        read_leb(in);
        read_leb(in);
    } else if (opcode == 0x0e) {
        for (u64 i = read_leb(in) + 1; i > 0; i--) read_leb(in);
    } else if ((opcode >= 0x02 && opcode <= 0x04) || opcode == 0x41 || opcode == 0x42) {
        read_sleb(in);
    } else if (opcode == 0x43 || opcode == 0x44) {
        *in += opcode == 0x43 ? 4 : 8;
    } else if (opcode == 0x0c || opcode == 0x0d || opcode == 0x10 ||
               (opcode >= 0x20 && opcode <= 0x24) || opcode == 0x3f || opcode == 0x40) {
        read_leb(in);
    } else if (opcode == 0xfc) {
        skip_bulk_immediates(in);
    }
}

// Behind the end (or, when asked for, the else) that belongs to what `next` stands in.
static const uint8_t *find_end(const uint8_t *next, bool stops_at_else) {
    for (u32 depth = 0;;) {
        uint8_t opcode = *next++;
        skip_immediates(opcode, &next);
        if (opcode >= 0x02 && opcode <= 0x04) depth++;
        if (depth == 0 && (opcode == 0x0b || (opcode == 0x05 && stops_at_else))) return next;
        if (opcode == 0x0b) depth--;
    }
}

static u64 memory_bytes(const struct state *s) { return (u64)s->in->pages * VM_PAGE_BYTES; }

static enum vm_trap memory_access(struct state *s, const struct reference_instruction *kind) {
    bool is_store = kind->shape == REFERENCE_STORE;
    bool is_far = s->in->module->memory.maximum > GAS_NEAR_PAGES;
    if (is_store)
        charge(s, is_far ? GAS_STORE_FAR : GAS_STORE);
    else
        charge(s, is_far ? GAS_LOAD_FAR : GAS_LOAD);
    read_leb(&s->next);
    u64 offset = read_leb(&s->next), value = is_store ? pop(s) : 0;
    u64 at = (u64)(u32)pop(s) + offset;
    if (at + kind->bytes > memory_bytes(s)) return VM_TRAP_MEMORY_BOUNDS;
    if (is_store) {
        for (u32 i = 0; i < kind->bytes; i++) s->in->memory[at + i] = (uint8_t)(value >> (8 * i));
        return VM_TRAP_NONE;
    }
    for (u32 i = 0; i < kind->bytes; i++) value |= (u64)s->in->memory[at + i] << (8 * i);
    unsigned spare = 64u - 8u * kind->bytes;
    if (kind->is_signed) value = (u64)((i64)(value << spare) >> spare);
    push(s, kind->is_narrow ? (u32)value : value);
    return VM_TRAP_NONE;
}

static void memory_grow(struct state *s) {
    const struct vm_module *module = s->in->module;
    u32 limit = module->limits.memory_pages, before = s->in->pages, more = (u32)pop(s);
    if (module->memory.maximum < limit) limit = module->memory.maximum;
    if (!charge(s, GAS_MEMORY_GROW + (u64)GAS_MEMORY_PAGE * more)) return;
    if (more > limit || before > limit - more) {
        push(s, UINT32_MAX);
        return;
    }
    s->in->pages += more;
    s->in->memory = mem_resize(s->in->memory, memory_bytes(s) + 1);
    memset(s->in->memory + (u64)before * VM_PAGE_BYTES, 0, (u64)more * VM_PAGE_BYTES);
    push(s, before);
}

static void open_label(struct state *s, uint8_t opcode) {
    i64 type = read_sleb(&s->next);
    u32 parameters = 0, results = type == -64 ? 0 : 1;
    if (type >= 0) {
        parameters = s->in->module->signatures[type].parameter_count;
        results = s->in->module->signatures[type].result_count;
    }
    ENSURE(s->depth < MAX_LABELS);
    bool is_loop = opcode == 0x03;
    s->labels[s->depth++] = (struct label){.target = is_loop ? s->next : find_end(s->next, false),
                                           .is_loop = is_loop,
                                           .arity = is_loop ? parameters : results,
                                           .height = s->height - parameters};
}

static void branch(struct state *s, u64 depth) {
    struct label *label = &s->labels[s->depth - 1 - depth];
    memmove(&s->stack[label->height], &s->stack[s->height - label->arity],
            label->arity * sizeof(u64));
    s->height = label->height + label->arity;
    s->next = label->target;
    s->depth -= (u32)depth + (label->is_loop ? 0 : 1);
}

static u64 label_price(const struct state *s, u64 depth, u64 base) {
    return base + s->labels[s->depth - 1 - depth].arity / GAS_VALUES_PER_GAS;
}

static void branch_by_table(struct state *s) {
    u64 count = read_leb(&s->next), index = (u32)pop(s), depth = 0;
    if (index > count) index = count;
    for (u64 i = 0; i <= index; i++) depth = read_leb(&s->next);
    charge(s, label_price(s, depth, GAS_BRANCH_TABLE));
    branch(s, depth);
}

static enum vm_trap run_function(struct reference *in, u32 function, u64 *arguments,
                                 const struct state *caller);

// Arguments are on the stack; results take their place.
static enum vm_trap call(struct state *s, u32 function) {
    const struct vm_signature *signature = s->in->module->functions[function].signature;
    s->height -= signature->parameter_count;
    enum vm_trap trap = run_function(s->in, function, &s->stack[s->height], s);
    if (trap == VM_TRAP_NONE) s->height += signature->result_count;
    return trap;
}

static enum vm_trap call_indirect(struct state *s) {
    const struct vm_module *module = s->in->module;
    u64 type = read_leb(&s->next);
    read_leb(&s->next);
    if (!charge(s, GAS_CALL_INDIRECT)) return VM_TRAP_OUT_OF_GAS;
    u32 index = (u32)pop(s);
    if (index >= module->table.minimum) return VM_TRAP_INDIRECT_UNDEFINED;
    u32 function = s->in->table[index];
    if (function == VM_NULL_FUNCTION) return VM_TRAP_INDIRECT_NULL;
    bool is_same =
        vm_signature_equal(module->functions[function].signature, &module->signatures[type]);
    return is_same ? call(s, function) : VM_TRAP_INDIRECT_TYPE;
}

static void begin_if(struct state *s) {
    charge(s, GAS_IF);
    u64 condition = pop(s);
    open_label(s, 0x04);
    if ((u32)condition != 0) return;
    s->next = find_end(s->next, true);
    if (s->next[-1] == 0x0b) s->depth--;
}

static enum vm_trap control(struct state *s, uint8_t opcode) {
    u64 depth, condition;
    switch (opcode) {
    case 0x00:
        return charge(s, GAS_UNREACHABLE) ? VM_TRAP_UNREACHABLE : VM_TRAP_OUT_OF_GAS;
    case 0x01:
        charge(s, GAS_NOP);
        return VM_TRAP_NONE;
    case 0x02:
        open_label(s, opcode);
        return VM_TRAP_NONE;
    case 0x03:
        charge(s, GAS_LOOP);
        open_label(s, opcode);
        return VM_TRAP_NONE;
    case 0x04:
        begin_if(s);
        return VM_TRAP_NONE;
    case 0x05: // the end of the first branch
        s->next = s->labels[--s->depth].target;
        return VM_TRAP_NONE;
    case 0x0b:
        s->depth--;
        return VM_TRAP_NONE;
    case 0x0c:
    case 0x0d:
        depth = read_leb(&s->next);
        condition = opcode == 0x0c ? 1 : pop(s);
        charge(s, label_price(s, depth, GAS_BRANCH));
        if ((u32)condition != 0) branch(s, depth);
        return VM_TRAP_NONE;
    case 0x0e:
        branch_by_table(s);
        return VM_TRAP_NONE;
    case 0x0f:
        charge(s, GAS_RETURN);
        branch(s, s->depth - 1);
        return VM_TRAP_NONE;
    case 0x10:
        depth = read_leb(&s->next);
        return charge(s, GAS_CALL) ? call(s, (u32)depth) : VM_TRAP_OUT_OF_GAS;
    default:
        ENSURE(opcode == 0x11);
        return call_indirect(s);
    }
}

static void simple(struct state *s, uint8_t opcode) {
    u64 a, b, c;
    charge(s, GAS_SIMPLE);
    switch (opcode) {
    case 0x1a:
        pop(s);
        break;
    case 0x1b:
        c = pop(s), b = pop(s), a = pop(s);
        push(s, (u32)c ? a : b);
        break;
    case 0x20:
        push(s, s->locals[read_leb(&s->next)]);
        break;
    case 0x21:
        s->locals[read_leb(&s->next)] = pop(s);
        break;
    case 0x22:
        s->locals[read_leb(&s->next)] = s->stack[s->height - 1];
        break;
    case 0x23:
        push(s, s->in->globals[read_leb(&s->next)]);
        break;
    case 0x24:
        s->in->globals[read_leb(&s->next)] = pop(s);
        break;
    case 0x3f:
        s->next++;
        push(s, s->in->pages);
        break;
    case 0x41:
        push(s, (u32)read_sleb(&s->next));
        break;
    case 0x42:
        push(s, (u64)read_sleb(&s->next));
        break;
    default:
        ENSURE(opcode == 0x43 || opcode == 0x44);
        push(s, read_fixed(&s->next, opcode == 0x43 ? 4 : 8));
    }
}

static enum vm_trap init_memory(struct reference *in, u64 segment, const u64 at[3]) {
    const struct vm_data_segment *data = &in->module->data[segment];
    u64 len = in->data_dropped[segment] ? 0 : data->content.len;
    bool is_inside = at[1] + at[2] <= len && at[0] + at[2] <= (u64)in->pages * VM_PAGE_BYTES;
    for (u64 i = 0; is_inside && i < at[2]; i++)
        in->memory[at[0] + i] = data->content.data[at[1] + i];
    return is_inside ? VM_TRAP_NONE : VM_TRAP_MEMORY_BOUNDS;
}

static enum vm_trap init_table(struct reference *in, u64 segment, const u64 at[3]) {
    const struct vm_element_segment *element = &in->module->elements[segment];
    u64 count = in->element_dropped[segment] ? 0 : element->count;
    bool is_inside = at[1] + at[2] <= count && at[0] + at[2] <= in->module->table.minimum;
    for (u64 i = 0; is_inside && i < at[2]; i++)
        in->table[at[0] + i] = element->functions[at[1] + i];
    return is_inside ? VM_TRAP_NONE : VM_TRAP_TABLE_BOUNDS;
}

static enum vm_trap move(struct state *s, u64 opcode, u64 segment, const u64 at[3]) {
    struct reference *in = s->in;
    bool is_from = at[1] + at[2] <= memory_bytes(s), is_to = at[0] + at[2] <= memory_bytes(s);
    u64 entries = in->module->table.minimum;
    switch (opcode) {
    case 8:
        return init_memory(in, segment, at);
    case 10:
        if (!is_from || !is_to) return VM_TRAP_MEMORY_BOUNDS;
        memmove(in->memory + at[0], in->memory + at[1], at[2]);
        return VM_TRAP_NONE;
    case 11:
        if (!is_to) return VM_TRAP_MEMORY_BOUNDS;
        memset(in->memory + at[0], (int)(at[1] & 0xff), at[2]);
        return VM_TRAP_NONE;
    case 12:
        return init_table(in, segment, at);
    default:
        if (at[1] + at[2] > entries || at[0] + at[2] > entries) return VM_TRAP_TABLE_BOUNDS;
        memmove(in->table + at[0], in->table + at[1], at[2] * sizeof *in->table);
        return VM_TRAP_NONE;
    }
}

static enum vm_trap bulk(struct state *s, u64 opcode) {
    bool has_segment = opcode == 8 || opcode == 9 || opcode == 12 || opcode == 13;
    u64 segment = has_segment ? read_leb(&s->next) : 0;
    charge(s, GAS_BULK);
    if (opcode == 9 || opcode == 13) {
        (opcode == 9 ? s->in->data_dropped : s->in->element_dropped)[segment] = true;
        return VM_TRAP_NONE;
    }
    s->next += opcode == 10 || opcode == 14 ? 2 : 1;
    u64 at[3];
    for (int i = 2; i >= 0; i--) at[i] = (u32)pop(s);
    u64 price = opcode >= 12 ? at[2] * GAS_BULK_ENTRY : at[2] / GAS_BULK_BYTES_PER_GAS;
    return charge(s, price) ? move(s, opcode, segment, at) : VM_TRAP_OUT_OF_GAS;
}

static enum vm_trap numeric(struct state *s, u32 opcode) {
    const struct reference_instruction *kind = reference_instruction(opcode);
    u64 result = 0, b;
    charge(s, kind->gas);
    if (kind->shape == REFERENCE_LOAD || kind->shape == REFERENCE_STORE)
        return memory_access(s, kind);
    b = pop(s);
    enum vm_trap trap = kind->shape == REFERENCE_UNARY
                            ? reference_unary(opcode, b, &result)
                            : reference_binary(opcode, pop(s), b, &result);
    push(s, result);
    return trap;
}

static enum vm_trap step(struct state *s) {
    uint8_t opcode = *s->next++;
    if (opcode <= 0x11) return control(s, opcode);
    if (opcode == 0x40) {
        s->next++;
        memory_grow(s);
        return VM_TRAP_NONE;
    }
    if (opcode == 0xfc) {
        u64 extended = read_leb(&s->next);
        return extended < 8 ? numeric(s, 0x100 + (u32)extended) : bulk(s, extended);
    }
    if (opcode < 0x28 || opcode == 0x3f || (opcode >= 0x41 && opcode <= 0x44)) {
        simple(s, opcode);
        return VM_TRAP_NONE;
    }
    return numeric(s, opcode);
}

static enum vm_trap run_body(struct state *s, const struct vm_function *function) {
    const struct vm_signature *signature = function->signature;
    u32 locals = (u32)(s->stack - s->locals);
    s->frame_head = (locals > signature->result_count ? locals : signature->result_count) + 2;
    s->labels[0] = (struct label){.arity = signature->result_count};
    s->depth = 1;
    charge(s, GAS_FRAME + (locals - signature->parameter_count + signature->result_count) /
                              GAS_VALUES_PER_GAS);
    enum vm_trap trap = VM_TRAP_NONE;
    while (s->depth > 0 && trap == VM_TRAP_NONE && s->in->gas_used <= s->in->gas_limit)
        trap = step(s);
    if (s->in->gas_used > s->in->gas_limit) return VM_TRAP_OUT_OF_GAS;
    return trap;
}

// `arguments` are where results go. The frame's place among the slots that the protocol allows is
// counted as the engine lays frames out: it begins where the arguments are.
static enum vm_trap run_function(struct reference *in, u32 index, u64 *arguments,
                                 const struct state *caller) {
    const struct vm_module *module = in->module;
    const struct vm_function *function = &module->functions[index];
    if (index < module->imported_functions) {
        in->host(in->context, index, arguments);
        return VM_TRAP_NONE;
    }
    const struct reference_body *body = &in->bodies[index];
    u32 calls = caller ? caller->calls + 1 : 1;
    u32 slot = caller ? caller->slot + caller->frame_head + caller->height : 0;
    if (slot + function->frame > module->limits.stack_slots) return VM_TRAP_STACK;
    if (calls > module->limits.call_depth) return VM_TRAP_CALL_DEPTH;
    struct state *s = mem_alloc(sizeof *s);
    u64 *values = mem_alloc_array(body->locals + function->frame + 1, sizeof *values);
    u32 parameters = function->signature->parameter_count,
        results = function->signature->result_count;
    if (parameters > 0) memcpy(values, arguments, parameters * sizeof *values);
    s->in = in;
    s->next = body->start;
    s->locals = values;
    s->stack = values + body->locals;
    s->capacity = function->frame + 1;
    s->calls = calls;
    s->slot = slot;
    enum vm_trap trap = run_body(s, function);
    if (trap == VM_TRAP_NONE && results > 0)
        memcpy(arguments, &s->stack[s->height - results], results * sizeof *values);
    mem_free(values);
    mem_free(s);
    return trap;
}

enum vm_trap reference_call(struct reference *reference, u32 function, const u64 *arguments,
                            u64 *results) {
    const struct vm_signature *signature = reference->module->functions[function].signature;
    u64 values[128] = {0};
    ENSURE(signature->parameter_count <= 128 && signature->result_count <= 128);
    if (signature->parameter_count > 0)
        memcpy(values, arguments, signature->parameter_count * sizeof *values);
    reference->gas_used = 0;
    enum vm_trap trap = run_function(reference, function, values, NULL);
    if (reference->gas_used > reference->gas_limit) reference->gas_used = reference->gas_limit;
    if (trap == VM_TRAP_NONE && signature->result_count > 0)
        memcpy(results, values, signature->result_count * sizeof *values);
    return trap;
}

// The code section, found in the binary: the engine keeps no bodies.
static void find_bodies(struct reference *reference) {
    const struct vm_module *module = reference->module;
    const uint8_t *at = module->bytes.data + 8, *end = module->bytes.data + module->bytes.len;
    while (at < end) {
        uint8_t id = *at++;
        u64 len = read_leb(&at);
        const uint8_t *next = at;
        at += len;
        if (id != 10) continue;
        u64 count = read_leb(&next);
        for (u32 i = module->imported_functions; i < module->imported_functions + count; i++) {
            u64 size = read_leb(&next);
            const uint8_t *body = next;
            next += size;
            reference->bodies[i].locals = module->functions[i].signature->parameter_count;
            for (u64 groups = read_leb(&body); groups > 0; groups--, body++)
                reference->bodies[i].locals += (u32)read_leb(&body);
            reference->bodies[i].start = body;
        }
    }
}

void reference_init(struct reference *reference, const struct vm_module *module) {
    *reference = (struct reference){.module = module, .gas_limit = UINT64_MAX};
    ENSURE(!module->imports_memory && !module->imports_table && module->imported_globals == 0);
    reference->bodies = mem_alloc_array(module->function_count + 1, sizeof *reference->bodies);
    reference->globals = mem_alloc_array(module->global_count + 1, sizeof *reference->globals);
    reference->table = mem_alloc_array(module->table.minimum + 1, sizeof *reference->table);
    reference->data_dropped = mem_alloc(module->data_count + 1);
    reference->element_dropped = mem_alloc(module->element_count + 1);
    find_bodies(reference);
    reference_reset(reference);
}

void reference_clear(struct reference *reference) {
    mem_free(reference->bodies);
    mem_free(reference->globals);
    mem_free(reference->table);
    mem_free(reference->data_dropped);
    mem_free(reference->element_dropped);
    mem_free(reference->memory);
}

void reference_reset(struct reference *reference) {
    const struct vm_module *module = reference->module;
    reference->pages = module->has_memory ? module->memory.minimum : 0;
    size_t bytes = (size_t)reference->pages * VM_PAGE_BYTES;
    reference->memory = mem_resize(reference->memory, bytes + 1);
    memset(reference->memory, 0, bytes);
    for (u32 i = 0; i < module->table.minimum; i++) reference->table[i] = VM_NULL_FUNCTION;
    for (u32 i = 0; i < module->global_count; i++)
        reference->globals[i] = module->globals[i].initial.value;
    for (u32 i = 0; i < module->element_count; i++) {
        const struct vm_element_segment *element = &module->elements[i];
        const u64 at[3] = {element->offset.value, 0, element->count};
        reference->element_dropped[i] = false;
        if (element->is_active) ENSURE(init_table(reference, i, at) == VM_TRAP_NONE);
        reference->element_dropped[i] = element->is_active || element->is_declarative;
    }
    for (u32 i = 0; i < module->data_count; i++) {
        const struct vm_data_segment *data = &module->data[i];
        const u64 at[3] = {data->offset.value, 0, data->content.len};
        reference->data_dropped[i] = false;
        if (data->is_active) ENSURE(init_memory(reference, i, at) == VM_TRAP_NONE);
        reference->data_dropped[i] = data->is_active;
    }
}
