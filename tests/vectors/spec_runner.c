// SPDX-License-Identifier: Apache-2.0
// Runs WebAssembly's conformance scripts, as wabt's wast2json writes them: one JSON file each, with
// the modules beside it. Counts assertions; those on the text format are skipped, since there is no
// text parser here.
//
//   spec_runner FILE.json …      the last line is {"passed": n, "failed": n, "skipped": n}
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/vm/link.h"

enum { MAX_INSTANCES = 2048, MAX_NAMES = 256, MAX_VALUES = 64, MAX_IMPORTS = 512 };

struct named {
    char name[128];
    struct vm_instance *instance;
};

struct script {
    const char *folder;
    int named_count; // by `register` or a module's own name
    struct named named[MAX_NAMES];
    struct vm_instance *latest;
    int kept_count; // everything that was made: others may hold parts of it
    struct vm_instance *kept[MAX_INSTANCES];
    struct vm_module *modules[MAX_INSTANCES];
    int module_count;
};

static long passed, failed, skipped;
static const char *script_name;

static void fail(const json_t *command, const char *why) {
    failed++;
    fprintf(stderr, "%s:%lld: %s: %s\n", script_name,
            (long long)json_integer_value(json_object_get(command, "line")),
            json_string_value(json_object_get(command, "type")), why);
}

static void check(bool holds, const json_t *command, const char *why) {
    if (holds)
        passed++;
    else
        fail(command, why);
}

// The module that the scripts import from.
static enum vm_trap print_nothing(struct vm_instance *instance, void *context,
                                  const uint64_t *arguments, uint64_t *result) {
    (void)instance, (void)context, (void)arguments, (void)result;
    return VM_TRAP_NONE;
}

static struct vm_memory *spec_memory;
static struct vm_table *spec_table;
static u64 spec_globals[4] = {666, 666, 0x4426999a, 0x4084d33333333333};

static bool spectest(const struct vm_import *import, struct vm_extern *out) {
    static const struct {
        const char *name;
        uint32_t count;
        uint8_t types[2];
    } prints[] = {{"print", 0, {0}},
                  {"print_i32", 1, {VM_I32}},
                  {"print_i64", 1, {VM_I64}},
                  {"print_f32", 1, {VM_F32}},
                  {"print_f64", 1, {VM_F64}},
                  {"print_i32_f32", 2, {VM_I32, VM_F32}},
                  {"print_f64_f64", 2, {VM_F64, VM_F64}}};
    static struct vm_signature signatures[sizeof prints / sizeof *prints];
    static const char *const globals[] = {"global_i32", "global_i64", "global_f32", "global_f64"};
    static const uint8_t global_types[] = {VM_I32, VM_I64, VM_F32, VM_F64};
    *out = (struct vm_extern){0};
    for (size_t i = 0; i < sizeof prints / sizeof *prints; i++) {
        if (!bytes_equal(import->name, bytes_of_string(prints[i].name))) continue;
        signatures[i] =
            (struct vm_signature){.parameter_count = prints[i].count, .types = prints[i].types};
        out->kind = VM_FUNCTION;
        out->host = print_nothing;
        out->host_signature = &signatures[i];
        return true;
    }
    for (size_t i = 0; i < 4; i++) {
        if (!bytes_equal(import->name, bytes_of_string(globals[i]))) continue;
        out->kind = VM_GLOBAL;
        out->global = &spec_globals[i];
        out->global_type = (struct vm_global_type){.type = global_types[i]};
        return true;
    }
    if (bytes_equal(import->name, bytes_of_string("table"))) {
        out->kind = VM_TABLE;
        out->table = spec_table;
        return true;
    }
    if (bytes_equal(import->name, bytes_of_string("memory"))) {
        out->kind = VM_MEMORY;
        out->memory = spec_memory;
        return true;
    }
    return false;
}

static struct vm_instance *find_named(const struct script *script, struct bytes name) {
    for (int i = script->named_count; i-- > 0;)
        if (bytes_equal(name, bytes_of_string(script->named[i].name)))
            return script->named[i].instance;
    return NULL;
}

static bool resolve(const struct script *script, const struct vm_import *import,
                    struct vm_extern *out) {
    if (bytes_equal(import->module, bytes_of_string("spectest"))) return spectest(import, out);
    struct vm_instance *instance = find_named(script, import->module);
    return instance && vm_instance_export(instance, import->name, out);
}

enum outcome { MADE, BAD_MODULE, BAD_LINK, TRAPPED, NO_FILE };

static enum outcome make_instance(struct script *script, const json_t *command,
                                  struct vm_instance **out) {
    char path[4096];
    struct buf code = {0};
    struct vm_module *module;
    struct vm_error why;
    struct vm_extern externs[MAX_IMPORTS];
    enum vm_trap trap;
    *out = NULL;
    snprintf(path, sizeof path, "%s/%s", script->folder,
             json_string_value(json_object_get(command, "filename")));
    if (file_read(&code, path, 64 << 20) != STATUS_OK) return NO_FILE;
    enum status status =
        vm_module_create(&module, buf_bytes(&code), &vm_limits_conformance, NULL, &why);
    buf_clear(&code);
    if (status != STATUS_OK) return BAD_MODULE;
    ENSURE(script->module_count < MAX_INSTANCES && module->import_count <= MAX_IMPORTS);
    script->modules[script->module_count++] = module;
    for (uint32_t i = 0; i < module->import_count; i++)
        if (!resolve(script, &module->imports[i], &externs[i])) return BAD_LINK;
    if (vm_instance_link(out, module, externs, &trap) != STATUS_OK) return BAD_LINK;
    script->kept[script->kept_count++] = *out;
    return trap == VM_TRAP_NONE ? MADE : TRAPPED;
}

static void name_instance(struct script *script, const char *name, struct vm_instance *instance) {
    ENSURE(script->named_count < MAX_NAMES);
    struct named *named = &script->named[script->named_count++];
    snprintf(named->name, sizeof named->name, "%s", name);
    named->instance = instance;
}

static void run_module(struct script *script, const json_t *command) {
    struct vm_instance *instance;
    const char *name = json_string_value(json_object_get(command, "name"));
    if (make_instance(script, command, &instance) != MADE) {
        fail(command, "the module cannot be made");
        return;
    }
    script->latest = instance;
    if (name) name_instance(script, name, instance);
}

static struct vm_instance *target_of(const struct script *script, const json_t *action) {
    const char *name = json_string_value(json_object_get(action, "module"));
    return name ? find_named(script, bytes_of_string(name)) : script->latest;
}

struct result {
    enum vm_trap trap;
    uint32_t count;
    uint64_t values[MAX_VALUES];
};

// False when the action names nothing that is there.
static bool act(const struct script *script, const json_t *action, struct result *out) {
    struct vm_instance *instance = target_of(script, action);
    struct vm_extern export;
    const json_t *name = json_object_get(action, "field"); // may hold any character, NUL too
    struct bytes field = bytes_of(json_string_value(name), json_string_length(name));
    *out = (struct result){.trap = VM_TRAP_NONE};
    if (!instance || !vm_instance_export(instance, field, &export)) return false;
    if (strcmp(json_string_value(json_object_get(action, "type")), "get") == 0) {
        out->count = 1;
        out->values[0] = export.global ? *export.global : 0;
        return export.kind == VM_GLOBAL;
    }
    if (export.kind != VM_FUNCTION) return false;
    uint64_t arguments[MAX_VALUES];
    size_t index;
    json_t *argument;
    json_array_foreach(json_object_get(action, "args"), index, argument) {
        arguments[index] =
            strtoull(json_string_value(json_object_get(argument, "value")), NULL, 10);
    }
    if (export.host) return true;
    struct vm_instance *owner = export.function.instance;
    struct vm_call call = {.function = export.function.function,
                           .arguments = arguments,
                           .results = out->values,
                           .gas_limit = UINT64_MAX};
    out->count = owner->module->functions[call.function].signature->result_count;
    out->trap = vm_call(owner, &call);
    return true;
}

static bool value_matches(const json_t *expected, uint64_t actual) {
    const char *type = json_string_value(json_object_get(expected, "type"));
    const char *text = json_string_value(json_object_get(expected, "value"));
    bool is_32 = type[1] == '3';
    if (is_32) actual &= 0xffffffff;
    uint64_t magnitude = actual & (is_32 ? 0x7fffffffu : 0x7fffffffffffffffu);
    uint64_t canonical = is_32 ? 0x7fc00000u : 0x7ff8000000000000u;
    if (strcmp(text, "nan:canonical") == 0) return magnitude == canonical;
    if (strcmp(text, "nan:arithmetic") == 0) return (magnitude & canonical) == canonical;
    return strtoull(text, NULL, 10) == actual;
}

static void assert_return(const struct script *script, const json_t *command) {
    struct result result;
    const json_t *expected = json_object_get(command, "expected");
    if (!act(script, json_object_get(command, "action"), &result)) {
        fail(command, "nothing to act on");
        return;
    }
    bool holds = result.trap == VM_TRAP_NONE && result.count == json_array_size(expected);
    for (uint32_t i = 0; holds && i < result.count; i++)
        holds = value_matches(json_array_get(expected, i), result.values[i]);
    char why[160];
    snprintf(why, sizeof why, "returned %llx, trap: %s", (unsigned long long)result.values[0],
             vm_trap_text(result.trap));
    check(holds, command, why);
}

static void assert_trap(const struct script *script, const json_t *command) {
    struct result result;
    const char *text = json_string_value(json_object_get(command, "text"));
    if (!act(script, json_object_get(command, "action"), &result)) {
        fail(command, "nothing to act on");
        return;
    }
    // The scripts give the beginning of a text, or ours is one of theirs with more detail.
    const char *ours = vm_trap_text(result.trap);
    size_t shorter = strlen(ours) < strlen(text) ? strlen(ours) : strlen(text);
    check(result.trap != VM_TRAP_NONE && strncmp(ours, text, shorter) == 0, command, ours);
}

static void assert_refused(struct script *script, const json_t *command, enum outcome expected) {
    struct vm_instance *instance;
    const char *kind = json_string_value(json_object_get(command, "module_type"));
    if (kind && strcmp(kind, "text") == 0) {
        skipped++;
        return;
    }
    check(make_instance(script, command, &instance) == expected, command, "was not refused so");
}

static void run_register(struct script *script, const json_t *command) {
    const char *name = json_string_value(json_object_get(command, "name"));
    struct vm_instance *instance =
        name ? find_named(script, bytes_of_string(name)) : script->latest;
    if (instance)
        name_instance(script, json_string_value(json_object_get(command, "as")), instance);
}

static void run_command(struct script *script, const json_t *command) {
    const char *type = json_string_value(json_object_get(command, "type"));
    struct result result;
    if (strcmp(type, "module") == 0)
        run_module(script, command);
    else if (strcmp(type, "register") == 0)
        run_register(script, command);
    else if (strcmp(type, "action") == 0) {
        // No assertion, so it counts only when it fails.
        bool is_done = act(script, json_object_get(command, "action"), &result);
        if (!is_done || result.trap != VM_TRAP_NONE) fail(command, "the action failed");
    } else if (strcmp(type, "assert_return") == 0)
        assert_return(script, command);
    else if (strcmp(type, "assert_trap") == 0 || strcmp(type, "assert_exhaustion") == 0)
        assert_trap(script, command);
    else if (strcmp(type, "assert_invalid") == 0 || strcmp(type, "assert_malformed") == 0)
        assert_refused(script, command, BAD_MODULE);
    else if (strcmp(type, "assert_unlinkable") == 0)
        assert_refused(script, command, BAD_LINK);
    else if (strcmp(type, "assert_uninstantiable") == 0)
        assert_refused(script, command, TRAPPED);
    else
        fail(command, "an unknown command");
}

static bool run_script(const char *path) {
    static struct script script;
    char folder[4096];
    json_error_t error;
    json_t *root = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (!root) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        return false;
    }
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    memset(&script, 0, sizeof script);
    script.folder = slash ? folder : ".";
    script_name = slash ? slash + 1 : path;
    spec_memory = vm_memory_create((struct vm_range){1, 2}, true);
    spec_table = vm_table_create((struct vm_range){10, 20}, true);
    size_t index;
    json_t *command;
    json_array_foreach(json_object_get(root, "commands"), index, command) {
        run_command(&script, command);
    }
    for (int i = 0; i < script.kept_count; i++) vm_instance_free(script.kept[i]);
    for (int i = 0; i < script.module_count; i++) vm_module_free(script.modules[i]);
    vm_memory_release(spec_memory);
    vm_table_release(spec_table);
    json_decref(root);
    return true;
}

int main(int count, char **arguments) {
    bool all_read = true;
    for (int i = 1; i < count; i++) all_read &= run_script(arguments[i]);
    printf("{\"passed\": %ld, \"failed\": %ld, \"skipped\": %ld}\n", passed, failed, skipped);
    return all_read && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
