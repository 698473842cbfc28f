// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/context_use.h"

#include <stdlib.h>

struct finder {
    const struct epcis_context *context;
    struct buf found;  // struct used_term
    bool *is_found[2]; // of each term of the context and of its outer one
};

static void visit_text(struct bytes text, mention_visitor visit, void *user) {
    const uint8_t *colon = text.len ? memchr(text.data, ':', text.len) : NULL;
    if (text.len == 0) return;
    visit(user, text);
    if (colon) visit(user, bytes_of(text.data, (size_t)(colon - text.data)));
}

// The parser bounds the depth.
void mentions_visit(const struct json_span *value, mention_visitor visit, void *user) {
    visit_text(value->name, visit, user);
    if (value->kind == SPAN_STRING) visit_text(value->text, visit, user);
    for (uint32_t i = 0; i < value->count; i++) mentions_visit(&value->items[i], visit, user);
}

void event_mentions_visit(const struct json_span *event, mention_visitor visit, void *user) {
    for (uint32_t i = 0; i < event->count; i++)
        if (!bytes_equal(event->items[i].name, bytes_of_string("@context")))
            mentions_visit(&event->items[i], visit, user);
}

static void find_term(void *user, struct bytes name) {
    struct finder *finder = user;
    const struct epcis_term *term = epcis_context_find(finder->context, name);
    if (!term) return;
    const struct epcis_context *owner = finder->context;
    bool is_own =
        owner->term_count && term >= owner->terms && term < owner->terms + owner->term_count;
    if (!is_own) owner = owner->outer;
    bool *is_found = &finder->is_found[is_own ? 0 : 1][term - owner->terms];
    if (*is_found) return;
    *is_found = true;
    struct used_term used = {term};
    buf_append(&finder->found, BYTES_OF(used));
}

static int compare_terms(const void *a, const void *b) {
    return bytes_compare(((const struct used_term *)a)->term->name,
                         ((const struct used_term *)b)->term->name);
}

void context_use_find(struct context_use *out, struct arena *arena,
                      const struct epcis_context *context, const struct json_span *event) {
    const struct epcis_context *outer = context->outer;
    struct finder finder = {.context = context};
    ENSURE(!outer || !outer->outer);
    finder.is_found[0] = arena_alloc_array(arena, context->term_count + 1, sizeof(bool));
    finder.is_found[1] =
        arena_alloc_array(arena, (outer ? outer->term_count : 0) + 1, sizeof(bool));
    event_mentions_visit(event, find_term, &finder);
    // What is found while following comes behind and is followed in its turn.
    for (size_t at = 0; at < finder.found.len; at += sizeof(struct used_term)) {
        struct used_term used;
        memcpy(&used, finder.found.data + at, sizeof(used));
        mentions_visit(used.term->definition, find_term, &finder);
    }
    *out = (struct context_use){.count = finder.found.len / sizeof(struct used_term)};
    if (out->count) {
        ENSURE(finder.found.data);
        qsort(finder.found.data, out->count, sizeof(struct used_term), compare_terms);
        struct bytes sorted = arena_copy(arena, buf_bytes(&finder.found));
        out->terms = (const struct used_term *)(const void *)sorted.data;
    }
    buf_clear(&finder.found);
}
