// SPDX-License-Identifier: Apache-2.0
// A module from any bytes: decode, and where it is one, make an instance and call its functions
// with little gas. Under the protocol's bounds the chain's own host functions stand ready; under
// the standard's, floats and start sections come in. Whatever the bytes: gas_used is within the
// limit, and the same call after a reset ends the same way.
#include "chaincore/vm/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GAS = 20000, MAX_SLOTS = 128 };

static enum vm_trap host_sum(struct vm_instance *instance, void *context, const uint64_t *arguments,
                             uint64_t *result) {
    (void)context;
    uint8_t *bytes = vm_memory(instance, (u32)arguments[0], (u32)arguments[1] & 0xff);
    if (!bytes) return VM_TRAP_MEMORY_BOUNDS;
    if (!vm_charge(instance, 7)) return VM_TRAP_OUT_OF_GAS;
    for (u32 i = 0; i < ((u32)arguments[1] & 0xff); i++) *result += bytes[i]++;
    *result &= 0xffffffff;
    return VM_TRAP_NONE;
}

static const struct vm_host_function functions[] = {{"sum", "ii", "i", host_sum}};
static const struct vm_import_table table = {.module = "lmm", .count = 1, .functions = functions};

struct outcome {
    enum vm_trap trap;
    uint64_t gas_used;
    uint64_t results[MAX_SLOTS];
};

static void call_once(struct vm_instance *instance, uint32_t function, struct outcome *out) {
    uint64_t arguments[MAX_SLOTS];
    for (u32 i = 0; i < MAX_SLOTS; i++) arguments[i] = i * 3;
    *out = (struct outcome){0};
    struct vm_call call = {
        .function = function, .arguments = arguments, .results = out->results, .gas_limit = GAS};
    out->trap = vm_call(instance, &call);
    out->gas_used = call.gas_used;
    ENSURE(out->gas_used <= GAS);
}

static void call_all(struct vm_instance *instance) {
    const struct vm_module *module = vm_instance_module(instance);
    for (u32 i = 0; i < module->function_count && i < 8; i++) {
        const struct vm_signature *signature = module->functions[i].signature;
        struct outcome first, second;
        if (signature->parameter_count > MAX_SLOTS || signature->result_count > MAX_SLOTS) continue;
        vm_instance_reset(instance);
        call_once(instance, i, &first);
        vm_instance_reset(instance);
        call_once(instance, i, &second);
        ENSURE(first.trap == second.trap && first.gas_used == second.gas_used);
        ENSURE(memcmp(first.results, second.results, sizeof first.results) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vm_module *module;
    struct vm_instance *instance;
    struct vm_error why;
    if (size == 0) return 0;
    struct vm_limits limits = vm_limits_protocol;
    limits.allow_floats = data[0] & 1;
    limits.allow_start = data[0] & 2;
    limits.memory_pages = 16;
    if (vm_module_create(&module, bytes_of(data + 1, size - 1), &limits, &table, &why)) return 0;
    if (vm_instance_create(&instance, module) == STATUS_OK) {
        call_all(instance);
        vm_instance_free(instance);
    }
    vm_module_free(module);
    return 0;
}
