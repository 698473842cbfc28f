// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/stream.h"

#include <microhttpd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"

static const char GREETING[] = "retry: 2000\n\n";
static const char RESET[] = "retry: 2000\n\nevent: reset\ndata: {}\n\n";
static const char HEARTBEAT[] = ":\n\n";
// Beats that are due within this part of a heartbeat go out together: to wake the clients of a
// thread costs the more, the more it has.
enum { BEATS_APART = 64 };

struct entry {
    uint64_t id;
    struct buf frame;
};

struct http_stream {
    struct http_stream *next;
    struct http_server *server;
    struct http_stream_config config;
    pthread_mutex_t lock;
    struct entry *log; // a ring: the entry of sequence number n stands at n % log_events
    uint64_t begin;    // sequence number of the oldest entry
    uint64_t end;      // of the next one
    size_t bytes;
    uint64_t last_id;
    uint64_t evicted_id;                 // the log is whole for whoever knows this id
    struct http_subscriber *subscribers; // whose last bytes are the oldest comes first
    struct http_subscriber **behind;     // where the next goes
    unsigned count;
    bool is_closing;
};

struct http_subscriber {
    struct http_subscriber *next;
    struct http_subscriber **link;
    struct http_stream *stream;
    struct MHD_Connection *connection;
    uint64_t sequence;  // of the entry it reads
    size_t offset;      // in that entry
    const char *notice; // goes before; "" when it is out
    struct buf missed;  // goes between; freed when it is out, and counted until then
    size_t missed_sent;
    uint64_t written_ms;
    size_t room_used; // of the library's buffer, since that was last given back
    bool is_suspended;
};

static struct entry *entry_at(struct http_stream *stream, uint64_t sequence) {
    return &stream->log[sequence % stream->config.log_events];
}

enum status http_stream_open(struct http_stream **out, struct http_server *server,
                             const struct http_stream_config *config) {
    ENSURE(!server->daemon);
    struct http_stream *stream = mem_alloc(sizeof *stream);
    stream->server = server;
    stream->config = *config;
    if (stream->config.subscribers == 0) stream->config.subscribers = 256;
    if (stream->config.log_events == 0) stream->config.log_events = 1024;
    if (stream->config.log_bytes == 0) stream->config.log_bytes = (size_t)1024 * 1024;
    if (stream->config.heartbeat_ms == 0) stream->config.heartbeat_ms = 15000;
    stream->behind = &stream->subscribers;
    stream->last_id = stream->evicted_id = config->last_id;
    stream->log = mem_alloc_array(stream->config.log_events, sizeof *stream->log);
    pthread_mutex_init(&stream->lock, NULL);
    stream->next = server->streams;
    server->streams = stream;
    *out = stream;
    return STATUS_OK;
}

struct http_stream *stream_next(struct http_stream *stream) {
    return stream->next;
}

void stream_free(struct http_stream *stream) {
    ENSURE(!stream->subscribers);
    for (; stream->begin < stream->end; stream->begin++)
        buf_clear(&entry_at(stream, stream->begin)->frame);
    pthread_mutex_destroy(&stream->lock);
    mem_free(stream->log);
    mem_free(stream);
}

// --- under the stream's lock ---

static void link_behind(struct http_stream *stream, struct http_subscriber *subscriber) {
    subscriber->written_ms = clock_monotonic_ms();
    subscriber->next = NULL;
    subscriber->link = stream->behind;
    *stream->behind = subscriber;
    stream->behind = &subscriber->next;
}

static void unlink_from(struct http_stream *stream, struct http_subscriber *subscriber) {
    *subscriber->link = subscriber->next;
    if (subscriber->next)
        subscriber->next->link = subscriber->link;
    else
        stream->behind = subscriber->link;
}

static void wake(struct http_subscriber *subscriber) {
    if (!subscriber->is_suspended) return;
    subscriber->is_suspended = false;
    MHD_resume_connection(subscriber->connection);
}

static void wake_all(struct http_stream *stream) {
    for (struct http_subscriber *it = stream->subscribers; it; it = it->next) wake(it);
}

static void evict_oldest(struct http_stream *stream) {
    struct entry *entry = entry_at(stream, stream->begin++);
    stream->bytes -= entry->frame.len;
    stream->evicted_id = entry->id;
    buf_clear(&entry->frame);
}

// --- publishing ---

static bool is_word(const char *text) {
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return len > 0 && text[len] == '\0';
}

// A line break of any kind starts another data line; the client joins them by "\n".
void http_stream_append(struct buf *out, uint64_t id, const char *type, struct bytes data) {
    buf_append_format(out, "id: %llu\nevent: %s\ndata: ", (unsigned long long)id, type);
    for (size_t i = 0; i < data.len; i++) {
        uint8_t c = data.data[i];
        if (c == '\r' && i + 1 < data.len && data.data[i + 1] == '\n') continue;
        if (c == '\n' || c == '\r')
            buf_append_string(out, "\ndata: ");
        else
            buf_append_byte(out, c);
    }
    buf_append_string(out, "\n\n");
}

enum status http_stream_publish(struct http_stream *stream, uint64_t id, const char *type,
                                struct bytes data) {
    enum status status = STATUS_OK;
    struct buf frame = {0};
    if (!is_word(type)) return STATUS_INVALID;
    if (data.len > stream->config.log_bytes) return STATUS_TOO_LARGE;
    http_stream_append(&frame, id, type, data);
    pthread_mutex_lock(&stream->lock);
    if (frame.len > stream->config.log_bytes)
        status = STATUS_TOO_LARGE;
    else if (id <= stream->last_id)
        status = STATUS_CONFLICT;
    if (status != STATUS_OK) goto out;
    while (stream->end - stream->begin == stream->config.log_events ||
           stream->bytes + frame.len > stream->config.log_bytes)
        evict_oldest(stream);
    *entry_at(stream, stream->end++) = (struct entry){.id = id, .frame = frame};
    stream->bytes += frame.len;
    stream->last_id = id;
    frame = (struct buf){0};
    wake_all(stream);
out:
    pthread_mutex_unlock(&stream->lock);
    buf_clear(&frame);
    return status;
}

// --- subscribing ---

// The id of the last event a client has seen, by its own word.
static bool seen_id(const struct http_request *request, uint64_t *out) {
    const char *header = http_header(request, "Last-Event-ID");
    struct bytes text;
    if (header) return text_u64(bytes_of_string(header), out) == STATUS_OK;
    return http_query(request, "last_event_id", &text) == STATUS_OK &&
           text_u64(text, out) == STATUS_OK;
}

bool http_stream_find_gap(struct http_stream *stream, const struct http_request *request,
                          struct http_stream_gap *out) {
    if (!seen_id(request, &out->seen)) return false;
    pthread_mutex_lock(&stream->lock);
    out->until = stream->evicted_id;
    pthread_mutex_unlock(&stream->lock);
    return out->seen < out->until;
}

// Where a client goes on, that has `missed` (NULL: nothing) from elsewhere; under the lock.
static void place(struct http_stream *stream, struct http_subscriber *subscriber,
                  const struct http_request *request, const struct http_stream_missed *missed) {
    uint64_t seen;
    subscriber->notice = GREETING;
    subscriber->sequence = stream->end;
    if (!seen_id(request, &seen)) return;
    bool is_known = seen <= stream->last_id;
    if (missed) seen = missed->until;
    if (seen < stream->evicted_id || !is_known) {
        subscriber->notice = RESET;
        return;
    }
    if (missed) {
        subscriber->missed = *missed->events;
        *missed->events = (struct buf){0};
    }
    subscriber->sequence = stream->begin;
    while (subscriber->sequence < stream->end && entry_at(stream, subscriber->sequence)->id <= seen)
        subscriber->sequence++;
}

enum status http_stream_subscribe(struct http_stream *stream, struct http_request *request,
                                  struct http_response *response) {
    return http_stream_subscribe_behind(stream, request, response, NULL);
}

enum status http_stream_subscribe_behind(struct http_stream *stream, struct http_request *request,
                                         struct http_response *response,
                                         const struct http_stream_missed *missed) {
    ENSURE(stream->server == request->server && !response->subscriber);
    uint64_t bytes = missed && !request->is_head ? missed->events->len : 0;
    if (!response_reserve(stream->server, bytes)) return STATUS_BUSY;
    http_set_type(response, "text/event-stream");
    http_set_header(response, "Cache-Control", "no-store");
    // A proxy that collects the answer would hold it back.
    http_set_header(response, "X-Accel-Buffering", "no");
    if (request->is_head) return STATUS_OK;
    struct http_subscriber *subscriber = NULL;
    pthread_mutex_lock(&stream->lock);
    if (!stream->is_closing && stream->count < stream->config.subscribers) {
        subscriber = mem_alloc(sizeof *subscriber);
        subscriber->stream = stream;
        subscriber->connection = request->connection;
        subscriber->room_used = SIZE_MAX;
        place(stream, subscriber, request, missed);
        link_behind(stream, subscriber);
        stream->count++;
    }
    pthread_mutex_unlock(&stream->lock);
    if (!subscriber || subscriber->missed.len == 0) stream->server->answer_bytes -= bytes;
    response->subscriber = subscriber;
    request->is_stream = subscriber != NULL;
    return subscriber ? STATUS_OK : STATUS_FULL;
}

static void forget_missed(struct http_subscriber *subscriber) {
    subscriber->stream->server->answer_bytes -= subscriber->missed.len;
    buf_clear(&subscriber->missed);
}

void subscriber_free(struct http_subscriber *subscriber) {
    struct http_stream *stream = subscriber->stream;
    pthread_mutex_lock(&stream->lock);
    unlink_from(stream, subscriber);
    stream->count--;
    pthread_mutex_unlock(&stream->lock);
    forget_missed(subscriber);
    mem_free(subscriber);
}

unsigned http_stream_subscribers(struct http_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    unsigned count = stream->count;
    pthread_mutex_unlock(&stream->lock);
    return count;
}

// --- sending ---

static size_t copy_missed(struct http_subscriber *subscriber, char *out, size_t max) {
    struct buf *missed = &subscriber->missed;
    size_t take = missed->len - subscriber->missed_sent;
    if (take > max) take = max;
    if (take > 0) memcpy(out, missed->data + subscriber->missed_sent, take);
    subscriber->missed_sent += take;
    if (missed->len > 0 && subscriber->missed_sent == missed->len) {
        forget_missed(subscriber);
        subscriber->missed_sent = 0;
    }
    return take;
}

// Copies what fits and moves on; under the lock.
static size_t copy_out(struct http_stream *stream, struct http_subscriber *subscriber, char *out,
                       size_t max) {
    size_t len = 0;
    while (len < max && *subscriber->notice) out[len++] = *subscriber->notice++;
    len += copy_missed(subscriber, out + len, max - len);
    while (len < max && subscriber->sequence >= stream->begin &&
           subscriber->sequence < stream->end) {
        struct bytes frame = buf_bytes(&entry_at(stream, subscriber->sequence)->frame);
        size_t take = frame.len - subscriber->offset;
        if (take > max - len) take = max - len;
        memcpy(out + len, frame.data + subscriber->offset, take);
        len += take;
        subscriber->offset += take;
        if (subscriber->offset < frame.len) break;
        subscriber->offset = 0;
        subscriber->sequence++;
    }
    return len;
}

// The buffer to be filled is all that is left of the connection's memory, and the library has
// zeroed half of it: whoever has nothing to send needs none of these pages for as long as that
// lasts.
static void give_back(struct http_subscriber *subscriber, char *out, size_t max) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = ((uintptr_t)out + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)out + max) & ~(page - 1);
    if (subscriber->room_used >= page && begin < end)
        madvise((void *)begin, end - begin, MADV_DONTNEED);
    subscriber->room_used = 0;
}

// Called by libmicrohttpd when the connection can take more, on the connection's thread. Without
// anything to send it suspends the connection, under the lock that publishers take.
long stream_read(struct http_subscriber *subscriber, char *out, size_t max) {
    struct http_stream *stream = subscriber->stream;
    long result;
    pthread_mutex_lock(&stream->lock);
    size_t len = copy_out(stream, subscriber, out, max);
    if (len > 0) {
        unlink_from(stream, subscriber);
        link_behind(stream, subscriber);
        if (len > subscriber->room_used) subscriber->room_used = len;
        result = (long)len;
    } else if (subscriber->sequence < stream->begin) {
        result = MHD_CONTENT_READER_END_WITH_ERROR; // too slow: what it needs is gone
    } else if (stream->is_closing) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        give_back(subscriber, out, max);
        subscriber->is_suspended = true;
        MHD_suspend_connection(subscriber->connection);
        result = 0;
    }
    pthread_mutex_unlock(&stream->lock);
    return result;
}

uint64_t stream_tick(struct http_stream *stream, uint64_t now_ms) {
    uint64_t beat_ms = stream->config.heartbeat_ms, next_ms = now_ms + beat_ms;
    pthread_mutex_lock(&stream->lock);
    for (struct http_subscriber *it = stream->subscribers; it; it = it->next) {
        uint64_t due_ms = it->written_ms + beat_ms;
        if (due_ms > now_ms + beat_ms / BEATS_APART) {
            next_ms = due_ms;
            break;
        }
        if (!it->is_suspended) continue;
        it->notice = HEARTBEAT;
        wake(it);
    }
    pthread_mutex_unlock(&stream->lock);
    return next_ms;
}

void stream_end(struct http_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    stream->is_closing = true;
    wake_all(stream);
    pthread_mutex_unlock(&stream->lock);
}
