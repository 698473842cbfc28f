// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/text.h"

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

bool text_equal(struct bytes a, struct bytes b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i])) return false;
    return true;
}

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

struct bytes text_trim(struct bytes text) {
    while (text.len > 0 && is_blank(text.data[0])) text = bytes_of(text.data + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.data[text.len - 1])) text.len--;
    return text;
}

bool text_next(struct bytes *list, char separator, struct bytes *item) {
    if (list->len == 0) return false;
    bool is_quoted = false;
    size_t end = 0;
    for (; end < list->len; end++) {
        uint8_t c = list->data[end];
        if (c == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && c == '\\' && end + 1 < list->len)
            end++;
        else if (!is_quoted && c == (uint8_t)separator)
            break;
    }
    *item = text_trim(bytes_of(list->data, end));
    size_t taken = end < list->len ? end + 1 : end;
    *list = bytes_of(list->data + taken, list->len - taken);
    return true;
}

enum status text_u64(struct bytes text, uint64_t *out) {
    uint64_t value = 0;
    if (text.len == 0) return STATUS_MALFORMED;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return STATUS_MALFORMED;
    for (size_t i = 0; i < text.len; i++) {
        if (__builtin_mul_overflow(value, 10, &value)) return STATUS_OVERFLOW;
        if (__builtin_add_overflow(value, (uint64_t)(text.data[i] - '0'), &value))
            return STATUS_OVERFLOW;
    }
    *out = value;
    return STATUS_OK;
}

// Splits "name=value" and takes the quotes off the value.
static struct bytes parameter(struct bytes item, struct bytes *name) {
    const uint8_t *equals = item.len > 0 ? memchr(item.data, '=', item.len) : NULL;
    if (!equals) {
        *name = item;
        return bytes_of("", 0);
    }
    size_t name_len = (size_t)(equals - item.data);
    *name = text_trim(bytes_of(item.data, name_len));
    struct bytes value = text_trim(bytes_of(equals + 1, item.len - name_len - 1));
    if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
        value = bytes_of(value.data + 1, value.len - 2);
    return value;
}

bool media_type_of(const char *header, struct bytes *out) {
    struct bytes rest = bytes_of_string(header), item, name;
    *out = bytes_of("", 0);
    text_next(&rest, ';', out);
    while (text_next(&rest, ';', &item)) {
        struct bytes value = parameter(item, &name);
        if (text_is(name, "charset") && !text_is(value, "utf-8")) return false;
    }
    return true;
}

struct bytes media_type_find(const char *types, struct bytes wanted) {
    struct bytes list = bytes_of_string(types), type;
    while (text_next(&list, ',', &type))
        if (text_equal(type, wanted)) return type;
    return bytes_of("", 0);
}

// "0.85" -> 850; what is no such number counts as 1, as most servers have it.
static int quality(struct bytes range) {
    struct bytes item, name;
    text_next(&range, ';', &item);
    while (text_next(&range, ';', &item)) {
        struct bytes value = parameter(item, &name);
        if (!text_is(name, "q")) continue;
        if (value.len == 0 || value.len > 5 || value.data[0] != '0') return 1000;
        int result = 0, place = 100;
        for (size_t i = 2; i < value.len; i++, place /= 10) {
            if (value.data[i] < '0' || value.data[i] > '9') return 1000;
            result += (value.data[i] - '0') * place;
        }
        return result;
    }
    return 1000;
}

// How exactly a range of an Accept header fits the type: 0 not at all, 3 by name.
static int fit(struct bytes range, struct bytes type) {
    struct bytes name;
    if (!text_next(&range, ';', &name)) return 0;
    if (text_equal(name, type)) return 3;
    if (text_is(name, "*/*") || text_is(name, "*")) return 1;
    const uint8_t *slash = memchr(type.data, '/', type.len);
    if (!slash || name.len < 2 || name.data[name.len - 1] != '*') return 0;
    size_t head = (size_t)(slash - type.data) + 1;
    return name.len == head + 1 && text_equal(bytes_of(name.data, head), bytes_of(type.data, head))
               ? 2
               : 0;
}

// The range that fits best decides, not the one that likes it best.
static int quality_of(struct bytes type, const char *accept) {
    struct bytes list = bytes_of_string(accept), range;
    int best_fit = 0, result = 0;
    while (text_next(&list, ',', &range)) {
        int how = fit(range, type);
        if (how <= best_fit) continue;
        best_fit = how;
        result = quality(range);
    }
    return result;
}

struct bytes media_type_negotiate(const char *types, const char *accept) {
    struct bytes list = bytes_of_string(types), type, best = bytes_of("", 0);
    int best_quality = 0;
    while (text_next(&list, ',', &type)) {
        int how = quality_of(type, accept);
        if (how <= best_quality) continue;
        best_quality = how;
        best = type;
    }
    return best;
}

bool accepts_gzip(const char *header) { return quality_of(bytes_of_string("gzip"), header) > 0; }

bool etag_matches(const char *header, const char *etag) {
    struct bytes list = bytes_of_string(header), item;
    while (text_next(&list, ',', &item)) {
        if (text_is(item, "*")) return true;
        if (bytes_start_with(item, bytes_of_string("W/")))
            item = bytes_of(item.data + 2, item.len - 2);
        if (item.len < 2 || item.data[0] != '"' || item.data[item.len - 1] != '"') continue;
        if (bytes_equal(bytes_of(item.data + 1, item.len - 2), bytes_of_string(etag))) return true;
    }
    return false;
}
