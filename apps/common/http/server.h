// SPDX-License-Identifier: Apache-2.0
// The HTTP server: libmicrohttpd with a few threads on epoll, behind routes, keys and bounds.
//
//     http_server_open, http_stream_open …, http_server_start … http_server_stop, http_server_close
//
// http_notify and http_stream_publish may be called by any thread from open to close.
#ifndef LMM_HTTP_SERVER_H
#define LMM_HTTP_SERVER_H

#include "apps/common/http/http.h"
#include "apps/common/http/idempotency.h"
#include "apps/common/http/network.h"
#include "apps/common/http/rate.h"

struct http_server;
struct http_assets;

// Routes and what their handlers are given. Several tables: the kit's own and the market's.
struct http_route_table {
    const struct http_route *routes;
    size_t count;
    void *context;
};

// `Authorization: Bearer KEY`. The server knows only the key's hash, by http_key_hash.
struct http_key {
    const char *name;
    uint8_t hash[32];
    const char *scopes; // separated by spaces; "*" is all of them
    const char *id;     // what it is known by; NULL: its name
    const char *as;     // whom it acts as, for handlers to read; NULL: nobody in particular
};

// Keys that come and go while the server runs.
struct http_key_source {
    // Whose key is this? Fills `out` with texts from the arena. Compares in constant time what is
    // secret. Called on the server's threads.
    bool (*find)(void *context, struct arena *arena, struct bytes key, struct http_key *out);
    void *context;
};

// 0 means the default, in parentheses.
struct http_limits {
    unsigned connections;        // (1024)
    unsigned connections_per_ip; // (64)
    unsigned idle_timeout_s;     // of a connection that neither sends nor takes (30)
    unsigned parked;             // requests that wait (1024)
    // Wrong keys of one client (10 at once, 12 a minute). Above that they are answered with 429.
    // Right ones still count: keys are too long to be guessed, and somebody else at the same
    // address is not locked out by whoever tries.
    struct rate_limit wrong_keys;
    // Requests of a client without a key, and of a key (no limit). Above that: 429 with
    // Retry-After.
    struct rate_limit address;
    struct rate_limit key;
    uint64_t answer_bytes; // of answers not yet sent, in all (LIMIT_HTTP_ANSWERS_BYTES)
};

// Threads for routes of HTTP_LANE(n), which is the n-th of them. Who finds its queue full, or has
// waited there for too long, hears that the server is busy (503). Who has a key that is known goes
// before everybody else, and finds a queue of its own: nobody without one can fill that.
struct http_lane {
    unsigned threads;
    unsigned queue;    // requests that wait for a thread, of those with and of those without a key
    uint32_t wait_ms;  // there
    unsigned niceness; // added to its threads' (nice(2)): long computing gives way to what is quick
};

struct http_config {
    const char *address; // "127.0.0.1", "::1", "0.0.0.0"
    uint16_t port;       // 0: any free one
    unsigned threads;    // 0: 2
    const struct http_route_table *tables;
    size_t table_count;
    const struct http_key *keys;
    size_t key_count;
    struct http_key_source key_source; // asked when it is none of `keys`; .find NULL: there is none
    // Proxies whose word on their client's address is taken; borrowed until close. They speak by
    // X-Forwarded-For, or by Forwarded (RFC 7239) alone: one that is not the proxy's own would be
    // the client's word.
    const struct ip_network *proxies;
    size_t proxy_count;
    bool reads_forwarded;
    // Origins ("https://example.org") whose pages may read the answers, or one of "*": all of them.
    // Borrowed until close.
    const char *const *cors_origins;
    size_t cors_origin_count;
    // Appends a list's JSON as CSV (RFC 4180) with a header row, by the schema of the answer. NULL:
    // handlers make it themselves. False: it is no list.
    bool (*make_csv)(struct buf *out, struct bytes json, const char *schema);
    struct http_kept_store kept; // for Idempotency-Key; .find NULL: the header means nothing
    // PEM files to speak TLS with (tls.h); NULL: HTTP alone. One server of a process at a time.
    const char *tls_certificate;
    const char *tls_key;
    const struct http_assets *assets; // for paths that no route takes; NULL: none
    // Sources of a Content-Security-Policy that pages may connect to beside their own server; NULL:
    // none.
    const char *page_connects;
    const struct http_lane *lanes; // borrowed until close
    size_t lane_count;
    struct http_limits limits;
    bool log_requests; // each request at info instead of debug
};

// Counters since the start, for /metrics, and what is going on now.
struct http_counts {
    uint64_t requests;
    uint64_t by_class[6]; // responses of 1xx … 5xx at [1] … [5]
    uint64_t in_flight;   // now, streams and parked requests included
    uint64_t parked;      // now
    uint64_t queued;      // before lanes, now
};

// Copies the configuration; what tables, keys and assets point at is borrowed until close.
// INVALID: a pattern that is not one, two routes that take the same requests, or one of a lane that
// there is not.
enum status http_server_open(struct http_server **out, const struct http_config *config) MUST_CHECK;
// Listens. BUSY: the port is taken. UNAUTHORIZED: not allowed to take it. INVALID: not an address.
enum status http_server_start(struct http_server *server) MUST_CHECK;
// Reads certificate and key again, for new connections; on failure the old ones stay. OK without
// TLS.
enum status http_server_reload(struct http_server *server) MUST_CHECK;
uint16_t http_server_port(const struct http_server *server);
// Takes no new connections, lets requests in flight finish for up to grace_ms, answers parked ones,
// ends streams, waits for handlers in lanes, then closes what is left. Harmless when it isn't
// running.
void http_server_stop(struct http_server *server, uint32_t grace_ms);
// Stops it without grace if it still runs. NULL is allowed.
void http_server_close(struct http_server *server);
// True from the start of a stop: /readyz answers 503 then.
bool http_server_is_stopping(const struct http_server *server);
struct http_counts http_server_counts(struct http_server *server);

// Wakes the parked requests that wait for the key.
void http_notify(struct http_server *server, struct bytes key);
// Does any request wait for anything? Who begins to wait after this has been asked looks by itself
// first.
bool http_is_awaited(struct http_server *server);

void http_key_hash(uint8_t out[32], struct bytes key);

// /livez is 200 as long as the process answers. /readyz is 200 when nothing is wrong, else 503;
// `problems` are short reasons ("index is 12 blocks behind"), shown with ?verbose.
enum status http_answer_live(struct http_response *response) MUST_CHECK;
enum status http_answer_ready(struct http_request *request, struct http_response *response,
                              const char *const *problems, size_t problem_count) MUST_CHECK;

#endif
