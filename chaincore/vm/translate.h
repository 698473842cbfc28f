// SPDX-License-Identifier: Apache-2.0
// Validation and translation of function bodies, in one pass. The operand stack is followed at
// translation time: a value that is a constant or a local costs nothing until something needs it in
// a slot, and then goes to the slot that belongs to its place on the stack. Internal to vm/.
#ifndef LMM_VM_TRANSLATE_H
#define LMM_VM_TRANSLATE_H

#include "chaincore/vm/module.h"
#include "chaincore/vm/operations.h"

// Values that may wait unwritten on top of the stack; older ones are in their slots. Keeps every
// step of the translator short, whatever the function looks like.
enum { LAZY_VALUES = 64, GAS_BLOCK_INSTRUCTIONS = 4096 };

enum value_kind { IN_SLOT, IS_LOCAL, IS_CONSTANT };

struct value {
    uint8_t type; // VM_ANY: anything, in code that is never reached
    uint8_t kind;
    u64 data; // the local's number, or the constant
};

enum block_kind { BLOCK, LOOP, IF, ELSE, BODY };
enum { NO_PATCH = UINT32_MAX };

// Where a branch is, and the word in whose upper half its target goes.
struct branch {
    size_t instruction;
    size_t word;
};

struct block {
    enum block_kind kind;
    u32 parameter_count, result_count;
    const uint8_t *parameters;
    const uint8_t *results;
    u32 height;          // of the stack below its parameters
    bool is_unreachable; // what follows in the block cannot be reached: operands may be anything
    bool began_dead;     // the block as a whole is never reached
    bool is_target;      // some branch leads to its end
    size_t start;        // of a loop's code
    u32 patches;         // branches that wait for its end: a list in `patches`
    struct branch else_branch; // of an if
};

// A branch whose target is not known yet.
struct patch {
    size_t instruction;
    size_t word;
    bool is_upper; // the target goes into the word's upper half
    u32 next;
};

// The last instruction, while it may still be changed: never across a label.
struct last_instruction {
    bool is_known;
    size_t start;
    size_t result; // the word that begins with the slot of its result, if it has one
    enum vm_operation operation;
};

struct vm_translator {
    struct vm_module *module;
    const void *const *handlers;
    struct vm_reader *in;
    const struct vm_function *function;

    u64 *code;
    size_t code_len, code_capacity;
    struct vm_trap_point *trap_points;
    size_t trap_point_count, trap_point_capacity;
    struct last_instruction last, previous; // previous: directly before last

    uint8_t *local_types;
    u32 local_count; // parameters and declared locals
    u32 local_slots; // at least as many as results
    u32 *local_uses; // how often each local waits on the stack
    struct value *stack;
    u32 stack_len, stack_capacity;
    u32 written; // values below are in their slots
    u32 highest; // of the stack in this function
    struct block *blocks;
    u32 block_count, block_capacity;
    struct patch *patches;
    u32 patch_count, patch_capacity;

    bool is_dead; // no instruction is emitted: nothing leads here
    u32 gas;      // of the block so far
    u32 gas_instructions;
};

// translate_stack.c
void push_value(struct vm_translator *t, struct value value);
void push_result(struct vm_translator *t, uint8_t type); // at the top's own slot
// Values that are in their slots, as are all below: where a label or a call left them.
void push_types(struct vm_translator *t, const uint8_t *types, u32 count);
struct value pop_value(struct vm_translator *t, uint8_t type);
// The slot that belongs to a place on the stack.
static inline u32 slot_of_place(const struct vm_translator *t, u32 place) {
    return t->local_slots + 2 + place;
}
// Where the value just popped (its place is the stack's length, or `above` more) can be read.
u32 slot_of_popped(struct vm_translator *t, const struct value *value, u32 above);
void write_all(struct vm_translator *t);
// Writes values that read the local out to their slots, before it changes.
void write_uses_of(struct vm_translator *t, u32 local);

// translate_emit.c
size_t emit(struct vm_translator *t, enum vm_operation operation, u64 word);
void emit_word(struct vm_translator *t, u64 word);
void emit_move(struct vm_translator *t, u32 to, u32 from);
void emit_move_many(struct vm_translator *t, u32 to, u32 from, u32 count); // to <= from
void forget_last(struct vm_translator *t);
// Is this slot where the last instruction puts its result?
bool last_writes(const struct vm_translator *t, u32 slot);
void remove_last(struct vm_translator *t);
void charge_values(struct vm_translator *t, u32 count); // of a branch that carries so many
u32 take_gas(struct vm_translator *t);                  // what the block cost; a new one begins
void flush_gas(struct vm_translator *t);
static inline void charge(struct vm_translator *t, u32 gas) {
    if (t->is_dead) return;
    t->gas += gas;
    if (++t->gas_instructions == GAS_BLOCK_INSTRUCTIONS) flush_gas(t);
}
void note_trap(struct vm_translator *t, size_t instruction);
void add_patch(struct vm_translator *t, struct block *block, size_t instruction, size_t word,
               bool is_upper);
void set_target(struct vm_translator *t, size_t instruction, size_t word, bool is_upper,
                size_t target);
static inline u64 word_of(u32 d, u32 a, u32 b, u32 c) {
    return (u64)d | (u64)a << 16 | (u64)b << 32 | (u64)c << 48;
}
static inline u64 word_with(u32 d, u32 a, u32 upper) {
    return (u64)d | (u64)a << 16 | (u64)upper << 32;
}

// translate_fuse.c: each looks whether what came last can be made one instruction with what is to
// come, and if so removes it and emits the whole.
bool fuse_binary(struct vm_translator *t, enum vm_operation operation, u32 x_slot, u32 y_slot);
bool fuse_shift(struct vm_translator *t, enum vm_operation operation, u32 x_slot, u32 constant);
// The part of an address that its last addition makes up.
struct address {
    enum { AT_SLOT, AT_SLOT_AND_CONSTANT, AT_SUM, AT_SCALED_SUM } kind;
    u32 slot;
    u32 constant; // added to the slot, or the shift of `index`
    u32 index;    // a slot, added too
};
struct address fuse_address(struct vm_translator *t, u32 slot, bool takes_scaled);

// translate_control.c
void open_block(struct vm_translator *t, enum block_kind kind, const struct vm_signature *type);
void translate_control(struct vm_translator *t, uint8_t opcode);
static inline bool is_control(uint8_t opcode) { return opcode <= 0x11; }
void finish_function(struct vm_translator *t);

// translate_memory.c: memory, table and bulk instructions.
void translate_memory(struct vm_translator *t, uint8_t opcode);
static inline bool is_memory(uint8_t opcode) { return opcode >= 0x28 && opcode <= 0x40; }
void translate_bulk(struct vm_translator *t, u32 opcode);

#endif
