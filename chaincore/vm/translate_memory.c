// SPDX-License-Identifier: Apache-2.0
// Loads and stores, and what changes whole stretches of memory or table at once.
#include "chaincore/vm/gas.h"
#include "chaincore/vm/translate.h"

struct access {
    enum vm_operation operation;
    uint8_t type; // of the value loaded or stored; VM_ANY for other opcodes
    uint8_t align;
    bool is_store;
    bool has_constant; // the next operation stores a constant
};

#define TYPE_u32 VM_I32
#define TYPE_u64 VM_I64
#define TYPE_f32 VM_F32
#define TYPE_f64 VM_F64
#define LOAD(opcode, name, memory, out, align) \
    [opcode - 0x28] = {VM_OP_##name, TYPE_##out, align, false, false},
#define STORE(opcode, name, in, memory, align) \
    [opcode - 0x28] = {VM_OP_##name, TYPE_##in, align, true, true},
static const struct access accesses[] = {
#include "chaincore/vm/opcodes.def"
};
#include "chaincore/vm/opcodes_undef.h"

bool is_memory(uint8_t opcode) { return opcode >= 0x28 && opcode <= 0x40; }

static void need_memory(struct vm_translator *t) {
    if (!t->module->has_memory) vm_reader_fail(t->in, "unknown memory");
}

// A store of a constant that fits 32 bits (sign-extended) needs no slot for it.
static void translate_store(struct vm_translator *t, const struct access *access, u32 offset) {
    struct value value = pop_value(t, access->type);
    struct value address = pop_value(t, VM_I32);
    if (vm_reader_failed(t->in)) return;
    bool is_short = value.kind == IS_CONSTANT && (u64)(i64)(i32)value.data == value.data;
    bool is_narrow = access->type == VM_I32 || access->type == VM_F32;
    if (value.kind == IS_CONSTANT && (is_short || is_narrow)) {
        u32 base = slot_of_popped(t, &address, 0);
        enum vm_operation operation = (enum vm_operation)(access->operation + 1);
        note_trap(t, emit(t, operation, word_with(base, 0, offset)));
        emit_word(t, value.data);
        return;
    }
    u32 slot = slot_of_popped(t, &value, 1);
    u32 base = slot_of_popped(t, &address, 0);
    note_trap(t, emit(t, access->operation, word_with(base, slot, offset)));
}

static void translate_access(struct vm_translator *t, const struct access *access) {
    u32 align = vm_read_u32(t->in);
    u32 offset = vm_read_u32(t->in);
    bool is_float = access->type == VM_F32 || access->type == VM_F64;
    charge(t, access->is_store ? GAS_STORE : GAS_LOAD);
    need_memory(t);
    if (is_float && !t->module->limits.allow_floats)
        vm_reader_fail(t->in, "floats are not allowed");
    if (align > access->align) vm_reader_fail(t->in, "alignment must not be larger than natural");
    if (vm_reader_failed(t->in)) return;
    if (access->is_store) {
        translate_store(t, access, offset);
        return;
    }
    struct value address = pop_value(t, VM_I32);
    if (vm_reader_failed(t->in)) return;
    u32 base = slot_of_popped(t, &address, 0);
    u32 result = slot_of_place(t, t->stack_len);
    note_trap(t, emit(t, access->operation, word_with(result, base, offset)));
    push_result(t, access->type);
}

void translate_memory(struct vm_translator *t, uint8_t opcode) {
    if (opcode < 0x3f) {
        translate_access(t, &accesses[opcode - 0x28]);
        return;
    }
    if (vm_read_u8(t->in) != 0) vm_reader_fail(t->in, "zero byte expected");
    need_memory(t);
    if (vm_reader_failed(t->in)) return;
    if (opcode == 0x3f) {
        charge(t, GAS_SIMPLE);
        emit(t, VM_OP_memory_size, slot_of_place(t, t->stack_len));
        push_result(t, VM_I32);
        return;
    }
    charge(t, GAS_MEMORY_GROW);
    flush_gas(t); // what asks for much pays before it gets it
    struct value pages = pop_value(t, VM_I32);
    if (vm_reader_failed(t->in)) return;
    u32 slot = slot_of_popped(t, &pages, 0);
    emit(t, VM_OP_memory_grow, word_with(slot_of_place(t, t->stack_len), slot, 0));
    push_result(t, VM_I32);
}

// Three operands: destination, source or value, and length.
static void emit_bulk(struct vm_translator *t, enum vm_operation operation) {
    struct value operands[3];
    u32 slots[3];
    flush_gas(t);
    for (int i = 2; i >= 0; i--) operands[i] = pop_value(t, VM_I32);
    if (vm_reader_failed(t->in)) return;
    for (u32 i = 0; i < 3; i++) slots[i] = slot_of_popped(t, &operands[i], i);
    note_trap(t, emit(t, operation, word_of(slots[0], slots[1], slots[2], 0)));
}

static void need_zero(struct vm_translator *t) {
    if (vm_read_u8(t->in) != 0) vm_reader_fail(t->in, "zero byte expected");
}

static void need_table(struct vm_translator *t) {
    if (!t->module->has_table) vm_reader_fail(t->in, "unknown table");
}

static u32 read_data_index(struct vm_translator *t) {
    u32 index = vm_read_u32(t->in);
    if (!t->module->has_data_count)
        vm_reader_fail(t->in, "data count section required");
    else if (index >= t->module->declared_data_count)
        vm_reader_fail(t->in, "unknown data segment");
    return index;
}

static u32 read_element_index(struct vm_translator *t) {
    u32 index = vm_read_u32(t->in);
    if (index >= t->module->element_count) vm_reader_fail(t->in, "unknown element segment");
    return index;
}

static void translate_init(struct vm_translator *t, bool is_table) {
    u32 index;
    if (is_table) {
        index = read_element_index(t);
        need_zero(t);
        need_table(t);
    } else {
        index = read_data_index(t);
        need_zero(t);
        need_memory(t);
    }
    if (vm_reader_failed(t->in)) return;
    emit_bulk(t, is_table ? VM_OP_table_init : VM_OP_memory_init);
    emit_word(t, index);
}

static void translate_copy(struct vm_translator *t, bool is_table) {
    need_zero(t);
    need_zero(t);
    if (is_table)
        need_table(t);
    else
        need_memory(t);
    if (!vm_reader_failed(t->in)) emit_bulk(t, is_table ? VM_OP_table_copy : VM_OP_memory_copy);
}

void translate_bulk(struct vm_translator *t, u32 opcode) {
    charge(t, GAS_BULK);
    switch (opcode) {
    case 8:
        translate_init(t, false);
        break;
    case 9:
        emit(t, VM_OP_data_drop, word_with(0, 0, read_data_index(t)));
        break;
    case 10:
        translate_copy(t, false);
        break;
    case 11:
        need_zero(t);
        need_memory(t);
        if (!vm_reader_failed(t->in)) emit_bulk(t, VM_OP_memory_fill);
        break;
    case 12:
        translate_init(t, true);
        break;
    case 13:
        emit(t, VM_OP_element_drop, word_with(0, 0, read_element_index(t)));
        break;
    case 14:
        translate_copy(t, true);
        break;
    default:
        vm_reader_fail(t->in, "illegal opcode");
    }
}
