// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/body_object.h"

#include "chaincore/chaincore.h"

bool body_object_refuse(struct http_response *response, const char *code, const char *pointer,
                        const char *rule, const char *detail) {
    http_problem(response, STATUS_INVALID, code, detail);
    http_problem_violation(response, pointer, rule, detail);
    return false;
}

bool body_object_read(json_t **out, struct http_request *request, struct http_response *response,
                      const char *const *members, const char *code) {
    struct json_fault fault;
    struct bytes body = http_body(request);
    if (body.len == 0) body = bytes_of_string("{}");
    if (json_parse(out, &fault, body, BODY_OBJECT_BYTES) != STATUS_OK)
        return body_object_refuse(response, code, "", fault.rule, fault.text);
    if (!json_is_object(*out))
        return body_object_refuse(response, code, "", "type", "The body is a JSON object.");
    struct buf pointer = {0};
    bool is_known = json_has_only(*out, members, &pointer);
    if (!is_known)
        body_object_refuse(response, code, buf_as_string(&pointer), "unknown",
                           "There is no such member.");
    buf_clear(&pointer);
    return is_known;
}

bool body_object_copy_name(const json_t *value, char *out, size_t size) {
    struct bytes name = json_is_string(value) ? json_string_bytes(value) : bytes_of("", 0);
    if (name.len == 0 || name.len >= size) return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] < 0x20 || name.data[i] == 0x7F) return false;
    memcpy(out, name.data, name.len);
    out[name.len] = '\0';
    return true;
}
