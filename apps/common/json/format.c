// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/format.h"

#include "apps/common/json/pattern.h"
#include "apps/common/json/uri.h"

// Reads through a text; sticky: once something does not fit, nothing does.
struct reader {
    struct bytes left;
    bool has_failed;
};

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static bool is_letter_or_digit(uint8_t c) {
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}
static bool is_hex(uint8_t c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

static uint8_t peek(const struct reader *in) { return in->left.len > 0 ? in->left.data[0] : 0; }

static uint8_t take(struct reader *in) {
    if (in->left.len == 0) {
        in->has_failed = true;
        return 0;
    }
    in->left.len--;
    return *in->left.data++;
}

static void expect(struct reader *in, uint8_t wanted) {
    if (take(in) != wanted) in->has_failed = true;
}

static int take_digits(struct reader *in, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        uint8_t c = take(in);
        if (!is_digit(c)) in->has_failed = true;
        value = value * 10 + (c - '0');
    }
    return value;
}

static bool is_finished(const struct reader *in) { return !in->has_failed && in->left.len == 0; }

static void take_date(struct reader *in) {
    static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = take_digits(in, 4);
    expect(in, '-');
    int month = take_digits(in, 2);
    expect(in, '-');
    int day = take_digits(in, 2);
    if (in->has_failed || month < 1 || month > 12) {
        in->has_failed = true;
        return;
    }
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int last = month == 2 && is_leap ? 29 : days[month];
    if (day < 1 || day > last) in->has_failed = true;
}

// In minutes.
static int take_offset(struct reader *in) {
    uint8_t c = take(in);
    if (c == 'Z' || c == 'z') return 0;
    if (c != '+' && c != '-') in->has_failed = true;
    int hours = take_digits(in, 2), minutes = 0;
    if (in->left.len > 0) {
        if (peek(in) == ':') take(in);
        minutes = take_digits(in, 2);
    }
    if (hours > 23 || minutes > 59) in->has_failed = true;
    return (c == '-' ? -1 : 1) * (hours * 60 + minutes);
}

static void take_time(struct reader *in) {
    int hour = take_digits(in, 2);
    expect(in, ':');
    int minute = take_digits(in, 2);
    expect(in, ':');
    int second = take_digits(in, 2);
    if (peek(in) == '.') {
        take(in);
        take_digits(in, 1);
        while (is_digit(peek(in))) take(in);
    }
    int offset = take_offset(in);
    if (hour > 23 || minute > 59 || second > 60) in->has_failed = true;
    if (second < 60) return;
    // A leap second ends a day, by the clock of UTC.
    int utc = (hour * 60 + minute - offset + 2 * 24 * 60) % (24 * 60);
    if (utc != 23 * 60 + 59) in->has_failed = true;
}

static bool is_date(struct bytes text) {
    struct reader in = {.left = text};
    take_date(&in);
    return is_finished(&in);
}

static bool is_time(struct bytes text) {
    struct reader in = {.left = text};
    take_time(&in);
    return is_finished(&in);
}

bool date_time_is_valid(struct bytes text) {
    struct reader in = {.left = text};
    take_date(&in);
    uint8_t between = take(&in);
    if (between != 'T' && between != 't' && between != ' ' && (between < '\t' || between > '\r')) {
        return false;
    }
    take_time(&in);
    return is_finished(&in);
}

// Letters, digits and inner hyphens, up to 63.
static bool take_label(struct reader *in, size_t max_len) {
    size_t len = 0;
    uint8_t last = 0;
    if (peek(in) == '-') return false;
    while (is_letter_or_digit(peek(in)) || peek(in) == '-') {
        last = take(in);
        len++;
    }
    return len > 0 && len <= max_len && last != '-';
}

static bool is_hostname(struct bytes text) {
    struct reader in = {.left = text};
    if (text.len > 0 && text.data[text.len - 1] == '.') in.left.len--;
    if (in.left.len > 253) return false;
    while (take_label(&in, 63)) {
        if (in.left.len == 0) return true;
        if (take(&in) != '.') return false;
    }
    return false;
}

static bool is_email(struct bytes text) {
    struct reader in = {.left = text};
    for (bool is_first = true;; is_first = false) {
        uint8_t c = take(&in);
        if (in.has_failed) return false;
        if (c == '@') {
            if (is_first) return false;
            break;
        }
        if (c == '.') {
            if (is_first || peek(&in) == '.' || peek(&in) == '@') return false;
        } else if (!is_letter_or_digit(c) && !strchr("!#$%&'*+/=?^_`{|}~-", c)) {
            return false;
        }
    }
    for (int labels = 1; take_label(&in, SIZE_MAX); labels++) {
        if (in.left.len == 0) return labels > 1;
        if (take(&in) != '.') return false;
    }
    return false;
}

static bool is_uuid(struct bytes text) {
    struct bytes urn = bytes_of_string("urn:uuid:");
    if (bytes_start_with(text, urn)) text = bytes_of(text.data + urn.len, text.len - urn.len);
    if (text.len != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? text.data[i] != '-' : !is_hex(text.data[i])) return false;
    }
    return true;
}

static bool is_json_pointer(struct bytes text) {
    if (text.len > 0 && text.data[0] != '/') return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '~') continue;
        if (i + 1 == text.len || (text.data[i + 1] != '0' && text.data[i + 1] != '1')) return false;
    }
    return true;
}

static bool is_relative_json_pointer(struct bytes text) {
    struct reader in = {.left = text};
    bool is_zero = peek(&in) == '0';
    take_digits(&in, 1);
    while (!is_zero && is_digit(peek(&in))) take(&in);
    if (in.has_failed) return false;
    return (in.left.len == 1 && peek(&in) == '#') || is_json_pointer(in.left);
}

static bool is_regex(struct bytes text) {
    struct pattern *pattern;
    if (pattern_compile(&pattern, text) != STATUS_OK) return false;
    pattern_free(pattern);
    return true;
}

const struct format *format_find(const char *name) {
    static const struct format formats[] = {
        {"date", is_date},
        {"date-time", date_time_is_valid},
        {"email", is_email},
        {"hostname", is_hostname},
        {"ipv4", ipv4_is_valid},
        {"ipv6", ipv6_is_valid},
        {"json-pointer", is_json_pointer},
        {"regex", is_regex},
        {"relative-json-pointer", is_relative_json_pointer},
        {"time", is_time},
        {"uri", uri_is_valid},
        {"uri-reference", uri_reference_is_valid},
        {"uuid", is_uuid},
    };
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0) return &formats[i];
    }
    return NULL;
}
