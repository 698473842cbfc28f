// SPDX-License-Identifier: Apache-2.0
// Captures by the server under test, followed to their end.
#ifndef LMM_SUPPLYCHAIN_TEST_CAPTURING_H
#define LMM_SUPPLYCHAIN_TEST_CAPTURING_H

#include "tests/support/server_process.h"

#define EVENT(id, epc, more)                                                     \
    "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\"," id                       \
    "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\"," \
    "\"epcList\":[\"" epc "\"]" more "}"
#define DOCUMENT(events)                                                                  \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]," \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","                               \
    "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":[" events "]}}"
#define EPC_A "urn:epc:id:sgtin:0614141.107346.2017"
#define EPC_B "urn:epc:id:sgtin:0614141.107346.2018"
#define ID_X "\"eventID\":\"urn:uuid:00000000-0000-4000-8000-000000000001\","
#define CORRECTION                                                         \
    ",\"errorDeclaration\":{\"declarationTime\":\"2026-01-03T00:00:00Z\"," \
    "\"reason\":\"incorrect_data\"}"

extern struct server_process server; // the one under test

// The reply is the caller's.
void capture(struct bytes document, struct reply *out);
// The job at its end. The caller calls json_decref.
json_t *capture_job(struct bytes document);
// Expects success.
void capture_well(struct bytes document);
// How many events one page of GET /v1/events has.
size_t count_events(const char *query);

// An event whose eventID and EPC have so many bytes, in a way that no database can make shorter.
void make_long(struct buf *out, size_t len);
// A document of many events, far larger than a transaction.
void make_large(struct buf *out, int events);

#endif
