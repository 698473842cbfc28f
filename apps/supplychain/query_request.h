// SPDX-License-Identifier: Apache-2.0
// From a request to a query, and from a page's end to the link to the next one.
#ifndef LMM_SUPPLYCHAIN_QUERY_REQUEST_H
#define LMM_SUPPLYCHAIN_QUERY_REQUEST_H

#include "apps/supplychain/event_search.h"

struct query_request {
    bool takes_own;       // the parameters of our own besides
    bool takes_page_only; // nothing else than where the page begins and its length
    bool takes_signer;    // `signer` too, which the caller has read
    const struct query_parameter *parameters; // that the request does not have to name
    size_t parameter_count;
    const char *query_name;              // for the answer; NULL: SimpleEventQuery
    const struct epcis_context *context; // of their prefixes; NULL: what the request declares
};

// The parameters of the request as a query. False: the response tells why not.
bool query_request_read(struct http_request *request, struct http_response *response,
                        const struct query_request *wanted, struct event_wish *out);
// What the request's GS1-Extensions header says that prefixes stand for. False: the response tells
// why not.
bool query_request_read_context(struct http_request *request, struct http_response *response,
                                struct epcis_context *storage, const struct epcis_context **out);
// Answers for a search that failed. OK when the response is the answer, else the status itself.
enum status query_request_fail(struct http_response *response, const struct event_wish *wish,
                               enum status status) MUST_CHECK;
// The token of the page behind these rows.
void query_request_append_token(struct buf *out, const struct event_wish *wish,
                                const struct event_rows *rows);
// Links to the page behind these rows, if there is one.
void query_request_link(struct http_request *request, struct http_response *response,
                        const struct event_wish *wish, const struct event_rows *rows);
// The same to the page that a token names.
void query_request_link_token(struct http_request *request, struct http_response *response,
                              struct bytes token);

// A page of a list of texts: `behind` is the last one of the page before, "" on the first.
struct text_page {
    uint32_t length;
    struct bytes behind;
};
// False: the response tells why not.
bool query_request_read_texts(struct http_request *request, struct http_response *response,
                              struct text_page *out);
// Links to the page behind `last`.
void query_request_link_text(struct http_request *request, struct http_response *response,
                             struct bytes last);

// Appends a text as one segment of a path: all is escaped that could mean something there.
void query_request_append_segment(struct buf *out, struct bytes text);

// routes_query.c: answers with an EPCISQueryDocument of what is wanted.
enum status get_events_of(struct server *server, struct http_request *request,
                          struct http_response *response, const struct query_request *wanted);

#endif
