// SPDX-License-Identifier: Apache-2.0
// The CBV 2.0 event hash: SHA-256 of one line that says what an event says, whatever the order of
// its fields, the writing of its numbers and times, the prefixes of its extensions and the scheme
// of its identifiers. eventID, recordTime and errorDeclaration are not part of it, so an error
// declaration has the hash of the event it declares.
//
// Source: GS1 Core Business Vocabulary 2.0, section 8.9; where its prose and GS1's published
// vectors differ, the vectors. Pure functions; any thread may call them.
#ifndef LMM_EPCIS_EVENT_HASH_H
#define LMM_EPCIS_EVENT_HASH_H

#include "apps/supplychain/epcis/context.h"

enum { EVENT_HASH_SIZE = 32, EVENT_HASH_URI_SIZE = 90 };

// What around an event has a say in its hash.
struct event_scope {
    const struct epcis_context *context; // the event's own and its document's
    const struct bytes *ignored;         // names of fields that are left out, sorted
    size_t ignored_count;
    size_t max_len; // of the line
};

// Where and why a document or a query was refused.
struct epcis_fault {
    const char *reason; // a clause for a person; static, or in the arena of whoever asks
    const char *rule;   // of queries: what was broken, "epcis/time"; static
    char pointer[192];  // a JSON pointer into the document, or a parameter's name
};
// Adds "/name" to the pointer, escaped as RFC 6901 wants it; what does not fit is left out.
void epcis_fault_enter(struct epcis_fault *fault, struct bytes name);

// Appends the line that is hashed, for any object with a type. MALFORMED without one, TOO_LARGE
// above scope->max_len: then fault->pointer gets "/field" and *out is as before.
enum status event_prehash(struct buf *out, struct epcis_fault *fault, const struct json_span *event,
                          const struct event_scope *scope) MUST_CHECK;
// Its hash. `scratch` is overwritten.
enum status event_hash(uint8_t hash[EVENT_HASH_SIZE], struct buf *scratch,
                       struct epcis_fault *fault, const struct json_span *event,
                       const struct event_scope *scope) MUST_CHECK;

// A value as the line writes it where no vocabulary applies: trimmed, prefix expanded, numbers and
// identifiers in canonical form. Objects and arrays give nothing.
void event_value_append(struct buf *out, const struct json_span *value,
                        const struct epcis_context *context);

// "ni:///sha-256;<64 digits>?ver=CBV2.0" and a NUL.
void event_hash_print(char out[EVENT_HASH_URI_SIZE], const uint8_t hash[EVENT_HASH_SIZE]);
// MALFORMED for any other text.
enum status event_hash_read(uint8_t hash[EVENT_HASH_SIZE], struct bytes uri) MUST_CHECK;

#endif
