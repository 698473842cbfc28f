// SPDX-License-Identifier: Apache-2.0
// The program that schema_compile.c writes and schema_validate.c runs; for these two alone.
//
// A schema is a node, named by its index; a node holds its rules, one per keyword or per group of
// keywords that only make sense together. Nodes refer to each other by index, so schemas may be
// recursive. Everything lives in the program's arena; values are borrowed from the documents, which
// the program holds.
#ifndef LMM_JSON_SCHEMA_PROGRAM_H
#define LMM_JSON_SCHEMA_PROGRAM_H

#include "apps/common/json/format.h"
#include "apps/common/json/pattern.h"
#include "apps/common/json/schema.h"

enum { NO_NODE = UINT32_MAX };

enum rule_kind {
    RULE_TYPE,
    RULE_ENUM,
    RULE_CONST,
    RULE_MULTIPLE_OF,
    RULE_MAXIMUM,
    RULE_EXCLUSIVE_MAXIMUM,
    RULE_MINIMUM,
    RULE_EXCLUSIVE_MINIMUM,
    RULE_MAX_LENGTH,
    RULE_MIN_LENGTH,
    RULE_PATTERN,
    RULE_FORMAT,
    RULE_MAX_ITEMS,
    RULE_MIN_ITEMS,
    RULE_UNIQUE_ITEMS,
    RULE_ITEMS, // every item by one schema
    RULE_TUPLE, // items by place, and additionalItems
    RULE_CONTAINS,
    RULE_MAX_PROPERTIES,
    RULE_MIN_PROPERTIES,
    RULE_REQUIRED,
    RULE_PROPERTY_NAMES,
    RULE_MEMBERS, // properties, patternProperties, additionalProperties
    RULE_DEPENDENCIES,
    RULE_ALL_OF,
    RULE_ANY_OF,
    RULE_ONE_OF,
    RULE_NOT,
    RULE_IF, // if, then, else
};

// A bit per JSON type, as `type` lists them.
enum {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_INTEGER = 4,
    TYPE_NUMBER = 8,
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64,
};
extern const char *const schema_type_names[7]; // by bit

struct property {
    const char *name;
    uint32_t node;
};
struct pattern_property {
    const struct pattern *pattern;
    uint32_t node;
};
struct members {
    const struct property *properties; // in byte order of their names
    size_t property_count;
    const struct pattern_property *patterns;
    size_t pattern_count;
    uint32_t additional; // NO_NODE: anything
};
struct dependency {
    const char *name;
    uint32_t node; // NO_NODE: the names below
    const char *const *names;
    size_t name_count;
};
struct choice {
    uint32_t condition, then, otherwise; // NO_NODE: anything
};

struct rule {
    enum rule_kind kind;
    const char *keyword;
    size_t count; // of the list below, or the number that the keyword says
    union {
        uint32_t types;
        uint32_t node;
        const uint32_t *nodes;
        const json_t *value;
        const struct members *members;
        const struct dependency *dependencies;
        const struct format *format;
        const struct pattern *pattern;
        struct choice choice;
    };
    uint32_t additional;      // of a tuple
    const char *source;       // of a pattern
    const char *const *words; // of an enum of strings alone, in byte order; of required
};

enum node_kind { NODE_RULES, NODE_ANYTHING, NODE_NOTHING, NODE_REFERENCE };

struct node {
    enum node_kind kind;
    uint32_t target;      // of a reference
    const char *location; // "#/definitions/event", after the document's URI unless it is the root's
    const char *title;    // or NULL
    const struct rule *rules;
    size_t rule_count;
};

struct schema {
    struct node *nodes;
    size_t node_count;
    uint32_t root;
    json_t **documents;
    size_t document_count;
    struct pattern **patterns;
    size_t pattern_count;
    struct arena arena;
};

#endif
