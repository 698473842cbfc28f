// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/exchange.h"
#include "apps/common/http/server.h"

enum status http_answer_live(struct http_response *response) {
    http_json(response, 200, bytes_of_string("{\"status\":\"ok\"}\n"));
    return STATUS_OK;
}

enum status http_answer_ready(struct http_request *request, struct http_response *response,
                              const char *const *problems, size_t problem_count) {
    struct bytes value;
    bool is_verbose = http_query(request, "verbose", &value) != STATUS_NOT_FOUND;
    struct buf json = {0};
    buf_append_format(&json, "{\"status\":\"%s\"", problem_count == 0 ? "ready" : "not ready");
    if (is_verbose) {
        buf_append_string(&json, ",\"problems\":[");
        for (size_t i = 0; i < problem_count; i++) {
            if (i > 0) buf_append_byte(&json, ',');
            http_append_json_string(&json, bytes_of_string(problems[i]));
        }
        buf_append_byte(&json, ']');
    }
    buf_append_string(&json, "}\n");
    http_json(response, problem_count == 0 ? 200 : 503, buf_bytes(&json));
    buf_clear(&json);
    return STATUS_OK;
}
