// SPDX-License-Identifier: Apache-2.0
// Raw signed captures, past the server's own API.
#ifndef LMM_SUPPLYCHAIN_TEST_RAW_H
#define LMM_SUPPLYCHAIN_TEST_RAW_H

#include "apps/supplychain/epcis/document_split.h"
#include "tests/support/raw.h"

#define EVENT_ID "urn:uuid:00000000-0000-4000-8000-000000000001"
#define DOCUMENT DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2017", "")
#define OTHER DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2018", "")
// The same event: comments are no part of its hash.
#define DOCTORED DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2017", ",\"rdfs:comment\":\"x\"")
#define DOCUMENT_OF(epc, more)                                                                \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],"     \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","                                   \
    "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":["                \
    "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventID\":\"" EVENT_ID "\","          \
    "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\",\"epcList\":[" \
    "\"" epc "\"]" more "}]}}"

// Starts a server on a chain of its own and acts as its account, whose jobs GET /capture shows.
void raw_open(void);
void raw_open_on(const char *index); // a database's URL

// A job's id: 32 times the byte.
void raw_encode_job(struct buf *out, uint8_t job);
// The entries of some of a document's events, as the server makes them.
void raw_encode_events(struct buf *out, const struct epcis_document *document, size_t first,
                       uint32_t count);
// The entry of the document's only event.
void raw_encode_entries(struct buf *out, const char *text);

json_t *raw_get_job(uint8_t job); // the caller calls json_decref
// The job has failed with this code.
void raw_check_failed(uint8_t job, const char *code);
// The job has ended, well or not, and there are so many events in all.
void raw_check_job(uint8_t job, bool is_success, size_t rows);

#endif
