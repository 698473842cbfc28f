// SPDX-License-Identifier: Apache-2.0
// Talks to a node's API over HTTP. A node that has no room says when to come again (429, 503, and
// 409 while it still is at the same request, with Retry-After): that is waited for and told on
// standard error, for a minute in all. PATCH and DELETE, which nothing tells apart from another
// one, are not sent again after a 503.
#ifndef LMM_CLI_CLIENT_H
#define LMM_CLI_CLIENT_H

#include <jansson.h>

#include "chaincore/base/buf.h"

struct client_request {
    const char *url;    // of the node
    const char *path;   // with its query
    const char *method; // NULL: GET, or POST with a body
    const struct bytes *body;
    const char *type;    // of the body; NULL: octets
    const char *api_key; // NULL: none
};
struct client_reply {
    long status; // of HTTP
    struct buf body;
    struct buf next; // the path of the next page; empty: there is none
};
// False, with a complaint, when the node is out of reach. The caller clears the reply in any case.
bool client_send(struct client_reply *out, const struct client_request *request);
// The same; besides, false with the node's own words for a complaint when it says neither that
// there is what was asked for (200) nor that there is not (404): it may be busy.
bool client_find(struct client_reply *out, const struct client_request *request);
void client_reply_clear(struct client_reply *reply);

// The reply as JSON when it is a success (null when it is empty); NULL, with a complaint that
// carries the node's own words, otherwise. The caller calls json_decref.
json_t *client_send_json(const struct client_request *request);
// The same of GET, or of POST of octets with a body.
json_t *client_ask_json(const char *url, const char *path, const struct bytes *body);
// The `items` of all pages, from this one on, with an API key or NULL.
json_t *client_ask_items(const char *url, const char *path, const char *api_key);

#endif
