// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/verify_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/index/verify.h"

enum { EXIT_WRONG_DATA = 5 };

static const char *reason(enum status status) {
    switch (status) {
    case STATUS_NOT_FOUND:
        return "The database has no rows of an index.";
    case STATUS_UNSUPPORTED:
        return "The rows are another version's: the next start makes them again.";
    case STATUS_CONFLICT:
        return "The rows are another chain's.";
    case STATUS_BUSY:
        return "Somebody writes to the database: stop every server of it first.";
    case STATUS_UNAVAILABLE:
        return "The database is away.";
    default:
        return "The rows cannot be compared; the log says why.";
    }
}

int server_verify_index(const struct index_config *config) {
    struct index_verdict verdict;
    enum status status = index_verify(&verdict, config);
    if (status != STATUS_OK)
        printf("%s\n", reason(status));
    else if (verdict.differences > 0)
        printf("%sThe index differs from the chain: %" PRIu64 " rows of one side only, of %" PRIu64
               " in %" PRIu64 " tables, up to block %" PRIu64 ".\n",
               buf_as_string(&verdict.text), verdict.differences, verdict.rows, verdict.tables,
               verdict.height);
    else
        printf("The index says what the chain says: %" PRIu64 " rows in %" PRIu64
               " tables, up to block %" PRIu64 ".\n",
               verdict.rows, verdict.tables, verdict.height);
    bool is_well = status == STATUS_OK && verdict.differences == 0;
    index_verdict_clear(&verdict);
    if (is_well) return 0;
    return status == STATUS_CONFLICT ? EXIT_WRONG_DATA : EXIT_FAILURE;
}
