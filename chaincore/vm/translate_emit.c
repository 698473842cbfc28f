// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/memory.h"
#include "chaincore/vm/gas.h"
#include "chaincore/vm/translate.h"

static u64 *more_code(struct vm_translator *t, size_t words) {
    if (t->code_capacity - t->code_len < words) {
        t->code_capacity = t->code_capacity ? 2 * t->code_capacity : 1024;
        t->code = mem_resize(t->code, t->code_capacity * sizeof *t->code);
    }
    t->code_len += words;
    return t->code + t->code_len - words;
}

void emit_word(struct vm_translator *t, u64 word) {
    if (!t->is_dead) *more_code(t, 1) = word;
}

size_t emit(struct vm_translator *t, enum vm_operation operation, u64 word) {
    size_t start = t->code_len;
    if (t->is_dead) return start;
    u64 *words = more_code(t, 2);
    words[0] = (u64)(uintptr_t)t->handlers[operation];
    words[1] = word;
    t->previous = t->last;
    t->last = (struct last_instruction){
        .is_known = true, .start = start, .result = start + 1, .operation = operation};
    return start;
}

void forget_last(struct vm_translator *t) { t->last.is_known = t->previous.is_known = false; }

void remove_last(struct vm_translator *t) {
    t->code_len = t->last.start;
    t->last = t->previous;
    t->previous.is_known = false;
}

static bool has_result(enum vm_operation operation) {
    return operation < VM_OP_i32_store ||
           (operation > VM_OP_i64_store32_sum && operation <= VM_OP_move) ||
           operation == VM_OP_constant || operation == VM_OP_select ||
           operation == VM_OP_global_get || operation == VM_OP_memory_size;
}

bool last_writes(const struct vm_translator *t, u32 slot) {
    return t->last.is_known && has_result(t->last.operation) &&
           (uint16_t)t->code[t->last.result] == slot;
}

void emit_move(struct vm_translator *t, u32 to, u32 from) {
    if (to == from) return;
    if (t->last.is_known && !t->is_dead && t->last.operation == VM_OP_move) {
        u64 word = (u32)t->code[t->last.start + 1] | (u64)to << 32 | (u64)from << 48;
        remove_last(t);
        emit(t, VM_OP_move_two, word);
    } else {
        emit(t, VM_OP_move, word_with(to, from, 0));
    }
}

void emit_move_many(struct vm_translator *t, u32 to, u32 from, u32 count) {
    if (count == 1)
        emit_move(t, to, from);
    else if (count > 1 && to != from)
        emit(t, VM_OP_move_many, word_with(to, from, count));
}

void charge_values(struct vm_translator *t, u32 count) {
    if (!t->is_dead) t->gas += count / GAS_VALUES_PER_GAS;
}

u32 take_gas(struct vm_translator *t) {
    u32 gas = t->gas;
    t->gas = 0;
    t->gas_instructions = 0;
    return gas;
}

void flush_gas(struct vm_translator *t) {
    if (t->gas > 0) emit(t, VM_OP_gas, word_with(0, 0, t->gas));
    take_gas(t);
}

void note_trap(struct vm_translator *t, size_t instruction) {
    if (t->is_dead) return;
    if (t->trap_point_count == t->trap_point_capacity) {
        t->trap_point_capacity = t->trap_point_capacity ? 2 * t->trap_point_capacity : 256;
        t->trap_points =
            mem_resize(t->trap_points, t->trap_point_capacity * sizeof *t->trap_points);
    }
    t->trap_points[t->trap_point_count++] =
        (struct vm_trap_point){.code_offset = (u32)instruction, .gas = t->gas};
}

void set_target(struct vm_translator *t, size_t instruction, size_t word, bool is_upper,
                size_t target) {
    u32 distance = (u32)(i32)((i64)target - (i64)instruction);
    if (is_upper)
        t->code[word] = (t->code[word] & 0xffffffffu) | (u64)distance << 32;
    else
        t->code[word] = distance;
}

void add_patch(struct vm_translator *t, struct block *block, size_t instruction, size_t word,
               bool is_upper) {
    if (t->is_dead) return;
    if (block->kind == LOOP) {
        set_target(t, instruction, word, is_upper, block->start);
        return;
    }
    if (t->patch_count == t->patch_capacity) {
        t->patch_capacity = t->patch_capacity ? 2 * t->patch_capacity : 64;
        t->patches = mem_resize(t->patches, t->patch_capacity * sizeof *t->patches);
    }
    t->patches[t->patch_count] = (struct patch){
        .instruction = instruction, .word = word, .is_upper = is_upper, .next = block->patches};
    block->patches = t->patch_count++;
    block->is_target = true;
}
