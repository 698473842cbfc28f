// SPDX-License-Identifier: Apache-2.0
// A JSON-LD @context as far as EPCIS documents need one: which namespace a prefix stands for. No
// network and no JSON-LD processor: the inline objects count, over four prefixes that EPCIS itself
// defines; the URLs in a context are kept but never fetched.
//
// Threading: a context never changes once built.
#ifndef LMM_EPCIS_CONTEXT_H
#define LMM_EPCIS_CONTEXT_H

#include "apps/common/json/span.h"

#define EPCIS_CONTEXT_URL "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

struct epcis_term {
    struct bytes name;
    const struct json_span *definition;
};

struct epcis_context {
    const struct epcis_context *outer; // holds where this one has no term of a name; or NULL
    const struct epcis_term *terms;    // sorted by name, each name once
    size_t term_count;
    const struct bytes *urls; // in order
    size_t url_count;
    // With the outer ones: the standard's URL first, no other URL, no keyword (@vocab …), no term
    // defined twice. Then the terms say it all, whatever their order.
    bool is_plain;
};

// From what stands at "@context", NULL for nothing. Lives in the arena and borrows from `entries`
// and `outer`. MALFORMED for what is no context, TOO_LARGE above LIMIT_EPCIS_CONTEXT_BYTES.
enum status epcis_context_build(struct epcis_context *out, struct arena *arena,
                                const struct epcis_context *outer,
                                const struct json_span *entries) MUST_CHECK;

// NULL when the context does not define it.
const struct epcis_term *epcis_context_find(const struct epcis_context *context, struct bytes name);
// The namespace of a declared or built-in prefix.
bool epcis_context_namespace(const struct epcis_context *context, struct bytes prefix,
                             struct bytes *iri);
// Splits "prefix:rest" when the prefix has a namespace. Never "scheme://…".
bool epcis_context_expand(const struct epcis_context *context, struct bytes text, struct bytes *iri,
                          struct bytes *rest);

#endif
