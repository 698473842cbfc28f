// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_BYTES = 16 * 1024,
    MOST_WAITING = 1 << 20, // of one way, before nothing more is read
    RETRANSMISSION_MS = 200,
};

struct piece {
    struct piece *next;
    uint64_t due_ms;
    size_t len;
    char data[];
};

// One direction of a connection.
struct way {
    struct connection *connection;
    uv_tcp_t *from, *to;
    uv_timer_t timer;
    struct piece *first, **last;
    size_t waiting; // bytes, those being written included
    uint64_t last_due_ms;
    bool is_paused;
    bool has_ended; // nothing more comes
    bool is_shut;
};

struct connection {
    struct line *line;
    struct lines *lines;
    struct connection *next, **place;
    uv_tcp_t near, far;
    uv_connect_t connecting;
    struct way out, back;
    int open_handles;
    bool is_closing;
};

struct writing {
    uv_write_t request;
    struct way *way;
    struct piece *piece;
};

static void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (!memory) abort();
    return memory;
}

// xorshift64*: so that a run can be told by its seed.
static uint64_t draw(struct lines *lines, uint64_t below) {
    lines->random ^= lines->random >> 12;
    lines->random ^= lines->random << 25;
    lines->random ^= lines->random >> 27;
    return (lines->random * 2685821657736338717U >> 11) % below;
}

static void forget_pieces(struct way *way) {
    while (way->first) {
        struct piece *piece = way->first;
        way->first = piece->next;
        free(piece);
    }
}

static void on_closed(uv_handle_t *handle) {
    struct connection *connection = handle->data;
    if (--connection->open_handles > 0) return;
    forget_pieces(&connection->out);
    forget_pieces(&connection->back);
    *connection->place = connection->next;
    if (connection->next) connection->next->place = connection->place;
    free(connection);
}

static void close_tcp(uv_tcp_t *tcp, bool is_reset) {
    if (is_reset && uv_tcp_close_reset(tcp, on_closed) == 0) return;
    uv_close((uv_handle_t *)tcp, on_closed);
}

static void end_connection(struct connection *connection, bool is_reset) {
    if (connection->is_closing) return;
    connection->is_closing = true;
    close_tcp(&connection->near, is_reset);
    close_tcp(&connection->far, is_reset);
    uv_close((uv_handle_t *)&connection->out.timer, on_closed);
    uv_close((uv_handle_t *)&connection->back.timer, on_closed);
}

static void pass_due(struct way *way);
static void begin_reading(struct way *way);

static void on_written(uv_write_t *request, int status) {
    struct writing *writing = (struct writing *)request;
    struct way *way = writing->way;
    way->waiting -= writing->piece->len;
    free(writing->piece);
    free(writing);
    if (way->connection->is_closing) return;
    if (status < 0) {
        end_connection(way->connection, true);
        return;
    }
    if (way->is_paused && way->waiting <= MOST_WAITING / 2) begin_reading(way);
    pass_due(way);
}

static void on_shut(uv_shutdown_t *request, int status) {
    struct way *way = request->data;
    free(request);
    if (status < 0) end_connection(way->connection, true);
    if (way->connection->out.is_shut && way->connection->back.is_shut)
        end_connection(way->connection, false);
}

// The end passes like bytes: behind all of them.
static void shut(struct way *way) {
    if (!way->has_ended || way->is_shut || way->first || way->waiting > 0) return;
    way->is_shut = true;
    uv_shutdown_t *request = allocate(sizeof *request);
    request->data = way;
    if (uv_shutdown(request, (uv_stream_t *)way->to, on_shut) == 0) return;
    free(request);
    end_connection(way->connection, true);
}

static void on_due(uv_timer_t *timer) {
    struct connection *connection = timer->data;
    pass_due(timer == &connection->out.timer ? &connection->out : &connection->back);
}

static void pass_due(struct way *way) {
    struct connection *connection = way->connection;
    uint64_t now = uv_now(connection->lines->loop);
    if (connection->is_closing || connection->line->weather.is_stalled) return;
    while (way->first && way->first->due_ms <= now) {
        struct writing *writing = allocate(sizeof *writing);
        struct piece *piece = way->first;
        uv_buf_t buf = uv_buf_init(piece->data, (unsigned)piece->len);
        way->first = piece->next;
        if (!way->first) way->last = &way->first;
        *writing = (struct writing){.way = way, .piece = piece};
        connection->line->counts.bytes += piece->len;
        if (uv_write(&writing->request, (uv_stream_t *)way->to, &buf, 1, on_written) == 0) continue;
        way->waiting -= piece->len;
        free(writing);
        free(piece);
        end_connection(connection, true);
        return;
    }
    if (way->first) uv_timer_start(&way->timer, on_due, way->first->due_ms - now, 0);
    shut(way);
}

// When what has just been read comes out: never before what was read earlier.
static uint64_t due_of(struct way *way) {
    struct line *line = way->connection->line;
    struct lines *lines = way->connection->lines;
    const struct line_weather *weather = &line->weather;
    uint64_t due = uv_now(lines->loop) + weather->delay_ms;
    if (weather->jitter_ms > 0) due += draw(lines, weather->jitter_ms + 1);
    for (uint64_t wait = RETRANSMISSION_MS; draw(lines, 100) < weather->loss_percent; wait *= 2) {
        line->counts.lost++;
        due += wait;
        if (wait >= 8 * RETRANSMISSION_MS) break;
    }
    if (due < way->last_due_ms) due = way->last_due_ms;
    way->last_due_ms = due;
    return due;
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(allocate(PIECE_BYTES), PIECE_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf) {
    struct connection *connection = stream->data;
    struct way *way =
        stream == (uv_stream_t *)&connection->near ? &connection->out : &connection->back;
    if (len > 0) {
        struct piece *piece = allocate(sizeof *piece + (size_t)len);
        piece->len = (size_t)len;
        piece->due_ms = due_of(way);
        memcpy(piece->data, buf->base, piece->len);
        *way->last = piece;
        way->last = &piece->next;
        way->waiting += piece->len;
        way->is_paused = way->waiting > MOST_WAITING;
        if (way->is_paused) uv_read_stop(stream);
    }
    free(buf->base);
    if (len == UV_EOF) way->has_ended = true;
    if (len < 0 && len != UV_EOF)
        end_connection(connection, true);
    else
        pass_due(way);
}

static void begin_reading(struct way *way) {
    way->is_paused = false;
    if (uv_read_start((uv_stream_t *)way->from, on_room, on_read) != 0)
        end_connection(way->connection, true);
}

static void on_connected(uv_connect_t *request, int status) {
    struct connection *connection = request->data;
    if (connection->is_closing) return;
    if (status < 0) {
        connection->line->counts.refused++;
        end_connection(connection, true);
        return;
    }
    begin_reading(&connection->out);
    if (!connection->is_closing) begin_reading(&connection->back);
}

static void way_init(struct way *way, struct connection *connection, uv_tcp_t *from, uv_tcp_t *to) {
    *way = (struct way){.connection = connection, .from = from, .to = to, .last = &way->first};
    uv_timer_init(connection->lines->loop, &way->timer);
    way->timer.data = connection;
}

static void on_connection(uv_stream_t *listener, int status) {
    struct line *line = (struct line *)listener;
    struct lines *lines = listener->data;
    struct connection *connection;
    if (status < 0) return;
    connection = allocate(sizeof *connection);
    connection->line = line;
    connection->lines = lines;
    connection->next = line->connections;
    connection->place = &line->connections;
    if (connection->next) connection->next->place = &connection->next;
    line->connections = connection;
    line->counts.connections++;
    uv_tcp_init(lines->loop, &connection->near);
    uv_tcp_init(lines->loop, &connection->far);
    connection->near.data = connection->far.data = connection->connecting.data = connection;
    way_init(&connection->out, connection, &connection->near, &connection->far);
    way_init(&connection->back, connection, &connection->far, &connection->near);
    connection->open_handles = 4;
    if (uv_accept(listener, (uv_stream_t *)&connection->near) != 0 ||
        uv_tcp_connect(&connection->connecting, &connection->far,
                       (const struct sockaddr *)&line->to, on_connected) != 0) {
        end_connection(connection, true);
        return;
    }
    uv_tcp_nodelay(&connection->near, 1);
    uv_tcp_nodelay(&connection->far, 1);
}

static void on_given_up(uv_handle_t *handle) { free(handle); }

int lines_add(struct lines *lines, const char *name, const struct sockaddr *listen,
              const struct sockaddr *to) {
    struct line *line = allocate(sizeof *line);
    snprintf(line->name, sizeof line->name, "%s", name);
    memcpy(&line->to, to,
           to->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    uv_tcp_init(lines->loop, &line->listener);
    line->listener.data = lines;
    int error = uv_tcp_bind(&line->listener, listen, 0);
    if (error == 0) error = uv_listen((uv_stream_t *)&line->listener, 64, on_connection);
    if (error != 0) {
        uv_close((uv_handle_t *)&line->listener, on_given_up);
        return error;
    }
    line->next = lines->first;
    lines->first = line;
    return 0;
}

void line_set_weather(struct line *line, const struct line_weather *weather) {
    line->weather = *weather;
    for (struct connection *c = line->connections, *next; c; c = next) {
        next = c->next;
        pass_due(&c->out);
        pass_due(&c->back);
    }
}

void line_reset(struct line *line) {
    for (struct connection *c = line->connections; c; c = c->next) {
        if (!c->is_closing) line->counts.resets++;
        end_connection(c, true);
    }
}

void lines_close(struct lines *lines) {
    for (struct line *line = lines->first; line; line = line->next) {
        line_reset(line);
        uv_close((uv_handle_t *)&line->listener, NULL);
    }
    uv_run(lines->loop, UV_RUN_DEFAULT);
    while (lines->first) {
        struct line *line = lines->first;
        lines->first = line->next;
        free(line);
    }
}
