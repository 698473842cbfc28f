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

static void need_memory(struct vm_translator *t) {
    if (!t->module->has_memory) vm_reader_fail(t->in, "unknown memory");
}

// The operations of an access follow one another in the order of operations.h.
enum { LOAD_AI = 1, LOAD_SUM, LOAD_SCALED, LOAD_STEP };
enum { STORE_CONSTANT = 1, STORE_AI, STORE_CONSTANT_AI, STORE_SUM };

static size_t emit_access(struct vm_translator *t, const struct access *access, int variant,
                          u64 word) {
    size_t start = emit(t, (enum vm_operation)((int)access->operation + variant), word);
    note_trap(t, start);
    return start;
}

// A load from the local that the last instruction has moved on by a constant: walks along arrays.
static bool emit_step(struct vm_translator *t, const struct access *access, u32 base, u64 word) {
    if (!last_writes(t, base) || t->last.operation != VM_OP_i32_add_ri) return false;
    u64 addition = t->code[t->last.start + 1];
    remove_last(t);
    emit_access(t, access, LOAD_STEP, addition);
    t->last.result = t->code_len;
    emit_word(t, word);
    return true;
}

static void emit_load(struct vm_translator *t, const struct access *access, u32 base, u32 offset) {
    u32 result = slot_of_place(t, t->stack_len);
    struct address at = fuse_address(t, base, true);
    switch (at.kind) {
    case AT_SLOT:
        if (!emit_step(t, access, at.slot, word_with(result, 0, offset)))
            emit_access(t, access, 0, word_with(result, at.slot, offset));
        return;
    case AT_SLOT_AND_CONSTANT:
        emit_access(t, access, LOAD_AI, word_with(result, at.slot, at.constant));
        break;
    case AT_SUM:
        emit_access(t, access, LOAD_SUM, word_of(result, at.slot, at.index, 0));
        break;
    case AT_SCALED_SUM:
        emit_access(t, access, LOAD_SCALED, word_of(result, at.slot, at.index, at.constant));
        break;
    }
    emit_word(t, offset);
}

static void emit_store(struct vm_translator *t, const struct access *access, u32 base, u32 offset,
                       u32 slot) {
    struct address at = fuse_address(t, base, false);
    if (at.kind == AT_SLOT) {
        emit_access(t, access, 0, word_with(at.slot, slot, offset));
    } else {
        if (at.kind == AT_SUM)
            emit_access(t, access, STORE_SUM, word_of(at.slot, slot, at.index, 0));
        else
            emit_access(t, access, STORE_AI, word_with(at.slot, slot, at.constant));
        emit_word(t, offset);
    }
}

// The address can be fused where it was what came last, so not for one that is a sum.
static void emit_constant_store(struct vm_translator *t, const struct access *access, u32 base,
                                u32 offset, u32 constant) {
    bool is_sum = last_writes(t, base) && t->last.operation == VM_OP_i32_add_rr;
    struct address at = {.kind = AT_SLOT, .slot = base};
    if (!is_sum) at = fuse_address(t, base, false);
    if (at.kind == AT_SLOT) {
        emit_access(t, access, STORE_CONSTANT, word_with(at.slot, 0, offset));
        emit_word(t, (u64)(i64)(i32)constant);
    } else {
        emit_access(t, access, STORE_CONSTANT_AI, word_with(at.slot, 0, at.constant));
        emit_word(t, (u64)constant << 32 | offset);
    }
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
        emit_constant_store(t, access, base, offset, (u32)value.data);
    } else {
        u32 slot = slot_of_popped(t, &value, 1);
        u32 base = slot_of_popped(t, &address, 0);
        emit_store(t, access, base, offset, slot);
    }
}

static void translate_access(struct vm_translator *t, const struct access *access) {
    u32 align = vm_read_u32(t->in);
    u32 offset = vm_read_u32(t->in);
    bool is_float = access->type == VM_F32 || access->type == VM_F64;
    bool is_far = gas_is_far(t->module->memory.maximum);
    u32 load = is_far ? GAS_LOAD_FAR : GAS_LOAD, store = is_far ? GAS_STORE_FAR : GAS_STORE;
    charge(t, access->is_store ? store : load);
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
    emit_load(t, access, base, offset);
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
