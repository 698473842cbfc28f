// SPDX-License-Identifier: Apache-2.0
// Two instructions made one, where the first's result goes nowhere but into the second: a value on
// the stack is used once, so it suffices that the last instruction wrote the slot that is read.
#include "chaincore/vm/translate.h"

// (x first y) second z, all slots, or with one constant in place of z.
enum fused_shape { NOT_FUSED, FUSED_RRR, FUSED_RRK, FUSED_RKR };
struct fused {
    enum fused_shape shape;
    enum vm_operation operation;
};

// An operation that takes a constant stands right behind the one that takes slots.
#define PAIR(first, second) ((u32)(first) << 16 | (u32)(second))
static struct fused find_fused(enum vm_operation first, enum vm_operation second) {
    switch (PAIR(first, second)) {
#define FUSE(bits, first, second, shape, first_kind, second_kind)                              \
    case PAIR(VM_OP_##bits##_##first##_##first_kind, VM_OP_##bits##_##second##_##second_kind): \
        return (struct fused){shape, VM_OP_##bits##_##first##_##second};
#define FUSE_RRR(first, second, expression)     \
    FUSE(i32, first, second, FUSED_RRR, rr, rr) \
    FUSE(i64, first, second, FUSED_RRR, rr, rr)
#define FUSE_RRK(first, second, expression)     \
    FUSE(i32, first, second, FUSED_RRK, rr, ri) \
    FUSE(i64, first, second, FUSED_RRK, rr, ri)
#define FUSE_RKR(first, second, expression)     \
    FUSE(i32, first, second, FUSED_RKR, ri, rr) \
    FUSE(i64, first, second, FUSED_RKR, ri, rr)
#include "chaincore/vm/fusions.def"
#include "chaincore/vm/opcodes_undef.h"
    default:
        return (struct fused){.shape = NOT_FUSED};
    }
}

static bool is_place(const struct vm_translator *t, u32 slot) {
    return slot >= slot_of_place(t, t->stack_len);
}
static u32 quarter_of(u64 word, int n) { return (uint16_t)(word >> (16 * n)); }

bool fuse_binary(struct vm_translator *t, enum vm_operation operation, u32 x_slot, u32 y_slot) {
    u32 temporary, other;
    if (is_place(t, y_slot) && last_writes(t, y_slot)) {
        temporary = y_slot;
        other = x_slot;
    } else if (is_place(t, x_slot) && last_writes(t, x_slot)) {
        temporary = x_slot;
        other = y_slot;
    } else {
        return false;
    }
    // What is second in a fusion commutes. The other operand must not be the same slot.
    struct fused fused = find_fused(t->last.operation, operation);
    u64 word = t->code[t->last.start + 1];
    if (fused.shape == NOT_FUSED || other == temporary) return false;
    u32 result = slot_of_place(t, t->stack_len), a = quarter_of(word, 1), b = quarter_of(word, 2);
    if (fused.shape == FUSED_RKR) {
        if (word >> 48 != 0) return false; // the constant is over 2^16
        word = word_of(result, a, other, b);
    } else {
        word = word_of(result, a, b, other);
    }
    remove_last(t);
    emit(t, fused.operation, word);
    return true;
}

bool fuse_shift(struct vm_translator *t, enum vm_operation operation, u32 x_slot, u32 constant) {
    if (constant > UINT16_MAX || !is_place(t, x_slot) || !last_writes(t, x_slot)) return false;
    struct fused fused = find_fused(t->last.operation, (enum vm_operation)(operation + 1));
    if (fused.shape != FUSED_RRK) return false;
    u64 word = t->code[t->last.start + 1];
    u32 a = quarter_of(word, 1), b = quarter_of(word, 2);
    remove_last(t);
    emit(t, fused.operation, word_of(slot_of_place(t, t->stack_len), a, b, constant));
    return true;
}

struct address fuse_address(struct vm_translator *t, u32 slot, bool takes_scaled) {
    struct address address = {.kind = AT_SLOT, .slot = slot};
    if (!is_place(t, slot) || !last_writes(t, slot)) return address;
    u64 word = t->code[t->last.start + 1];
    if (t->last.operation == VM_OP_i32_add_ri) {
        address.kind = AT_SLOT_AND_CONSTANT;
        address.constant = (u32)(word >> 32);
        address.slot = quarter_of(word, 1);
    } else if (t->last.operation == VM_OP_i32_add_rr) {
        address.kind = AT_SUM;
        address.slot = quarter_of(word, 1);
        address.index = quarter_of(word, 2);
    } else if (t->last.operation == VM_OP_i32_shl_add && takes_scaled) {
        address.kind = AT_SCALED_SUM;
        address.index = quarter_of(word, 1);
        address.slot = quarter_of(word, 2);
        address.constant = quarter_of(word, 3);
    } else {
        return address;
    }
    remove_last(t);
    return address;
}
