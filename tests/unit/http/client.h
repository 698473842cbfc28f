// SPDX-License-Identifier: Apache-2.0
// A client of plain sockets, so that tests can send what no library would. Whatever doesn't come
// within ten seconds fails the case.
#ifndef LMM_TESTS_HTTP_CLIENT_H
#define LMM_TESTS_HTTP_CLIENT_H

#include "chaincore/base/buf.h"

struct client {
    int fd;
    struct buf in; // received and not yet taken
};

struct answer {
    int code; // 0: the connection was closed without one
    struct buf head;
    struct buf body;
};

struct client client_connect(uint16_t port);
// From one of the loopback's other addresses ("127.0.0.2").
struct client client_connect_from(const char *from, uint16_t port);
void client_close(struct client *client);
void client_send(struct client *client, struct bytes data);
void client_send_text(struct client *client, const char *text);
// Reads more; false at the end of the connection.
bool client_receive(struct client *client);
// Status line and headers. The body stays in client->in.
void client_read_head(struct client *client, struct answer *answer);
// A whole answer, by its length, its chunks, or the end of the connection.
void client_read(struct client *client, struct answer *answer, bool is_head);
// The next piece of a chunked body; false at its end or the connection's.
bool client_read_chunk(struct client *client, struct buf *out);
// Receives until the text stands in what has been taken from chunks.
void client_wait_for(struct client *client, struct buf *seen, const char *text);

// A GET on a connection of its own, whose answer is read later.
struct client client_begin(uint16_t port, const char *path);
// Its whole answer, which must be this (NULL: whatever text), and the end of the connection.
void client_end(struct client *client, struct answer *answer, int code, const char *text);

// One exchange on a connection of its own. The request's text is whole.
void ask(struct answer *answer, uint16_t port, const char *request);
void ask_bytes(struct answer *answer, uint16_t port, struct bytes request);
// "GET path HTTP/1.1" with a Host and these header lines.
void ask_get(struct answer *answer, uint16_t port, const char *path, const char *headers);
void answer_clear(struct answer *answer);
// The value of a header, "" when it isn't there. Static storage, four in turn.
const char *answer_header(struct answer *answer, const char *name);
const char *answer_text(struct answer *answer);

#define assert_has(answer, text)                                                   \
    ck_assert_msg(strstr(answer_text(answer), text) != NULL, "no %s in: %s", text, \
                  answer_text(answer))

#endif
