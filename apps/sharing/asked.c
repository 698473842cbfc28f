// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "apps/sharing/sharing.h"

// Digits from the front of *text; MALFORMED when there are fewer.
static enum status take_digits(struct bytes *text, size_t count, uint64_t *out) {
    if (text->len < count) return STATUS_MALFORMED;
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') return STATUS_MALFORMED;
        *out = *out * 10 + (uint64_t)(text->data[i] - '0');
    }
    *text = bytes_of(text->data + count, text->len - count);
    return STATUS_OK;
}

static bool take_byte(struct bytes *text, char expected) {
    if (text->len == 0 || text->data[0] != (uint8_t)expected) return false;
    *text = bytes_of(text->data + 1, text->len - 1);
    return true;
}

// Days since 1970 of a date of the Gregorian calendar, by eras of 400 years that begin in March.
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day) {
    uint64_t from_march = year - (month <= 2), month_index = (month + 9) % 12;
    uint64_t era = from_march / 400, of_era = from_march % 400;
    uint64_t day_of_year = (153 * month_index + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
}

static bool is_date(uint64_t year, uint64_t month, uint64_t day) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1970 || month < 1 || month > 12 || day < 1) return false;
    return day <= days[month - 1] + (uint64_t)(month == 2 && is_leap);
}

enum status asked_time(uint64_t *out_ms, struct bytes text) {
    static const char separators[] = "--T::";
    static const uint8_t lengths[] = {4, 2, 2, 2, 2, 2};
    uint64_t parts[6], ms = 0;
    for (int i = 0; i < 6; i++) {
        if (i > 0 && !take_byte(&text, separators[i - 1])) return STATUS_MALFORMED;
        if (take_digits(&text, lengths[i], &parts[i]) != STATUS_OK) return STATUS_MALFORMED;
    }
    if (take_byte(&text, '.') && take_digits(&text, 3, &ms) != STATUS_OK) return STATUS_MALFORMED;
    if (!take_byte(&text, 'Z') || text.len != 0 || !is_date(parts[0], parts[1], parts[2]) ||
        parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
        return STATUS_MALFORMED;
    uint64_t minutes = (days_of(parts[0], parts[1], parts[2]) * 24 + parts[3]) * 60 + parts[4];
    *out_ms = (minutes * 60 + parts[5]) * 1000 + ms;
    return STATUS_OK;
}

enum status asked_degrees(int64_t *out, struct bytes text, int64_t most) {
    char copy[32], *end;
    if (text.len == 0 || text.len >= sizeof copy) return STATUS_MALFORMED;
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("+-.0123456789", text.data[i]) || text.data[i] == 0) return STATUS_MALFORMED;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    double degrees = strtod(copy, &end);
    if (*end || fabs(degrees) * 1e7 > (double)most) return STATUS_MALFORMED;
    *out = (int64_t)llround(degrees * 1e7);
    return STATUS_OK;
}

bool asked_query_refuse(struct http_response *response, const char *name, const char *why) {
    http_problem(response, STATUS_INVALID, "invalid_query", why);
    http_problem_violation(response, name, "sharing/query", why);
    return false;
}

bool asked_query_time(struct http_request *request, struct http_response *response,
                      const char *name, bool *is_there, uint64_t *out_ms) {
    struct bytes text;
    enum status status = http_query(request, name, &text);
    *is_there = status != STATUS_NOT_FOUND;
    if (!*is_there) return true;
    if (status == STATUS_OK && asked_time(out_ms, text) == STATUS_OK) return true;
    return asked_query_refuse(response, name, "A time is written so: 2026-11-28T12:00:00Z.");
}
