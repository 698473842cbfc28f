// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/uri.h"

static bool is_alpha(uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static bool is_hex(uint8_t c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// unreserved and sub-delims
static bool is_plain(uint8_t c) {
    return is_alpha(c) || is_digit(c) || (c != 0 && strchr("-._~!$&'()*+,;=", c));
}

static struct bytes rest_of(struct bytes text, size_t from) {
    return from == 0 ? text : bytes_of(text.data + from, text.len - from);
}
static struct bytes head_of(struct bytes text, size_t len) { return bytes_of(text.data, len); }

// The place of the first byte that stands in `set`, or the length.
static size_t find_any(struct bytes text, const char *set) {
    size_t i = 0;
    while (i < text.len && (text.data[i] == 0 || !strchr(set, text.data[i]))) i++;
    return i;
}

// Only plain characters, %XX, and those of `more`.
static bool consists_of(struct bytes text, const char *more) {
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c == '%') {
            if (text.len - i < 3 || !is_hex(text.data[i + 1]) || !is_hex(text.data[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_plain(c) && (c == 0 || !strchr(more, c))) {
            return false;
        }
    }
    return true;
}

// 0 when the text starts with no scheme, else the scheme's length without the colon.
static size_t scheme_length(struct bytes text) {
    size_t i = 0;
    while (i < text.len &&
           (is_alpha(text.data[i]) || (i > 0 && (is_digit(text.data[i]) || text.data[i] == '+' ||
                                                 text.data[i] == '-' || text.data[i] == '.')))) {
        i++;
    }
    return i < text.len && text.data[i] == ':' ? i : 0;
}

// Four decimal bytes. A leading zero is let through inside a URI's brackets only.
static bool is_ipv4(struct bytes text, bool allows_zeros) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && (at == text.len || text.data[at++] != '.')) return false;
        size_t start = at;
        unsigned value = 0;
        while (at < text.len && is_digit(text.data[at]) && at - start < 3) {
            value = value * 10 + (unsigned)(text.data[at++] - '0');
        }
        if (at == start || value > 255) return false;
        if (!allows_zeros && at - start > 1 && text.data[start] == '0') return false;
    }
    return at == text.len;
}

// Groups of up to four hexadecimal digits between colons, the last two perhaps as an IPv4 address.
// Returns how many 16-bit groups, or -1.
static int count_groups(struct bytes text, bool may_end_in_ipv4, bool allows_zeros) {
    if (text.len == 0) return 0;
    int count = 0;
    for (size_t at = 0;;) {
        struct bytes left = rest_of(text, at);
        size_t len = find_any(left, ":");
        if (len == left.len && may_end_in_ipv4 && is_ipv4(left, allows_zeros)) return count + 2;
        if (len < 1 || len > 4) return -1;
        for (size_t i = 0; i < len; i++) {
            if (!is_hex(left.data[i])) return -1;
        }
        if (++count > 8) return -1;
        if (len == left.len) return count;
        at += len + 1;
    }
}

static bool is_ipv6(struct bytes text, bool allows_zeros) {
    size_t gap = 0;
    while (gap + 1 < text.len && !(text.data[gap] == ':' && text.data[gap + 1] == ':')) gap++;
    if (gap + 1 >= text.len) return count_groups(text, true, allows_zeros) == 8;
    int before = count_groups(head_of(text, gap), false, allows_zeros);
    int after = count_groups(rest_of(text, gap + 2), true, allows_zeros);
    return before >= 0 && after >= 0 && before + after <= 7;
}

bool ipv4_is_valid(struct bytes text) { return is_ipv4(text, false); }
bool ipv6_is_valid(struct bytes text) { return is_ipv6(text, false); }

static bool is_future_address(struct bytes text) {
    if (text.len < 4 || (text.data[0] != 'v' && text.data[0] != 'V')) return false;
    size_t dot = 1;
    while (dot < text.len && is_hex(text.data[dot])) dot++;
    if (dot == 1 || dot + 1 >= text.len || text.data[dot] != '.') return false;
    for (size_t i = dot + 1; i < text.len; i++) {
        if (!is_plain(text.data[i]) && text.data[i] != ':') return false;
    }
    return true;
}

// [userinfo@]"[" address "]"[:port][/path]
static bool is_bracketed(struct bytes text) {
    size_t at = find_any(text, "@/");
    if (at < text.len && text.data[at] == '@') {
        if (!consists_of(head_of(text, at), ":")) return false;
        text = rest_of(text, at + 1);
    }
    if (text.len == 0 || text.data[0] != '[') return false;
    size_t end = find_any(text, "]");
    if (end == text.len) return false;
    struct bytes address = bytes_of(text.data + 1, end - 1);
    if (!is_ipv6(address, true) && !is_future_address(address)) return false;
    text = rest_of(text, end + 1);
    size_t port = text.len > 0 && text.data[0] == ':' ? 1 : 0;
    while (port > 0 && port < text.len && is_digit(text.data[port])) port++;
    text = rest_of(text, port);
    return text.len == 0 || (text.data[0] == '/' && consists_of(text, "/:@"));
}

// What stands behind the scheme, without query and fragment.
static bool is_hierarchy(struct bytes text) {
    if (consists_of(text, "/:@")) return true;
    if (text.len < 2 || text.data[0] != '/') return false;
    return is_bracketed(rest_of(text, 1)) ||
           (text.data[1] == '/' && is_bracketed(rest_of(text, 2)));
}

static bool has_valid_tail(struct bytes text) {
    size_t hash = find_any(text, "#");
    struct bytes query = head_of(text, hash);
    if (query.len > 0 && !consists_of(rest_of(query, 1), "/:@?")) return false;
    return hash == text.len || consists_of(rest_of(text, hash + 1), "/:@?");
}

bool uri_is_valid(struct bytes text) {
    size_t scheme = scheme_length(text);
    if (scheme == 0) return false;
    text = rest_of(text, scheme + 1);
    size_t path = find_any(text, "?#");
    return path > 0 && is_hierarchy(head_of(text, path)) && has_valid_tail(rest_of(text, path));
}

bool uri_reference_is_valid(struct bytes text) {
    size_t scheme = scheme_length(text);
    if (scheme > 0) text = rest_of(text, scheme + 1);
    size_t path = find_any(text, "?#");
    // Without a scheme the first segment holds no colon.
    if (scheme == 0 && text.len > 0 && text.data[0] != '/') {
        size_t segment = find_any(text, ":/?#");
        if (segment < text.len && text.data[segment] == ':') return false;
    }
    return is_hierarchy(head_of(text, path)) && has_valid_tail(rest_of(text, path));
}

struct bytes uri_without_fragment(struct bytes uri) {
    return head_of(uri, find_any(uri, "#"));
}

struct bytes uri_fragment(struct bytes uri) {
    size_t hash = find_any(uri, "#");
    return hash == uri.len ? rest_of(uri, uri.len) : rest_of(uri, hash + 1);
}

// The parts of a reference, each with its own mark ("http:", "//host", "/path", "?query", "#x").
struct uri_parts {
    struct bytes scheme, authority, path, query, fragment;
};

static struct uri_parts split(struct bytes text) {
    struct uri_parts out = {0};
    size_t scheme = scheme_length(text);
    out.scheme = head_of(text, scheme > 0 ? scheme + 1 : 0);
    text = rest_of(text, out.scheme.len);
    if (bytes_start_with(text, bytes_of_string("//"))) {
        out.authority = head_of(text, 2 + find_any(rest_of(text, 2), "/?#"));
        text = rest_of(text, out.authority.len);
    }
    out.path = head_of(text, find_any(text, "?#"));
    text = rest_of(text, out.path.len);
    out.query = uri_without_fragment(text);
    out.fragment = rest_of(text, out.query.len);
    return out;
}

// Drops the last segment of what was written since `start`, its slash included.
static void drop_segment(struct buf *out, size_t start) {
    while (out->len > start && out->data[--out->len] != '/') continue;
}

static void append_without_dots(struct buf *out, struct bytes path) {
    size_t start = out->len;
    while (path.len > 0) {
        size_t slash = path.data[0] == '/' ? 1 : 0;
        size_t len = slash + find_any(rest_of(path, slash), "/");
        struct bytes segment = bytes_of(path.data + slash, len - slash);
        bool is_last = len == path.len;
        bool is_dot = bytes_equal(segment, bytes_of_string("."));
        bool is_two = bytes_equal(segment, bytes_of_string(".."));
        if (is_two) drop_segment(out, start);
        if (!is_dot && !is_two) buf_append(out, head_of(path, len));
        if ((is_dot || is_two) && is_last && slash) buf_append_byte(out, '/');
        path = rest_of(path, len);
    }
}

void uri_resolve(struct buf *out, struct bytes base, struct bytes reference) {
    struct uri_parts to = split(reference), from = split(base);
    if (to.scheme.len > 0 || base.len == 0) {
        buf_append(out, reference);
        return;
    }
    buf_append(out, from.scheme);
    buf_append(out, to.authority.len > 0 ? to.authority : from.authority);
    if (to.authority.len > 0 || (to.path.len > 0 && to.path.data[0] == '/')) {
        append_without_dots(out, to.path);
    } else if (to.path.len == 0) {
        buf_append(out, from.path);
        if (to.query.len == 0) to.query = from.query;
    } else {
        struct buf merged = {0};
        size_t keep = from.path.len;
        while (keep > 0 && from.path.data[keep - 1] != '/') keep--;
        buf_append(&merged, head_of(from.path, keep));
        if (keep == 0 && from.authority.len > 0) buf_append_byte(&merged, '/');
        buf_append(&merged, to.path);
        append_without_dots(out, buf_bytes(&merged));
        buf_clear(&merged);
    }
    buf_append(out, to.query);
    buf_append(out, to.fragment);
}

static uint8_t hex_value(uint8_t c) {
    return (uint8_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

bool percent_decode(struct buf *out, struct bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '%') {
            buf_append_byte(out, text.data[i]);
            continue;
        }
        if (text.len - i < 3 || !is_hex(text.data[i + 1]) || !is_hex(text.data[i + 2]))
            return false;
        buf_append_byte(out,
                        (uint8_t)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2])));
        i += 2;
    }
    return true;
}
