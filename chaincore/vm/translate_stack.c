// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/memory.h"
#include "chaincore/vm/translate.h"

static void write_place(struct vm_translator *t, u32 place) {
    struct value *value = &t->stack[place];
    u32 slot = slot_of_place(t, place);
    if (value->kind == IS_LOCAL) {
        t->local_uses[value->data]--;
        emit_move(t, slot, (u32)value->data);
    } else if (value->kind == IS_CONSTANT) {
        emit(t, VM_OP_constant, slot);
        emit_word(t, value->data);
    }
    value->kind = IN_SLOT;
}

void write_all(struct vm_translator *t) {
    for (; t->written < t->stack_len; t->written++) write_place(t, t->written);
}

void write_uses_of(struct vm_translator *t, u32 local) {
    for (u32 i = t->written; t->local_uses[local] > 0 && i < t->stack_len; i++)
        if (t->stack[i].kind == IS_LOCAL && t->stack[i].data == local) write_place(t, i);
}

static bool make_room(struct vm_translator *t, u32 count) {
    if (slot_of_place(t, t->stack_len + count) > t->module->limits.frame_slots) {
        vm_reader_fail(t->in, "a function with too many values");
        return false;
    }
    while (t->stack_len + count > t->stack_capacity) {
        t->stack_capacity = t->stack_capacity ? 2 * t->stack_capacity : 256;
        t->stack = mem_resize(t->stack, t->stack_capacity * sizeof *t->stack);
    }
    return true;
}

void push_types(struct vm_translator *t, const uint8_t *types, u32 count) {
    if (vm_reader_failed(t->in) || !make_room(t, count)) return;
    for (u32 i = 0; i < count; i++)
        t->stack[t->stack_len + i] = (struct value){.type = types[i], .kind = IN_SLOT};
    t->written = t->stack_len += count;
    if (t->stack_len > t->highest) t->highest = t->stack_len;
}

void push_value(struct vm_translator *t, struct value value) {
    if (!make_room(t, 1)) return;
    if (t->stack_len - t->written >= LAZY_VALUES) write_all(t);
    if (value.kind == IS_LOCAL) t->local_uses[value.data]++;
    t->stack[t->stack_len++] = value;
    if (t->stack_len > t->highest) t->highest = t->stack_len;
}

void push_result(struct vm_translator *t, uint8_t type) {
    push_value(t, (struct value){.type = type, .kind = IN_SLOT});
}

struct value pop_value(struct vm_translator *t, uint8_t type) {
    const struct block *block = &t->blocks[t->block_count - 1];
    struct value value = {.type = VM_ANY, .kind = IN_SLOT};
    if (t->stack_len > block->height) {
        value = t->stack[--t->stack_len];
        if (t->written > t->stack_len) t->written = t->stack_len;
        if (value.kind == IS_LOCAL) t->local_uses[value.data]--;
    } else if (!block->is_unreachable) {
        vm_reader_fail(t->in, "type mismatch");
    }
    if (type != VM_ANY && value.type != VM_ANY && value.type != type)
        vm_reader_fail(t->in, "type mismatch");
    return value;
}

u32 slot_of_popped(struct vm_translator *t, const struct value *value, u32 above) {
    u32 slot = slot_of_place(t, t->stack_len + above);
    if (value->kind == IS_LOCAL) return (u32)value->data;
    if (value->kind == IS_CONSTANT) {
        emit(t, VM_OP_constant, slot);
        emit_word(t, value->data);
    }
    return slot;
}
