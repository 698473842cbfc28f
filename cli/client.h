// SPDX-License-Identifier: Apache-2.0
// Talks to a node's API over HTTP.
#ifndef LMM_CLI_CLIENT_H
#define LMM_CLI_CLIENT_H

#include <jansson.h>

#include "chaincore/base/buf.h"

struct client_reply {
    long status; // of HTTP
    struct buf body;
};
// GET without a body, POST of octets with one. False, with a complaint, when the node is out of
// reach.
bool client_ask(struct client_reply *out, const char *url, const char *path,
                const struct bytes *body);
// The reply as JSON when it is a success; NULL, with a complaint that carries the node's own words,
// otherwise. The caller calls json_decref.
json_t *client_ask_json(const char *url, const char *path, const struct bytes *body);
void client_reply_clear(struct client_reply *reply);

#endif
