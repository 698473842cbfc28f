// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/abi.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

bool abi_sentence(struct bytes abi, uint32_t code, struct buf *out) {
    char name[11];
    json_error_t error;
    if (abi.len == 0 || abi.len > ABI_MAX_BYTES) return false;
    snprintf(name, sizeof name, "%" PRIu32, code);
    json_t *root = json_loadb((const char *)abi.data, abi.len, JSON_REJECT_DUPLICATES, &error);
    const json_t *sentence = json_object_get(json_object_get(root, "errors"), name);
    size_t len = json_string_length(sentence);
    bool is_there = json_is_string(sentence) && len > 0 && len <= ABI_MAX_SENTENCE;
    if (is_there) buf_append(out, bytes_of(json_string_value(sentence), len));
    json_decref(root);
    return is_there;
}
