// SPDX-License-Identifier: Apache-2.0
// Any bytes as a document: split, hashed, and where that goes well answered, twice over so that the
// contexts of two documents meet. What is answered splits into events equal to those that came in.
#include "apps/supplychain/epcis/document_split.h"
#include "apps/supplychain/epcis/query_document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_EVENTS = 16 };

struct stored {
    struct epcis_answer_event events[2 * MOST_EVENTS];
    size_t count;
};

static void store(struct stored *stored, const struct epcis_document *document,
                  struct bytes context) {
    for (size_t i = 0; i < document->event_count && i < MOST_EVENTS; i++)
        stored->events[stored->count++] = (struct epcis_answer_event){
            .source = {.text = document->events[i].text, .context = context},
            .hash = document->events[i].hash};
}

static void check_answer(const struct stored *stored) {
    struct buf text = {0};
    struct epcis_document document;
    struct epcis_fault fault;
    struct epcis_answer answer = {.events = stored->events, .event_count = stored->count};
    ENSURE(epcis_query_document_write(&text, &answer) == STATUS_OK);
    // Contexts that go whole into an event may grow past their bound.
    if (epcis_document_split(&document, &fault, buf_bytes(&text)) == STATUS_OK) {
        ENSURE(document.event_count == stored->count);
        for (size_t i = 0; i < stored->count; i++) {
            struct epcis_source answered = {document.events[i].text, document.context};
            ENSURE(epcis_events_equal(&stored->events[i].source, &answered));
        }
    } else {
        ENSURE(strstr(fault.pointer, "@context") || strstr(fault.reason, "too much"));
    }
    epcis_document_clear(&document);
    buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char other[] =
        "[\"" EPCIS_CONTEXT_URL "\",{\"ex\":\"https://other.org/\",\"a\":\"https://a.org/\"}]";
    struct epcis_document document;
    struct epcis_fault fault;
    struct stored stored = {0};
    if (epcis_document_split(&document, &fault, bytes_of(data, size)) != STATUS_OK) {
        ENSURE(fault.reason);
        return 0;
    }
    store(&stored, &document, document.context);
    check_answer(&stored);
    store(&stored, &document, bytes_of_string(other));
    check_answer(&stored);
    epcis_document_clear(&document);
    return 0;
}
