// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/span.h"

#include <stdlib.h>

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

struct parser {
    const uint8_t *start;
    const uint8_t *next;
    const uint8_t *end;
    struct arena *arena;
    enum span_twice twice;
    struct buf open; // the finished items of every container that is still open, innermost last
    size_t value_count;
    unsigned depth;
    const char *reason;
};

static enum status fail(struct parser *p, const char *reason) {
    if (!p->reason) p->reason = reason;
    return STATUS_MALFORMED;
}

static void skip_space(struct parser *p) {
    while (p->next < p->end &&
           (*p->next == ' ' || *p->next == '\n' || *p->next == '\r' || *p->next == '\t'))
        p->next++;
}

static bool take(struct parser *p, uint8_t byte) {
    if (p->next == p->end || *p->next != byte) return false;
    p->next++;
    return true;
}

static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

static int hex_value(uint8_t byte) {
    if (is_digit(byte)) return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

// How many bytes the character at `at` takes, or 0 when it is not well-formed UTF-8 (RFC 3629:
// no surrogates, nothing overlong, nothing above U+10FFFF).
static size_t utf8_character(const uint8_t *at, const uint8_t *end) {
    size_t left = (size_t)(end - at);
    uint8_t first = at[0];
    if (first < 0x80) return 1;
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || left < len) return 0;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    return len;
}

static uint8_t *utf8_write(uint8_t *out, uint32_t code) {
    if (code < 0x80) {
        *out++ = (uint8_t)code;
    } else if (code < 0x800) {
        *out++ = (uint8_t)(0xc0 | code >> 6);
        *out++ = (uint8_t)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (uint8_t)(0xe0 | code >> 12);
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (code & 0x3f));
    } else {
        *out++ = (uint8_t)(0xf0 | code >> 18);
        *out++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (code & 0x3f));
    }
    return out;
}

// Four hexadecimal digits, or -1.
static int32_t take_unit(struct parser *p) {
    if (p->end - p->next < 4) return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(p->next[i]);
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    p->next += 4;
    return unit;
}

// Behind "\u".
static enum status parse_escaped_code(struct parser *p, uint32_t *code) {
    int32_t unit = take_unit(p);
    if (unit < 0) return fail(p, "\\u needs four hexadecimal digits");
    if (unit == 0) return fail(p, "U+0000 is not allowed in a string");
    *code = (uint32_t)unit;
    if (unit < 0xd800 || unit > 0xdfff) return STATUS_OK;
    if (unit > 0xdbff || !take(p, '\\') || !take(p, 'u')) return fail(p, "a lone surrogate");
    int32_t low = take_unit(p);
    if (low < 0xdc00 || low > 0xdfff) return fail(p, "a lone surrogate");
    *code = 0x10000 + (((uint32_t)unit & 0x3ff) << 10 | ((uint32_t)low & 0x3ff));
    return STATUS_OK;
}

static enum status parse_escape(struct parser *p, uint32_t *code) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (p->next == p->end) return fail(p, "a string does not end");
    uint8_t letter = *p->next++;
    if (letter == 'u') return parse_escaped_code(p, code);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found) return fail(p, "no such escape");
    *code = (uint8_t)meanings[found - letters];
    return STATUS_OK;
}

// From the first escape on: decodes into the arena. Escapes only shrink, so the rest of the raw
// string is room enough.
static enum status decode_string(struct parser *p, struct bytes *text, const uint8_t *from,
                                 const uint8_t *first_escape, const uint8_t *close) {
    uint8_t *decoded = arena_alloc(p->arena, (size_t)(close - from));
    size_t plain = (size_t)(first_escape - from);
    if (plain) memcpy(decoded, from, plain);
    uint8_t *out = decoded + plain;
    p->next = first_escape;
    while (p->next < close) {
        if (*p->next != '\\') {
            *out++ = *p->next++;
            continue;
        }
        p->next++;
        uint32_t code = 0;
        enum status status = parse_escape(p, &code);
        if (status != STATUS_OK) return status;
        out = utf8_write(out, code);
    }
    *text = bytes_of(decoded, (size_t)(out - decoded));
    return STATUS_OK;
}

// Behind the opening quote; ends behind the closing one.
static enum status parse_string(struct parser *p, struct bytes *text) {
    const uint8_t *from = p->next;
    const uint8_t *first_escape = NULL;
    const uint8_t *at = from;
    while (at < p->end && *at != '"') {
        size_t step = utf8_character(at, p->end);
        p->next = at;
        if (step == 0) return fail(p, "the text is not UTF-8");
        if (*at < 0x20) return fail(p, "a control character in a string");
        if (*at == '\\') {
            if (!first_escape) first_escape = at;
            if (++at == p->end) break;
            step = utf8_character(at, p->end);
            if (step == 0) return fail(p, "the text is not UTF-8");
        }
        at += step;
    }
    p->next = at;
    if (at >= p->end) return fail(p, "a string does not end");
    *text = bytes_of(from, (size_t)(at - from));
    enum status status = STATUS_OK;
    if (first_escape) status = decode_string(p, text, from, first_escape, at);
    if (status == STATUS_OK) p->next = at + 1;
    return status;
}

static bool skip_digits(struct parser *p) {
    const uint8_t *from = p->next;
    while (p->next < p->end && is_digit(*p->next)) p->next++;
    return p->next > from;
}

static enum status parse_number(struct parser *p) {
    take(p, '-');
    if (take(p, '0')) {
        if (p->next < p->end && is_digit(*p->next)) return fail(p, "a number starts with 0");
    } else if (!skip_digits(p)) {
        return fail(p, "not a JSON value");
    }
    if (take(p, '.') && !skip_digits(p)) return fail(p, "a number ends with its point");
    if (take(p, 'e') || take(p, 'E')) {
        if (!take(p, '-')) take(p, '+');
        if (!skip_digits(p)) return fail(p, "a number without its exponent");
    }
    return STATUS_OK;
}

static enum status parse_word(struct parser *p, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(p->end - p->next) < len || memcmp(p->next, word, len) != 0)
        return fail(p, "not a JSON value");
    p->next += len;
    return STATUS_OK;
}

struct member {
    struct json_span *span;
};

// Of one name, what stands first comes first.
static int compare_members(const void *a, const void *b) {
    const struct json_span *left = ((const struct member *)a)->span;
    const struct json_span *right = ((const struct member *)b)->span;
    int order = bytes_compare(left->name, right->name);
    if (order) return order;
    return left < right ? -1 : left > right;
}

// Takes out all but the last member of each name; true when there was one to take out.
static bool keep_last_of_each_name(struct json_span *items, uint32_t *count) {
    struct member *sorted = mem_alloc_array(*count, sizeof(*sorted));
    for (uint32_t i = 0; i < *count; i++) sorted[i].span = &items[i];
    qsort(sorted, *count, sizeof(*sorted), compare_members);
    for (uint32_t i = 1; i < *count; i++)
        if (bytes_equal(sorted[i - 1].span->name, sorted[i].span->name))
            sorted[i - 1].span->raw.len = 0;
    mem_free(sorted);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++)
        if (items[i].raw.len) items[kept++] = items[i];
    bool found = kept < *count;
    *count = kept;
    return found;
}

static bool names_differ(const struct json_span *items, uint32_t count) {
    if (count > 8) return false;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (bytes_equal(items[i].name, items[j].name)) return false;
    return true;
}

static enum status settle_names(struct parser *p, struct json_span *items, uint32_t *count) {
    // For few members looking at each pair is quicker.
    if (names_differ(items, *count) || !keep_last_of_each_name(items, count)) return STATUS_OK;
    return p->twice == SPAN_LAST_WINS ? STATUS_OK : fail(p, "a name stands twice in one object");
}

static enum status parse_value(struct parser *p, struct json_span *out);

static enum status parse_name(struct parser *p, struct bytes *name) {
    if (!take(p, '"')) return fail(p, "a member's name is missing");
    enum status status = parse_string(p, name);
    if (status != STATUS_OK) return status;
    skip_space(p);
    return take(p, ':') ? STATUS_OK : fail(p, "a colon is missing");
}

static enum status parse_items(struct parser *p, struct json_span *out, uint8_t close) {
    enum status status = STATUS_OK;
    skip_space(p);
    while (!take(p, close)) {
        struct json_span item = {0};
        if (out->count && !take(p, ',')) return fail(p, "a comma or a closing bracket is missing");
        skip_space(p);
        if (close == '}') TRY(parse_name(p, &item.name));
        skip_space(p);
        TRY(parse_value(p, &item));
        buf_append(&p->open, BYTES_OF(item));
        out->count++;
        skip_space(p);
    }
out:
    return status;
}

// Behind the opening bracket.
static enum status parse_container(struct parser *p, struct json_span *out, uint8_t close) {
    enum status status = STATUS_OK;
    size_t mark = p->open.len;
    if (++p->depth > LIMIT_JSON_DEPTH) {
        p->reason = "nested too deeply";
        return STATUS_TOO_LARGE;
    }
    TRY(parse_items(p, out, close));
    if (out->count) {
        ENSURE(p->open.data);
        struct bytes items = bytes_of(p->open.data + mark, p->open.len - mark);
        struct json_span *kept = arena_alloc_array(p->arena, out->count, sizeof(*kept));
        memcpy(kept, items.data, items.len);
        if (close == '}') TRY(settle_names(p, kept, &out->count));
        out->items = kept;
    }
    p->open.len = mark;
    p->depth--;
out:
    return status;
}

static enum status parse_value(struct parser *p, struct json_span *out) {
    const uint8_t *from = p->next;
    enum status status = STATUS_OK;
    if (++p->value_count > LIMIT_SPAN_VALUES) {
        p->reason = "too many values";
        return STATUS_TOO_LARGE;
    }
    switch (from < p->end ? *from : 0) {
    case '{':
    case '[':
        p->next++;
        out->kind = *from == '{' ? SPAN_OBJECT : SPAN_ARRAY;
        status = parse_container(p, out, *from == '{' ? '}' : ']');
        break;
    case '"':
        p->next++;
        out->kind = SPAN_STRING;
        status = parse_string(p, &out->text);
        break;
    case 't':
        out->kind = SPAN_TRUE;
        status = parse_word(p, "true");
        break;
    case 'f':
        out->kind = SPAN_FALSE;
        status = parse_word(p, "false");
        break;
    case 'n':
        out->kind = SPAN_NULL;
        status = parse_word(p, "null");
        break;
    default:
        out->kind = SPAN_NUMBER;
        status = parse_number(p);
        break;
    }
    out->raw = bytes_of(from, (size_t)(p->next - from));
    if (span_is_scalar(out) && out->kind != SPAN_STRING) out->text = out->raw;
    return status;
}

enum status span_parse(const struct json_span **out, struct span_fault *fault, struct arena *arena,
                       struct bytes text, enum span_twice twice) {
    struct json_span *root = arena_alloc(arena, sizeof(*root));
    struct parser p = {.arena = arena, .twice = twice};
    if (text.len) p.start = p.next = text.data, p.end = text.data + text.len;
    skip_space(&p);
    enum status status = parse_value(&p, root);
    if (status == STATUS_OK) {
        skip_space(&p);
        if (p.next != p.end) status = fail(&p, "there is text behind the value");
    }
    buf_clear(&p.open);
    if (status != STATUS_OK && fault)
        *fault = (struct span_fault){p.reason, (size_t)(p.next - p.start)};
    *out = status == STATUS_OK ? root : NULL;
    return status;
}

const struct json_span *span_member_of(const struct json_span *object, struct bytes name) {
    if (!object || object->kind != SPAN_OBJECT) return NULL;
    for (uint32_t i = 0; i < object->count; i++)
        if (bytes_equal(object->items[i].name, name)) return &object->items[i];
    return NULL;
}

const struct json_span *span_member(const struct json_span *object, const char *name) {
    return span_member_of(object, bytes_of_string(name));
}

void span_write(struct buf *out, const struct json_span *value) {
    bool is_object = value->kind == SPAN_OBJECT;
    if (span_is_scalar(value)) {
        buf_append(out, value->raw);
        return;
    }
    buf_append_byte(out, is_object ? '{' : '[');
    for (uint32_t i = 0; i < value->count; i++) {
        if (i) buf_append_byte(out, ',');
        if (is_object) {
            span_write_string(out, value->items[i].name);
            buf_append_byte(out, ':');
        }
        span_write(out, &value->items[i]);
    }
    buf_append_byte(out, is_object ? '}' : ']');
}

void span_write_string(struct buf *out, struct bytes text) {
    buf_append_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if (byte == '"' || byte == '\\') buf_append_byte(out, '\\');
        if (byte < 0x20)
            buf_append_format(out, "\\u%04x", byte);
        else
            buf_append_byte(out, byte);
    }
    buf_append_byte(out, '"');
}
