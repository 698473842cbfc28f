// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/context.h"

#include <stdlib.h>

#include "chaincore/base/limits.h"

static const struct {
    const char *prefix;
    const char *iri;
} built_in[] = {
    {"cbv", "https://ref.gs1.org/cbv/"},
    {"cbvmda", "urn:epcglobal:cbv:mda:"},
    {"epcis", "https://ref.gs1.org/epcis/"},
    {"gs1", "https://gs1.org/voc/"},
};

struct builder {
    struct buf terms;
    struct buf urls;
    bool has_keyword;
    bool has_term_twice;
    bool has_term_before_url;
};

static void add_object(struct builder *b, const struct json_span *object) {
    for (uint32_t i = 0; i < object->count; i++) {
        const struct json_span *member = &object->items[i];
        struct epcis_term term = {.name = member->name, .definition = member};
        if (member->name.len && member->name.data[0] == '@') b->has_keyword = true;
        buf_append(&b->terms, BYTES_OF(term));
    }
}

static enum status add_entry(struct builder *b, const struct json_span *entry) {
    if (entry->kind == SPAN_OBJECT) {
        add_object(b, entry);
        return STATUS_OK;
    }
    if (entry->kind != SPAN_STRING) return STATUS_MALFORMED;
    if (b->terms.len) b->has_term_before_url = true;
    buf_append(&b->urls, BYTES_OF(entry->text));
    return STATUS_OK;
}

static enum status add_context(struct builder *b, const struct json_span *context) {
    enum status status = STATUS_OK;
    if (!context) return STATUS_OK;
    if (context->kind != SPAN_ARRAY) return add_entry(b, context);
    for (uint32_t i = 0; i < context->count && status == STATUS_OK; i++)
        status = add_entry(b, &context->items[i]);
    return status;
}

struct place {
    const struct epcis_term *term;
};

// By name; of one name, what stands later comes later.
static int compare_places(const void *a, const void *b) {
    const struct epcis_term *left = ((const struct place *)a)->term;
    const struct epcis_term *right = ((const struct place *)b)->term;
    int order = bytes_compare(left->name, right->name);
    if (order) return order;
    return left < right ? -1 : left > right;
}

static void keep_last_of_each(struct epcis_context *out, struct arena *arena, struct builder *b) {
    const struct epcis_term *all = (const struct epcis_term *)(const void *)b->terms.data;
    size_t count = b->terms.len / sizeof(*all);
    if (count == 0) return;
    struct place *sorted = arena_alloc_array(arena, count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) sorted[i].term = &all[i];
    qsort(sorted, count, sizeof(*sorted), compare_places);
    struct epcis_term *terms = arena_alloc_array(arena, count, sizeof(*terms));
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || !bytes_equal(sorted[i].term->name, sorted[i + 1].term->name))
            terms[kept++] = *sorted[i].term;
    out->terms = terms;
    out->term_count = kept;
    b->has_term_twice = kept < count;
}

static bool is_plain(const struct epcis_context *context, const struct builder *b) {
    const struct epcis_context *outer = context->outer;
    if (b->has_keyword || b->has_term_twice || b->has_term_before_url) return false;
    for (size_t i = 0; outer && i < context->term_count; i++)
        if (epcis_context_find(outer, context->terms[i].name)) return false;
    for (size_t i = 0; i < context->url_count; i++)
        if (!bytes_equal(context->urls[i], bytes_of_string(EPCIS_CONTEXT_URL))) return false;
    if (!outer) return context->url_count >= 1;
    return outer->is_plain && (context->url_count == 0 || outer->term_count == 0);
}

enum status epcis_context_build(struct epcis_context *out, struct arena *arena,
                                const struct epcis_context *outer,
                                const struct json_span *entries) {
    struct builder b = {0};
    enum status status = STATUS_OK;
    *out = (struct epcis_context){.outer = outer};
    if (entries && entries->raw.len > LIMIT_EPCIS_CONTEXT_BYTES) return STATUS_TOO_LARGE;
    TRY(add_context(&b, entries));
    keep_last_of_each(out, arena, &b);
    out->url_count = b.urls.len / sizeof(struct bytes);
    if (out->url_count)
        out->urls = (const struct bytes *)(const void *)arena_copy(arena, buf_bytes(&b.urls)).data;
    out->is_plain = is_plain(out, &b);
out:
    buf_clear(&b.terms);
    buf_clear(&b.urls);
    return status;
}

static const struct epcis_term *find_own(const struct epcis_context *context, struct bytes name) {
    size_t low = 0, high = context->term_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bytes_compare(context->terms[middle].name, name);
        if (order == 0) return &context->terms[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct epcis_term *epcis_context_find(const struct epcis_context *context,
                                            struct bytes name) {
    const struct epcis_term *term = NULL;
    for (; context && !term; context = context->outer) term = find_own(context, name);
    return term;
}

bool epcis_context_namespace(const struct epcis_context *context, struct bytes prefix,
                             struct bytes *iri) {
    const struct epcis_term *term = epcis_context_find(context, prefix);
    if (term) {
        *iri = term->definition->text;
        return term->definition->kind == SPAN_STRING;
    }
    for (size_t i = 0; i < sizeof(built_in) / sizeof(*built_in); i++) {
        if (!bytes_equal(prefix, bytes_of_string(built_in[i].prefix))) continue;
        *iri = bytes_of_string(built_in[i].iri);
        return true;
    }
    return false;
}

bool epcis_context_expand(const struct epcis_context *context, struct bytes text, struct bytes *iri,
                          struct bytes *rest) {
    const uint8_t *colon = text.len ? memchr(text.data, ':', text.len) : NULL;
    if (!colon) return false;
    size_t len = (size_t)(colon - text.data);
    *rest = bytes_of(colon + 1, text.len - len - 1);
    if (bytes_start_with(*rest, bytes_of_string("//"))) return false;
    return epcis_context_namespace(context, bytes_of(text.data, len), iri);
}
