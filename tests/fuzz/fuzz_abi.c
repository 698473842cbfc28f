// SPDX-License-Identifier: Apache-2.0
// What a stranger's contract says of itself, and values by it: a description up to the first line
// break, a type up to the second, the value's bytes behind. Whatever they are: a sentence stays
// within its bounds; a value that was read is written as the same bytes again, or, where JSON
// cannot tell two of them apart, as bytes that are read as the same.
#include "apps/common/abi/abi_value.h"
#include "apps/common/server/abi.h"
#include "chaincore/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sentence(struct bytes text) {
    struct buf out = {0};
    bool is_there = abi_sentence(text, 1, &out);
    ENSURE(is_there ? out.len > 0 && out.len <= ABI_MAX_SENTENCE : out.len == 0);
    buf_clear(&out);
}

// Of a name that stands twice JSON keeps one, and of options in options it has one null for two.
static bool is_unique(const json_t *abi, const char *type) {
    return !json_object_get(abi, "types") && !strstr(type, "option<option<");
}

static void check_value(const json_t *abi, const char *type, struct bytes bytes) {
    struct buf again = {0};
    struct abi_fault fault;
    json_t *value = abi_decode_type(abi, type, bytes);
    if (!value) return;
    json_t *fields = json_pack("[[s, s]]", "value", type);
    json_t *values = json_pack("[O]", value);
    ENSURE(fields && values);
    bool is_written = abi_encode(&again, abi, fields, values, &fault) == STATUS_OK;
    if (is_unique(abi, type)) ENSURE(is_written && bytes_equal(buf_bytes(&again), bytes));
    if (is_written) {
        json_t *same = abi_decode_type(abi, type, buf_bytes(&again));
        ENSURE(same && json_equal(same, value));
        json_decref(same);
    }
    json_decref(value);
    json_decref(fields);
    json_decref(values);
    buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char type[ABI_TYPE_CHARS] = {0};
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    check_sentence(bytes_of(data, len));
    if (!end) return 0;
    const uint8_t *from = end + 1, *last = data + size;
    end = from < last ? memchr(from, '\n', (size_t)(last - from)) : NULL;
    if (!end || (size_t)(end - from) >= sizeof type) return 0;
    if (!utf8_is_valid(bytes_of(from, (size_t)(end - from)))) return 0;
    memcpy(type, from, (size_t)(end - from));
    json_t *abi = abi_parse(bytes_of(data, len));
    if (abi) check_value(abi, type, bytes_of(end + 1, (size_t)(last - end - 1)));
    json_decref(abi);
    return 0;
}
