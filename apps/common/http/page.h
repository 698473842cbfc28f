// SPDX-License-Identifier: Apache-2.0
// Lists by pages: `perPage` items at a time, `nextPageToken` for those behind, and the next page's
// address in `Link: <…>; rel="next"`. A token says where the list goes on, in its own bytes; to a
// client it is opaque (hex).
#ifndef LMM_HTTP_PAGE_H
#define LMM_HTTP_PAGE_H

#include "apps/common/http/http.h"

enum { HTTP_PAGE_TOKEN_BYTES = 64 };

struct http_paging {
    uint64_t usual; // items on a page when the client does not say
    uint64_t most;
    size_t token_bytes; // how long each token of the list is
};

struct http_page {
    uint64_t length;
    bool is_behind; // of the token, else the first
    uint8_t token[HTTP_PAGE_TOKEN_BYTES];
};

// False: the response is a problem with the parameter that is wrong.
bool http_page_read(struct http_page *out, struct http_request *request,
                    struct http_response *response, const struct http_paging *paging);
// For a token whose bytes are none of the list's: the same problem.
void http_page_refuse(struct http_response *response);
// Tells that the list goes on behind this token: the same request, but for the token.
void http_page_link(struct http_request *request, struct http_response *response,
                    struct bytes token);

#endif
