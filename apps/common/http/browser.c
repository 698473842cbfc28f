// SPDX-License-Identifier: Apache-2.0
// What tells browsers how far an answer may be trusted and who else may read it: security headers,
// and CORS (Fetch, 3.2) for the origins that are configured. There are no cookies, so no request is
// ever made with somebody's authority by their browser alone, and no credentials are allowed.
#include <microhttpd.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"

static bool has_header(const struct http_response *response, const char *name) {
    return response_header(response, name) != NULL;
}

static void add_default(struct MHD_Response *made, const struct http_response *response,
                        const char *name, const char *value) {
    if (!has_header(response, name)) MHD_add_response_header(made, name, value);
}

static void add_security(struct MHD_Response *made, const struct http_response *response) {
    // What answers a program is never run or framed by a browser.
    add_default(made, response, "Content-Security-Policy",
                "default-src 'none'; frame-ancestors 'none'");
    add_default(made, response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(made, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(made, "Cross-Origin-Resource-Policy", "same-origin");
    if (response->request->server->config.tls_certificate)
        MHD_add_response_header(made, "Strict-Transport-Security", "max-age=31536000");
}

// --- CORS ---

static bool is_allowed(const struct http_config *config, const char *origin) {
    for (size_t i = 0; i < config->cors_origin_count; i++)
        if (strcmp(config->cors_origins[i], origin) == 0) return true;
    return false;
}

static bool is_list_of_tokens(const char *text) {
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "!#$%&'*+-.^_`|~, ")] == '\0';
}

// Any header may be sent: what a handler does not know it does not read.
static void add_preflight(struct MHD_Response *made, const struct http_response *response) {
    const struct http_request *request = response->request;
    const char *methods = response_header(response, "Allow");
    const char *headers = http_header(request, "Access-Control-Request-Headers");
    if (!request->is_options || !http_header(request, "Access-Control-Request-Method")) return;
    if (methods) MHD_add_response_header(made, "Access-Control-Allow-Methods", methods);
    if (headers && is_list_of_tokens(headers))
        MHD_add_response_header(made, "Access-Control-Allow-Headers", headers);
    MHD_add_response_header(made, "Access-Control-Max-Age", "600");
}

static void add_cors(struct MHD_Response *made, const struct http_response *response) {
    const struct http_config *config = &response->request->server->config;
    const char *origin = http_header(response->request, "Origin");
    bool is_for_all = is_allowed(config, "*");
    if (config->cors_origin_count == 0) return;
    if (!is_for_all) MHD_add_response_header(made, "Vary", "Origin");
    if (!origin || !(is_for_all || is_allowed(config, origin))) return;
    MHD_add_response_header(made, "Access-Control-Allow-Origin", is_for_all ? "*" : origin);
    MHD_add_response_header(made, "Access-Control-Expose-Headers", "*");
    add_preflight(made, response);
}

void browser_tell(const struct http_response *response, struct MHD_Response *made) {
    add_security(made, response);
    add_cors(made, response);
}
