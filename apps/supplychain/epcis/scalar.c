// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/scalar.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/json/number.h"

static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

// ---- numbers

static locale_t plain_locale;
static pthread_once_t plain_locale_once = PTHREAD_ONCE_INIT;

static void make_plain_locale(void) {
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    ENSURE(plain_locale != (locale_t)0);
}

static size_t count_digits(struct bytes text, size_t at) {
    size_t from = at;
    while (at < text.len && is_digit(text.data[at])) at++;
    return at - from;
}

static bool is_sign(struct bytes text, size_t at) {
    return at < text.len && (text.data[at] == '+' || text.data[at] == '-');
}

static bool is_decimal(struct bytes text) {
    size_t at = is_sign(text, 0) ? 1 : 0;
    size_t whole = count_digits(text, at), fraction = 0;
    at += whole;
    if (at < text.len && text.data[at] == '.') {
        fraction = count_digits(text, ++at);
        at += fraction;
    }
    if (whole + fraction == 0) return false;
    if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
        if (is_sign(text, ++at)) at++;
        size_t exponent = count_digits(text, at);
        if (exponent == 0) return false;
        at += exponent;
    }
    return at == text.len;
}

// A fraction: not an integer, not zero.
static void append_fraction(struct buf *out, double value) {
    char digits[24];
    struct decimal decimal = number_shortest(value);
    size_t count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, decimal.digits);
    int exponent = decimal.exponent + (int)count - 1; // of the first digit
    if (decimal.is_negative) buf_append_byte(out, '-');
    if (exponent < -4) {
        buf_append_byte(out, (uint8_t)digits[0]);
        if (count > 1) buf_append_format(out, ".%s", digits + 1);
        buf_append_format(out, "e-%02d", -exponent);
    } else if (exponent < 0) {
        buf_append_string(out, "0.");
        for (int i = exponent + 1; i < 0; i++) buf_append_byte(out, '0');
        buf_append_string(out, digits);
    } else {
        // A double with a fraction has digits behind its point, and so do its shortest ones.
        size_t whole = (size_t)exponent + 1;
        ENSURE(whole < count);
        buf_append(out, bytes_of(digits, whole));
        buf_append_format(out, ".%s", digits + whole);
    }
}

bool scalar_read_number(double *out, struct bytes text) {
    if (!is_decimal(text)) return false;
    pthread_once(&plain_locale_once, make_plain_locale);
    locale_t before = uselocale(plain_locale);
    struct buf copy = {0};
    buf_append(&copy, text);
    *out = strtod(buf_as_string(&copy), NULL);
    buf_clear(&copy);
    uselocale(before);
    return !isinf(*out);
}

bool scalar_append_number(struct buf *out, struct bytes text) {
    double value;
    if (!scalar_read_number(&value, text)) return false;
    locale_t before = uselocale(plain_locale);
    if (value == 0)
        buf_append_byte(out, '0');
    else if (value == floor(value))
        buf_append_format(out, "%.0f", value);
    else
        append_fraction(out, value);
    uselocale(before);
    return true;
}

int64_t scalar_sortable(double value) {
    uint64_t bits;
    ENSURE(!isnan(value));
    if (value == 0) value = 0; // of two zeros, one
    memcpy(&bits, &value, sizeof bits);
    // Of negative doubles the larger bits are the smaller number.
    if (bits >> 63) bits ^= INT64_MAX;
    int64_t out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

// ---- times

enum { MS_PER_MINUTE = 60 * 1000 };
static const int64_t ms_per_day = 24L * 60 * 60 * 1000;

// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that start in March,
// so that the leap day comes last.
static int64_t days_of_date(int64_t year, int month, int day) {
    int64_t shifted = month > 2 ? year : year - 1;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t year_of_era = shifted - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

struct time_reader {
    const uint8_t *next;
    const uint8_t *end;
    bool is_bad;
};

// Exactly `count` digits.
static int take_number(struct time_reader *in, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (in->next == in->end || !is_digit(*in->next)) {
            in->is_bad = true;
            return 0;
        }
        value = value * 10 + (*in->next++ - '0');
    }
    return value;
}

static bool take_one_of(struct time_reader *in, const char *set) {
    if (in->next == in->end || *in->next == 0 || !strchr(set, *in->next)) return false;
    in->next++;
    return true;
}

static void expect_one_of(struct time_reader *in, const char *set) {
    if (!take_one_of(in, set)) in->is_bad = true;
}

// Milliseconds, rounded half up: 1000 is possible.
static int take_fraction(struct time_reader *in) {
    int value = 0, count = 0;
    for (; in->next < in->end && is_digit(*in->next); in->next++, count++) {
        if (count < 3) value = value * 10 + (*in->next - '0');
        if (count == 3 && *in->next >= '5') value++;
    }
    if (count == 0) in->is_bad = true;
    for (; count < 3; count++) value *= 10;
    return value;
}

static int take_offset_minutes(struct time_reader *in) {
    if (take_one_of(in, "Zz")) return 0;
    bool is_west = in->next < in->end && *in->next == '-';
    expect_one_of(in, "+-");
    int hours = take_number(in, 2), minutes = 0;
    if (take_one_of(in, ":") || in->next < in->end) minutes = take_number(in, 2);
    if (hours > 23 || minutes > 59) in->is_bad = true;
    return (is_west ? -1 : 1) * (hours * 60 + minutes);
}

enum status scalar_read_date(int64_t *time_ms, struct bytes text) {
    struct time_reader in = {.next = text.data, .end = text.len ? text.data + text.len : text.data};
    int year = take_number(&in, 4);
    expect_one_of(&in, "-");
    int month = take_number(&in, 2);
    expect_one_of(&in, "-");
    int day = take_number(&in, 2);
    if (in.is_bad || in.next != in.end || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return STATUS_MALFORMED;
    *time_ms = days_of_date(year, month, day) * ms_per_day;
    return STATUS_OK;
}

enum status scalar_read_time(int64_t *time_ms, struct bytes text) {
    struct time_reader in = {.next = text.data, .end = text.len ? text.data + text.len : text.data};
    int year = take_number(&in, 4);
    expect_one_of(&in, "-");
    int month = take_number(&in, 2);
    expect_one_of(&in, "-");
    int day = take_number(&in, 2);
    expect_one_of(&in, "Tt \t\n\v\f\r");
    int hour = take_number(&in, 2);
    expect_one_of(&in, ":");
    int minute = take_number(&in, 2);
    expect_one_of(&in, ":");
    int second = take_number(&in, 2);
    int ms = take_one_of(&in, ".") ? take_fraction(&in) : 0;
    int offset = take_offset_minutes(&in);
    if (in.is_bad || in.next != in.end) return STATUS_MALFORMED;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return STATUS_MALFORMED;
    if (hour > 23 || minute > 59 || second > 60) return STATUS_MALFORMED;
    int64_t minutes = hour * 60L + minute - offset;
    *time_ms =
        days_of_date(year, month, day) * ms_per_day + minutes * MS_PER_MINUTE + second * 1000L + ms;
    return STATUS_OK;
}

void scalar_append_time(struct buf *out, int64_t time_ms) {
    int64_t days = time_ms / ms_per_day;
    int64_t ms = time_ms % ms_per_day;
    if (ms < 0) ms += ms_per_day, days--;
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    int year = (int)(year_of_era + era * 400 + (month <= 2));
    buf_append_format(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
                      (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
                      (int)(ms % 1000));
}

// ---- white space

static const struct {
    const char *bytes;
    size_t len;
} wide_spaces[] = {
    {"\xc2\x85", 2},     {"\xc2\xa0", 2},     {"\xe1\x9a\x80", 3}, {"\xe2\x80\xa8", 3},
    {"\xe2\x80\xa9", 3}, {"\xe2\x80\xaf", 3}, {"\xe2\x81\x9f", 3}, {"\xe3\x80\x80", 3},
};

// How many bytes of white space stand at `at`, reading from there.
static size_t space_at(struct bytes text, size_t at) {
    uint8_t byte = text.data[at];
    if (byte == ' ' || (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1f)) return 1;
    // U+2000 to U+200A
    if (text.len - at >= 3 && memcmp(text.data + at, "\xe2\x80", 2) == 0 &&
        text.data[at + 2] >= 0x80 && text.data[at + 2] <= 0x8a)
        return 3;
    for (size_t i = 0; i < sizeof(wide_spaces) / sizeof(*wide_spaces); i++)
        if (text.len - at >= wide_spaces[i].len &&
            memcmp(text.data + at, wide_spaces[i].bytes, wide_spaces[i].len) == 0)
            return wide_spaces[i].len;
    return 0;
}

// The same, of what ends at the text's end.
static size_t space_before_end(struct bytes text) {
    for (size_t len = 1; len <= 3 && len <= text.len; len++)
        if (space_at(text, text.len - len) == len) return len;
    return 0;
}

struct bytes scalar_trim(struct bytes text) {
    for (size_t len; text.len && (len = space_at(text, 0)) != 0;)
        text = bytes_of(text.data + len, text.len - len);
    for (size_t len; (len = space_before_end(text)) != 0;) text.len -= len;
    return text;
}
