// SPDX-License-Identifier: Apache-2.0
// Spending limits in JSON: {"transaction": "1.5", "day": null, "total": null}, amounts in LMM; null
// or left out is no limit.
#ifndef LMM_SERVER_LIMITS_JSON_H
#define LMM_SERVER_LIMITS_JSON_H

#include "apps/common/json/json.h"
#include "apps/common/server/schema_words.h"
#include "apps/common/server/spending.h"

#define SCHEMA_LIMITS                                                                      \
    SCHEMA_OBJECT("\"transaction\",\"day\",\"total\"",                                     \
                  "\"transaction\":" SCHEMA_MAYBE(SCHEMA_AMOUNT) ",\"day\":" SCHEMA_MAYBE( \
                      SCHEMA_AMOUNT) ",\"total\":" SCHEMA_MAYBE(SCHEMA_AMOUNT))
// Of a request: what is left out is no limit.
#define SCHEMA_WANTED_LIMITS                                                                     \
    SCHEMA_MAYBE(                                                                                \
        SCHEMA_WISH("", "\"transaction\":" SCHEMA_MAYBE(SCHEMA_AMOUNT) ",\"day\":" SCHEMA_MAYBE( \
                            SCHEMA_AMOUNT) ",\"total\":" SCHEMA_MAYBE(SCHEMA_AMOUNT)))
#define SCHEMA_SPENT \
    SCHEMA_OBJECT("\"today\",\"total\"", "\"today\":" SCHEMA_AMOUNT ",\"total\":" SCHEMA_AMOUNT)

// NULL or JSON null: no limits at all. False: it is not of that form.
bool limits_read(struct spending_terms *out, const json_t *value);
// Appends ,"limits":{…},"spent":{…}; `limits` and `spent` are null for one without limits.
// `spending` may be NULL.
enum status limits_append(struct buf *out, struct spending *spending,
                          const char *spender) MUST_CHECK;

#endif
