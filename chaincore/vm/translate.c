// SPDX-License-Identifier: Apache-2.0
#include "chaincore/vm/translate.h"

#include "chaincore/base/memory.h"
#include "chaincore/vm/gas.h"

enum shape {
    NOT_NUMERIC = 0,
    IS_BINARY, // two operands; the operation after it takes a constant
    IS_PLAIN_BINARY,
    IS_DIVISION,
    IS_UNARY,
    IS_TRUNCATION,
    IS_REINTERPRETATION,
};

struct numeric {
    enum shape shape;
    enum vm_operation operation;
    uint8_t in, out;
    uint8_t gas;
    bool is_float; // the instruction is one of floats
};

#define TYPE_u32 VM_I32
#define TYPE_i32 VM_I32
#define TYPE_u64 VM_I64
#define TYPE_i64 VM_I64
#define TYPE_f32 VM_F32
#define TYPE_f64 VM_F64
#define NUMERIC(opcode, shape, operation, in, out, gas, is_float) \
    [opcode] = {shape, operation, TYPE_##in, TYPE_##out, gas, is_float},
#define BINARY(opcode, name, in, out, gas, e) \
    NUMERIC(opcode, IS_BINARY, VM_OP_##name##_rr, in, out, gas, false)
#define COMPARE(opcode, name, in, out, gas, e) \
    NUMERIC(opcode, IS_BINARY, VM_OP_##name##_rr, in, out, gas, false)
#define DIVISION(opcode, name, in, out, gas, o, e) \
    NUMERIC(opcode, IS_DIVISION, VM_OP_##name, in, out, gas, false)
#define UNARY(opcode, name, in, out, gas, e) \
    NUMERIC(opcode, IS_UNARY, VM_OP_##name, in, out, gas, false)
#define TRUNCATE(opcode, name, in, integer, out, low, high) \
    NUMERIC(opcode, IS_TRUNCATION, VM_OP_##name, in, out, GAS_TRUNCATE, true)
#define SATURATE(opcode, name, in, integer, out, low, high, least, most) \
    NUMERIC(opcode, IS_UNARY, VM_OP_##name, in, out, GAS_TRUNCATE, true)
#define REINTERPRET(opcode, name, in, out) \
    NUMERIC(opcode, IS_REINTERPRETATION, VM_OP_move, in, out, GAS_REINTERPRET, true)
static const struct numeric numerics[0x108] = {
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
#define FLOAT_UNARY(opcode, name, in, out, gas, e) \
    [opcode] = {IS_UNARY, VM_OP_##name, TYPE_##in, TYPE_##out, gas, true},
#define FLOAT_BINARY(opcode, name, in, out, gas, e) \
    [opcode] = {IS_PLAIN_BINARY, VM_OP_##name, TYPE_##in, TYPE_##out, gas, true},
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
};

// abs, neg and copysign work on the bits, so opcodes.def gives them integer slots.
static struct numeric numeric_of(u32 opcode) {
    struct numeric numeric = numerics[opcode];
    if (opcode == 0x8b || opcode == 0x8c || opcode == 0x98) numeric.in = numeric.out = VM_F32;
    if (opcode == 0x99 || opcode == 0x9a || opcode == 0xa6) numeric.in = numeric.out = VM_F64;
    return numeric;
}

static bool fits_immediate(const struct value *value, uint8_t type) {
    if (value->kind != IS_CONSTANT) return false;
    return type == VM_I32 || (u64)(i64)(i32)value->data == value->data;
}

static bool is_commutative(u32 opcode) {
    switch (opcode) {
    case 0x6a: // add, mul, and, or, xor, eq, ne
    case 0x6c:
    case 0x71:
    case 0x72:
    case 0x73:
    case 0x7c:
    case 0x7e:
    case 0x83:
    case 0x84:
    case 0x85:
    case 0x46:
    case 0x47:
    case 0x51:
    case 0x52:
        return true;
    default:
        return false;
    }
}

static void emit_with_constant(struct vm_translator *t, enum vm_operation operation, u32 slot,
                               u32 constant) {
    if (operation == VM_OP_i32_sub_rr) { // as an addition it takes part in more fusions
        operation = VM_OP_i32_add_rr;
        constant = -constant;
    }
    if (fuse_shift(t, operation, slot, constant)) return;
    emit(t, (enum vm_operation)(operation + 1),
         word_with(slot_of_place(t, t->stack_len), slot, constant));
}

static void translate_binary(struct vm_translator *t, u32 opcode, const struct numeric *numeric) {
    struct value y = pop_value(t, numeric->in);
    struct value x = pop_value(t, numeric->in);
    if (vm_reader_failed(t->in)) return;
    u32 x_place = 0, y_place = 1;
    if (numeric->shape == IS_BINARY && is_commutative(opcode) && x.kind == IS_CONSTANT &&
        y.kind != IS_CONSTANT) {
        struct value swapped = x;
        x = y;
        y = swapped;
        x_place = 1;
        y_place = 0;
    }
    u32 result = slot_of_place(t, t->stack_len);
    u32 x_slot = slot_of_popped(t, &x, x_place);
    if (numeric->shape == IS_BINARY && fits_immediate(&y, numeric->in)) {
        emit_with_constant(t, numeric->operation, x_slot, (u32)y.data);
    } else {
        u32 y_slot = slot_of_popped(t, &y, y_place);
        if (numeric->shape != IS_BINARY || !fuse_binary(t, numeric->operation, x_slot, y_slot)) {
            size_t start = emit(t, numeric->operation, word_of(result, x_slot, y_slot, 0));
            if (numeric->shape == IS_DIVISION) note_trap(t, start);
        }
    }
    push_result(t, numeric->out);
}

static void translate_unary(struct vm_translator *t, const struct numeric *numeric) {
    struct value x = pop_value(t, numeric->in);
    if (vm_reader_failed(t->in)) return;
    if (numeric->shape == IS_REINTERPRETATION) {
        // The bits stay where they are; only a local or constant goes on waiting under a new type.
        if (x.kind == IN_SLOT) {
            push_result(t, numeric->out);
        } else {
            x.type = numeric->out;
            push_value(t, x);
        }
        return;
    }
    u32 slot = slot_of_popped(t, &x, 0);
    size_t start = emit(t, numeric->operation, word_with(slot_of_place(t, t->stack_len), slot, 0));
    if (numeric->shape == IS_TRUNCATION) note_trap(t, start);
    push_result(t, numeric->out);
}

static void translate_numeric(struct vm_translator *t, u32 opcode) {
    struct numeric numeric = numeric_of(opcode);
    if (numeric.shape == NOT_NUMERIC) {
        vm_reader_fail(t->in, "illegal opcode");
        return;
    }
    if (numeric.is_float && !t->module->limits.allow_floats) {
        vm_reader_fail(t->in, "floats are not allowed");
        return;
    }
    charge(t, numeric.gas);
    bool is_binary = numeric.shape == IS_BINARY || numeric.shape == IS_PLAIN_BINARY ||
                     numeric.shape == IS_DIVISION;
    if (is_binary)
        translate_binary(t, opcode, &numeric);
    else
        translate_unary(t, &numeric);
}

static u32 read_local(struct vm_translator *t) {
    u32 local = vm_read_u32(t->in);
    if (local < t->local_count) return local;
    vm_reader_fail(t->in, "unknown local");
    return 0;
}

static void translate_local_set(struct vm_translator *t, bool is_tee) {
    u32 local = read_local(t);
    if (vm_reader_failed(t->in)) return;
    uint8_t type = t->local_types[local];
    struct value value = pop_value(t, type);
    if (vm_reader_failed(t->in)) return;
    u32 place_slot = slot_of_place(t, t->stack_len);
    bool can_retarget =
        value.kind == IN_SLOT && t->local_uses[local] == 0 && last_writes(t, place_slot);
    if (can_retarget) {
        size_t word = t->last.result;
        t->code[word] = (t->code[word] & ~(u64)0xffff) | local;
    } else {
        write_uses_of(t, local);
        u32 from = place_slot;
        if (value.kind == IS_LOCAL) from = (u32)value.data;
        if (value.kind == IS_CONSTANT) {
            emit(t, VM_OP_constant, local);
            emit_word(t, value.data);
        } else {
            emit_move(t, local, from);
        }
    }
    if (is_tee) push_value(t, (struct value){.type = type, .kind = IS_LOCAL, .data = local});
}

static void translate_global(struct vm_translator *t, bool is_set) {
    u32 index = vm_read_u32(t->in);
    if (index >= t->module->global_count) vm_reader_fail(t->in, "unknown global");
    if (vm_reader_failed(t->in)) return;
    const struct vm_global_type *type = &t->module->globals[index].type;
    if (!is_set) {
        emit(t, VM_OP_global_get, word_with(slot_of_place(t, t->stack_len), 0, index));
        push_result(t, type->type);
        return;
    }
    if (!type->is_mutable) vm_reader_fail(t->in, "global is immutable");
    struct value value = pop_value(t, type->type);
    if (vm_reader_failed(t->in)) return;
    u32 slot = slot_of_popped(t, &value, 0);
    emit(t, VM_OP_global_set, word_with(slot, 0, index));
}

static void translate_select(struct vm_translator *t) {
    struct value condition = pop_value(t, VM_I32);
    struct value y = pop_value(t, VM_ANY);
    struct value x = pop_value(t, y.type);
    if (vm_reader_failed(t->in)) return;
    u32 a = slot_of_popped(t, &x, 0);
    u32 b = slot_of_popped(t, &y, 1);
    u32 c = slot_of_popped(t, &condition, 2);
    emit(t, VM_OP_select, word_of(slot_of_place(t, t->stack_len), a, b, c));
    push_result(t, y.type == VM_ANY ? x.type : y.type);
}

static void push_constant(struct vm_translator *t, uint8_t type, u64 data) {
    bool is_float = type == VM_F32 || type == VM_F64;
    if (is_float && !t->module->limits.allow_floats)
        vm_reader_fail(t->in, "floats are not allowed");
    push_value(t, (struct value){.type = type, .kind = IS_CONSTANT, .data = data});
}

static void translate_simple(struct vm_translator *t, uint8_t opcode) {
    u32 local;
    charge(t, GAS_SIMPLE);
    switch (opcode) {
    case 0x1a: // drop
        pop_value(t, VM_ANY);
        break;
    case 0x1b:
        translate_select(t);
        break;
    case 0x20: // local.get
        local = read_local(t);
        if (!vm_reader_failed(t->in))
            push_value(
                t, (struct value){.type = t->local_types[local], .kind = IS_LOCAL, .data = local});
        break;
    case 0x21:
    case 0x22:
        translate_local_set(t, opcode == 0x22);
        break;
    case 0x23:
    case 0x24:
        translate_global(t, opcode == 0x24);
        break;
    case 0x41:
        push_constant(t, VM_I32, (u32)vm_read_i32(t->in));
        break;
    case 0x42:
        push_constant(t, VM_I64, (u64)vm_read_i64(t->in));
        break;
    case 0x43:
        push_constant(t, VM_F32, vm_read_fixed32(t->in));
        break;
    case 0x44:
        push_constant(t, VM_F64, vm_read_fixed64(t->in));
        break;
    default:
        vm_reader_fail(t->in, "illegal opcode");
    }
}

static void translate_instruction(struct vm_translator *t) {
    uint8_t opcode = vm_read_u8(t->in);
    if (vm_reader_failed(t->in)) return;
    if (is_control(opcode)) {
        translate_control(t, opcode);
    } else if (is_memory(opcode)) {
        translate_memory(t, opcode);
    } else if (opcode == 0xfc) {
        u32 extended = vm_read_u32(t->in);
        if (extended < 8)
            translate_numeric(t, 0x100 + extended);
        else
            translate_bulk(t, extended);
    } else if (opcode >= 0x45) {
        translate_numeric(t, opcode);
    } else {
        translate_simple(t, opcode);
    }
}

static void declare_locals(struct vm_translator *t) {
    const struct vm_signature *signature = t->function->signature;
    u32 most = t->module->limits.locals, groups = vm_read_u32(t->in);
    t->local_count = signature->parameter_count;
    if (t->local_count > 0) memcpy(t->local_types, signature->types, t->local_count);
    for (u32 i = 0; i < groups && !vm_reader_failed(t->in); i++) {
        u32 count = vm_read_u32(t->in);
        uint8_t type = vm_read_u8(t->in);
        bool is_float = type == VM_F32 || type == VM_F64;
        if (type < VM_F64 || type > VM_I32) vm_reader_fail(t->in, "malformed value type");
        if (is_float && !t->module->limits.allow_floats)
            vm_reader_fail(t->in, "floats are not allowed");
        if (count > most - t->local_count) vm_reader_fail(t->in, "too many locals");
        if (vm_reader_failed(t->in)) return;
        memset(t->local_types + t->local_count, type, count);
        t->local_count += count;
    }
    t->local_slots =
        t->local_count > signature->result_count ? t->local_count : signature->result_count;
}

struct vm_translator *vm_translator_create(struct vm_module *module) {
    struct vm_translator *t = mem_alloc(sizeof *t);
    t->module = module;
    t->handlers = vm_handlers();
    t->local_types = mem_alloc(module->limits.locals);
    t->local_uses = mem_alloc_array(module->limits.locals, sizeof *t->local_uses);
    return t;
}

static void start_function(struct vm_translator *t, u32 index) {
    struct vm_function *function = &t->module->functions[index];
    t->function = function;
    t->stack_len = t->written = t->highest = 0;
    t->block_count = t->patch_count = 0;
    t->is_dead = false;
    forget_last(t);
    take_gas(t);
    declare_locals(t);
    if (vm_reader_failed(t->in)) return;
    memset(t->local_uses, 0, t->local_count * sizeof *t->local_uses);
    u32 declared = t->local_count - function->signature->parameter_count;
    t->gas = GAS_FRAME + (declared + function->signature->result_count) / GAS_VALUES_PER_GAS;
    function->entry_offset = (u32)t->code_len;
    struct vm_signature body = {.result_count = function->signature->result_count,
                                .types = function->signature->types +
                                         function->signature->parameter_count};
    open_block(t, BODY, &body);
}

void vm_translate_function(struct vm_translator *t, u32 index, struct vm_reader *in) {
    struct vm_function *function = &t->module->functions[index];
    t->in = in;
    start_function(t, index);
    while (!vm_reader_failed(in) && t->block_count > 0) translate_instruction(t);
    if (!vm_reader_failed(in) && in->next != in->end)
        vm_reader_fail(in, "operators remaining after end of function");
    function->locals = t->local_slots;
    function->frame = t->local_slots + 2 + t->highest;
}

static void free_translator(struct vm_translator *t) {
    mem_free(t->local_types);
    mem_free(t->local_uses);
    mem_free(t->stack);
    mem_free(t->blocks);
    mem_free(t->patches);
    mem_free(t);
}

void vm_translator_finish(struct vm_translator *t) {
    struct vm_module *module = t->module;
    module->code_len = t->code_len;
    module->trap_point_count = t->trap_point_count;
    // What was reserved beyond goes back. Targets are relative: nothing in the code is moved.
    if (t->code) module->code = mem_resize(t->code, t->code_len * sizeof *t->code);
    if (t->trap_points)
        module->trap_points =
            mem_resize(t->trap_points, t->trap_point_count * sizeof *t->trap_points);
    for (u32 i = module->imported_functions; module->code && i < module->function_count; i++)
        module->functions[i].entry = module->code + module->functions[i].entry_offset;
    free_translator(t);
}
