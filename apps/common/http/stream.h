// SPDX-License-Identifier: Apache-2.0
// Live events for browsers: Server-Sent Events (WHATWG HTML, 9.2). One bounded log is shared by all
// subscribers; each is only a place in it, so that an idle one costs next to nothing. Whoever falls
// out of the log's end is dropped and comes back with Last-Event-ID. Every 15 s a comment shows
// that the line is alive, and finds clients that are gone.
//
// When the log no longer reaches back to a client's Last-Event-ID it first gets an event of type
// "reset": what it knows is stale, read it anew.
#ifndef LMM_HTTP_STREAM_H
#define LMM_HTTP_STREAM_H

#include "apps/common/http/server.h"

struct http_stream;

// 0 means the default, in parentheses.
struct http_stream_config {
    unsigned subscribers;  // at most (256)
    size_t log_events;     // kept for replay, at most (1024)
    size_t log_bytes;      // the same in bytes (1 MiB)
    uint32_t heartbeat_ms; // (15000)
    uint64_t last_id;      // ids up to this one were given out by an earlier process
};

// Before http_server_start. Lives as long as the server, which closes it.
enum status http_stream_open(struct http_stream **out, struct http_server *server,
                             const struct http_stream_config *config) MUST_CHECK;
// To all subscribers, from any thread. Ids grow: CONFLICT otherwise. `type` is a word of
// [A-Za-z0-9._-]: INVALID otherwise. Data is one line or several; TOO_LARGE when it is larger than
// the whole log.
enum status http_stream_publish(struct http_stream *stream, uint64_t id, const char *type,
                                struct bytes data) MUST_CHECK;
// In a handler of a GET: the response becomes the stream. FULL (503 with Retry-After) when there
// are as many subscribers as may be.
enum status http_stream_subscribe(struct http_stream *stream, struct http_request *request,
                                  struct http_response *response) MUST_CHECK;
unsigned http_stream_subscribers(struct http_stream *stream);

#endif
