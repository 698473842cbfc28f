// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/amount.h"

#include <inttypes.h>
#include <stdio.h>

static const uint64_t UNITS_PER_LMM = 100000000;

enum status amount_add(struct amount *out, struct amount a, struct amount b) {
    uint64_t sum;
    if (__builtin_add_overflow(a.units, b.units, &sum)) return STATUS_OVERFLOW;
    out->units = sum;
    return STATUS_OK;
}

enum status amount_sub(struct amount *out, struct amount a, struct amount b) {
    if (a.units < b.units) return STATUS_OVERFLOW;
    out->units = a.units - b.units;
    return STATUS_OK;
}

enum status amount_mul(struct amount *out, struct amount a, uint64_t factor) {
    uint64_t product;
    if (__builtin_mul_overflow(a.units, factor, &product)) return STATUS_OVERFLOW;
    out->units = product;
    return STATUS_OK;
}

struct amount amount_share(struct amount amount, uint64_t part, uint64_t whole) {
    ENSURE(part <= whole && whole > 0);
    return amount_of_units((uint64_t)((unsigned __int128)amount.units * part / whole));
}

struct amount amount_half(struct amount amount) {
    return amount_of_units(amount.units / 2);
}

enum status amount_parse(struct amount *out, const char *text) {
    uint64_t units = 0;
    int decimals = -1; // how many digits stood behind the point; -1 before it
    int digits = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '.') {
            if (decimals >= 0 || digits == 0) return STATUS_MALFORMED;
            decimals = 0;
            continue;
        }
        if (*c < '0' || *c > '9') return STATUS_MALFORMED;
        if (decimals >= 0 && ++decimals > AMOUNT_DECIMALS) return STATUS_MALFORMED;
        digits++;
        if (__builtin_mul_overflow(units, (uint64_t)10, &units)) return STATUS_OVERFLOW;
        if (__builtin_add_overflow(units, (uint64_t)(*c - '0'), &units)) return STATUS_OVERFLOW;
    }
    if (digits == 0 || decimals == 0) return STATUS_MALFORMED;
    for (int i = decimals < 0 ? 0 : decimals; i < AMOUNT_DECIMALS; i++)
        if (__builtin_mul_overflow(units, (uint64_t)10, &units)) return STATUS_OVERFLOW;
    out->units = units;
    return STATUS_OK;
}

void amount_format(char out[AMOUNT_TEXT_MAX], struct amount amount) {
    uint64_t whole = amount.units / UNITS_PER_LMM;
    uint64_t rest = amount.units % UNITS_PER_LMM;
    int len = snprintf(out, AMOUNT_TEXT_MAX, "%" PRIu64 ".%08" PRIu64, whole, rest);
    while (out[len - 1] == '0') len--;
    if (out[len - 1] == '.') len--;
    out[len] = '\0';
}
