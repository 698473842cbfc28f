// SPDX-License-Identifier: Apache-2.0
// Captures by the server under test, followed to their end.
#ifndef LMM_SUPPLYCHAIN_TEST_CAPTURING_H
#define LMM_SUPPLYCHAIN_TEST_CAPTURING_H

#include "tests/support/server_process.h"

extern struct server_process server; // the one under test

// The reply is the caller's.
void capture(struct bytes document, struct reply *out);
// The job at its end. The caller calls json_decref.
json_t *capture_job(struct bytes document);
// Expects success.
void capture_well(struct bytes document);
// How many events one page of GET /v1/events has.
size_t count_events(const char *query);

#endif
