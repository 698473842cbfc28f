// SPDX-License-Identifier: Apache-2.0
// One request and its response from the inside, shared by the files of this folder alone.
//
// An exchange belongs to the libmicrohttpd thread of its connection, while it stands in a lane to
// that (lane.c). Two parts of it are reached by other threads, each under a lock: `waiter` (wait.c)
// and `subscriber` (stream.c).
#ifndef LMM_HTTP_EXCHANGE_H
#define LMM_HTTP_EXCHANGE_H

#include "apps/common/http/http.h"
#include "apps/common/http/rate.h"
#include "apps/common/http/router.h"
#include "apps/common/http/uri.h"
#include "chaincore/base/ip.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/hash.h"

struct MHD_Connection;
struct MHD_Response;
struct http_server;
struct http_subscriber;
struct http_key;
struct asset;

enum { RESPONSE_HEADERS = 24, HEADERS_STEP = 8 };

struct http_header {
    const char *name;
    const char *value;
};

struct violation {
    const char *pointer;
    const char *rule;
    const char *detail;
};

struct problem {
    const char *code; // NULL: the response is no problem
    const char *detail;
    struct violation violations[LIMIT_HTTP_VIOLATIONS];
    int violation_count;
    int unshown; // violations beyond the bound
    struct http_pair members[8];
    int member_count;
};

struct http_response {
    struct http_request *request;
    int code;
    const char *content_type;
    const char *etag;
    bool has_weak_etag;
    struct http_header *headers; // room for the next multiple of HEADERS_STEP
    int header_count;
    struct buf body;
    struct bytes borrowed; // instead of body, when is_borrowed
    bool is_borrowed;
    void (*release)(void *owner);
    void *owner;
    struct problem *problem;            // in the arena; NULL: none
    struct http_subscriber *subscriber; // the body is a stream
};

struct http_waiter {
    struct http_waiter *next;
    struct http_waiter **link; // what points here
    uint8_t key[LIMIT_HTTP_WAIT_KEY_BYTES];
    size_t key_len;
    uint64_t deadline_ms;
    unsigned wake_ups;
    bool is_notified;
    bool is_parked;
    // Seen only by the exchange's own thread.
    bool is_registered;
    bool wants_park; // what the handler has decided
};

// A request with an Idempotency-Key, in a list of the server's while it is under way.
struct idempotency {
    struct idempotency *next;
    struct idempotency **link; // what points here
    struct hash id;            // client and key
    struct hash request;       // what is asked
    bool is_held;
};

enum stage { STAGE_NEW, STAGE_RECEIVING, STAGE_DISCARDING, STAGE_HANDLED, STAGE_ANSWERED };

struct http_request {
    struct http_request *next_free;
    struct http_server *server;
    struct MHD_Connection *connection;
    struct arena arena;
    enum stage stage;
    uint64_t started_ns;
    char id[65];
    struct uri uri;
    enum http_method method;
    bool is_head;
    bool is_options;
    bool must_close; // where the next request begins is not certain
    const struct route *route;
    void *context; // of the route's table
    const char *content_type;
    const char *negotiated_type;
    const struct http_key *key;
    struct ip_address address;      // of the client
    const struct rate_limit *limit; // that the client is under; NULL: none
    struct rate rate;
    struct buf body;
    uint64_t discarded;
    uint64_t answer_bytes; // counted in the server's
    bool is_stream;
    const struct asset *asset;
    struct http_request *next_queued; // in its lane
    uint64_t leaves_queue_ms;         // at the latest
    struct http_waiter waiter;
    struct idempotency idempotency;
    struct http_response response;
};

// --- response.c ---
void response_init(struct http_response *response, struct http_request *request);
// Frees what it holds; the arena stays.
void response_clear(struct http_response *response);
// Hands it to libmicrohttpd. False: the connection must be closed.
bool response_send(struct http_response *response);
// Takes room for so much that is not sent yet; given back by subtracting it from
// server->answer_bytes. False: there is none.
bool response_reserve(struct http_server *server, uint64_t len);
// What a handler has set; NULL: nothing of that name.
const char *response_header(const struct http_response *response, const char *name);
// Text from the arena, or "".
const char *response_copy(struct http_response *response, const char *text);

// --- problem.c ---
void problem_write(struct http_response *response);
// What a status alone is told as: "not_found".
const char *problem_code_of(enum status status);

// --- client.c ---
// Sets request->address.
void client_identify(struct http_request *request);
// False when the response says that the client must wait.
bool client_take_request(struct http_request *request);
bool client_take_wrong_key(struct http_request *request);
// Adds the headers of its limit.
void client_tell_limit(const struct http_request *request, struct MHD_Response *response);

// --- idempotency.c ---
// False when the response is there without the handler.
bool idempotency_begin(struct http_request *request);
// After the handler's last run.
void idempotency_end(struct http_request *request);
// Harmless when nothing is held.
void idempotency_let_go(struct http_request *request);

// --- browser.c ---
// Adds what browsers go by.
void browser_tell(const struct http_response *response, struct MHD_Response *made);

// --- admit.c ---
// Everything that is decided before the body: false when the response says why not.
bool exchange_admit(struct http_request *request, const char *method, const char *version);

// The problem of a body that is larger than the route takes. False.
bool exchange_refuse_size(struct http_request *request);

// Sets what stands in every answer of the route. False when the response says why there is none.
bool exchange_prepare(struct http_request *request, const struct route *route);

// "GET"
const char *exchange_method_name(enum http_method method);

// Whether a body was announced.
bool exchange_has_body(const struct http_request *request);

#endif
