// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/vm/reference.h"

#include "chaincore/vm/gas.h"
#include "chaincore/vm/module.h"

struct label {
    const uint8_t *target; // where a branch to it goes on
    bool is_loop;
    u32 arity;  // of a branch
    u32 height; // of the stack below its values
};

struct state {
    struct reference *in;
    const uint8_t *next;
    u64 stack[REFERENCE_STACK];
    u32 height;
    struct label labels[REFERENCE_LABELS];
    u32 depth;
    u64 gas;
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

static void push(struct state *s, u64 value) {
    ENSURE(s->height < REFERENCE_STACK);
    s->stack[s->height++] = value;
}
static u64 pop(struct state *s) {
    ENSURE(s->height > 0);
    return s->stack[--s->height];
}
static bool charge(struct state *s, u64 gas) {
    s->gas += gas;
    return s->gas <= s->in->gas_limit;
}

static void skip_immediates(uint8_t opcode, const uint8_t **in) {
    if (opcode >= 0x28 && opcode <= 0x3e) {
        read_leb(in);
        read_leb(in);
    } else if (opcode == 0x0e) {
        for (u64 i = read_leb(in) + 1; i > 0; i--) read_leb(in);
    } else if (opcode == 0x02 || opcode == 0x03 || opcode == 0x04 || opcode == 0x41 ||
               opcode == 0x42) {
        read_sleb(in);
    } else if (opcode == 0x0c || opcode == 0x0d || (opcode >= 0x20 && opcode <= 0x24) ||
               opcode == 0x3f || opcode == 0x40) {
        read_leb(in);
    } else if (opcode == 0xfc) {
        u64 extended = read_leb(in);
        *in += extended == 10 ? 2 : 1; // memory.copy, memory.fill
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

// Binary operations: 0, or the trap.
#define TYPED(type, slot) ((type)(slot))
static enum vm_trap binary(uint8_t opcode, u64 a, u64 b, u64 *out) {
    switch (opcode) {
#define BINARY(code, name, in, result, gas, expression) \
    case code: {                                        \
        in x = TYPED(in, a), y = TYPED(in, b);          \
        *out = (u64)(expression);                       \
        return VM_TRAP_NONE;                            \
    }
#define COMPARE(code, name, in, result, gas, expression) \
    BINARY(code, name, in, result, gas, expression)
#define DIVISION(code, name, in, result, gas, overflows, expression) \
    case code: {                                                     \
        in x = TYPED(in, a), y = TYPED(in, b);                       \
        if (y == 0) return VM_TRAP_DIVIDE_BY_ZERO;                   \
        if (overflows) return VM_TRAP_INTEGER_OVERFLOW;              \
        *out = (u64)(expression);                                    \
        return VM_TRAP_NONE;                                         \
    }
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
    default:
        status_claim_failed("an opcode the reference knows", __FILE__, __LINE__, __func__);
    }
}

static u64 unary(uint8_t opcode, u64 a) {
    switch (opcode) {
#define UNARY(code, name, in, result, gas, expression) \
    case code: {                                       \
        in x = TYPED(in, a);                           \
        return (u64)(result)(expression);              \
    }
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
    default:
        status_claim_failed("an opcode the reference knows", __FILE__, __LINE__, __func__);
    }
}

enum shape { OTHER, IS_BINARY, IS_UNARY, IS_LOAD, IS_STORE };
struct instruction {
    enum shape shape;
    uint8_t gas;
    uint8_t bytes; // of memory
    bool is_signed, is_narrow;
};
static const struct instruction instructions[256] = {
#define BINARY(code, name, in, result, gas, e) [code] = {IS_BINARY, gas, 0, false, false},
#define COMPARE(code, name, in, result, gas, e) [code] = {IS_BINARY, gas, 0, false, false},
#define DIVISION(code, name, in, result, gas, o, e) [code] = {IS_BINARY, gas, 0, false, false},
#define UNARY(code, name, in, result, gas, e) [code] = {IS_UNARY, gas, 0, false, false},
#define LOAD(code, name, type, out, align) \
    [code] = {IS_LOAD, GAS_LOAD, sizeof(type), (type)-1 < (type)1, sizeof(out) == 4},
#define STORE(code, name, in, type, align) \
    [code] = {IS_STORE, GAS_STORE, sizeof(type), false, false},
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
};

static enum vm_trap memory_access(struct state *s, const struct instruction *instruction) {
    read_leb(&s->next);
    u64 offset = read_leb(&s->next), value = instruction->shape == IS_STORE ? pop(s) : 0;
    u64 at = (u64)(u32)pop(s) + offset;
    if (at + instruction->bytes > REFERENCE_MEMORY) return VM_TRAP_MEMORY_BOUNDS;
    if (instruction->shape == IS_STORE) {
        for (u32 i = 0; i < instruction->bytes; i++)
            s->in->memory[at + i] = (uint8_t)(value >> (8 * i));
        return VM_TRAP_NONE;
    }
    for (u32 i = 0; i < instruction->bytes; i++) value |= (u64)s->in->memory[at + i] << (8 * i);
    unsigned spare = 64u - 8u * instruction->bytes;
    if (instruction->is_signed) value = (u64)((i64)(value << spare) >> spare);
    push(s, instruction->is_narrow ? (u32)value : value);
    return VM_TRAP_NONE;
}

static void open_label(struct state *s, uint8_t opcode) {
    const uint8_t *start = s->next;
    i64 type = read_sleb(&s->next);
    u32 arity = type == -64 ? 0 : 1; // the generator uses no types with parameters
    ENSURE(s->depth < REFERENCE_LABELS && type < 0);
    bool is_loop = opcode == 0x03;
    (void)start;
    s->labels[s->depth++] = (struct label){.target = is_loop ? s->next : find_end(s->next, false),
                                           .is_loop = is_loop,
                                           .arity = is_loop ? 0 : arity,
                                           .height = s->height};
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

static enum vm_trap control(struct state *s, uint8_t opcode) {
    u64 depth = 0, condition;
    switch (opcode) {
    case 0x00:
        return charge(s, GAS_UNREACHABLE) ? VM_TRAP_UNREACHABLE : VM_TRAP_OUT_OF_GAS;
    case 0x01:
        charge(s, GAS_NOP);
        break;
    case 0x02:
        open_label(s, opcode);
        break;
    case 0x03:
        charge(s, GAS_LOOP);
        open_label(s, opcode);
        break;
    case 0x04:
        charge(s, GAS_IF);
        condition = pop(s);
        open_label(s, opcode);
        if ((u32)condition == 0) {
            s->next = find_end(s->next, true);
            if (s->next[-1] == 0x0b) s->depth--;
        }
        break;
    case 0x05: // the end of the first branch
        s->next = s->labels[--s->depth].target;
        break;
    case 0x0b:
        s->depth--;
        break;
    case 0x0c:
        depth = read_leb(&s->next);
        charge(s, label_price(s, depth, GAS_BRANCH));
        branch(s, depth);
        break;
    case 0x0d:
        depth = read_leb(&s->next);
        condition = pop(s);
        charge(s, label_price(s, depth, GAS_BRANCH));
        if ((u32)condition != 0) branch(s, depth);
        break;
    case 0x0e: {
        u64 count = read_leb(&s->next), index = (u32)pop(s);
        if (index > count) index = count;
        for (u64 i = 0; i <= index; i++) depth = read_leb(&s->next);
        charge(s, label_price(s, depth, GAS_BRANCH_TABLE));
        branch(s, depth);
        break;
    }
    default:
        charge(s, GAS_RETURN);
        branch(s, s->depth - 1);
    }
    return VM_TRAP_NONE;
}

static void local_or_constant(struct state *s, uint8_t opcode) {
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
        push(s, s->in->locals[read_leb(&s->next)]);
        break;
    case 0x21:
        s->in->locals[read_leb(&s->next)] = pop(s);
        break;
    case 0x22:
        s->in->locals[read_leb(&s->next)] = s->stack[s->height - 1];
        break;
    case 0x41:
        push(s, (u32)read_sleb(&s->next));
        break;
    default:
        ENSURE(opcode == 0x42);
        push(s, (u64)read_sleb(&s->next));
    }
}

static enum vm_trap bulk(struct state *s) {
    bool is_copy = read_leb(&s->next) == 10;
    s->next += is_copy ? 2 : 1;
    u64 len = (u32)pop(s), source = (u32)pop(s), to = (u32)pop(s);
    if (!charge(s, GAS_BULK + len / GAS_BULK_BYTES_PER_GAS)) return VM_TRAP_OUT_OF_GAS;
    bool is_inside = to + len <= REFERENCE_MEMORY;
    if (is_copy) is_inside = is_inside && source + len <= REFERENCE_MEMORY;
    if (!is_inside) return VM_TRAP_MEMORY_BOUNDS;
    if (is_copy)
        memmove(s->in->memory + to, s->in->memory + source, len);
    else
        memset(s->in->memory + to, (int)(source & 0xff), len);
    return VM_TRAP_NONE;
}

static enum vm_trap step(struct state *s) {
    uint8_t opcode = *s->next++;
    const struct instruction *instruction = &instructions[opcode];
    enum vm_trap trap = VM_TRAP_NONE;
    u64 a, b, result = 0;
    if (opcode == 0xfc) return bulk(s);
    if (opcode <= 0x0f) return control(s, opcode);
    if (opcode < 0x28 || opcode == 0x41 || opcode == 0x42) {
        local_or_constant(s, opcode);
        return VM_TRAP_NONE;
    }
    charge(s, instruction->gas);
    if (instruction->shape == IS_LOAD || instruction->shape == IS_STORE)
        return memory_access(s, instruction);
    b = pop(s);
    if (instruction->shape == IS_UNARY) {
        push(s, unary(opcode, b));
        return VM_TRAP_NONE;
    }
    a = pop(s);
    trap = binary(opcode, a, b, &result);
    push(s, result);
    return trap;
}

enum vm_trap reference_run(struct reference *reference) {
    static struct state state; // large; tests run one at a time
    struct state *s = &state;
    s->in = reference;
    s->next = reference->body;
    s->height = 0;
    s->gas = 0;
    s->labels[0] = (struct label){.target = NULL, .arity = reference->result_count};
    s->depth = 1;
    u32 declared = reference->local_count - reference->parameter_count;
    charge(s, GAS_FRAME + (declared + reference->result_count) / GAS_VALUES_PER_GAS);
    enum vm_trap trap = VM_TRAP_NONE;
    while (s->depth > 0 && trap == VM_TRAP_NONE && s->gas <= reference->gas_limit) trap = step(s);
    bool is_out = s->gas > reference->gas_limit;
    reference->gas_used = is_out ? reference->gas_limit : s->gas;
    if (reference->result_count > 0 && s->height > 0) reference->result = s->stack[s->height - 1];
    return is_out ? VM_TRAP_OUT_OF_GAS : trap;
}
