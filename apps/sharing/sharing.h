// SPDX-License-Identifier: Apache-2.0
// The market's own parts: what its routes and its projection share.
#ifndef LMM_SHARING_SHARING_H
#define LMM_SHARING_SHARING_H

#include "apps/common/server/server.h"

struct sharing {
    struct server *server;
    struct buf news; // of the block at hand (apps/common/server/news.h)
};

// What an event of the contract says, and what is told of it. Slices are borrowed.
struct happening {
    const char *what; // the event's topic, one of three
    uint64_t number;
    struct account_id author;
    struct bytes text; // empty when the entry was withdrawn
};
void happening_append_json(struct buf *out, const struct happening *happening);

// projection.c
// To be raised whenever the same blocks give other rows.
enum { PROJECTION_VERSION = 1 };
extern const char sharing_schema[]; // embedded.S
extern const char sharing_drop[];
enum status projection_apply(void *sharing, struct db *db, const struct index_block *block);
void projection_committed(void *sharing, const struct index_block *block);

// hooks.c
enum { SHARING_HOOK_KINDS = 1 };
extern const struct hook_kind sharing_hook_kinds[SHARING_HOOK_KINDS];
server_read_hooks sharing_read_hooks;

// routes.c: of GET, one entry is {number}; what changes the book is signed by the server's own key.
enum status get_entries(void *server, struct http_request *request, struct http_response *response);
enum status get_entry(void *server, struct http_request *request, struct http_response *response);
enum status get_entry_proof(void *server, struct http_request *request,
                            struct http_response *response);
enum status post_entry(void *server, struct http_request *request, struct http_response *response);
enum status put_entry(void *server, struct http_request *request, struct http_response *response);
enum status delete_entry(void *server, struct http_request *request,
                         struct http_response *response);

#endif
