// SPDX-License-Identifier: Apache-2.0
// The market's own parts: what its routes and its projection share.
#ifndef LMM_SAMPLE_SAMPLE_H
#define LMM_SAMPLE_SAMPLE_H

#include "apps/common/server/server.h"

struct sample {
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
extern const char sample_schema[]; // embedded.S
extern const char sample_drop[];
enum status projection_apply(void *sample, struct db *db, const struct index_block *block);
void projection_committed(void *sample, const struct index_block *block);

// hooks.c
enum { SAMPLE_HOOK_KINDS = 1 };
extern const struct hook_kind sample_hook_kinds[SAMPLE_HOOK_KINDS];
server_read_hooks sample_read_hooks;

// demo.c: what is there on a devnet from the start.
void sample_demo(struct demo *demo);

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
