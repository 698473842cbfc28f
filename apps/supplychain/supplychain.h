// SPDX-License-Identifier: Apache-2.0
// The supply-chain market's own parts: what its routes and its projection share.
#ifndef LMM_SUPPLYCHAIN_SUPPLYCHAIN_H
#define LMM_SUPPLYCHAIN_SUPPLYCHAIN_H

#include <jansson.h>

#include "apps/common/server/server.h"
#include "apps/supplychain/epcis/document.h"
#include "apps/supplychain/epcis/document_split.h"

enum {
    CAPTURE_MAX_BYTES = 4 << 20,
    CAPTURE_MAX_EVENTS = 16384, // as the contract bounds a job
    CAPTURE_TOLD_TXS = 1025,    // of a job: as many as the contract takes, with its close
    ENTRY_BYTES = 97,
    ENTRIES_AT = 40,   // in a chain event "captured"
    BODY_HASH_AT = 65, // in an entry
    ENTRIES_PER_EVENT = 160,
};
// Handlers wait for threads, which are as many as connections: there is one, or soon will be.

enum { ENTRY_IS_DECLARATION = 1, ENTRY_HAD_ID = 2, ENTRY_IS_KNOWN = 128 };

struct named_queries;

struct supplychain {
    struct server *server;
    struct named_queries *queries;
    struct epcis_rules *rules;
    struct bytes abi;    // the contract's
    json_t *description; // the same, read
    struct buf news;     // of the block at hand, told once its rows are there: see projection.c
};

// Where an event's row stands.
struct place {
    uint64_t height;
    uint32_t tx_index;
    uint32_t position;
};
// "HEIGHT-TX-POSITION", which is an event's id.
void append_place(struct buf *out, const struct place *place);

// What a capture may be: whatever GS1's own schema takes, a single event with its context included.
// Server and projection must agree on it.
extern const struct epcis_acceptance capture_acceptance;

// Why nothing came of a capture whose last transaction did what it should: beside the codes of
// transactions in a job's errors. The index keeps the name.
#define CAPTURE_REASON_LIST(X)                                                   \
    X(INVALID_DOCUMENT, "the document is not valid EPCIS 2.0")                   \
    X(DOCUMENT_NOT_SPLIT, "the document cannot be taken apart into events")      \
    X(OTHER_EVENT_COUNT, "other events were registered than the document holds") \
    X(OTHER_EVENT, "an event is not the one that was registered")                \
    X(STAGED_TOO_LONG_AGO, "the document's first part was staged too long ago")  \
    X(DROPPED, "the capture was dropped before it was whole")

enum capture_reason {
    CAPTURE_IS_WELL,
#define X(name, text) CAPTURE_##name,
    CAPTURE_REASON_LIST(X)
#undef X
};
// "" for a capture that is well.
const char *capture_reason_name(enum capture_reason reason);
// CAPTURE_IS_WELL for no such name.
enum capture_reason capture_reason_of_name(struct bytes name);
// A sentence.
const char *capture_reason_text(enum capture_reason reason);

// An event's eventID: as written, or the URI of its hash in `storage`.
struct bytes event_id_of(const struct epcis_event *event, char storage[EVENT_HASH_URI_SIZE]);
// Appends the entry that the contract registers for an event.
void entry_encode(struct buf *out, const struct epcis_event *event);
// Appends lower-case digits.
void append_hex(struct buf *out, struct bytes bytes);
// "2026-01-31T12:00:00.123Z" with quotes.
void append_time(struct buf *out, int64_t time_ms);

// What is told of an event's row and of a job's end, live and by webhooks: JSON.
struct event_news {
    const struct place *place;
    struct bytes event_id;
    struct bytes type;
    int64_t time_ms; // of the event
};
void append_event_news(struct buf *out, const struct event_news *news);
void append_job_news(struct buf *out, const uint8_t job[32], bool is_success);

// hook_rows.c
enum {
    HOOK_KIND_EVENT,
    HOOK_KIND_CAPTURE,
    HOOK_KIND_SHIPMENT,
    HOOK_KIND_HAND_OVER,
    HOOK_KIND_ALARM,
    HOOK_KIND_QUERY,
    SUPPLYCHAIN_HOOK_KINDS
};
extern const struct hook_kind supplychain_hook_kinds[SUPPLYCHAIN_HOOK_KINDS];
server_read_hooks supplychain_read_hooks;
// An event's place among all messages, and back; of other messages' places the last event before.
struct hook_place hook_place_of_event(const struct place *place);
struct place hook_event_before(const struct hook_place *place);

// demo.c
enum { SUPPLYCHAIN_DEMO_BACK_MS = 8 * 60 * 60 * 1000 };
void supplychain_demo(struct demo *demo);

// search.c
server_search supplychain_search;

// gs1_headers.c: what every answer of GS1's binding says of itself, and of captures besides.
bool gs1_prepare(void *server, struct http_request *request, struct http_response *response);
bool gs1_prepare_capture(void *server, struct http_request *request,
                         struct http_response *response);
// Where the next page is, as a Link header has it.
void gs1_set_next(struct http_response *response, const char *link);

// projection.c
// To be raised whenever the same blocks give other rows; test_golden_rows.c finds out.
enum { PROJECTION_VERSION = 5 };
enum status projection_apply(void *context, struct db *db, const struct index_block *block);
void *projection_prepare(void *context, const struct index_block *block);
void projection_discard(void *context, void *prepared);
void projection_committed(void *context, const struct index_block *block);
extern const char supplychain_schema[];
extern const char supplychain_drop[];

// chunks.c: parts of documents whose job is still open. A job has CHUNK_KEPT_BLOCKS from its first
// chunk to its close; then they are forgotten.
enum { CHUNK_KEPT_BLOCKS = 28800 };
struct chunk_job {
    const struct account_id *sender;
    const uint8_t *job; // of 32 bytes
};
struct chunk {
    uint32_t position;
    uint64_t height;
    struct bytes body;
};
enum status chunk_put(struct db *db, const struct chunk_job *of, const struct chunk *chunk);
// Appends the document's parts in order, and takes them out; *count says how many there were.
enum status chunks_take(struct db *db, const struct chunk_job *of, uint32_t *count,
                        struct buf *document);
// To be called with each block.
enum status chunks_forget_old(struct db *db, uint64_t height);

// routes_capture.c
enum status post_capture(void *server, struct http_request *request,
                         struct http_response *response);
// Drops what was staged of a capture that was never finished.
enum status delete_capture(void *server, struct http_request *request,
                           struct http_response *response);
enum status post_event_hash(void *server, struct http_request *request,
                            struct http_response *response);
// routes_jobs.c
enum status get_capture_job(void *server, struct http_request *request,
                            struct http_response *response);
enum status get_capture_jobs(void *server, struct http_request *request,
                             struct http_response *response);
// routes_query.c
// The page of a list that a request asks for: how long, and behind which place.
struct page {
    uint32_t length;
    bool has_behind;
    struct place behind;
};
// False: the response says why not. Any other parameter is refused.
bool read_page(struct http_request *request, struct http_response *response, struct page *out);
enum status get_events(void *server, struct http_request *request, struct http_response *response);
enum status get_event_list(void *server, struct http_request *request,
                           struct http_response *response);
enum status get_event(void *server, struct http_request *request, struct http_response *response);
enum status get_event_document(void *server, struct http_request *request,
                               struct http_response *response);
// routes_discovery.c
enum status get_entry_points(void *server, struct http_request *request,
                             struct http_response *response);
enum status delete_page_token(void *server, struct http_request *request,
                              struct http_response *response);
enum status get_collection(void *server, struct http_request *request,
                           struct http_response *response);
enum status get_collection_value(void *server, struct http_request *request,
                                 struct http_response *response);
enum status get_collection_events(void *server, struct http_request *request,
                                  struct http_response *response);
// routes_queries.c
enum status post_query(void *server, struct http_request *request, struct http_response *response);
enum status get_queries(void *server, struct http_request *request, struct http_response *response);
enum status get_query(void *server, struct http_request *request, struct http_response *response);
enum status delete_query(void *server, struct http_request *request,
                         struct http_response *response);
enum status get_query_events(void *server, struct http_request *request,
                             struct http_response *response);
enum status get_event_proof(void *server, struct http_request *request,
                            struct http_response *response);

#endif
