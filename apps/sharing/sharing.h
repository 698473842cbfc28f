// SPDX-License-Identifier: Apache-2.0
// The market's own parts: what its routes and its projection share.
#ifndef LMM_SHARING_SHARING_H
#define LMM_SHARING_SHARING_H

#include "apps/common/http/page.h"
#include "apps/common/server/server.h"
#include "apps/sharing/happenings.h"

struct sharing {
    struct server *server;
    struct buf news; // of the block at hand (apps/common/server/news.h)
};

// projection.c
// To be raised whenever the same blocks give other rows.
enum { PROJECTION_VERSION = 4 };
extern const char sharing_schema[]; // embedded.S
extern const char sharing_drop[];
enum status projection_apply(void *sharing, struct db *db, const struct index_block *block);
void projection_committed(void *sharing, const struct index_block *block);
// A text as it is looked for: ASCII letters small. Nothing when it is no UTF-8.
void sharing_append_words(struct buf *out, struct bytes text);

// demo.c
void sharing_demo(struct demo *demo);

// hooks.c
extern const struct hook_kind sharing_hook_kinds[HAPPENING_KINDS];
server_read_hooks sharing_read_hooks;

// ---- what routes share: rows.c

typedef enum status sharing_answer_row(struct server *server, struct http_request *request,
                                       struct http_response *response, struct db_statement *row);
// Answers with the row of the path's {id} that the query finds, bound to $1. NOT_FOUND: none.
enum status sharing_answer_one(struct server *server, struct http_request *request,
                               struct http_response *response, const char *query,
                               sharing_answer_row *with_row);
// The path's {id}. False: there can be no such thing.
bool sharing_path_id(const struct http_request *request, uint64_t *out);
// `,"changed":…,"final":true,"height":…,"tx":…,"proof":…}` of the row's event; `kind` as in the
// path, "assets" say.
void sharing_append_place(struct buf *out, struct db_statement *row, const char *kind);
// The proof of the row's event.
sharing_answer_row sharing_prove_row;
#define SHARING_PLACE_NAMES "\"changed\",\"final\",\"height\",\"tx\",\"proof\""
#define SHARING_PLACE_SCHEMA                                                            \
    "\"changed\":" SCHEMA_TIME ",\"final\":" SCHEMA_BOOLEAN ",\"height\":" SCHEMA_COUNT \
    ",\"tx\":" SCHEMA_HASH ",\"proof\":" SCHEMA_TEXT

// A list that is asked for by one statement, whose rows each say where the list goes on.
struct sharing_list {
    struct buf query;
    int bound; // how many values so far
    struct sharing_value {
        bool is_bytes, is_text;
        int64_t number;
        struct bytes bytes;
    } values[12];
};
// Appends `text` with "$" replaced by the value's number: " AND price <= $".
void sharing_list_number(struct sharing_list *list, const char *text, int64_t value);
void sharing_list_bytes(struct sharing_list *list, const char *text, struct bytes value);
void sharing_list_text(struct sharing_list *list, const char *text, struct bytes value);
// Runs it and answers with a page; `order_by` is the column that the token is made of.
struct sharing_page_form {
    const struct http_page *page;
    const char *order_by;
    void (*append)(struct buf *out, struct db_statement *row);
};
enum status sharing_answer_list(struct server *server, struct http_request *request,
                                struct http_response *response, struct sharing_list *list,
                                const struct sharing_page_form *form);
// Reads perPage and nextPageToken of such a list. False: answered.
bool sharing_read_page(struct http_page *out, struct http_request *request,
                       struct http_response *response);

// ---- what is asked: asked.c

// "2026-11-28T12:00:00Z", with or without milliseconds. MALFORMED.
enum status asked_time(uint64_t *out_ms, struct bytes text) MUST_CHECK;
// The whole text is a number of degrees; *out counts 1e-7 of them, `most` at most either way.
// MALFORMED.
enum status asked_degrees(int64_t *out, struct bytes text, int64_t most) MUST_CHECK;
// Of the query. False with *is_there: it is wrong, and the response says so.
bool asked_query_time(struct http_request *request, struct http_response *response,
                      const char *name, bool *is_there, uint64_t *out_ms);
bool asked_query_refuse(struct http_response *response, const char *name, const char *why);

server_search sharing_search; // routes_assets.c

// ---- routes

enum status get_assets(void *server, struct http_request *request, struct http_response *response);
enum status get_asset(void *server, struct http_request *request, struct http_response *response);
enum status get_asset_proof(void *server, struct http_request *request,
                            struct http_response *response);
enum status get_calendar(void *server, struct http_request *request,
                         struct http_response *response);
enum status get_bookings(void *server, struct http_request *request,
                         struct http_response *response);
enum status get_booking(void *server, struct http_request *request, struct http_response *response);
enum status get_booking_proof(void *server, struct http_request *request,
                              struct http_response *response);
enum status get_quote(void *server, struct http_request *request, struct http_response *response);
enum status get_lock(void *server, struct http_request *request, struct http_response *response);
enum status get_grant(void *server, struct http_request *request, struct http_response *response);

// routes_calls.c: signed by the server's own key
enum status post_asset(void *server, struct http_request *request, struct http_response *response);
enum status put_asset(void *server, struct http_request *request, struct http_response *response);
enum status delete_asset(void *server, struct http_request *request,
                         struct http_response *response);
enum status post_calendar(void *server, struct http_request *request,
                          struct http_response *response);
enum status post_calendar_free(void *server, struct http_request *request,
                               struct http_response *response);
enum status post_lock(void *server, struct http_request *request, struct http_response *response);
enum status delete_lock(void *server, struct http_request *request, struct http_response *response);
enum status post_revoke(void *server, struct http_request *request, struct http_response *response);
enum status post_booking(void *server, struct http_request *request,
                         struct http_response *response);
enum status post_extend(void *server, struct http_request *request, struct http_response *response);
enum status delete_booking(void *server, struct http_request *request,
                           struct http_response *response);
enum status post_start(void *server, struct http_request *request, struct http_response *response);
enum status post_return(void *server, struct http_request *request, struct http_response *response);
enum status post_end(void *server, struct http_request *request, struct http_response *response);
enum status post_contest(void *server, struct http_request *request,
                         struct http_response *response);
enum status post_settle(void *server, struct http_request *request, struct http_response *response);

#endif
