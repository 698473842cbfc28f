// SPDX-License-Identifier: Apache-2.0
// Live events for browsers: Server-Sent Events (WHATWG HTML, 9.2). One bounded log is shared by all
// subscribers; each is only a place in it, so that an idle one costs next to nothing. Whoever falls
// out of the log's end is dropped and comes back with Last-Event-ID. Every 15 s a comment shows
// that the line is alive, and finds clients that are gone.
//
// When the log no longer reaches back to a client's Last-Event-ID it first gets what the server has
// from elsewhere (http_stream_subscribe_behind), or an event of type "reset": what it knows is
// stale, read it anew.
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

// --- what the log no longer has, for whoever keeps it elsewhere ---

struct http_stream_gap {
    uint64_t seen;  // the last that the client knows
    uint64_t until; // everything behind this is in the log
};
// True: the client asks to go on where the log no longer reaches back to.
bool http_stream_find_gap(struct http_stream *stream, const struct http_request *request,
                          struct http_stream_gap *out);
// Appends an event as clients get it, by the rules of http_stream_publish for type and data.
void http_stream_append(struct buf *out, uint64_t id, const char *type, struct bytes data);
struct http_stream_missed {
    struct buf *events; // emptied when the subscriber has them
    uint64_t until;     // from behind this id on it goes on with the log
};
// Sends what was missed first; "reset" instead when the log has moved on beyond that.
enum status http_stream_subscribe_behind(struct http_stream *stream, struct http_request *request,
                                         struct http_response *response,
                                         const struct http_stream_missed *missed) MUST_CHECK;
unsigned http_stream_subscribers(struct http_stream *stream);

#endif
