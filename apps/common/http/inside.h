// SPDX-License-Identifier: Apache-2.0
// The server from the inside, shared by the files of this folder alone.
//
// Threads: the acceptor's; libmicrohttpd's, each with its connections; those of the lanes; the
// ticker (wait.c), which ends waiting and beats the streams' hearts; the caller's, which starts,
// stops, notifies and publishes. Locks are taken in the order parking, stream or lane,
// libmicrohttpd's own; `pool_lock` and `idle_lock` alone.
#ifndef LMM_HTTP_INSIDE_H
#define LMM_HTTP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "apps/common/http/exchange.h"
#include "apps/common/http/server.h"
#include "apps/common/http/stream.h"

struct MHD_Daemon;
struct lane;
struct route_counts;

enum { PARKING_BUCKETS = 1024, HELD_BUCKETS = 256, POOLED_REQUESTS = 256 };

enum { LIMITED_KEY, LIMITED_ADDRESS, LIMITED_WRONG_KEY, LIMITED_KINDS };

// Tries that had nothing to take a client in with; of those, what the log has to say.
struct starvation {
    uint64_t next_ms; // nothing more is said before
    uint64_t untold;
};

struct acceptor {
    int listen_fd; // -1: nobody is taken in
    int wake_fd;   // an eventfd: there is room again, or it is to end
    pthread_t thread;
    bool has_thread;
    _Atomic bool is_stopping;
    _Atomic unsigned connections; // given to libmicrohttpd, and not gone again
    _Atomic unsigned untaken;     // of them, still with the thread that gave them
    unsigned most;
    struct starvation starvation; // its thread's
};

struct parking {
    pthread_mutex_t lock;
    pthread_cond_t changed; // for the ticker
    struct http_waiter *buckets[PARKING_BUCKETS];
    unsigned parked;
    unsigned registered; // the parked ones, and those that are looking
    uint64_t wakes_ms;   // when the ticker looks next
    bool is_closing;     // nobody parks any more
    bool ends;           // the ticker returns
};

struct http_server {
    struct http_config config;
    char *address;
    struct router router;
    struct MHD_Daemon *daemon;
    struct acceptor acceptor;
    uint16_t port;
    _Atomic bool is_stopping;

    char id_prefix[17];
    _Atomic uint64_t next_id;
    _Atomic uint64_t requests;
    _Atomic uint64_t by_class[6];
    _Atomic uint64_t body_bytes;   // held by requests in flight
    _Atomic uint64_t answer_bytes; // and by answers that are not sent yet
    struct route_counts *route_counts;
    struct rate_table *wrong_keys, *by_key, *by_address; // the last two may be NULL: no limit
    _Atomic uint64_t limited[LIMITED_KINDS];             // requests answered with 429

    _Atomic uint64_t in_flight;
    pthread_mutex_t idle_lock; // for whoever waits until it is 0, once the server is stopping
    pthread_cond_t idle;

    pthread_mutex_t pool_lock;
    struct http_request *pool;
    unsigned pooled;

    pthread_mutex_t held_lock;
    struct idempotency *held[HELD_BUCKETS]; // by the first byte of the id

    struct lane *lanes; // config.lane_count of them
    struct parking parking;
    pthread_t ticker;
    bool has_ticker;
    struct http_stream *streams;
};

// --- clock ---
void moment_cond_init(pthread_cond_t *condition);
// False: the moment (milliseconds of the monotonic clock) has passed.
bool moment_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ms);

// --- acceptor.c ---
enum status acceptor_open(struct http_server *server) MUST_CHECK;
// Clients wait from here on until acceptor_start. BUSY, UNAUTHORIZED, INVALID: the address is in
// use, of the privileged, not of this machine.
enum status acceptor_listen(struct http_server *server) MUST_CHECK;
enum status acceptor_start(struct http_server *server) MUST_CHECK; // once the daemon runs
// New clients are refused from here on.
void acceptor_stop(struct http_server *server);
void acceptor_close(struct http_server *server); // once the daemon has stopped
void acceptor_taken(struct http_server *server); // libmicrohttpd has begun with one
void acceptor_leave(struct http_server *server); // a connection is gone
// One more, now. How many are to be told of, once a minute at most; 0: none yet.
uint64_t starvation_add(struct starvation *starvation, uint64_t now_ms);
// The limit that libmicrohttpd is told, so that it never meets it.
unsigned acceptor_room(const struct http_server *server);

// --- wait.c ---
void parking_open(struct http_server *server);
enum status parking_start_ticker(struct http_server *server) MUST_CHECK;
// Wakes all that are parked; from here on nobody parks.
void parking_close(struct http_server *server);
void parking_stop_ticker(struct http_server *server);
void parking_clear(struct http_server *server);
void waiter_forget(struct http_request *request);
// After the handler, which may have asked to be parked. Parked, the request is no longer the
// caller's: whoever notifies it may have given it to another thread already. `is_suspended`: its
// connection is.
enum parking_end { PARKING_NONE, PARKING_AGAIN, PARKING_PARKED };
enum parking_end waiter_settle(struct http_request *request, bool is_suspended);
// The ticker looks at that moment, or before it.
void ticker_look_at(struct http_server *server, uint64_t moment_ms);

// --- server.c ---
// Runs the handler, again as long as something has happened while it was looking. False: the
// request is parked and goes on later, on whatever thread.
bool exchange_handle(struct http_request *request, bool is_suspended);

// --- head.c ---
// False when the response says why not; then the connection must be closed.
bool head_check(struct http_request *request, const char *version);

// --- lane.c ---
// 0: the connection's own thread.
static inline unsigned lane_of(const struct http_route *route) { return route->traits >> 8; }
enum status lanes_open(struct http_server *server) MUST_CHECK; // INVALID
enum status lanes_start(struct http_server *server) MUST_CHECK;
// Who is still queued is not handled, and nobody enters any more.
void lanes_let_go(struct http_server *server);
// Lets go, and waits for the handlers.
void lanes_stop(struct http_server *server);
void lanes_clear(struct http_server *server);
// Suspends the connection. False: the response says why not.
bool lane_enter(struct http_request *request);
// Refuses who has waited for too long; returns when it is next due.
uint64_t lanes_tick(struct http_server *server, uint64_t now_ms);
uint64_t lanes_queued(struct http_server *server);

// --- stream.c ---
void stream_end(struct http_stream *stream);
void stream_free(struct http_stream *stream);
// Beats where it is due; returns when the next beat is.
uint64_t stream_tick(struct http_stream *stream, uint64_t now_ms);
struct http_stream *stream_next(struct http_stream *stream);
long stream_read(struct http_subscriber *subscriber, char *out, size_t max);
void subscriber_free(struct http_subscriber *subscriber);

// --- metrics.c ---
// Once the router is there.
void metrics_open(struct http_server *server);
void metrics_clear(struct http_server *server);
// At the end of an answered request.
void metrics_count(const struct http_request *request);

// --- keys.c ---
// The key of an Authorization header, in the request's arena or the server's own; NULL: none of
// ours.
const struct http_key *key_find(struct http_request *request, const char *authorization);
bool key_has_scope(const struct http_key *key, const char *scope);

// --- assets.c ---
const struct asset *asset_find(const struct http_assets *assets, const char *path);
enum status asset_answer(const struct asset *asset, struct http_request *request,
                         struct http_response *response) MUST_CHECK;

#endif
