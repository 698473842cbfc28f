// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdlib.h>

#include "apps/common/json/number.h"
#include "apps/common/json/schema_program.h"

// A value and the way to it from the root, on the C stack.
struct spot {
    const json_t *value;
    const struct spot *parent; // NULL at the root
    const char *key;           // NULL for an item
    size_t index;
};

struct run {
    const struct schema *schema;
    struct violations *violations;   // NULL: only the verdict is wanted
    struct pattern_scratch *scratch; // made when first needed
    size_t nesting;
    enum status status; // of the run itself
};

static bool check(struct run *run, uint32_t node, const struct spot *at);

// Whether it fits, without reporting why not.
static bool fits(struct run *run, uint32_t node, const struct spot *at) {
    struct violations *violations = run->violations;
    run->violations = NULL;
    bool is_fit = check(run, node, at);
    run->violations = violations;
    return is_fit;
}

static void pointer_to(struct buf *out, const struct spot *at) {
    if (!at->parent) return;
    pointer_to(out, at->parent);
    if (at->key) {
        json_pointer_append_key(out, bytes_of_string(at->key));
    } else {
        json_pointer_append_index(out, at->index);
    }
}

// Takes the sentence and returns false, for the caller to return.
static bool report(struct run *run, const struct node *node, const struct rule *rule,
                   const struct spot *at, struct buf *sentence) {
    struct buf pointer = {0}, name = {0};
    pointer_to(&pointer, at);
    buf_append_string(&name, node->location);
    if (rule) buf_append_format(&name, "/%s", rule->keyword);
    if (node->title) buf_append_format(sentence, "; expected is %s", node->title);
    violations_add(run->violations, buf_bytes(&pointer), buf_as_string(&name),
                   buf_as_string(sentence));
    buf_clear(&pointer);
    buf_clear(&name);
    buf_clear(sentence);
    return false;
}

static uint32_t type_bits(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_NULL:
        return TYPE_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return TYPE_BOOLEAN;
    case JSON_INTEGER:
        return TYPE_INTEGER | TYPE_NUMBER;
    case JSON_REAL:
        return json_number_is_integer(value) ? TYPE_INTEGER | TYPE_NUMBER : TYPE_NUMBER;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_OBJECT:
        return TYPE_OBJECT;
    }
    return 0;
}

// The value in a sentence: scalars as they are, others by their type.
static void append_value(struct buf *out, const json_t *value) {
    if (json_is_string(value)) {
        excerpt_append(out, json_string_bytes(value));
    } else if (json_is_array(value) || json_is_object(value)) {
        buf_append_string(out, json_is_array(value) ? "an array" : "an object");
    } else {
        json_write(out, value, JSON_AS_READ);
    }
}

// The first few of them.
static void append_list(struct buf *out, const json_t *values) {
    enum { SHOWN = 8 };
    size_t count = json_array_size(values);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        if (i > 0) buf_append_string(out, ", ");
        append_value(out, json_array_get(values, i));
    }
    if (count > SHOWN) buf_append_format(out, " and %zu more", count - SHOWN);
}

static void append_types(struct buf *out, uint32_t types) {
    bool is_first = true;
    for (uint32_t bit = 0; bit < 7; bit++) {
        if (!(types >> bit & 1)) continue;
        buf_append_format(out, "%s%s", is_first ? "" : " or ", schema_type_names[bit]);
        is_first = false;
    }
}

static bool check_type(struct run *run, const struct node *node, const struct rule *rule,
                       const struct spot *at) {
    if (type_bits(at->value) & rule->types) return true;
    if (!run->violations) return false;
    struct buf text = {0};
    append_value(&text, at->value);
    buf_append_string(&text, " is not of type ");
    append_types(&text, rule->types);
    return report(run, node, rule, at, &text);
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_listed(const struct rule *rule, const json_t *value) {
    if (rule->words) {
        const char *word = json_string_value(value);
        return word && bsearch(&word, rule->words, rule->count, sizeof word, compare_words);
    }
    for (size_t i = 0; i < rule->count; i++) {
        if (json_same(json_array_get(rule->value, i), value)) return true;
    }
    return false;
}

static bool check_listed(struct run *run, const struct node *node, const struct rule *rule,
                         const struct spot *at) {
    bool is_enum = rule->kind == RULE_ENUM;
    if (is_enum ? is_listed(rule, at->value) : json_same(rule->value, at->value)) return true;
    if (!run->violations) return false;
    struct buf text = {0};
    append_value(&text, at->value);
    buf_append_string(&text, is_enum ? " is none of " : " is not ");
    if (is_enum) {
        append_list(&text, rule->value);
    } else {
        append_value(&text, rule->value);
    }
    return report(run, node, rule, at, &text);
}

static bool check_number(struct run *run, const struct node *node, const struct rule *rule,
                         const struct spot *at) {
    if (!json_is_number(at->value)) return true;
    bool is_fit = false;
    const char *claim = "";
    if (rule->kind == RULE_MULTIPLE_OF) {
        is_fit = json_number_is_multiple(at->value, rule->value);
        claim = "is no multiple of";
    } else {
        int order = json_number_compare(at->value, rule->value);
        switch ((int)rule->kind) {
        case RULE_MAXIMUM:
            is_fit = order <= 0, claim = "is above";
            break;
        case RULE_EXCLUSIVE_MAXIMUM:
            is_fit = order < 0, claim = "is not below";
            break;
        case RULE_MINIMUM:
            is_fit = order >= 0, claim = "is below";
            break;
        case RULE_EXCLUSIVE_MINIMUM:
            is_fit = order > 0, claim = "is not above";
            break;
        }
    }
    if (is_fit || !run->violations) return is_fit;
    struct buf text = {0};
    append_value(&text, at->value);
    buf_append_format(&text, " %s ", claim);
    append_value(&text, rule->value);
    return report(run, node, rule, at, &text);
}

static size_t count_characters(struct bytes text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

// Lengths of strings, arrays and objects, each where the value is one.
static bool check_count(struct run *run, const struct node *node, const struct rule *rule,
                        const struct spot *at) {
    size_t count = 0;
    bool is_most = false;
    const char *unit = "";
    switch ((int)rule->kind) {
    case RULE_MAX_LENGTH:
    case RULE_MIN_LENGTH:
        if (!json_is_string(at->value)) return true;
        is_most = rule->kind == RULE_MAX_LENGTH;
        count = count_characters(json_string_bytes(at->value));
        unit = "characters";
        break;
    case RULE_MAX_ITEMS:
    case RULE_MIN_ITEMS:
        if (!json_is_array(at->value)) return true;
        is_most = rule->kind == RULE_MAX_ITEMS;
        count = json_array_size(at->value);
        unit = "items";
        break;
    case RULE_MAX_PROPERTIES:
    case RULE_MIN_PROPERTIES:
        if (!json_is_object(at->value)) return true;
        is_most = rule->kind == RULE_MAX_PROPERTIES;
        count = json_object_size(at->value);
        unit = "members";
        break;
    }
    if (is_most ? count <= rule->count : count >= rule->count) return true;
    if (!run->violations) return false;
    struct buf text = {0};
    buf_append_format(&text, "there are %zu %s, not at %s %zu", count, unit,
                      is_most ? "most" : "least", rule->count);
    return report(run, node, rule, at, &text);
}

static bool check_text(struct run *run, const struct node *node, const struct rule *rule,
                       const struct spot *at) {
    if (!json_is_string(at->value)) return true;
    struct bytes string = json_string_bytes(at->value);
    if (rule->kind == RULE_PATTERN) {
        if (!run->scratch) run->scratch = pattern_scratch_new();
        if (pattern_matches(rule->pattern, run->scratch, string)) return true;
    } else if (rule->format->is_valid(string)) {
        return true;
    }
    if (!run->violations) return false;
    struct buf text = {0};
    excerpt_append(&text, string);
    if (rule->kind == RULE_PATTERN) {
        buf_append_format(&text, " does not match %s", rule->source);
    } else {
        buf_append_format(&text, " is no %s", rule->format->name);
    }
    return report(run, node, rule, at, &text);
}

static bool check_unique(struct run *run, const struct node *node, const struct rule *rule,
                         const struct spot *at) {
    size_t twins[2];
    bool is_found = false;
    if (!json_is_array(at->value)) return true;
    run->status = json_find_twins(&is_found, twins, at->value);
    if (!is_found || !run->violations) return !is_found;
    struct buf text = {0};
    buf_append_format(&text, "items %zu and %zu are equal", twins[0], twins[1]);
    return report(run, node, rule, at, &text);
}

// Whether to go on after something did not fit.
static bool goes_on(const struct run *run) {
    return run->violations && !violations_are_full(run->violations) && run->status == STATUS_OK;
}

static bool check_items(struct run *run, const struct rule *rule, const struct spot *at) {
    if (!json_is_array(at->value)) return true;
    bool is_fit = true;
    for (size_t i = 0; i < json_array_size(at->value) && (is_fit || goes_on(run)); i++) {
        uint32_t node = rule->node;
        if (rule->kind == RULE_TUPLE) node = i < rule->count ? rule->nodes[i] : rule->additional;
        if (node == NO_NODE) break;
        struct spot item = {.value = json_array_get(at->value, i), .parent = at, .index = i};
        if (!check(run, node, &item)) is_fit = false;
    }
    return is_fit;
}

static bool check_contains(struct run *run, const struct node *node, const struct rule *rule,
                           const struct spot *at) {
    if (!json_is_array(at->value)) return true;
    for (size_t i = 0; i < json_array_size(at->value); i++) {
        struct spot item = {.value = json_array_get(at->value, i), .parent = at, .index = i};
        if (fits(run, rule->node, &item)) return true;
    }
    if (!run->violations) return false;
    struct buf text = {0};
    buf_append_string(&text, "no item is what one of them has to be");
    const char *title = run->schema->nodes[rule->node].title;
    if (title) buf_append_format(&text, ": %s", title);
    return report(run, node, rule, at, &text);
}

static bool check_required(struct run *run, const struct node *node, const struct rule *rule,
                           const struct spot *at) {
    if (!json_is_object(at->value)) return true;
    bool is_fit = true;
    for (size_t i = 0; i < rule->count && (is_fit || goes_on(run)); i++) {
        if (json_object_get(at->value, rule->words[i])) continue;
        is_fit = false;
        if (!run->violations) break;
        struct buf text = {0};
        excerpt_append(&text, bytes_of_string(rule->words[i]));
        buf_append_string(&text, " is missing");
        report(run, node, rule, at, &text);
    }
    return is_fit;
}

static bool check_name(struct run *run, const struct node *node, const struct rule *rule,
                       const struct spot *member) {
    json_t *name = json_string_nocheck(member->key);
    if (!name) {
        run->status = STATUS_NO_MEMORY;
        return false;
    }
    struct spot at = *member;
    at.value = name;
    bool is_fit = fits(run, rule->node, &at);
    json_decref(name);
    if (is_fit || !run->violations) return is_fit;
    struct buf text = {0};
    buf_append_string(&text, "the name ");
    excerpt_append(&text, bytes_of_string(member->key));
    buf_append_string(&text, " is not allowed here");
    const struct node *names = &run->schema->nodes[rule->node];
    if (names->kind == NODE_REFERENCE) names = &run->schema->nodes[names->target];
    if (names->title) buf_append_format(&text, ", only %s", names->title);
    return report(run, node, rule, member, &text);
}

static bool check_names(struct run *run, const struct node *node, const struct rule *rule,
                        const struct spot *at) {
    if (!json_is_object(at->value)) return true;
    bool is_fit = true;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)at->value, key, value) {
        struct spot member = {.value = value, .parent = at, .key = key};
        if (!check_name(run, node, rule, &member)) is_fit = false;
        if (!is_fit && !goes_on(run)) break;
    }
    return is_fit;
}

static int compare_properties(const void *a, const void *b) {
    return strcmp(((const struct property *)a)->name, ((const struct property *)b)->name);
}

static bool check_member(struct run *run, const struct members *members,
                         const struct spot *member) {
    struct property wanted = {.name = member->key};
    const struct property *known = NULL;
    if (members->property_count > 0) {
        known = bsearch(&wanted, members->properties, members->property_count, sizeof wanted,
                        compare_properties);
    }
    bool is_fit = !known || check(run, known->node, member);
    bool is_known = known != NULL;
    for (size_t i = 0; i < members->pattern_count && (is_fit || goes_on(run)); i++) {
        if (!run->scratch) run->scratch = pattern_scratch_new();
        const struct pattern_property *item = &members->patterns[i];
        if (!pattern_matches(item->pattern, run->scratch, bytes_of_string(member->key))) continue;
        is_known = true;
        if (!check(run, item->node, member)) is_fit = false;
    }
    if (is_known || members->additional == NO_NODE) return is_fit;
    return check(run, members->additional, member);
}

static bool check_members(struct run *run, const struct rule *rule, const struct spot *at) {
    if (!json_is_object(at->value)) return true;
    bool is_fit = true;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)at->value, key, value) {
        struct spot member = {.value = value, .parent = at, .key = key};
        if (!check_member(run, rule->members, &member)) is_fit = false;
        if (!is_fit && !goes_on(run)) break;
    }
    return is_fit;
}

static bool check_dependency(struct run *run, const struct node *node, const struct rule *rule,
                             size_t index, const struct spot *at) {
    const struct dependency *item = &rule->dependencies[index];
    if (!json_object_get(at->value, item->name)) return true;
    if (item->node != NO_NODE) return check(run, item->node, at);
    for (size_t i = 0; i < item->name_count; i++) {
        if (json_object_get(at->value, item->names[i])) continue;
        if (!run->violations) return false;
        struct buf text = {0};
        excerpt_append(&text, bytes_of_string(item->name));
        buf_append_string(&text, " stands without ");
        excerpt_append(&text, bytes_of_string(item->names[i]));
        return report(run, node, rule, at, &text);
    }
    return true;
}

static bool check_dependencies(struct run *run, const struct node *node, const struct rule *rule,
                               const struct spot *at) {
    bool is_fit = true;
    if (!json_is_object(at->value)) return true;
    for (size_t i = 0; i < rule->count && (is_fit || goes_on(run)); i++) {
        if (!check_dependency(run, node, rule, i, at)) is_fit = false;
    }
    return is_fit;
}

static bool check_all(struct run *run, const struct rule *rule, const struct spot *at) {
    bool is_fit = true;
    for (size_t i = 0; i < rule->count && (is_fit || goes_on(run)); i++) {
        if (!check(run, rule->nodes[i], at)) is_fit = false;
    }
    return is_fit;
}

// anyOf and oneOf.
static bool check_choice(struct run *run, const struct node *node, const struct rule *rule,
                         const struct spot *at) {
    size_t fitting = 0, enough = rule->kind == RULE_ANY_OF ? 1 : 2;
    for (size_t i = 0; i < rule->count && fitting < enough; i++) {
        if (fits(run, rule->nodes[i], at)) fitting++;
    }
    if (fitting == 1) return true;
    if (!run->violations) return false;
    struct buf text = {0};
    append_value(&text, at->value);
    if (fitting > 1) {
        buf_append_string(&text, " fits more than one of the alternatives");
    } else {
        buf_append_format(&text, " fits none of the %zu alternatives", rule->count);
    }
    return report(run, node, rule, at, &text);
}

static bool check_not(struct run *run, const struct node *node, const struct rule *rule,
                      const struct spot *at) {
    if (!fits(run, rule->node, at)) return true;
    if (!run->violations) return false;
    struct buf text = {0};
    const char *title = run->schema->nodes[rule->node].title;
    append_value(&text, at->value);
    buf_append_format(&text, " is %s", title ? title : "what it must not be");
    return report(run, node, rule, at, &text);
}

static bool check_if(struct run *run, const struct rule *rule, const struct spot *at) {
    bool holds = fits(run, rule->choice.condition, at);
    uint32_t node = holds ? rule->choice.then : rule->choice.otherwise;
    return node == NO_NODE || check(run, node, at);
}

static bool check_rule(struct run *run, const struct node *node, const struct rule *rule,
                       const struct spot *at) {
    switch (rule->kind) {
    case RULE_TYPE:
        return check_type(run, node, rule, at);
    case RULE_ENUM:
    case RULE_CONST:
        return check_listed(run, node, rule, at);
    case RULE_MULTIPLE_OF:
    case RULE_MAXIMUM:
    case RULE_EXCLUSIVE_MAXIMUM:
    case RULE_MINIMUM:
    case RULE_EXCLUSIVE_MINIMUM:
        return check_number(run, node, rule, at);
    case RULE_MAX_LENGTH:
    case RULE_MIN_LENGTH:
    case RULE_MAX_ITEMS:
    case RULE_MIN_ITEMS:
    case RULE_MAX_PROPERTIES:
    case RULE_MIN_PROPERTIES:
        return check_count(run, node, rule, at);
    case RULE_PATTERN:
    case RULE_FORMAT:
        return check_text(run, node, rule, at);
    case RULE_UNIQUE_ITEMS:
        return check_unique(run, node, rule, at);
    case RULE_ITEMS:
    case RULE_TUPLE:
        return check_items(run, rule, at);
    case RULE_CONTAINS:
        return check_contains(run, node, rule, at);
    case RULE_REQUIRED:
        return check_required(run, node, rule, at);
    case RULE_PROPERTY_NAMES:
        return check_names(run, node, rule, at);
    case RULE_MEMBERS:
        return check_members(run, rule, at);
    case RULE_DEPENDENCIES:
        return check_dependencies(run, node, rule, at);
    case RULE_ALL_OF:
        return check_all(run, rule, at);
    case RULE_ANY_OF:
    case RULE_ONE_OF:
        return check_choice(run, node, rule, at);
    case RULE_NOT:
        return check_not(run, node, rule, at);
    case RULE_IF:
        return check_if(run, rule, at);
    }
    return true;
}

static bool check_rules(struct run *run, const struct node *node, const struct spot *at) {
    if (run->nesting >= LIMIT_SCHEMA_NESTING) {
        run->status = STATUS_TOO_LARGE;
        return false;
    }
    run->nesting++;
    bool is_fit = true;
    for (size_t i = 0; i < node->rule_count && (is_fit || goes_on(run)); i++) {
        if (!check_rule(run, node, &node->rules[i], at)) is_fit = false;
    }
    run->nesting--;
    return is_fit;
}

static bool check(struct run *run, uint32_t index, const struct spot *at) {
    if (run->status != STATUS_OK) return false;
    const struct node *node = &run->schema->nodes[index];
    if (node->kind == NODE_REFERENCE) node = &run->schema->nodes[node->target];
    switch (node->kind) {
    case NODE_ANYTHING:
        return true;
    case NODE_RULES:
        return check_rules(run, node, at);
    case NODE_NOTHING:
    case NODE_REFERENCE:
        break;
    }
    if (!run->violations) return false;
    struct buf text = {0};
    if (at->key) {
        excerpt_append(&text, bytes_of_string(at->key));
    } else {
        append_value(&text, at->value);
    }
    buf_append_string(&text, " is not allowed here");
    return report(run, node, NULL, at, &text);
}

enum status schema_validate(const struct schema *schema, struct violations *violations,
                            const json_t *value) {
    struct run run = {.schema = schema, .violations = violations};
    struct spot root = {.value = value};
    bool is_fit = check(&run, schema->root, &root);
    pattern_scratch_free(run.scratch);
    if (run.status != STATUS_OK) return run.status;
    return is_fit ? STATUS_OK : STATUS_INVALID;
}
