// SPDX-License-Identifier: Apache-2.0
#include <config.h> // memmem, strncasecmp

#include "apps/sharing/lock/lockd_http.h"

#include <string.h>
#include <strings.h>

#include "apps/sharing/lock/thing.h"
#include "apps/sharing/lock/websocket.h"

enum { MAX_VALUE = 256 }; // of the headers that are looked at

// ---- reading

struct value {
    unsigned count; // of headers of that name
    char text[MAX_VALUE];
};

static struct bytes trim(struct bytes text) {
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

// Lines end with CR LF, and none is folded.
static bool next_line(struct bytes *rest, struct bytes *line) {
    const uint8_t *end = memmem(rest->data, rest->len, "\r\n", 2);
    if (!end) return false;
    *line = bytes_of(rest->data, (size_t)(end - rest->data));
    *rest = bytes_of(end + 2, rest->len - line->len - 2);
    return true;
}

static void find(struct value *out, struct bytes headers, const char *name) {
    size_t len = strlen(name);
    struct bytes line;
    *out = (struct value){0};
    while (next_line(&headers, &line) && line.len > 0) {
        if (line.len <= len || line.data[len] != ':' ||
            strncasecmp((const char *)line.data, name, len) != 0)
            continue;
        struct bytes text = trim(bytes_of(line.data + len + 1, line.len - len - 1));
        out->count++;
        // What is too long, or has a NUL in it, is nothing that is expected.
        if (text.len < sizeof out->text) memcpy(out->text, text.data, text.len);
        out->text[text.len < sizeof out->text ? text.len : 0] = '\0';
    }
}

static bool is_value(struct bytes headers, const char *name, const char *expected) {
    struct value value;
    find(&value, headers, name);
    return value.count == 1 && strcasecmp(value.text, expected) == 0;
}

// Is it among the words of a list?
static bool has_word(struct bytes headers, const char *name, const char *word) {
    struct value value;
    find(&value, headers, name);
    char *at = value.text, *item;
    while ((item = strsep(&at, ",")) != NULL) {
        struct bytes text = trim(bytes_of_string(item));
        if (text.len == strlen(word) && strncasecmp((const char *)text.data, word, text.len) == 0)
            return value.count == 1;
    }
    return false;
}

// ---- who may

static bool is_own_host(const struct lockd_site *site, struct bytes headers) {
    static const char *const names[] = {"127.0.0.1", "localhost"};
    struct value value;
    find(&value, headers, "Host");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf own = {0};
        buf_append_format(&own, "%s:%u", names[i], site->port);
        bool is_own = value.count == 1 && strcasecmp(value.text, buf_as_string(&own)) == 0;
        buf_clear(&own);
        if (is_own) return true;
    }
    return false;
}

static bool is_welcome(const struct lockd_site *site, struct bytes headers) {
    struct value value;
    find(&value, headers, "Origin");
    if (value.count == 0) return true; // no page
    for (unsigned i = 0; i < site->origin_count; i++)
        if (value.count == 1 && strcmp(value.text, site->origins[i]) == 0) return true;
    return false;
}

// ---- answering

static bool refuse(struct buf *out, const char *status, const char *sentence) {
    buf_append_format(out,
                      "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                      "Connection: close\r\n\r\n%s\n",
                      status, strlen(sentence) + 1, sentence);
    return false;
}

// A page that is welcome may read it as well.
static bool describe(struct buf *out, const struct lockd_site *site, struct bytes headers) {
    struct buf thing = {0};
    struct value origin;
    find(&origin, headers, "Origin");
    thing_describe(&thing, &site->key, site->port);
    buf_append_format(out,
                      "HTTP/1.1 200 OK\r\nContent-Type: application/td+json\r\n"
                      "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
                      "Vary: Origin\r\nConnection: close\r\n",
                      thing.len);
    if (origin.count == 1)
        buf_append_format(out, "Access-Control-Allow-Origin: %s\r\n", origin.text);
    buf_append_string(out, "\r\n");
    buf_append(out, buf_bytes(&thing));
    buf_clear(&thing);
    return false;
}

static bool upgrade(struct buf *out, const struct lockd_site *site, struct bytes headers) {
    struct value key;
    char accept[WEBSOCKET_ACCEPT_CHARS + 1];
    find(&key, headers, "Sec-WebSocket-Key");
    bool is_upgrade = is_value(headers, "Upgrade", "websocket") &&
                      has_word(headers, "Connection", "upgrade") && key.count == 1 &&
                      strlen(key.text) == WEBSOCKET_KEY_CHARS;
    if (!is_upgrade) return refuse(out, "426 Upgrade Required", "The lock speaks WebSocket here.");
    if (!is_value(headers, "Sec-WebSocket-Version", "13"))
        return refuse(out, "426 Upgrade Required\r\nSec-WebSocket-Version: 13",
                      "The lock speaks version 13 of WebSocket.");
    if (site->is_taken)
        return refuse(out, "503 Service Unavailable", "Another phone is at the lock.");
    websocket_accept(accept, key.text);
    buf_append_format(out,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                      accept);
    return true;
}

static bool is_asked_for(struct bytes line, const char *path) {
    struct buf expected = {0};
    buf_append_format(&expected, "GET %s HTTP/1.1", path);
    bool is_same = bytes_equal(line, buf_bytes(&expected));
    buf_clear(&expected);
    return is_same;
}

bool lockd_http_answer(struct buf *out, const struct lockd_site *site, struct bytes head) {
    struct bytes line;
    if (!next_line(&head, &line)) return refuse(out, "400 Bad Request", "That is no request.");
    if (!is_own_host(site, head))
        return refuse(out, "421 Misdirected Request", "The lock has another name.");
    if (!is_welcome(site, head))
        return refuse(out, "403 Forbidden", "Pages of this origin have no business here.");
    if (is_asked_for(line, "/")) return describe(out, site, head);
    if (is_asked_for(line, "/lock")) return upgrade(out, site, head);
    return refuse(out, "404 Not Found", "The lock has / and /lock.");
}
