// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/limits_json.h"

#include "apps/common/server/signing.h"
#include "chaincore/chaincore.h"

bool limits_read(struct spending_terms *out, const json_t *value) {
    static const char *const members[] = {"transaction", "day", "total", NULL};
    struct buf pointer = {0};
    *out = (struct spending_terms){0};
    if (!value || json_is_null(value)) return true;
    if (!json_is_object(value)) return false;
    bool is_good = json_has_only(value, members, &pointer);
    buf_clear(&pointer);
    for (int i = 0; i < SPENDING_LIMITS && is_good; i++) {
        const json_t *one = json_object_get(value, signing_limit_name((enum spending_limit)i));
        if (!one || json_is_null(one)) continue;
        is_good = json_is_string(one) &&
                  amount_parse(&out->most[i], json_string_value(one)) == STATUS_OK &&
                  amount_units(out->most[i]) <= INT64_MAX;
        out->is_set[i] = true;
    }
    return is_good;
}

static void append_amount(struct buf *out, const char *name, struct amount amount) {
    char text[AMOUNT_TEXT_MAX];
    amount_format(text, amount);
    buf_append_format(out, "\"%s\":\"%s\"", name, text);
}

enum status limits_append(struct buf *out, struct spending *spending, const char *spender) {
    struct spending_report report = {0};
    enum status status = spending ? spending_read(spending, spender, &report) : STATUS_OK;
    if (status != STATUS_OK) return status;
    if (!spending_has_limits(&report.terms)) {
        buf_append_string(out, ",\"limits\":null,\"spent\":null");
        return STATUS_OK;
    }
    buf_append_string(out, ",\"limits\":{");
    for (int i = 0; i < SPENDING_LIMITS; i++) {
        const char *name = signing_limit_name((enum spending_limit)i);
        if (i > 0) buf_append_byte(out, ',');
        if (report.terms.is_set[i])
            append_amount(out, name, report.terms.most[i]);
        else
            buf_append_format(out, "\"%s\":null", name);
    }
    buf_append_string(out, "},\"spent\":{");
    append_amount(out, "today", report.today);
    buf_append_byte(out, ',');
    append_amount(out, "total", report.total);
    buf_append_byte(out, '}');
    return STATUS_OK;
}
