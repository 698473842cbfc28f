// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/thing.h"

static void append_form(struct buf *out, const char *operation, uint16_t port) {
    buf_append_format(out,
                      "\"forms\":[{\"op\":\"%s\",\"href\":\"ws://127.0.0.1:%u/lock\","
                      "\"contentType\":\"application/octet-stream\"}]}",
                      operation, port);
}

static void append_property(struct buf *out, const char *schema, uint16_t port) {
    buf_append_format(out, "%s,\"readOnly\":true,", schema);
    append_form(out, "readproperty", port);
}

static void append_action(struct buf *out, const char *name, const char *text, uint16_t port) {
    buf_append_format(out, "\"%s\":{\"description\":\"%s\",\"safe\":false,\"idempotent\":false,",
                      name, text);
    append_form(out, "invokeaction", port);
}

void thing_describe(struct buf *out, const struct public_key *key, uint16_t port) {
    char hex[65];
    hex_encode(hex, BYTES_OF(key->bytes));
    buf_append_format(out,
                      "{\"@context\":\"https://www.w3.org/2022/wot/td/v1.1\","
                      "\"id\":\"urn:lmm:lock:%s\",\"title\":\"Lock\","
                      "\"description\":\"Opens by a proven grant and the renter's signature over "
                      "its nonce. Messages are those of docs/lock.md.\","
                      "\"securityDefinitions\":{\"in_message\":{\"scheme\":\"nosec\","
                      "\"description\":\"Each command carries its own signature.\"}},"
                      "\"security\":[\"in_message\"],\"properties\":{",
                      hex);
    append_property(out,
                    "\"battery\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":100,"
                    "\"unit\":\"percent\"",
                    port);
    append_property(out, ",\"isOpen\":{\"type\":\"boolean\"", port);
    append_property(out, ",\"isInUse\":{\"type\":\"boolean\"", port);
    buf_append_string(out, "},\"actions\":{");
    append_action(out, "start", "A use begins, and the lock opens.", port);
    buf_append_string(out, ",");
    append_action(out, "open", "Opens once more, while in use.", port);
    buf_append_string(out, ",");
    append_action(out, "return", "The use ends, and the lock shuts.", port);
    buf_append_string(out, ",");
    append_action(out, "readLog", "What was done at the lock, for its owner.", port);
    buf_append_string(out, "}}\n");
}
