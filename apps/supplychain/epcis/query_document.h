// SPDX-License-Identifier: Apache-2.0
// Writes an answer: an EPCISQueryDocument of events that came from any number of documents, each
// with the context it came under. Where all came under one context, that is the answer's. Else the
// answer's context holds the definitions that mean the same to every event in it, and an event
// brings the others itself, as EPCIS allows, so that each keeps its meaning exactly.
//
// Values are written as they were, digit by digit; white space, members that a later one of their
// name overrode, and definitions that no event uses are not.
//
// Whatever the number of events, no more than one of them is parsed at a time; of the rest there
// are the stored texts, the terms they use and the answer itself.
#ifndef LMM_EPCIS_QUERY_DOCUMENT_H
#define LMM_EPCIS_QUERY_DOCUMENT_H

#include "apps/supplychain/epcis/event_hash.h"

// An event as it was captured: see struct epcis_event and struct epcis_document.
struct epcis_source {
    struct bytes text;
    struct bytes context; // of its document; empty for none
};

struct epcis_answer_event {
    struct epcis_source source;
    int64_t record_time_ms; // overrides what the event itself may claim
    const uint8_t *hash;    // EVENT_HASH_SIZE bytes: its eventID if it has none
};

struct epcis_answer {
    const struct epcis_answer_event *events;
    size_t event_count;
    int64_t creation_time_ms;
    const char *query_name; // NULL: SimpleEventQuery
};

// Appends to *out. CORRUPT, with nothing appended, when a stored text is not what splitting gave.
enum status epcis_query_document_write(struct buf *out,
                                       const struct epcis_answer *answer) MUST_CHECK;

// Do the two say the same? Keys in any order, prefixes expanded each under its own context, numbers
// by value, definitions of used terms included. recordTime is not compared, and eventID only where
// both have one. False when one of them is no event.
bool epcis_events_equal(const struct epcis_source *a, const struct epcis_source *b);

#endif
