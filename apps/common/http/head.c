// SPDX-License-Identifier: Apache-2.0
// What HTTP/1.1 asks of a request's head (RFC 9112) and libmicrohttpd lets pass: whoever reads the
// same bytes otherwise, a proxy in front above all, would see other requests in them. A head whose
// body has no certain end is answered at once, which closes the connection.
#include <microhttpd.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"

struct head {
    unsigned hosts;
    unsigned lengths;
    unsigned codings;
    bool is_chunked;
    bool has_bad_name;
};

static bool is_token(const char *text) {
    static const char marks[] = "!#$%&'*+.^_`|~"; // and "-", which most names have
    for (; *text; text++) {
        bool is_word = (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
                       (*text >= 'a' && *text <= 'z') || *text == '-';
        if (!is_word && !strchr(marks, *text)) return false;
    }
    return true;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    struct head *head = context;
    struct bytes text = bytes_of_string(name);
    (void)kind;
    head->has_bad_name |= !is_token(name);
    head->hosts += text_is(text, "Host");
    head->lengths += text_is(text, "Content-Length");
    if (text_is(text, "Transfer-Encoding")) {
        head->codings++;
        head->is_chunked = value && text_is(bytes_of_string(value), "chunked");
    }
    return MHD_YES;
}

static bool refuse(struct http_request *request, int http_code, const char *code,
                   const char *detail) {
    http_problem_as(&request->response, http_code, code, detail);
    http_set_header(&request->response, "Connection", "close");
    request->must_close = true;
    return false;
}

bool head_check(struct http_request *request, const char *version) {
    struct head head = {0};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_header, &head);
    if (head.has_bad_name)
        return refuse(request, 400, "bad_header", "A header's name is not of HTTP's form.");
    if (head.hosts > 1 || (head.hosts == 0 && strcmp(version, "HTTP/1.0") != 0))
        return refuse(request, 400, "bad_host", "The request needs one Host header.");
    if (head.lengths + head.codings > 1)
        return refuse(request, 400, "bad_length", "The length of the body is told more than once.");
    if (head.codings > 0 && !head.is_chunked)
        return refuse(request, 501, "unsupported_transfer_encoding",
                      "Of all transfer codings only \"chunked\" is understood here.");
    return true;
}
