// SPDX-License-Identifier: Apache-2.0
// Takes an EPCIS 2.0 document apart into its events: EPCISDocument, EPCISQueryDocument, or one bare
// event. Of each: the bytes as they were written, what an index wants to know, and its hash.
//
// This is no validation: the standard's rules are a schema's work and run before. What is checked
// here is what the splitting itself stands on, and that the work stays in proportion to the text.
// Of members of one name the last counts: one of the standard's own examples has eventID twice.
//
// Everything handed out borrows from the text or from the document and lives until
// epcis_document_clear. A split document never changes, so many threads may read it.
#ifndef LMM_EPCIS_DOCUMENT_SPLIT_H
#define LMM_EPCIS_DOCUMENT_SPLIT_H

#include "apps/supplychain/epcis/event_hash.h"

// Where in its event an EPC, or the class of a quantity, stands, which decides what query parameter
// finds it: see query.h. The numbers are stored.
enum epc_place {
    EPC_IN_LIST,
    EPC_IN_CHILDREN,
    EPC_IN_PARENT,
    EPC_IN_INPUT,
    EPC_IN_OUTPUT,
    CLASS_IN_LIST,
    CLASS_IN_CHILDREN,
    CLASS_IN_INPUT,
    CLASS_IN_OUTPUT,
};
// "epcList", "childEPCs", … "outputQuantityList". Static.
const char *epc_place_name(enum epc_place place);

struct event_epc {
    struct bytes id; // canonical: see identifier.h
    enum epc_place place;
};

struct epcis_event {
    struct bytes text; // exactly as in the document
    const struct json_span *value;
    const struct epcis_context *context; // its own, with the document's as the outer one
    struct bytes type;                   // as written: "ObjectEvent"
    struct bytes id;                     // eventID as written; empty when there is none
    int64_t event_time_ms;               // UTC, milliseconds since 1970
    bool is_error_declaration;
    uint8_t hash[EVENT_HASH_SIZE];
    const struct event_epc *epcs; // sorted by place, then id; none twice
    size_t epc_count;
};

enum epcis_form { EPCIS_DOCUMENT, EPCIS_QUERY_DOCUMENT, EPCIS_BARE_EVENT };
// Where the events of a document stand, as a JSON pointer. Static.
const char *epcis_event_list_pointer(enum epcis_form form);

struct epcis_document {
    struct arena arena;
    enum epcis_form form;
    struct bytes context; // the document's @context as written; empty for a bare event's
    const struct epcis_context *own_context; // the same, read; NULL for a bare event
    const struct json_span *header;          // its epcisHeader; NULL for none
    struct epcis_event *events;
    size_t event_count;
};

// Borrows the text. On failure the document is empty, and the fault names place and reason.
// MALFORMED, TOO_LARGE.
enum status epcis_document_split(struct epcis_document *out, struct epcis_fault *fault,
                                 struct bytes text) MUST_CHECK;
void epcis_document_clear(struct epcis_document *document);

#endif
