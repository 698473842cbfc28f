// SPDX-License-Identifier: Apache-2.0
// A server on a free port of the loopback, with routes that show what a handler is given.
#ifndef LMM_TESTS_HTTP_FIXTURE_H
#define LMM_TESTS_HTTP_FIXTURE_H

#include "apps/common/http/assets.h"
#include "apps/common/http/stream.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"

struct fixture {
    struct http_server *server;
    struct http_stream *stream;
    uint16_t port;
    struct buf *missed; // what the route of the stream has from elsewhere; NULL: nothing
    uint64_t missed_until;
    _Atomic int runs;              // of the waiting handler
    _Atomic bool is_done;          // what the waiting and the slow handler wait for
    _Atomic bool ends_with_server; // the slow one also ends when the server stops
};
extern struct fixture fixture;

#define READER_KEY "reader-key-0123456789"
#define WRITER_KEY "writer-key-0123456789"
#define SOURCE_KEY "source-key-0123456789"

// Zeroed ones give the defaults; assets may be NULL.
void fixture_start(const struct http_limits *limits, const struct http_stream_config *stream,
                   const struct http_assets *assets);
// With all that is given but address and keys, which are the fixture's; a table comes besides its
// own.
void fixture_start_with(const struct http_config *given, const struct http_stream_config *stream);
void fixture_stop(void);
// Returns when the server counts this many requests in flight.
void fixture_wait_in_flight(uint64_t count);
void fixture_wait_parked(uint64_t count);
void fixture_wait_queued(uint64_t count);
void fixture_wait_subscribers(uint64_t count);

#endif
