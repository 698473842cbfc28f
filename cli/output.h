// SPDX-License-Identifier: Apache-2.0
// Results as JSON: one value, one line, members in the order in which they were made.
#ifndef LMM_CLI_OUTPUT_H
#define LMM_CLI_OUTPUT_H

#include <jansson.h>

// Takes the value over. NULL is a broken invariant. Returns EXIT_DONE.
int output_json(json_t *json);

// A secret and a line's end, past the C library's buffer, which would keep it: to standard output,
// or to a new file of its owner's alone. Returns the exit status.
int output_secret(const char *secret, const char *path);

#endif
