// SPDX-License-Identifier: Apache-2.0
// Blocks, branches and calls. Where code paths meet, all values are in their own slots; a branch
// that carries values moves them to where its target expects them.
#include "chaincore/base/memory.h"
#include "chaincore/vm/gas.h"
#include "chaincore/vm/translate.h"

static struct block *top_block(struct vm_translator *t) { return &t->blocks[t->block_count - 1]; }

void open_block(struct vm_translator *t, enum block_kind kind, const struct vm_signature *type) {
    if (t->block_count > t->module->limits.nesting) {
        vm_reader_fail(t->in, "blocks nested too deep");
        return;
    }
    if (t->block_count == t->block_capacity) {
        t->block_capacity = t->block_capacity ? 2 * t->block_capacity : 64;
        t->blocks = mem_resize(t->blocks, t->block_capacity * sizeof *t->blocks);
    }
    t->blocks[t->block_count++] =
        (struct block){.kind = kind,
                       .parameter_count = type->parameter_count,
                       .result_count = type->result_count,
                       .parameters = type->types,
                       .results = type->types ? type->types + type->parameter_count : NULL,
                       .height = t->stack_len - type->parameter_count,
                       .began_dead = t->is_dead,
                       .patches = NO_PATCH};
}

static void pop_types(struct vm_translator *t, const uint8_t *types, u32 count) {
    for (u32 i = count; i > 0 && !vm_reader_failed(t->in); i--) pop_value(t, types[i - 1]);
}

// Are these types on top of the stack already? What is true of valid code nearly always, and lets a
// block or branch of many values pass without taking them off and putting them back.
static bool holds_types(const struct vm_translator *t, const uint8_t *types, u32 count) {
    const struct block *block = &t->blocks[t->block_count - 1];
    if (count == 0) return true;
    if (t->stack_len - block->height < count) return false;
    const struct value *first = t->stack + t->stack_len - count;
    u32 equal = 0;
    while (equal < count && first[equal].type == types[equal]) equal++;
    return equal == count;
}

// Takes them off; all values have been written, so that none is anybody's but the stack's.
static void take_types(struct vm_translator *t, const uint8_t *types, u32 count) {
    if (holds_types(t, types, count))
        t->written = t->stack_len -= count;
    else
        pop_types(t, types, count);
}

// The code from here to the block's end cannot be reached.
static void become_unreachable(struct vm_translator *t) {
    struct block *block = top_block(t);
    while (t->stack_len > block->height && !vm_reader_failed(t->in)) pop_value(t, VM_ANY);
    block->is_unreachable = true;
    t->is_dead = true;
    take_gas(t);
    forget_last(t);
}

static void read_block_type(struct vm_translator *t, struct vm_signature *out) {
    // The lists must outlive the block.
    static const uint8_t single[] = {VM_F64, VM_F32, VM_I64, VM_I32};
    bool is_long = t->in->next < t->in->end && *t->in->next & 0x80;
    i64 type = vm_read_i33(t->in);
    *out = (struct vm_signature){.types = single};
    if (type < 0 && is_long) {
        vm_reader_fail(t->in, "malformed block type");
        return;
    }
    if (type == -64) return; // 0x40: nothing in, nothing out
    if (type >= 0) {
        if (type >= t->module->signature_count)
            vm_reader_fail(t->in, "unknown type");
        else
            *out = t->module->signatures[type];
        return;
    }
    uint8_t byte = (uint8_t)(type & 0x7f);
    bool is_float = byte == VM_F32 || byte == VM_F64;
    if (byte < VM_F64 || byte > VM_I32) vm_reader_fail(t->in, "malformed block type");
    if (is_float && !t->module->limits.allow_floats)
        vm_reader_fail(t->in, "floats are not allowed");
    out->result_count = 1;
    out->types = &single[byte < VM_F64 ? 0 : byte - VM_F64];
}

// The condition of a branch, fused with the comparison that made it where that was the last
// instruction. Filled by take_condition, emitted by emit_branch.
struct condition {
    enum vm_operation when_true;
    enum vm_operation when_false;
    u32 a, b; // slots
    bool is_comparison;
    bool has_immediate;
    u32 immediate;
};

static bool fuse(struct vm_translator *t, struct condition *out);

static struct condition take_condition(struct vm_translator *t) {
    struct condition condition = {.when_true = VM_OP_branch_if, .when_false = VM_OP_branch_unless};
    struct value value = pop_value(t, VM_I32);
    bool is_last = value.kind == IN_SLOT && last_writes(t, slot_of_place(t, t->stack_len));
    if (!is_last || !fuse(t, &condition)) condition.a = slot_of_popped(t, &value, 0);
    return condition;
}

static bool is_narrow(enum vm_operation comparison) { return comparison < VM_OP_i64_eq_rr; }

// Of a local of that width; floats fit neither.
static bool moves_local(const struct vm_translator *t, u64 word, uint8_t type) {
    u32 to = (uint16_t)word;
    return t->last.operation == VM_OP_move && to < t->local_count && t->local_types[to] == type;
}

// A branch on a comparison takes an addition directly before it along: most loops end so.
static bool emit_after_add(struct vm_translator *t, enum vm_operation branch) {
    if (t->is_dead || !t->last.is_known) return false;
    u64 word = t->code[t->last.start + 1];
    int form = 0;
    if (t->last.operation == (is_narrow(branch) ? VM_OP_i32_add_rr : VM_OP_i64_add_rr))
        form = VM_AFTER_ADD_RR;
    else if (t->last.operation == (is_narrow(branch) ? VM_OP_i32_add_ri : VM_OP_i64_add_ri) ||
             moves_local(t, word, is_narrow(branch) ? VM_I32 : VM_I64))
        form = VM_AFTER_ADD_RI; // to move is to add the zero in the move's upper half
    if (form == 0) return false;
    remove_last(t);
    emit(t, (enum vm_operation)((int)branch + form), word);
    return true;
}

// Emits a branch, taken when the condition holds (or does not).
static struct branch emit_branch(struct vm_translator *t, const struct condition *condition,
                                 bool when_true, u32 gas) {
    enum vm_operation operation = when_true ? condition->when_true : condition->when_false;
    enum vm_operation comparison = condition->is_comparison           ? operation
                                   : operation == VM_OP_branch_if     ? VM_OP_branch_i32_ne_ri
                                   : operation == VM_OP_branch_unless ? VM_OP_branch_i32_eq_ri
                                                                      : VM_OPERATIONS;
    u64 word = word_with(condition->a, condition->b, 0);
    bool is_after_add = comparison != VM_OPERATIONS && emit_after_add(t, comparison);
    struct branch branch = {.instruction = t->last.start, .word = t->code_len};
    if (is_after_add) {
        emit_word(t, word);
    } else {
        branch.instruction = emit(t, operation, word);
        branch.word = branch.instruction + 1;
    }
    emit_word(t, (u64)gas << 32 | (condition->has_immediate ? condition->immediate : 0));
    forget_last(t);
    return branch;
}

// What a branch on the last instruction's result becomes.
static struct condition find_fusion(enum vm_operation last) {
#define FUSION(name, inverse)                                                \
    case VM_OP_##name##_rr:                                                  \
        return (struct condition){.when_true = VM_OP_branch_##name##_rr,     \
                                  .when_false = VM_OP_branch_##inverse##_rr, \
                                  .is_comparison = true};                    \
    case VM_OP_##name##_ri:                                                  \
        return (struct condition){.when_true = VM_OP_branch_##name##_ri,     \
                                  .when_false = VM_OP_branch_##inverse##_ri, \
                                  .is_comparison = true,                     \
                                  .has_immediate = true};
#define FUSIONS(bits)                \
    FUSION(bits##_eq, bits##_ne)     \
    FUSION(bits##_ne, bits##_eq)     \
    FUSION(bits##_lt_s, bits##_ge_s) \
    FUSION(bits##_lt_u, bits##_ge_u) \
    FUSION(bits##_gt_s, bits##_le_s) \
    FUSION(bits##_gt_u, bits##_le_u) \
    FUSION(bits##_le_s, bits##_gt_s) \
    FUSION(bits##_le_u, bits##_gt_u) \
    FUSION(bits##_ge_s, bits##_lt_s) \
    FUSION(bits##_ge_u, bits##_lt_u)
    switch (last) {
        FUSIONS(i32)
        FUSIONS(i64)
    case VM_OP_i32_eqz: // a comparison with zero, as which it has none in its word
        return find_fusion(VM_OP_i32_eq_ri);
    case VM_OP_i64_eqz:
        return find_fusion(VM_OP_i64_eq_ri);
    case VM_OP_i32_and_ri:
        return (struct condition){.when_true = VM_OP_branch_if_and,
                                  .when_false = VM_OP_branch_unless_and,
                                  .has_immediate = true};
    default:
        return (struct condition){.when_true = VM_OP_branch_if, .when_false = VM_OP_branch_unless};
    }
}

// Replaces what came last by the branch that it decides, if it is a comparison or the like.
static bool fuse(struct vm_translator *t, struct condition *out) {
    u64 word = t->code[t->last.start + 1];
    struct condition condition = find_fusion(t->last.operation);
    if (condition.when_true == VM_OP_branch_if) return false;
    condition.a = (uint16_t)(word >> 16);
    if (condition.has_immediate)
        condition.immediate = (u32)(word >> 32);
    else
        condition.b = (uint16_t)(word >> 32);
    remove_last(t);
    *out = condition;
    return true;
}

// What a branch to the block carries: its parameters for a loop, its results otherwise.
static u32 label_count(const struct block *block) {
    return block->kind == LOOP ? block->parameter_count : block->result_count;
}
static const uint8_t *label_types(const struct block *block) {
    return block->kind == LOOP ? block->parameters : block->results;
}

// Values on top of the stack must have the label's types; they stay there.
static void check_label(struct vm_translator *t, const struct block *block) {
    u32 count = label_count(block);
    const uint8_t *types = label_types(block);
    if (holds_types(t, types, count)) return;
    struct value kept[8] = {0};
    bool fits = count <= 8;
    if (!fits) write_all(t);
    for (u32 i = count; i > 0 && !vm_reader_failed(t->in); i--) {
        struct value value = pop_value(t, types[i - 1]);
        if (fits) kept[i - 1] = value;
    }
    for (u32 i = 0; i < count && !vm_reader_failed(t->in); i++) {
        if (!fits || kept[i].type == VM_ANY)
            push_result(t, types[i]);
        else
            push_value(t, kept[i]);
    }
}

static u32 label_offset(const struct vm_translator *t, const struct block *block) {
    return t->stack_len - label_count(block) - block->height;
}

// With the label's values on top of the stack and in their slots: moves them down to the label's.
static void move_to_label(struct vm_translator *t, const struct block *block) {
    if (t->is_dead) return;
    u32 to = slot_of_place(t, block->height);
    emit_move_many(t, to, to + label_offset(t, block), label_count(block));
}

static bool label_needs_moves(const struct vm_translator *t, const struct block *block) {
    return !t->is_dead && label_count(block) > 0 && label_offset(t, block) > 0;
}

static struct block *read_label(struct vm_translator *t) {
    u32 depth = vm_read_u32(t->in);
    if (depth >= t->block_count) {
        vm_reader_fail(t->in, "unknown label");
        return top_block(t);
    }
    return &t->blocks[t->block_count - 1 - depth];
}

// An unconditional branch, once the values are where the label wants them.
static void emit_jump(struct vm_translator *t, struct block *block, u32 gas) {
    enum vm_operation last = t->last.operation;
    // Arithmetic stands first, four forms each: with slots, with a constant, and those with a
    // branch.
    bool is_arithmetic = last < VM_OP_i32_eq_rr && (int)last % 4 < VM_THEN_BRANCH;
    if (t->last.is_known && !t->is_dead && is_arithmetic) {
        u64 word = t->code[t->last.start + 1];
        remove_last(t);
        size_t start = emit(t, (enum vm_operation)((int)last + VM_THEN_BRANCH), word);
        emit_word(t, gas);
        add_patch(t, block, start, start + 2, true);
    } else {
        size_t start = emit(t, VM_OP_branch, gas);
        add_patch(t, block, start, start + 1, true);
    }
    forget_last(t);
}

static void translate_br(struct vm_translator *t) {
    struct block *block = read_label(t);
    if (vm_reader_failed(t->in)) return;
    check_label(t, block);
    charge_values(t, label_count(block));
    write_all(t);
    move_to_label(t, block);
    emit_jump(t, block, take_gas(t));
    become_unreachable(t);
}

static void translate_br_if(struct vm_translator *t) {
    struct block *block = read_label(t);
    struct condition condition = take_condition(t);
    if (vm_reader_failed(t->in)) return;
    if (label_count(block) > 0) write_all(t);
    check_label(t, block);
    if (label_count(block) > 0) t->written = t->stack_len;
    charge_values(t, label_count(block));
    u32 gas = take_gas(t);
    if (!label_needs_moves(t, block)) {
        struct branch branch = emit_branch(t, &condition, true, gas);
        add_patch(t, block, branch.instruction, branch.word, true);
        return;
    }
    struct branch around = emit_branch(t, &condition, false, gas);
    move_to_label(t, block);
    emit_jump(t, block, 0);
    set_target(t, around.instruction, around.word, true, t->code_len);
    forget_last(t);
}

// Each target's entry leads straight to it, or to a stub behind the table that moves values first.
static void translate_br_table(struct vm_translator *t) {
    u32 count = vm_read_u32(t->in);
    if (count > t->module->limits.branch_table || count > (size_t)(t->in->end - t->in->next))
        vm_reader_fail(t->in, "a branch table with too many targets");
    struct value index = pop_value(t, VM_I32);
    u32 slot = slot_of_popped(t, &index, 0);
    if (vm_reader_failed(t->in)) return;
    write_all(t);
    size_t start = emit(t, VM_OP_branch_table, word_with(slot, 0, count));
    size_t gas_word = t->code_len;
    emit_word(t, 0);
    size_t entries = t->code_len;
    for (u32 i = 0; i <= count; i++) emit_word(t, 0);
    u32 arity = 0;
    const uint8_t *held = NULL; // types that the stack was found to hold
    for (u32 i = 0; i <= count && !vm_reader_failed(t->in); i++) {
        struct block *block = read_label(t);
        if (vm_reader_failed(t->in)) return;
        if (i == 0) arity = label_count(block);
        if (label_count(block) != arity) {
            vm_reader_fail(t->in, "type mismatch");
            return; // `held` is of another length
        }
        const uint8_t *types = label_types(block);
        bool is_held = held && (types == held || memcmp(types, held, arity) == 0);
        if (!is_held) check_label(t, block);
        t->written = t->stack_len;
        if (vm_reader_failed(t->in)) return;
        held = types;
        if (label_needs_moves(t, block)) {
            set_target(t, start, entries + i, false, t->code_len);
            move_to_label(t, block);
            emit_jump(t, block, 0);
        } else {
            add_patch(t, block, start, entries + i, false);
        }
    }
    charge_values(t, arity);
    if (!t->is_dead) t->code[gas_word] = take_gas(t);
    become_unreachable(t);
}

// Results go to the front of the frame. Slots of the stack lie behind all of it, so that ascending
// moves never overwrite what is still to be moved.
static void emit_return(struct vm_translator *t) {
    u32 count = t->function->signature->result_count;
    if (t->is_dead) return;
    if (count == 1) {
        struct value value = pop_value(t, VM_ANY);
        u32 slot = slot_of_popped(t, &value, 0);
        emit(t, VM_OP_return_one, word_with(slot, t->local_slots, take_gas(t)));
        push_value(t, value);
    } else {
        write_all(t);
        emit_move_many(t, 0, slot_of_place(t, t->stack_len - count), count);
        emit(t, VM_OP_return_none, word_with(t->local_slots, 0, take_gas(t)));
    }
    forget_last(t);
}

static void translate_return(struct vm_translator *t) {
    struct block *body = &t->blocks[0];
    check_label(t, body);
    if (vm_reader_failed(t->in)) return;
    emit_return(t);
    become_unreachable(t);
}

static void translate_block(struct vm_translator *t, enum block_kind kind) {
    struct vm_signature type;
    struct condition condition = {0};
    read_block_type(t, &type);
    if (kind == IF) condition = take_condition(t);
    if (vm_reader_failed(t->in)) return;
    write_all(t);
    if (!holds_types(t, type.types, type.parameter_count)) {
        pop_types(t, type.types, type.parameter_count);
        push_types(t, type.types, type.parameter_count);
    }
    if (vm_reader_failed(t->in)) return;
    struct branch branch = {0};
    if (kind == IF) branch = emit_branch(t, &condition, false, take_gas(t));
    if (kind == LOOP) flush_gas(t);
    open_block(t, kind, &type);
    if (vm_reader_failed(t->in)) return;
    struct block *block = top_block(t);
    block->start = t->code_len;
    if (kind == IF) block->else_branch = branch;
    if (kind != BLOCK) forget_last(t);
}

// What must be on the stack at a block's end: its results, and nothing else. They stay there.
static void check_end(struct vm_translator *t) {
    struct block *block = top_block(t);
    write_all(t);
    if (!holds_types(t, block->results, block->result_count)) {
        pop_types(t, block->results, block->result_count);
        push_types(t, block->results, block->result_count);
    }
    if (!vm_reader_failed(t->in) && t->stack_len != block->height + block->result_count)
        vm_reader_fail(t->in, "type mismatch");
}

static void translate_else(struct vm_translator *t) {
    struct block *block = top_block(t);
    if (block->kind != IF) {
        vm_reader_fail(t->in, "else without if");
        return;
    }
    check_end(t);
    if (vm_reader_failed(t->in)) return;
    if (!t->is_dead) emit_jump(t, block, take_gas(t));
    t->is_dead = block->began_dead;
    take_gas(t);
    if (!t->is_dead)
        set_target(t, block->else_branch.instruction, block->else_branch.word, true, t->code_len);
    block->kind = ELSE;
    block->is_unreachable = false;
    t->stack_len = t->written = block->height; // nothing waits above: the end has written all
    push_types(t, block->parameters, block->parameter_count);
    forget_last(t);
}

static void close_body(struct vm_translator *t) {
    struct block *body = top_block(t);
    // Branches to the body's end return.
    if (!t->is_dead && body->is_target) flush_gas(t);
    if (body->is_target) {
        t->is_dead = false;
        for (u32 i = body->patches; i != NO_PATCH; i = t->patches[i].next)
            set_target(t, t->patches[i].instruction, t->patches[i].word, t->patches[i].is_upper,
                       t->code_len);
    }
    forget_last(t);
    t->stack_len = 0;
    t->written = 0;
    body->is_unreachable = false;
    push_types(t, body->results, body->result_count);
    if (!vm_reader_failed(t->in)) emit_return(t);
    t->block_count--;
}

static void translate_end(struct vm_translator *t) {
    struct block *block = top_block(t);
    // An if without else passes its parameters on.
    if (block->kind == IF) {
        bool is_same = block->parameter_count == block->result_count &&
                       (block->result_count == 0 ||
                        memcmp(block->parameters, block->results, block->result_count) == 0);
        if (!is_same) vm_reader_fail(t->in, "type mismatch");
    }
    check_end(t);
    if (vm_reader_failed(t->in)) return;
    if (block->kind == BODY) {
        close_body(t);
        return;
    }
    bool has_else_path = block->kind == IF && !block->began_dead;
    if (!t->is_dead && (block->is_target || has_else_path)) flush_gas(t);
    if (block->is_target || has_else_path) {
        t->is_dead = false;
        forget_last(t);
    }
    if (has_else_path)
        set_target(t, block->else_branch.instruction, block->else_branch.word, true, t->code_len);
    for (u32 i = block->patches; i != NO_PATCH; i = t->patches[i].next)
        set_target(t, t->patches[i].instruction, t->patches[i].word, t->patches[i].is_upper,
                   t->code_len);
    t->block_count--;
    forget_last(t);
}

static void push_call_results(struct vm_translator *t, const struct vm_signature *signature) {
    push_types(t, signature->types + signature->parameter_count, signature->result_count);
    forget_last(t);
}

// Arguments are written to the slots where the callee's frame will begin: nothing is copied.
static void translate_call(struct vm_translator *t) {
    u32 index = vm_read_u32(t->in);
    if (!vm_reader_failed(t->in) && index >= t->module->function_count)
        vm_reader_fail(t->in, "unknown function");
    if (vm_reader_failed(t->in)) return;
    const struct vm_function *function = &t->module->functions[index];
    write_all(t);
    take_types(t, function->signature->types, function->signature->parameter_count);
    u32 base = slot_of_place(t, t->stack_len);
    bool is_import = index < t->module->imported_functions;
    u64 word = word_with(base, 0, take_gas(t));
    bool is_after_add = !is_import && t->last.is_known && t->last.operation == VM_OP_i32_add_ri;
    if (is_after_add) { // mostly the last argument
        u64 addition = t->code[t->last.start + 1];
        remove_last(t);
        emit(t, VM_OP_add_ri_call, addition);
        emit_word(t, word);
    } else {
        emit(t, is_import ? VM_OP_call_import : VM_OP_call, word);
    }
    emit_word(t, is_import ? index : (u64)(uintptr_t)function);
    push_call_results(t, function->signature);
}

static void translate_call_indirect(struct vm_translator *t) {
    u32 type = vm_read_u32(t->in);
    uint8_t table = vm_read_u8(t->in);
    if (vm_reader_failed(t->in)) return;
    if (table != 0) vm_reader_fail(t->in, "zero byte expected");
    if (!t->module->has_table) vm_reader_fail(t->in, "unknown table");
    if (type >= t->module->signature_count) vm_reader_fail(t->in, "unknown type");
    if (vm_reader_failed(t->in)) return;
    const struct vm_signature *signature = &t->module->signatures[type];
    // The index too goes to its slot: it lies behind the arguments, where the callee's frame is.
    write_all(t);
    pop_value(t, VM_I32);
    u32 index_slot = slot_of_place(t, t->stack_len);
    take_types(t, signature->types, signature->parameter_count);
    u32 base = slot_of_place(t, t->stack_len);
    emit(t, VM_OP_call_indirect, word_with(base, index_slot, take_gas(t)));
    emit_word(t, type);
    push_call_results(t, signature);
}

void translate_control(struct vm_translator *t, uint8_t opcode) {
    static const uint8_t prices[] = {
        [0x00] = GAS_UNREACHABLE, [0x01] = GAS_NOP,
        [0x03] = GAS_LOOP,        [0x04] = GAS_IF,
        [0x0c] = GAS_BRANCH,      [0x0d] = GAS_BRANCH,
        [0x0f] = GAS_RETURN,      [0x0e] = GAS_BRANCH_TABLE,
        [0x10] = GAS_CALL,        [0x11] = GAS_CALL_INDIRECT,
    };
    charge(t, prices[opcode]);
    switch (opcode) {
    case 0x00:
        emit(t, VM_OP_unreachable, word_with(0, 0, take_gas(t)));
        become_unreachable(t);
        break;
    case 0x01: // nop
        break;
    case 0x02: // block, loop, if: in the order of enum block_kind
    case 0x03:
    case 0x04:
        translate_block(t, (enum block_kind)(opcode - 0x02));
        break;
    case 0x05:
        translate_else(t);
        break;
    case 0x0b:
        translate_end(t);
        break;
    case 0x0c:
        translate_br(t);
        break;
    case 0x0d:
        translate_br_if(t);
        break;
    case 0x0e:
        translate_br_table(t);
        break;
    case 0x0f:
        translate_return(t);
        break;
    case 0x10:
        translate_call(t);
        break;
    case 0x11:
        translate_call_indirect(t);
        break;
    default:
        vm_reader_fail(t->in, "illegal opcode");
    }
}
