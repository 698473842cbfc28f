// SPDX-License-Identifier: Apache-2.0
// The standard's vocabularies: their words, and values in the one form in which events and queries
// are compared. A word of CBV 2.0 may be written bare ("shipping"), as a URI
// ("https://ref.gs1.org/cbv/BizStep-shipping", "cbv:BizStep-shipping") or as the URN of before
// ("urn:epcglobal:cbv:bizstep:shipping"); all are one. Source: GS1 CBV 2.0; the words are those of
// GS1's own schemas.
//
// Pure functions without state; any thread may call them.
#ifndef LMM_EPCIS_VOCABULARY_H
#define LMM_EPCIS_VOCABULARY_H

#include "apps/supplychain/epcis/context.h"

enum vocabulary {
    VOCABULARY_NONE, // a URI of any kind: no bare words
    VOCABULARY_ACTION,
    VOCABULARY_EVENT_TYPE,
    VOCABULARY_BIZ_STEP,
    VOCABULARY_DISPOSITION,
    VOCABULARY_ERROR_REASON,
    VOCABULARY_TRANSACTION,
    VOCABULARY_SOURCE,
    VOCABULARY_MEASUREMENT,
};

struct vocabulary_words {
    const char *const *words; // sorted
    size_t count;
    const char *iri;  // what a bare word stands for, before the word; "": itself
    const char *noun; // "a business step"
};
const struct vocabulary_words *vocabulary_words(enum vocabulary vocabulary);
bool vocabulary_has(enum vocabulary vocabulary, struct bytes word);

// Appends the value in its one form: trimmed, a bare word of the vocabulary as its URI, prefixes
// expanded, old URNs and addresses as today's, GS1 identifiers as canonical Digital Links.
void vocabulary_append_value(struct buf *out, enum vocabulary vocabulary, struct bytes text,
                             const struct epcis_context *context);
// "https://ref.gs1.org/cbv/BizStep-shipping" is "shipping"; what is no standard word stays whole.
struct bytes vocabulary_short_form(enum vocabulary vocabulary, struct bytes value);

// Appends today's URI of a CBV URN; false, and nothing is appended, for any other text.
bool vocabulary_append_urn(struct buf *out, struct bytes text);

#endif
