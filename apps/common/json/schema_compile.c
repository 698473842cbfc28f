// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/json/number.h"
#include "apps/common/json/schema_locate.h"
#include "apps/common/json/schema_program.h"
#include "chaincore/base/memory.h"

const char *const schema_type_names[7] = {"null",   "boolean", "integer", "number",
                                          "string", "array",   "object"};

// Nodes are made when something first leads to them and compiled in turn, so that no schema,
// however it refers to itself, makes this recurse.
struct compiler {
    struct schema *schema;
    struct locator locator;
    struct place *places; // by node
    size_t capacity;
    struct schema_fault *fault;
    bool asserts_formats;
};

static enum status refuse(struct compiler *c, const char *location, const char *claim) {
    if (c->fault) snprintf(c->fault->text, sizeof c->fault->text, "%s: %s", location, claim);
    return STATUS_MALFORMED;
}

static enum status node_at(struct compiler *c, uint32_t *out, const struct place *place) {
    struct schema *schema = c->schema;
    if (!json_is_object(place->json) && !json_is_boolean(place->json)) {
        return refuse(c, place->location, "a schema is an object or a boolean");
    }
    for (size_t i = 0; json_is_object(place->json) && i < schema->node_count; i++) {
        if (c->places[i].json != place->json) continue;
        *out = (uint32_t)i;
        return STATUS_OK;
    }
    if (schema->node_count == LIMIT_SCHEMA_NODES) return STATUS_TOO_LARGE;
    if (schema->node_count == c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 64;
        schema->nodes = mem_resize(schema->nodes, c->capacity * sizeof *schema->nodes);
        c->places = mem_resize(c->places, c->capacity * sizeof *c->places);
    }
    *out = (uint32_t)schema->node_count++;
    c->places[*out] = *place;
    struct bytes title = schema_text(place->json, "title");
    schema->nodes[*out] = (struct node){
        .location = place->location,
        .title = title.len > 0 ? arena_copy_string(&schema->arena, title) : NULL,
    };
    return STATUS_OK;
}

static enum status node_of_member(struct compiler *c, uint32_t *out, const struct place *from,
                                  const char *key) {
    struct place place = place_member(&c->locator, from, key);
    return node_at(c, out, &place);
}

// The value of a keyword, where it is itself no schema but holds some.
static struct place held(struct compiler *c, const struct place *from, const char *keyword) {
    return (struct place){
        .json = json_object_get(from->json, keyword),
        .base = from->base,
        .location = arena_format(&c->schema->arena, "%s/%s", from->location, keyword),
    };
}

static enum status nodes_of_list(struct compiler *c, struct rule *rule, const struct place *list) {
    enum status status = STATUS_OK;
    if (!json_is_array(list->json)) return refuse(c, list->location, "an array is expected");
    rule->count = json_array_size(list->json);
    uint32_t *nodes = arena_alloc_array(&c->schema->arena, rule->count, sizeof *nodes);
    for (size_t i = 0; i < rule->count; i++) {
        struct place item = place_item(&c->locator, list, i);
        TRY(node_at(c, &nodes[i], &item));
    }
    rule->nodes = nodes;
out:
    return status;
}

static enum status pattern_of(struct compiler *c, const struct pattern **out, struct bytes source,
                              const char *location) {
    struct schema *schema = c->schema;
    struct pattern *pattern;
    if (pattern_compile(&pattern, source) != STATUS_OK) {
        return refuse(c, location, "this pattern is not understood");
    }
    size_t size = (schema->pattern_count + 1) * sizeof *schema->patterns;
    schema->patterns = mem_resize(schema->patterns, size);
    schema->patterns[schema->pattern_count++] = pattern;
    *out = pattern;
    return STATUS_OK;
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Borrowed from the document.
static enum status words_of(struct compiler *c, const char *const **out, const json_t *list,
                            const char *location) {
    if (!json_is_array(list)) return refuse(c, location, "an array of strings is expected");
    size_t count = json_array_size(list);
    const char **words = arena_alloc_array(&c->schema->arena, count, sizeof *words);
    for (size_t i = 0; i < count; i++) {
        words[i] = json_string_value(json_array_get(list, i));
        if (!words[i]) return refuse(c, location, "an array of strings is expected");
    }
    *out = words;
    return STATUS_OK;
}

// What follows compiles one keyword each. A rule whose keyword is taken away again is left out.

static enum status compile_type(struct compiler *c, struct rule *rule, const struct place *at) {
    const json_t *value = json_object_get(at->json, rule->keyword);
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        const char *name = json_is_string(item) ? json_string_value(item) : "";
        uint32_t bit = 0;
        while (bit < 7 && strcmp(schema_type_names[bit], name) != 0) bit++;
        if (bit == 7) return refuse(c, at->location, "`type` names no type");
        rule->types |= 1u << bit;
    }
    return STATUS_OK;
}

static enum status compile_enum(struct compiler *c, struct rule *rule, const struct place *at) {
    rule->value = json_object_get(at->json, rule->keyword);
    if (!json_is_array(rule->value)) return refuse(c, at->location, "`enum` is no array");
    rule->count = json_array_size(rule->value);
    for (size_t i = 0; i < rule->count; i++) {
        if (!json_is_string(json_array_get(rule->value, i))) return STATUS_OK;
    }
    const char *const *words;
    enum status status = words_of(c, &words, rule->value, at->location);
    if (status != STATUS_OK || rule->count == 0) return status;
    qsort((void *)words, rule->count, sizeof *words, compare_words);
    rule->words = words;
    return STATUS_OK;
}

static enum status compile_const(struct compiler *c, struct rule *rule, const struct place *at) {
    (void)c;
    rule->value = json_object_get(at->json, rule->keyword);
    return STATUS_OK;
}

static enum status compile_number(struct compiler *c, struct rule *rule, const struct place *at) {
    rule->value = json_object_get(at->json, rule->keyword);
    if (!json_is_number(rule->value)) return refuse(c, at->location, "a bound is no number");
    if (rule->kind == RULE_MULTIPLE_OF && json_number_value(rule->value) <= 0) {
        return refuse(c, at->location, "`multipleOf` is not above zero");
    }
    return STATUS_OK;
}

static enum status compile_count(struct compiler *c, struct rule *rule, const struct place *at) {
    const json_t *value = json_object_get(at->json, rule->keyword);
    double number = json_number_value(value);
    bool is_count = json_is_number(value) && json_number_is_integer(value) && number >= 0;
    if (!is_count || number > 1e15) return refuse(c, at->location, "a count is no natural number");
    rule->count = (size_t)number;
    return STATUS_OK;
}

static enum status compile_pattern(struct compiler *c, struct rule *rule, const struct place *at) {
    const json_t *source = json_object_get(at->json, rule->keyword);
    if (!json_is_string(source)) return refuse(c, at->location, "`pattern` is no string");
    rule->source = json_string_value(source);
    return pattern_of(c, &rule->pattern, json_string_bytes(source), at->location);
}

static enum status compile_format(struct compiler *c, struct rule *rule, const struct place *at) {
    const json_t *name = json_object_get(at->json, rule->keyword);
    if (!json_is_string(name)) return refuse(c, at->location, "`format` is no string");
    if (c->asserts_formats) rule->format = format_find(json_string_value(name));
    if (!rule->format) rule->keyword = NULL;
    return STATUS_OK;
}

static enum status compile_unique(struct compiler *c, struct rule *rule, const struct place *at) {
    const json_t *value = json_object_get(at->json, rule->keyword);
    if (!json_is_boolean(value)) return refuse(c, at->location, "`uniqueItems` is no boolean");
    if (!json_is_true(value)) rule->keyword = NULL;
    return STATUS_OK;
}

static enum status compile_items(struct compiler *c, struct rule *rule, const struct place *at) {
    struct place items = held(c, at, rule->keyword);
    if (!json_is_array(items.json)) return node_of_member(c, &rule->node, at, rule->keyword);
    rule->kind = RULE_TUPLE;
    rule->additional = NO_NODE;
    enum status status = nodes_of_list(c, rule, &items);
    if (status != STATUS_OK || !json_object_get(at->json, "additionalItems")) return status;
    return node_of_member(c, &rule->additional, at, "additionalItems");
}

static enum status compile_one(struct compiler *c, struct rule *rule, const struct place *at) {
    return node_of_member(c, &rule->node, at, rule->keyword);
}

static enum status compile_list(struct compiler *c, struct rule *rule, const struct place *at) {
    struct place list = held(c, at, rule->keyword);
    enum status status = nodes_of_list(c, rule, &list);
    if (status == STATUS_OK && rule->count == 0) return refuse(c, list.location, "it is empty");
    return status;
}

static enum status compile_required(struct compiler *c, struct rule *rule, const struct place *at) {
    const json_t *names = json_object_get(at->json, rule->keyword);
    rule->count = json_array_size(names);
    return words_of(c, &rule->words, names, at->location);
}

static int compare_properties(const void *a, const void *b) {
    return strcmp(((const struct property *)a)->name, ((const struct property *)b)->name);
}

static enum status compile_properties(struct compiler *c, struct members *members,
                                      const struct place *map) {
    enum status status = STATUS_OK;
    if (!json_is_object(map->json)) return refuse(c, map->location, "an object is expected");
    struct property *properties =
        arena_alloc_array(&c->schema->arena, json_object_size(map->json), sizeof *properties);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)map->json, name, value) {
        properties[members->property_count].name = name;
        TRY(node_of_member(c, &properties[members->property_count++].node, map, name));
    }
    qsort(properties, members->property_count, sizeof *properties, compare_properties);
    members->properties = properties;
out:
    return status;
}

static enum status compile_pattern_properties(struct compiler *c, struct members *members,
                                              const struct place *map) {
    enum status status = STATUS_OK;
    if (!json_is_object(map->json)) return refuse(c, map->location, "an object is expected");
    struct pattern_property *patterns =
        arena_alloc_array(&c->schema->arena, json_object_size(map->json), sizeof *patterns);
    const char *source;
    json_t *value;
    json_object_foreach((json_t *)map->json, source, value) {
        struct pattern_property *item = &patterns[members->pattern_count++];
        TRY(pattern_of(c, &item->pattern, bytes_of_string(source), map->location));
        TRY(node_of_member(c, &item->node, map, source));
    }
    members->patterns = patterns;
out:
    return status;
}

// Called for whichever of the three keywords stands first in the table; does all three.
static enum status compile_members(struct compiler *c, struct rule *rule, const struct place *at) {
    enum status status = STATUS_OK;
    struct members *members = arena_alloc(&c->schema->arena, sizeof *members);
    struct place properties = held(c, at, "properties");
    struct place patterns = held(c, at, "patternProperties");
    members->additional = NO_NODE;
    if (properties.json) TRY(compile_properties(c, members, &properties));
    if (patterns.json) TRY(compile_pattern_properties(c, members, &patterns));
    if (json_object_get(at->json, "additionalProperties")) {
        TRY(node_of_member(c, &members->additional, at, "additionalProperties"));
    }
    rule->members = members;
out:
    return status;
}

static enum status compile_dependencies(struct compiler *c, struct rule *rule,
                                        const struct place *at) {
    enum status status = STATUS_OK;
    struct place map = held(c, at, rule->keyword);
    if (!json_is_object(map.json)) return refuse(c, map.location, "an object is expected");
    struct dependency *list =
        arena_alloc_array(&c->schema->arena, json_object_size(map.json), sizeof *list);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)map.json, name, value) {
        struct dependency *item = &list[rule->count++];
        *item = (struct dependency){.name = name, .node = NO_NODE};
        if (json_is_array(value)) {
            item->name_count = json_array_size(value);
            TRY(words_of(c, &item->names, value, map.location));
        } else {
            TRY(node_of_member(c, &item->node, &map, name));
        }
    }
    rule->dependencies = list;
out:
    return status;
}

static enum status compile_if(struct compiler *c, struct rule *rule, const struct place *at) {
    enum status status = STATUS_OK;
    struct choice choice = {.then = NO_NODE, .otherwise = NO_NODE};
    TRY(node_of_member(c, &choice.condition, at, "if"));
    if (json_object_get(at->json, "then")) TRY(node_of_member(c, &choice.then, at, "then"));
    if (json_object_get(at->json, "else")) TRY(node_of_member(c, &choice.otherwise, at, "else"));
    rule->choice = choice;
out:
    return status;
}

// Rules stand in this order in a node: the cheap and telling ones first.
static const struct {
    const char *keyword;
    enum rule_kind kind;
    enum status (*compile)(struct compiler *c, struct rule *rule, const struct place *at);
} keywords[] = {
    {"type", RULE_TYPE, compile_type},
    {"const", RULE_CONST, compile_const},
    {"enum", RULE_ENUM, compile_enum},
    {"required", RULE_REQUIRED, compile_required},
    {"multipleOf", RULE_MULTIPLE_OF, compile_number},
    {"maximum", RULE_MAXIMUM, compile_number},
    {"exclusiveMaximum", RULE_EXCLUSIVE_MAXIMUM, compile_number},
    {"minimum", RULE_MINIMUM, compile_number},
    {"exclusiveMinimum", RULE_EXCLUSIVE_MINIMUM, compile_number},
    {"maxLength", RULE_MAX_LENGTH, compile_count},
    {"minLength", RULE_MIN_LENGTH, compile_count},
    {"format", RULE_FORMAT, compile_format},
    {"pattern", RULE_PATTERN, compile_pattern},
    {"maxItems", RULE_MAX_ITEMS, compile_count},
    {"minItems", RULE_MIN_ITEMS, compile_count},
    {"maxProperties", RULE_MAX_PROPERTIES, compile_count},
    {"minProperties", RULE_MIN_PROPERTIES, compile_count},
    {"propertyNames", RULE_PROPERTY_NAMES, compile_one},
    {"properties", RULE_MEMBERS, compile_members},
    {"patternProperties", RULE_MEMBERS, compile_members},
    {"additionalProperties", RULE_MEMBERS, compile_members},
    {"items", RULE_ITEMS, compile_items},
    {"contains", RULE_CONTAINS, compile_one},
    {"dependencies", RULE_DEPENDENCIES, compile_dependencies},
    {"allOf", RULE_ALL_OF, compile_list},
    {"anyOf", RULE_ANY_OF, compile_list},
    {"oneOf", RULE_ONE_OF, compile_list},
    {"not", RULE_NOT, compile_one},
    {"if", RULE_IF, compile_if},
    {"uniqueItems", RULE_UNIQUE_ITEMS, compile_unique},
};
enum { KEYWORD_COUNT = sizeof keywords / sizeof keywords[0] };

static enum status compile_reference(struct compiler *c, uint32_t node, const struct place *at) {
    const json_t *reference = json_object_get(at->json, "$ref");
    if (!json_is_string(reference)) return refuse(c, at->location, "`$ref` is no string");
    struct place target;
    enum status status = locator_follow(&c->locator, &target, at, json_string_bytes(reference));
    if (status == STATUS_NOT_FOUND) return refuse(c, at->location, "`$ref` leads nowhere");
    if (status != STATUS_OK) return status;
    uint32_t found;
    status = node_at(c, &found, &target);
    c->schema->nodes[node].kind = NODE_REFERENCE;
    c->schema->nodes[node].target = found;
    return status;
}

static enum status compile_node(struct compiler *c, uint32_t index) {
    enum status status = STATUS_OK;
    struct place at = c->places[index];
    struct rule rules[KEYWORD_COUNT];
    size_t count = 0;
    bool has_members = false;
    if (json_is_boolean(at.json)) {
        c->schema->nodes[index].kind = json_is_true(at.json) ? NODE_ANYTHING : NODE_NOTHING;
        return STATUS_OK;
    }
    if (json_object_get(at.json, "$ref")) return compile_reference(c, index, &at);
    for (size_t i = 0; i < KEYWORD_COUNT; i++) {
        if (!json_object_get(at.json, keywords[i].keyword)) continue;
        if (keywords[i].kind == RULE_MEMBERS && has_members) continue;
        has_members = has_members || keywords[i].kind == RULE_MEMBERS;
        rules[count] = (struct rule){.kind = keywords[i].kind, .keyword = keywords[i].keyword};
        TRY(keywords[i].compile(c, &rules[count], &at));
        if (rules[count].keyword) count++;
    }
    struct node *node = &c->schema->nodes[index]; // the array may have moved meanwhile
    node->kind = count > 0 ? NODE_RULES : NODE_ANYTHING;
    node->rule_count = count;
    struct bytes copy = arena_copy(&c->schema->arena, bytes_of(rules, count * sizeof rules[0]));
    node->rules = (const void *)copy.data;
out:
    return status;
}

// Every reference ends at what is none.
static enum status shorten_references(struct compiler *c) {
    struct schema *schema = c->schema;
    for (size_t i = 0; i < schema->node_count; i++) {
        if (schema->nodes[i].kind != NODE_REFERENCE) continue;
        uint32_t target = schema->nodes[i].target;
        for (size_t steps = 0; schema->nodes[target].kind == NODE_REFERENCE; steps++) {
            if (steps > schema->node_count) {
                return refuse(c, schema->nodes[i].location, "`$ref` leads in a circle");
            }
            target = schema->nodes[target].target;
        }
        schema->nodes[i].target = target;
    }
    return STATUS_OK;
}

static enum status compile_all(struct compiler *c, const json_t *json,
                               const struct schema_options *options) {
    enum status status = STATUS_OK;
    struct schema *schema = c->schema;
    struct place root;
    size_t count = options ? options->document_count : 0;
    // The last place is for the metaschema, should a reference lead there.
    schema->documents = mem_alloc_array(count + 2, sizeof *schema->documents);
    schema->documents[schema->document_count++] = json_incref((json_t *)json);
    TRY(locator_add(&c->locator, &root, bytes_of("", 0), json));
    for (size_t i = 0; i < count; i++) {
        const struct schema_document *document = &options->documents[i];
        schema->documents[schema->document_count++] = json_incref((json_t *)document->json);
        TRY(locator_add(&c->locator, NULL, bytes_of_string(document->uri), document->json));
    }
    TRY(node_at(c, &schema->root, &root));
    for (size_t i = 0; i < schema->node_count; i++) TRY(compile_node(c, (uint32_t)i));
    TRY(shorten_references(c));
    if (c->locator.metaschema) {
        schema->documents[schema->document_count++] = json_incref(c->locator.metaschema);
    }
out:
    if (status == STATUS_TOO_LARGE && c->fault) {
        snprintf(c->fault->text, sizeof c->fault->text, "the schema has too many parts");
    }
    return status;
}

enum status schema_compile(struct schema **out, struct schema_fault *fault, const json_t *json,
                           const struct schema_options *options) {
    struct compiler c = {
        .schema = mem_alloc(sizeof(struct schema)),
        .fault = fault,
        .asserts_formats = options && options->asserts_formats,
    };
    if (fault) snprintf(fault->text, sizeof fault->text, "the schema nests too deep");
    c.locator.arena = &c.schema->arena;
    enum status status = compile_all(&c, json, options);
    locator_clear(&c.locator);
    mem_free(c.places);
    if (status != STATUS_OK) {
        schema_close(c.schema);
        c.schema = NULL;
    }
    *out = c.schema;
    return status;
}

void schema_close(struct schema *schema) {
    if (!schema) return;
    for (size_t i = 0; i < schema->pattern_count; i++) pattern_free(schema->patterns[i]);
    for (size_t i = 0; i < schema->document_count; i++) json_decref(schema->documents[i]);
    mem_free(schema->patterns);
    mem_free(schema->documents);
    mem_free(schema->nodes);
    arena_clear(&schema->arena);
    mem_free(schema);
}
