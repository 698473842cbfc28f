// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/schema_locate.h"

#include "apps/common/json/uri.h"
#include "chaincore/base/memory.h"

extern const uint8_t draft_07_json[], draft_07_json_end[];
static const char DRAFT_07_URI[] = "http://json-schema.org/draft-07/schema";

// How a keyword holds schemas. Only these are searched for $id: a "$id" within enum or const, or
// within a keyword that draft-07 does not know, is not one.
enum holding { HOLDS_ONE, HOLDS_LIST, HOLDS_MAP };
static const struct {
    const char *keyword;
    enum holding holding;
} holders[] = {
    {"additionalItems", HOLDS_ONE},
    {"additionalProperties", HOLDS_ONE},
    {"allOf", HOLDS_LIST},
    {"anyOf", HOLDS_LIST},
    {"contains", HOLDS_ONE},
    {"definitions", HOLDS_MAP},
    {"dependencies", HOLDS_MAP},
    {"else", HOLDS_ONE},
    {"if", HOLDS_ONE},
    {"items", HOLDS_ONE},
    {"items", HOLDS_LIST},
    {"not", HOLDS_ONE},
    {"oneOf", HOLDS_LIST},
    {"patternProperties", HOLDS_MAP},
    {"properties", HOLDS_MAP},
    {"propertyNames", HOLDS_ONE},
    {"then", HOLDS_ONE},
};

void locator_clear(struct locator *locator) {
    mem_free(locator->resources);
    json_decref(locator->metaschema);
    *locator = (struct locator){0};
}

struct bytes schema_text(const json_t *schema, const char *keyword) {
    const json_t *text = json_object_get(schema, keyword);
    return json_is_string(text) ? json_string_bytes(text) : bytes_of("", 0);
}

static struct bytes resolve(struct locator *locator, struct bytes base, struct bytes reference) {
    struct buf full = {0};
    uri_resolve(&full, base, reference);
    if (full.len > 0 && full.data[full.len - 1] == '#') full.len--;
    struct bytes out = arena_copy(locator->arena, buf_bytes(&full));
    buf_clear(&full);
    return out;
}

// A $ref hides the $id beside it.
static struct place enter(struct locator *locator, const json_t *json, struct bytes base,
                          const char *location) {
    struct place place = {.json = json, .base = base, .location = location};
    struct bytes id = schema_text(json, "$id");
    if (id.len > 0 && schema_text(json, "$ref").len == 0) {
        place.base = uri_without_fragment(resolve(locator, base, id));
    }
    return place;
}

static struct place step(struct locator *locator, const struct place *from, struct bytes token) {
    struct buf location = {0};
    buf_append_string(&location, from->location);
    json_pointer_append_key(&location, token);
    const char *copy = arena_copy_string(locator->arena, buf_bytes(&location));
    buf_clear(&location);
    return enter(locator, json_step(from->json, token), from->base, copy);
}

struct place place_member(struct locator *locator, const struct place *from, const char *key) {
    return step(locator, from, bytes_of_string(key));
}

struct place place_item(struct locator *locator, const struct place *from, size_t index) {
    const char *location = arena_format(locator->arena, "%s/%zu", from->location, index);
    return enter(locator, json_array_get(from->json, index), from->base, location);
}

static void add_resource(struct locator *locator, struct bytes uri, const struct place *place) {
    if (locator->count == locator->capacity) {
        locator->capacity = locator->capacity ? locator->capacity * 2 : 16;
        locator->resources =
            mem_resize(locator->resources, locator->capacity * sizeof *locator->resources);
    }
    locator->resources[locator->count++] = (struct resource){.uri = uri, .place = *place};
}

static enum status index_schema(struct locator *locator, struct bytes outer,
                                const struct place *place, size_t depth);

static enum status index_held(struct locator *locator, const struct place *holder,
                              enum holding holding, size_t depth) {
    enum status status = STATUS_OK;
    if (holding == HOLDS_ONE) return index_schema(locator, holder->base, holder, depth + 1);
    if (holding == HOLDS_LIST) {
        for (size_t i = 0; i < json_array_size(holder->json); i++) {
            struct place item = place_item(locator, holder, i);
            TRY(index_schema(locator, holder->base, &item, depth + 1));
        }
        return STATUS_OK;
    }
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)holder->json, key, member) {
        struct place place = place_member(locator, holder, key);
        TRY(index_schema(locator, holder->base, &place, depth + 1));
    }
out:
    return status;
}

static enum status index_schema(struct locator *locator, struct bytes outer,
                                const struct place *place, size_t depth) {
    enum status status = STATUS_OK;
    if (depth > LIMIT_JSON_DEPTH) return STATUS_MALFORMED;
    if (!json_is_object(place->json) || schema_text(place->json, "$ref").len > 0) return STATUS_OK;
    struct bytes id = schema_text(place->json, "$id");
    if (id.len > 0) add_resource(locator, resolve(locator, outer, id), place);
    for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++) {
        const json_t *held = json_object_get(place->json, holders[i].keyword);
        if (!held) continue;
        struct bytes keyword = bytes_of_string(holders[i].keyword);
        struct place holder;
        if (holders[i].holding == HOLDS_ONE) {
            holder = step(locator, place, keyword);
        } else {
            // A list or a map of schemas is no schema: a member "$id" there is a name.
            holder = *place;
            holder.json = held;
            holder.location =
                arena_format(locator->arena, "%s/%s", place->location, holders[i].keyword);
        }
        TRY(index_held(locator, &holder, holders[i].holding, depth + 1));
    }
out:
    return status;
}

enum status locator_add(struct locator *locator, struct place *root, struct bytes uri,
                        const json_t *json) {
    struct buf location = {0};
    buf_append(&location, uri);
    buf_append_byte(&location, '#');
    uri = arena_copy(locator->arena, uri);
    struct place place =
        enter(locator, json, uri, arena_copy_string(locator->arena, buf_bytes(&location)));
    buf_clear(&location);
    add_resource(locator, uri, &place);
    if (root) *root = place;
    return index_schema(locator, uri, &place, 0);
}

static const struct place *find(const struct locator *locator, struct bytes uri) {
    for (size_t i = 0; i < locator->count; i++) {
        if (bytes_equal(locator->resources[i].uri, uri)) return &locator->resources[i].place;
    }
    return NULL;
}

static enum status add_metaschema(struct locator *locator) {
    struct bytes text = bytes_of(draft_07_json, (size_t)(draft_07_json_end - draft_07_json));
    enum status status = json_parse(&locator->metaschema, NULL, text, text.len);
    if (status != STATUS_OK) return status;
    return locator_add(locator, NULL, bytes_of_string(DRAFT_07_URI), locator->metaschema);
}

enum status locator_follow(struct locator *locator, struct place *out, const struct place *from,
                           struct bytes reference) {
    enum status status = STATUS_NOT_FOUND;
    struct buf fragment = {0}, token = {0};
    struct bytes full = resolve(locator, from->base, reference);
    struct bytes uri = uri_without_fragment(full);
    const struct place *found = find(locator, uri);
    if (!found && !locator->metaschema && bytes_equal(uri, bytes_of_string(DRAFT_07_URI))) {
        TRY(add_metaschema(locator));
        status = STATUS_NOT_FOUND;
        found = find(locator, uri);
    }
    if (!percent_decode(&fragment, uri_fragment(full))) goto out;
    if (fragment.len > 0 && fragment.data[0] != '/') found = find(locator, full);
    if (!found) goto out;
    *out = *found;
    if (fragment.len > 0 && fragment.data[0] == '/') {
        struct bytes pointer = buf_bytes(&fragment);
        while (out->json && pointer.len > 0) {
            if (!json_pointer_next(&token, &pointer)) goto out;
            *out = step(locator, out, buf_bytes(&token));
        }
    }
    if (out->json) status = STATUS_OK;
out:
    buf_clear(&fragment);
    buf_clear(&token);
    return status;
}
