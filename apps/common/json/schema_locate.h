// SPDX-License-Identifier: Apache-2.0
// Where schemas stand and where a $ref leads: every $id of every document, and JSON pointers from
// there. For schema_compile.c alone.
#ifndef LMM_JSON_SCHEMA_LOCATE_H
#define LMM_JSON_SCHEMA_LOCATE_H

#include "apps/common/json/json.h"

struct place {
    const json_t *json;
    struct bytes base;    // what a $ref here is relative to, the place's own $id applied
    const char *location; // as struct node has it
};

struct resource {
    struct bytes uri; // absolute, without an empty fragment
    struct place place;
};

struct locator {
    struct arena *arena; // of all texts
    struct resource *resources;
    size_t count, capacity;
    json_t *metaschema; // parsed when a $ref first leads there; owned
};

void locator_clear(struct locator *locator);
// All $id within. The root's URI is empty. MALFORMED when it nests beyond LIMIT_JSON_DEPTH.
enum status locator_add(struct locator *locator, struct place *root, struct bytes uri,
                        const json_t *json) MUST_CHECK;
// The place one or two steps down; `key` NULL for an index.
struct place place_member(struct locator *locator, const struct place *from, const char *key);
struct place place_item(struct locator *locator, const struct place *from, size_t index);
// NOT_FOUND when the reference leads nowhere.
enum status locator_follow(struct locator *locator, struct place *out, const struct place *from,
                           struct bytes reference) MUST_CHECK;

// The place's $id or $ref, when it is a schema that has one; empty otherwise.
struct bytes schema_text(const json_t *schema, const char *keyword);

#endif
