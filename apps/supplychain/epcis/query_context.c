// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "apps/supplychain/epcis/query.h"
#include "apps/supplychain/epcis/scalar.h"

enum { MAX_PREFIXES = 64 };

// One "prefix=namespace".
static bool read_declaration(struct epcis_term *out, struct arena *arena, struct bytes item) {
    const uint8_t *equals = item.len ? memchr(item.data, '=', item.len) : NULL;
    if (!equals) return false;
    struct bytes name = scalar_trim(bytes_of(item.data, (size_t)(equals - item.data)));
    struct bytes iri =
        scalar_trim(bytes_of(equals + 1, (size_t)(item.data + item.len - equals - 1)));
    struct json_span *definition = arena_alloc(arena, sizeof *definition);
    *definition = (struct json_span){.name = name, .raw = iri, .text = iri, .kind = SPAN_STRING};
    *out = (struct epcis_term){.name = name, .definition = definition};
    return name.len > 0 && iri.len > 0;
}

static int compare_terms(const void *a, const void *b) {
    return bytes_compare(((const struct epcis_term *)a)->name,
                         ((const struct epcis_term *)b)->name);
}

enum status epcis_query_context(struct epcis_context *out, struct arena *arena,
                                const char *header) {
    struct epcis_term *terms = arena_alloc_array(arena, MAX_PREFIXES, sizeof *terms);
    *out = (struct epcis_context){.terms = terms};
    for (const char *at = header; *at;) {
        size_t len = strcspn(at, ",");
        struct bytes item = scalar_trim(bytes_of(at, len));
        at += len + (at[len] == ',');
        if (item.len == 0) continue;
        if (out->term_count == MAX_PREFIXES) return STATUS_TOO_LARGE;
        if (!read_declaration(&terms[out->term_count++], arena, item)) return STATUS_MALFORMED;
    }
    qsort(terms, out->term_count, sizeof *terms, compare_terms);
    for (size_t i = 1; i < out->term_count; i++)
        if (bytes_equal(terms[i - 1].name, terms[i].name)) return STATUS_MALFORMED;
    return STATUS_OK;
}
